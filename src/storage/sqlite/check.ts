/** Whether a file is a database that Runstate wrote, whole, and may be served. */
import { sqlite } from '../dialect.ts'
import { APPLIED, appliedOf, assertKnown, loadMigrations } from '../migrations.ts'
import { query } from '../plan.ts'
import { Connection } from './connection.ts'
import { isDamage, isFault } from './failure.ts'
import { migrate } from './migrate.ts'

/**
 * Checks a snapshot and brings its tables up to date. It may be changed by that also where it is refused.
 *
 * @param copy the file that is checked.
 * @param name what the file is called in what is said of it.
 * @throws Error in one sentence, where it is none, is damaged or was written by a newer Runstate.
 */
export function checkSnapshot(copy: string, name: string): void {
  const connection = new Connection(copy, { readOnly: false })
  try {
    assertWhole(connection, name)
    assertKnown(loadMigrations(sqlite), connection.run(APPLIED).map(appliedOf))
    connection.execute('PRAGMA journal_mode = DELETE')
    migrate(connection)
    if (!hasOwnTables(connection)) throw foreign(name)
  } catch (cause) {
    throw refusal(name, cause)
  } finally {
    connection.close()
  }
}

function assertWhole(connection: Connection, name: string): void {
  const [isOurs] = connection.run(query`SELECT 1 AS found FROM sqlite_schema WHERE name = 'migration'`)
  if (isOurs === undefined) throw foreign(name)
  const [found] = connection.run(query`PRAGMA quick_check(1)`)
  if (found?.['quick_check'] !== 'ok') throw damaged(name, String(found?.['quick_check']))
  const [orphan] = connection.run(query`PRAGMA foreign_key_check`)
  if (orphan !== undefined) throw damaged(name, `a row of ${orphan['table']} belongs to none`)
}

/** Everything that a schema can have is there as the steps make it, and nothing beside: a trigger would be run. */
function hasOwnTables(connection: Connection): boolean {
  const fresh = new Connection(':memory:', { readOnly: false })
  try {
    migrate(fresh)
    return schemaOf(fresh) === schemaOf(connection)
  } finally {
    fresh.close()
  }
}

function schemaOf(connection: Connection): string {
  return JSON.stringify(connection.run(query`SELECT type, name, sql FROM sqlite_schema ORDER BY type, name`))
}

/** Of a file that is no database SQLite says so; of one without our tables, that a statement is none. */
function refusal(name: string, cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause
  if (isFault(cause) || /^file is not a database/.test(cause.message)) return foreign(name)
  return isDamage(cause) ? damaged(name, cause.message) : cause
}

function foreign(name: string): Error {
  return new Error(`The file ${name} is no snapshot of Runstate.`)
}

function damaged(name: string, reason: string): Error {
  return new Error(`The snapshot ${name} is damaged, take another (${reason}).`)
}
