import { sqlite } from '../dialect.ts'
import {
  APPLIED,
  appliedOf,
  loadMigrations,
  type Migration,
  pendingMigrations,
  recordOf,
} from '../migrations.ts'
import type { Connection } from './connection.ts'

/** Brings the tables up to date: all steps that are missing, in one transaction. */
export function migrate(connection: Connection, steps: readonly Migration[] = loadMigrations(sqlite)): void {
  connection.execute('BEGIN IMMEDIATE')
  try {
    connection.execute(`CREATE TABLE IF NOT EXISTS migration (
      number INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, oldest_program INTEGER NOT NULL) STRICT`)
    // On a file that cannot be written SQLite begins a transaction all the same, and refuses only what writes.
    connection.execute('DELETE FROM migration WHERE FALSE')
    const applied = connection.run(APPLIED).map(appliedOf)
    for (const step of pendingMigrations(steps, applied)) {
      connection.execute(step.sql)
      connection.run(recordOf(step))
    }
    connection.execute('COMMIT')
  } catch (error) {
    if (connection.isTransaction) connection.execute('ROLLBACK')
    throw error
  }
}
