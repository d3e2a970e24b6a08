/** Between a database of PostgreSQL and a file of SQLite with the same tables: all rows of all tables, either way. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { SqlRow } from '../columns.ts'
import { compile } from '../compile.ts'
import { postgres } from '../dialect.ts'
import { APPLIED, appliedOf, assertKnown, loadMigrations } from '../migrations.ts'
import { query } from '../plan.ts'
import { sizeOf } from '../results.ts'
import { Connection } from '../sqlite/connection.ts'
import { migrate as migrateFile } from '../sqlite/migrate.ts'
import { takeStepsAlone } from './migrate.ts'
import type { Session, Sessions } from './sessions.ts'

/** Rows that go over the line at once. */
const ROWS = 500

/** Bytes of rows after which no more are added to those that go over the line at once. */
const BYTES = 4 * 1024 * 1024

/** The last number that a tenant got, 0 before the first. */
const LAST_TENANT = query`SELECT COALESCE(pg_sequence_last_value(pg_get_serial_sequence('tenant', 'number')::regclass), 0)::integer AS last`

/**
 * Writes a database, as it is at one moment, into a file that is empty.
 *
 * @throws Failure; Error where a newer Runstate brought the database further.
 */
export async function saveDatabase(sessions: Sessions, file: string): Promise<void> {
  const target = new Connection(file, { readOnly: false })
  try {
    target.execute('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF')
    migrateFile(target)
    await sessions.use(async (session) => {
      await session.execute('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
      await assertStepsKnown(session)
      for (const table of tablesIn(target)) await copyOut(session, table, target)
      const [row] = await session.all(compile(LAST_TENANT, postgres))
      setLastTenant(target, Number(row?.['last']))
      await session.execute('COMMIT')
    })
  } finally {
    target.close()
  }
}

/**
 * Puts the content of a file in the place of a database's, in one transaction.
 *
 * @throws Failure; Error where Runstate is connected to the database, or a newer one brought it further.
 */
export async function restoreDatabase(sessions: Sessions, file: string): Promise<void> {
  const source = new Connection(file, { readOnly: true })
  try {
    await sessions.use(async (session) => {
      await session.execute('BEGIN')
      await takeStepsAlone(session)
      await assertStepsKnown(session)
      await assertUnused(session)
      const revision = await revisionOf(session)
      const tables = tablesIn(source)
      await session.execute(`TRUNCATE ${tables.map(({ name }) => name).join(', ')}`)
      for (const table of tables) await copyIn(source, table, session)
      await session.execute(`UPDATE directory SET revision = GREATEST(revision, ${revision}) + 1`)
      await raiseLastTenant(session, lastTenantOf(source))
      await session.execute('COMMIT')
    })
  } finally {
    source.close()
  }
}

async function assertStepsKnown(session: Session): Promise<void> {
  const applied = await session.all(compile(APPLIED, postgres))
  assertKnown(loadMigrations(postgres), applied.map(appliedOf))
}

interface FileTable {
  readonly name: string
  readonly columns: readonly string[]
}

/** The tables of a file but the one that remembers its steps, those that others refer to first. */
function tablesIn(connection: Connection): readonly FileTable[] {
  const tables = connection.run(query`SELECT t.name, json_group_array(c.name) AS columns
    FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite~_%' ESCAPE '~' AND t.name <> 'migration'
    GROUP BY t.name ORDER BY t.name <> 'tenant', t.name`)
  return tables.map(({ name, columns }) => ({ name: String(name), columns: JSON.parse(String(columns)) }))
}

async function copyOut(session: Session, { name, columns }: FileTable, target: Connection): Promise<void> {
  const cursor = `copy_of_${name}`
  await session.execute(`DECLARE ${cursor} NO SCROLL CURSOR FOR SELECT ${columns.join(', ')} FROM ${name}`)
  const places = columns.map((_, i) => `?${i + 1}`)
  const text = `INSERT INTO ${name} (${columns.join(', ')}) VALUES (${places.join(', ')})`
  target.execute(`DELETE FROM ${name}`)
  for (;;) {
    const rows = await session.all({ text: `FETCH ${ROWS} FROM ${cursor}`, values: [] })
    if (rows.length === 0) break
    target.execute('BEGIN')
    for (const row of rows) target.all({ text, values: columns.map((column) => row[column] ?? null) })
    target.execute('COMMIT')
  }
  await session.execute(`CLOSE ${cursor}`)
}

async function copyIn(source: Connection, table: FileTable, session: Session): Promise<void> {
  const { name, columns } = table
  const names = columns.join(', ')
  const text = `INSERT INTO ${name} (${names}) OVERRIDING SYSTEM VALUE
    SELECT ${names} FROM json_populate_recordset(NULL::${name}, $1)`
  for (const rows of batches(source.iterate({ text: `SELECT ${names} FROM ${name}`, values: [] })))
    await session.all({ text, values: [`[${rows.join(',')}]`] })
}

/** Rows as JSON, so many as go over the line at once. */
function* batches(rows: Iterable<SqlRow>): Generator<readonly string[]> {
  let batch: string[] = []
  let bytes = 0
  for (const row of rows) {
    batch.push(JSON.stringify(row, (_, value) => (value instanceof Uint8Array ? formatBytes(value) : value)))
    bytes += sizeOf(row)
    if (batch.length < ROWS && bytes < BYTES) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

/** Bytes as PostgreSQL reads them in a text. */
function formatBytes(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes).toString('hex')}`
}

/** Connections of Runstate to the database, but this one. */
const OTHERS = query`SELECT count(*) AS count FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'runstate' AND pid <> pg_backend_pid()`

/** How often it is looked whether the others are gone, and the milliseconds between: they end a little after a server. */
const LOOKS = 10
const BETWEEN_MS = 100

/** A server goes on with the keys and tenants that it has read, and so may not be there. */
async function assertUnused(session: Session): Promise<void> {
  for (let look = 1; look <= LOOKS; look += 1) {
    const [others] = await session.all(compile(OTHERS, postgres))
    if (Number(others?.['count']) === 0) return
    await sleep(BETWEEN_MS)
    await session.execute('SELECT pg_stat_clear_snapshot()')
  }
  throw new Error('A Runstate is connected to the database: stop every server on it, and restore then.')
}

async function revisionOf(session: Session): Promise<number> {
  const [row] = await session.all(compile(query`SELECT revision FROM directory`, postgres))
  return Number(row?.['revision'] ?? 0)
}

function lastTenantOf(source: Connection): number {
  const [row] = source.run(query`SELECT seq FROM sqlite_sequence WHERE name = 'tenant'`)
  return Number(row?.['seq'] ?? 0)
}

function setLastTenant(target: Connection, last: number): void {
  target.execute("DELETE FROM sqlite_sequence WHERE name = 'tenant'")
  target.execute(`INSERT INTO sqlite_sequence (name, seq) VALUES ('tenant', ${last})`)
}

/** A sequence stays where it is when the transaction is undone: so it is only ever raised. */
async function raiseLastTenant(session: Session, last: number): Promise<void> {
  const [row] = await session.all(compile(LAST_TENANT, postgres))
  const highest = Math.max(last, Number(row?.['last']))
  if (highest === 0) return
  await session.execute(`SELECT setval(pg_get_serial_sequence('tenant', 'number'), ${highest})`)
}
