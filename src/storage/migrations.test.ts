import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { type EntityType, model, type PrimitiveProperty } from '#model/model.ts'
import type { Row } from '#odata/odata.ts'
import { noPostgres, type Postgres, startPostgres } from '../../test/support/postgres.ts'
import { sampleRow, types } from '../../test/support/storage.ts'
import { compile, type Statement } from './compile.ts'
import { type Dialect, postgres, sqlite } from './dialect.ts'
import { type AppliedMigration, loadMigrations, type Migration, pendingMigrations } from './migrations.ts'
import { query } from './plan.ts'
import { Connection } from './sqlite/connection.ts'
import { migrate } from './sqlite/migrate.ts'
import { tablesOf } from './tables.ts'

const folder = new URL('./migrations/', import.meta.url)

/** A migrated database of one kind: what its tables are, and whether it takes a statement. */
interface Schema {
  /** By table and column. */
  readonly columns: Readonly<Record<string, Readonly<Record<string, Column>>>>
  /** The first column of each primary and foreign key and of each index, by table. */
  readonly leaders: Readonly<Record<string, readonly string[]>>
  assertRefuses(statement: Statement): Promise<void>
  assertTakes(statement: Statement): Promise<void>
}

interface Column {
  readonly type: string
  readonly isRequired: boolean
}

function readSqlite(connection: Connection): Schema {
  const rows = (sql: string) => connection.run(query([sql]))
  const names = rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
  const tables = names.map(({ name }) => String(name))
  const keysOf = (table: string): string[] => [
    ...rows(`SELECT name FROM pragma_table_xinfo('${table}') WHERE pk = 1`).map(({ name }) => String(name)),
    ...rows(`SELECT "from" FROM pragma_foreign_key_list('${table}') WHERE seq = 0`).map(({ from }) =>
      String(from),
    ),
    ...rows(`SELECT i.name FROM pragma_index_list('${table}') AS l, pragma_index_xinfo(l.name) AS i
      WHERE i.seqno = 0`).map(({ name }) => String(name)),
  ]
  return {
    columns: Object.fromEntries(
      tables.map((table) => [
        table,
        Object.fromEntries(rows(`SELECT * FROM pragma_table_xinfo('${table}')`).map(columnOf)),
      ]),
    ),
    leaders: Object.fromEntries(tables.map((table) => [table, keysOf(table)])),
    assertRefuses: (statement) =>
      assert.rejects(
        async () => connection.all(statement),
        /^Error: (CHECK|NOT NULL|FOREIGN KEY) constraint failed/,
      ),
    assertTakes: async (statement) => void connection.all(statement),
  }
}

function columnOf({ name, type, notnull }: Row): [string, Column] {
  return [String(name), { type: String(type), isRequired: notnull === 1 }]
}

async function readPostgres(database: Postgres): Promise<Schema> {
  const columns: Record<string, Record<string, Column>> = {}
  const leaders: Record<string, string[]> = {}
  for (const line of await database.run(`SELECT table_name, column_name, data_type, is_nullable, collation_name
    FROM information_schema.columns WHERE table_schema = 'public'`)) {
    const [table = '', column = '', type = '', nullable, collation] = line.split('|')
    if (type === 'text') assert.equal(collation, 'C', line)
    const ofTable = columns[table] ?? {}
    ofTable[column] = { type, isRequired: nullable === 'NO' }
    columns[table] = ofTable
  }
  for (const line of await database.run(`SELECT r.relname, a.attname FROM pg_constraint AS c
    JOIN pg_class AS r ON r.oid = c.conrelid JOIN pg_attribute AS a ON a.attrelid = r.oid
    WHERE c.contype IN ('p', 'u', 'f') AND r.relnamespace = 'public'::regnamespace AND a.attnum = c.conkey[1]
    UNION ALL SELECT r.relname, a.attname FROM pg_index AS i
    JOIN pg_class AS r ON r.oid = i.indrelid JOIN pg_attribute AS a ON a.attrelid = r.oid
    WHERE r.relnamespace = 'public'::regnamespace AND a.attnum = i.indkey[0]`)) {
    const [table = '', column = ''] = line.split('|')
    leaders[table] = [...(leaders[table] ?? []), column]
  }
  return {
    columns,
    leaders,
    assertRefuses: (statement) =>
      assert.rejects(database.execute(statement), /violates (check|not-null|foreign key) constraint/),
    assertTakes: async (statement) => void (await database.execute(statement)),
  }
}

/** The columns that the model asks of a table, and no other; a counter may pass the largest Edm.Int32. */
function expectedColumns(table: string, { columnTypes }: Dialect): Record<string, Column> {
  const sharing = typesOf(table)
  const [{ table: place }] = sharing
  const columns: Record<string, Column> = { tenant: { type: columnTypes.int32, isRequired: true } }
  if (place.numbered === true) columns['number'] = { type: columnTypes.int64, isRequired: true }
  if (place.parent !== undefined) columns[place.parent] = { type: columnTypes.int64, isRequired: true }
  if (place.slotted === true) columns['slot'] = { type: columnTypes.int16, isRequired: true }
  for (const { table: one } of sharing) {
    const isRequired = sharing.every((type) => type.table.discriminator !== undefined)
    if (one.discriminator !== undefined)
      columns[one.discriminator.column] = { type: columnTypes.text, isRequired }
  }
  for (const column of sharing.flatMap(memberColumns)) {
    const isRequired = sharing.every((type) => requiredColumns(type).has(column.name))
    const isSum = place.slotted === true && column.kind === 'int32'
    columns[column.name] = { type: columnTypes[isSum ? 'int64' : column.kind], isRequired }
    if (column.foldedName !== undefined)
      columns[column.foldedName] = { type: columnTypes.text, isRequired: false }
  }
  for (const link of linksInto(table)) columns[link] = { type: columnTypes.text, isRequired: false }
  return columns
}

type MemberColumn = PrimitiveProperty['column']

/** The columns of a type's properties; of a complex one, of all that it may have. */
function memberColumns({ properties }: EntityType): readonly MemberColumn[] {
  return properties.flatMap((property): readonly MemberColumn[] => {
    if (property.kind === 'primitive') return [property.column]
    if (property.kind === 'complexCollection')
      return [{ name: property.column, kind: 'json', foldedName: undefined }]
    const typeColumn = { name: property.typeColumn, kind: 'text', foldedName: undefined } as const
    return [typeColumn, ...property.parts.map(({ column }) => column)]
  })
}

/** A complex property has columns that another type of the value leaves empty. */
function requiredColumns({ properties }: EntityType): ReadonlySet<string> {
  const required = properties.filter(({ nullable }) => !nullable)
  return new Set(
    required.flatMap((property) => (property.kind === 'primitive' ? [property.column.name] : [])),
  )
}

/** The columns by which rows of a table refer to others, and by which others hold them. */
function linksInto(table: string): readonly string[] {
  const types = [...model.entityTypes.values()]
  const ways = types.flatMap((type) => [...type.navigations.values()].map((way) => ({ type, way })))
  const found = ways.filter(({ type, way }) => (way.collection ? way.target : type).table.name === table)
  return found.flatMap(({ way }) => way.link ?? [])
}

function typesOf(table: string): readonly [EntityType, ...EntityType[]] {
  const [first, ...others] = [...model.entityTypes.values()].filter((type) => type.table.name === table)
  assert(first !== undefined, `an entity type has the table ${table}`)
  return [first, ...others]
}

/** The statement that stores a row of a type without one of its members. */
function insertWithout(type: EntityType, name: string, dialect: Dialect): Statement {
  const { [name]: _left, ...row } = sampleRow(type, { id: `without ${name}` })
  return compile({ kind: 'insert', type, tenant: 1, number: 1000, row }, dialect)
}

/** Tables that are not a tenant's: each entry is a decision. */
const TENANTLESS = new Set(['tenant', 'signing_key', 'directory', 'migration', 'mark'])

function assertTablesAsModelled(schema: Schema, dialect: Dialect): void {
  const modelled = new Set([...model.entityTypes.values()].map(({ table }) => table.name))
  const made = Object.keys(schema.columns).filter(
    (table) => !TENANTLESS.has(table) && table !== 'purge' && table !== 'import_progress',
  )
  assert.deepEqual(made.sort(), [...modelled].sort())
  for (const table of modelled)
    assert.deepEqual(schema.columns[table], expectedColumns(table, dialect), table)
  const copied = tablesOf(model).map(({ name, columns }) => [name, ['tenant', ...columns].sort()])
  const there = made.map((table) => [table, Object.keys(schema.columns[table] ?? {}).sort()])
  assert.deepEqual(copied, there)
}

function assertKeysLedByTenant(schema: Schema): void {
  for (const table of Object.keys(schema.columns).filter((name) => !TENANTLESS.has(name))) {
    const leaders = schema.leaders[table] ?? []
    assert(leaders.length >= 2, `${table} has a primary and a foreign key`)
    assert.deepEqual(new Set(leaders), new Set(['tenant']), table)
  }
}

async function assertRequiredMembers(schema: Schema, dialect: Dialect): Promise<void> {
  await schema.assertTakes({ text: "INSERT INTO tenant (tid) VALUES ('a')", values: [] })
  let required = 0
  for (const type of model.entityTypes.values()) {
    for (const { name, nullable } of type.properties) {
      const statement = insertWithout(type, name, dialect)
      if (!nullable) await schema.assertRefuses(statement)
      required += Number(!nullable)
    }
    const row = sampleRow(type, { id: type.name })
    const number = [...model.entityTypes.keys()].indexOf(type.name) + 1
    await schema.assertTakes(compile({ kind: 'insert', type, tenant: 1, number, row }, dialect))
  }
  assert(required > 30)
  const stranger: EntityType = {
    ...types.management,
    table: { ...types.management.table, discriminator: { column: 'family', value: 'strangers' } },
  }
  const row = sampleRow(stranger, { id: 'stranger' })
  await schema.assertRefuses(compile({ kind: 'insert', type: stranger, tenant: 1, number: 9, row }, dialect))
  for (const type of model.entityTypes.values()) {
    const orphan = { kind: 'insert', type, tenant: 9, number: 1, row: sampleRow(type, {}) } as const
    await schema.assertRefuses(compile(orphan, dialect))
  }
}

test('the tables of SQLite are what the model says, led by the tenant, and refuse what it refuses', async (t) => {
  const connection = new Connection(':memory:', { readOnly: false })
  t.after(() => connection.close())
  connection.execute('PRAGMA foreign_keys = ON')
  migrate(connection)
  const schema = readSqlite(connection)
  assertTablesAsModelled(schema, sqlite)
  assertKeysLedByTenant(schema)
  await assertRequiredMembers(schema, sqlite)
})

test('the tables of PostgreSQL are what the model says, led by the tenant, and refuse what it refuses', {
  skip: noPostgres,
}, async () => {
  await using database = await startPostgres()
  for (const { sql } of loadMigrations(postgres)) await database.run(sql)
  const schema = await readPostgres(database)
  assertTablesAsModelled(schema, postgres)
  assertKeysLedByTenant(schema)
  await assertRequiredMembers(schema, postgres)
})

test('counters that were kept before the step that widens them are kept by it, and pass Edm.Int32', {
  skip: noPostgres,
}, async () => {
  await using database = await startPostgres()
  const steps = loadMigrations(postgres)
  for (const { sql } of steps.slice(0, 2)) await database.run(sql)
  await database.run("INSERT INTO tenant (tid) VALUES ('a')")
  const row = { ...sampleRow(types.summary, { id: 's' }), successDeviceCount: 2_147_483_647 }
  await database.execute(
    compile({ kind: 'insert', type: types.summary, tenant: 1, number: 1, row }, postgres),
  )
  for (const { sql } of steps.slice(2)) await database.run(sql)
  const place = { type: types.summary, tenant: 1, parent: 1 }
  const add = compile({ kind: 'add', ...place, deltas: { successDeviceCount: 1 } }, postgres)
  const sameSlot = { ...add, values: add.values.with(2, 0) }
  await database.execute(sameSlot)
  const columns = 'success_device_count, error_device_count'
  assert.deepEqual(await database.run(`SELECT ${columns} FROM run_summary`), ['2147483648|1'])
})

describe('the steps', () => {
  test('are the same for both databases, in order, with their hash', () => {
    const [forSqlite, forPostgres] = [loadMigrations(sqlite), loadMigrations(postgres)]
    const names = ({ number, name, oldestProgram }: Migration) => ({ number, name, oldestProgram })
    assert.deepEqual(forSqlite.map(names), forPostgres.map(names))
    assert.equal(forSqlite.length + forPostgres.length, readdirSync(folder).length)
    assert.deepEqual(names(forSqlite[0] ?? assert.fail()), { number: 1, name: 'scripts', oldestProgram: 1 })
    const last = { number: 6, name: 'import', oldestProgram: 6 }
    assert.deepEqual(names(forSqlite.at(-1) ?? assert.fail()), last)
    for (const step of forSqlite) {
      const file = `${String(step.number).padStart(3, '0')}-${step.name}.sqlite.sql`
      const text = readFileSync(new URL(file, folder))
      assert.deepEqual([step.sql, step.hash], [text.toString(), hash('sha256', text)])
    }
  })

  test('have Unix line ends, for the hash is of the bytes', () => {
    for (const { sql, name } of [...loadMigrations(sqlite), ...loadMigrations(postgres)])
      assert(!sql.includes('\r'), name)
  })
})

describe('what is still to be taken', () => {
  const step = (number: number, oldestProgram = 1): Migration => {
    return { number, name: `step-${number}`, sql: '', hash: `hash ${number}`, oldestProgram }
  }
  const taken = (number: number, oldestProgram = 1): AppliedMigration => step(number, oldestProgram)

  test('is all of a new database, what is missing of an older one, nothing of one up to date', () => {
    const known = [step(1), step(2), step(3)]
    assert.deepEqual(pendingMigrations(known, []), known)
    assert.deepEqual(pendingMigrations(known, [taken(1)]), [step(2), step(3)])
    assert.deepEqual(pendingMigrations(known, [taken(1), taken(2), taken(3)]), [])
  })

  test('is nothing of a newer database that this program may run on', () => {
    assert.deepEqual(pendingMigrations([step(1)], [taken(1), taken(2, 1)]), [])
  })

  test('is refused where a newer step says that this program is too old', () => {
    assert.throws(() => pendingMigrations([step(1)], [taken(1), taken(2, 2)]), {
      message:
        'The database was brought to step 2 by a newer Runstate, and this one knows 1: use a newer Runstate.',
    })
  })

  test('is refused where a step was changed after it was taken', () => {
    assert.throws(() => pendingMigrations([step(1)], [{ ...taken(1), hash: 'another' }]), {
      message:
        'The database took step 1 (step-1) in another form than this Runstate has: use the Runstate that made it, or a new data folder.',
    })
  })
})
