import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { sampleRow, temporaryFile, types } from '../../../test/support/storage.ts'
import type { Statement } from '../compile.ts'
import { command, query } from '../plan.ts'
import { unavailable } from '../refusals.ts'
import { Connection } from './connection.ts'
import { isDatabaseFailure } from './failure.ts'
import { migrate } from './migrate.ts'

function openFile(t: TestContext): { readonly file: string; readonly connection: Connection } {
  const file = temporaryFile(t)
  const connection = new Connection(file, { readOnly: false })
  t.after(() => connection.close())
  connection.execute('PRAGMA journal_mode = WAL')
  migrate(connection)
  return { file, connection }
}

/** What a function throws. */
function errorOf(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return assert.fail('nothing was thrown')
}

test('a plan on entities gives rows in the terms of the model, a purge and SQL by hand plain ones', (t) => {
  const { connection } = openFile(t)
  connection.run(command`INSERT INTO tenant (tid) VALUES (${'a'})`)
  const type = types.management
  const row = sampleRow(type, { id: 'a' })
  connection.run({ kind: 'insert', type, tenant: 1, number: 5, row })
  const reference = { type, within: { tenant: 1 }, key: 'a' }
  assert.deepEqual(connection.run({ kind: 'select', ...reference }), [{ $position: 5, ...row }])
  const [only] = connection.run({ kind: 'select', only: 'position', ...reference })
  assert.equal(only?.['$position'], 5)
  assert.deepEqual(connection.run(query`SELECT 2 AS two, ${null} AS none`), [{ two: 2, none: null }])
  assert.deepEqual(connection.run({ kind: 'purge', type, tenant: 1, limit: 9 }), [{ purged: 1 }])
})

test('a connection for reading cannot write, and says so as an outage', (t) => {
  const { file, connection } = openFile(t)
  const reader = new Connection(file, { readOnly: true })
  t.after(() => reader.close())
  const error = errorOf(() => reader.run(command`INSERT INTO tenant (tid) VALUES (${'a'})`))
  assert.match(String(error), /readonly/)
  assert.equal(isDatabaseFailure(error), true)
  assert.deepEqual(connection.run(query`SELECT number FROM tenant`), [])
})

test('a connection for reading does not make the file', (t) => {
  const error = errorOf(() => new Connection(temporaryFile(t), { readOnly: true }))
  assert.equal(isDatabaseFailure(error), true)
})

test('the deadline is asked at each row that is looked at, also where no row is wanted', (t) => {
  const { file, connection } = openFile(t)
  let calls = 0
  const deadline = (): void => {
    calls += 1
    if (calls > 3) throw new Error('late')
  }
  const reader = new Connection(file, { readOnly: true, deadline })
  t.after(() => reader.close())
  connection.run(command`INSERT INTO tenant (tid) VALUES (${'a'})`)
  const type = types.shell
  const page = { kind: 'select', type: types.management, within: { tenant: 1 }, limit: 9 } as const
  for (const number of [1, 2, 3, 4]) {
    if (number === 4) assert.deepEqual(reader.run(page), [])
    const row = sampleRow(type, { id: `script-${number}` })
    connection.run({ kind: 'insert', type, tenant: 1, number, row })
  }
  assert.equal(calls, 3)
  calls = 0
  assert.match(String(errorOf(() => reader.run(page))), /late/)
  assert.equal(calls, 4)
})

test('a statement that is kept prepared takes other values, and many statements do not pile up', (t) => {
  const { connection } = openFile(t)
  const numberOf = (text: string, value: number) => {
    const [row] = connection.all({ text, values: [value] })
    return row?.['number']
  }
  for (const round of [1, 2]) {
    for (let i = 0; i < 450; i++) assert.equal(numberOf(`SELECT ?1 + ${i} AS number`, round), round + i)
  }
})

test('rows come one by one, and a Boolean is bound as a number', (t) => {
  const { connection } = openFile(t)
  const statement: Statement = { text: "SELECT value FROM json_each('[1, 2, 3]') WHERE ?1", values: [true] }
  for (const row of connection.iterate(statement)) {
    assert.deepEqual({ ...row }, { value: 1 })
    break
  }
  assert.equal([...connection.iterate(statement)].length, 3)
})

test('only an error that blames the database is an outage', (t) => {
  const { connection } = openFile(t)
  const blamed = (text: string) => isDatabaseFailure(errorOf(() => connection.execute(text)))
  connection.execute('CREATE TABLE number (n INTEGER PRIMARY KEY) STRICT; INSERT INTO number VALUES (1)')
  assert.equal(blamed('INSERT INTO number VALUES (1)'), false)
  assert.equal(blamed("INSERT INTO number VALUES ('text')"), false)
  assert.equal(blamed('SELECT n FROM nowhere'), false)
  assert.equal(blamed('no SQL'), false)
  connection.execute('PRAGMA max_page_count = 1')
  assert.equal(blamed('CREATE TABLE more AS SELECT zeroblob(100000)'), true)
  assert.equal(isDatabaseFailure(new Error('ours')), false)
  assert.equal(isDatabaseFailure('a text'), false)
})

test('an outage asks to be tried again, and keeps its cause to itself', () => {
  const cause = new Error('disk I/O error in /var/lib/secret.db')
  const error = unavailable(cause)
  assert.deepEqual(
    [error.code, error.status, error.headers],
    ['ServiceUnavailable', 503, { 'retry-after': '5' }],
  )
  assert.equal(error.cause, cause)
  assert(!error.message.includes('disk'))
})
