import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { model } from '#model/model.ts'
import { temporaryFile } from '../../../test/support/storage.ts'
import { sqlite } from '../dialect.ts'
import { loadMigrations, type Migration } from '../migrations.ts'
import { query } from '../plan.ts'
import { Connection } from './connection.ts'
import { migrate } from './migrate.ts'
import { openSqlite } from './sqlite.ts'

function createStep(number: number, sql: string, oldestProgram = 1): Migration {
  return { number, name: `step-${number}`, sql, hash: `hash of ${sql}`, oldestProgram }
}

const first = createStep(1, 'CREATE TABLE one (n INTEGER); INSERT INTO one VALUES (1)')
const second = createStep(2, 'CREATE TABLE two (n INTEGER); INSERT INTO two SELECT n FROM one')

function openNew(t: TestContext): Connection {
  const connection = new Connection(temporaryFile(t), { readOnly: false })
  t.after(() => connection.close())
  return connection
}

function tablesOf(connection: Connection): readonly unknown[] {
  return connection
    .run(query`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
    .map(({ name }) => name)
}

function recorded(connection: Connection): readonly unknown[] {
  return connection.run(query`SELECT * FROM migration ORDER BY number`)
}

test('a new database takes every step, and remembers each with its hash and oldest program', (t) => {
  const connection = openNew(t)
  migrate(connection, [first, { ...second, oldestProgram: 2 }])
  assert.deepEqual(tablesOf(connection), ['migration', 'one', 'two'])
  assert.deepEqual(recorded(connection), [
    { number: 1, name: 'step-1', hash: first.hash, oldest_program: 1 },
    { number: 2, name: 'step-2', hash: second.hash, oldest_program: 2 },
  ])
  assert.equal(connection.isTransaction, false)
})

test('a database takes a step once', (t) => {
  const connection = openNew(t)
  migrate(connection, [first])
  migrate(connection, [first])
  migrate(connection, [first, second])
  assert.deepEqual(connection.run(query`SELECT n FROM one`), [{ n: 1 }])
  assert.equal(recorded(connection).length, 2)
})

test('a step that fails leaves nothing, of itself and of those before it, and can be taken mended', (t) => {
  const connection = openNew(t)
  const broken = createStep(2, 'CREATE TABLE two (n INTEGER); INSERT INTO nowhere VALUES (1)')
  assert.throws(() => migrate(connection, [first, broken]), /no such table: nowhere/)
  assert.deepEqual([tablesOf(connection), connection.isTransaction], [[], false])
  migrate(connection, [first, second])
  assert.deepEqual(tablesOf(connection), ['migration', 'one', 'two'])
})

test('a step that fails on a database with rows leaves it as it was', (t) => {
  const connection = openNew(t)
  migrate(connection, [first])
  const broken = createStep(2, 'UPDATE one SET n = 2; INSERT INTO nowhere VALUES (1)')
  assert.throws(() => migrate(connection, [first, broken]), /no such table/)
  assert.deepEqual(connection.run(query`SELECT n FROM one`), [{ n: 1 }])
  assert.equal(recorded(connection).length, 1)
})

test('a newer database is served, unless it says that this program is too old', (t) => {
  const connection = openNew(t)
  migrate(connection, [first, second])
  migrate(connection, [first])
  assert.equal(recorded(connection).length, 2)
  migrate(connection, [first, second, createStep(3, 'DROP TABLE one', 3)])
  assert.throws(() => migrate(connection, [first, second]), /use a newer Runstate\.$/)
  assert.equal(connection.isTransaction, false)
})

test('a changed step is refused', (t) => {
  const connection = openNew(t)
  migrate(connection, [first])
  assert.throws(() => migrate(connection, [createStep(1, 'CREATE TABLE other (n INTEGER)'), second]), {
    message: /^The database took step 1 \(step-1\) in another form than this Runstate has: use /,
  })
  assert.deepEqual(tablesOf(connection), ['migration', 'one'])
})

test('a database is opened with the steps of this program, and refused where they do not fit', async (t) => {
  const file = temporaryFile(t)
  for (const _open of [1, 2]) await (await openSqlite({ model, file }))[Symbol.asyncDispose]()
  const connection = new Connection(file, { readOnly: false })
  t.after(() => connection.close())
  const expected = loadMigrations(sqlite).map(({ number, name, hash, oldestProgram }) => {
    return { number, name, hash, oldest_program: oldestProgram }
  })
  assert.deepEqual(recorded(connection), expected)
  connection.execute("INSERT INTO migration VALUES (99, 'later', 'hash', 99)")
  await assert.rejects(openSqlite({ model, file }), /by a newer Runstate, and this one knows/)
  connection.execute("DELETE FROM migration WHERE number = 99; UPDATE migration SET hash = 'another'")
  await assert.rejects(openSqlite({ model, file }), /in another form than this Runstate has/)
})
