import { sqlite } from '../dialect.ts'
import { type AppliedMigration, loadMigrations, type Migration, pendingMigrations } from '../migrations.ts'
import { command, query } from '../plan.ts'
import type { Connection } from './connection.ts'

/** Brings the tables up to date: all steps that are missing, in one transaction. */
export function migrate(connection: Connection, steps: readonly Migration[] = loadMigrations(sqlite)): void {
  connection.execute('BEGIN IMMEDIATE')
  try {
    connection.execute(`CREATE TABLE IF NOT EXISTS migration (
      number INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, oldest_program INTEGER NOT NULL) STRICT`)
    // On a file that cannot be written SQLite begins a transaction all the same, and refuses only what writes.
    connection.execute('DELETE FROM migration WHERE FALSE')
    for (const { number, name, sql, hash, oldestProgram } of pendingMigrations(
      steps,
      readApplied(connection),
    )) {
      connection.execute(sql)
      connection.run(command`INSERT INTO migration (number, name, hash, oldest_program)
        VALUES (${number}, ${name}, ${hash}, ${oldestProgram})`)
    }
    connection.execute('COMMIT')
  } catch (error) {
    if (connection.isTransaction) connection.execute('ROLLBACK')
    throw error
  }
}

function readApplied(connection: Connection): readonly AppliedMigration[] {
  const rows = connection.run(query`SELECT number, hash, oldest_program FROM migration ORDER BY number`)
  return rows.map((row) => ({
    number: Number(row['number']),
    hash: String(row['hash']),
    oldestProgram: Number(row['oldest_program']),
  }))
}
