import assert from 'node:assert/strict'
import { test } from 'node:test'
import { model } from '#model/model.ts'
import { openStorage, query } from '#storage/storage.ts'
import { noPostgres, startPostgres } from './postgres.ts'
import { parseCsv, readStatements, statementLog } from './statement-log.ts'

test('CSV is read with its quotes, line ends and empty values', () => {
  assert.deepEqual(parseCsv('a,"b ""c"", d",\n,"e\n",""\n'), [
    ['a', 'b "c", d', ''],
    ['', 'e\n', ''],
  ])
  const long = '""'.repeat(1_000_000)
  assert.deepEqual(parseCsv(`1,"${long}"\n`), [['1', '"'.repeat(1_000_000)]])
})

test('the log has what Runstate sent, each text once, and nothing that others sent', {
  skip: noPostgres,
}, async () => {
  await using postgres = await startPostgres({ settings: statementLog })
  const database = await postgres.create('logged')
  await using storage = await openStorage({ model, database })
  for (const tid of ['a', 'b']) await storage.read(query`SELECT number FROM tenant WHERE tid = ${tid}`)
  await postgres.run('SELECT 1 AS others', 'logged')
  const statements = await readStatements(postgres)
  const sent = statements.filter((text) => text === 'SELECT number FROM tenant WHERE tid = $1')
  assert.equal(sent.length, 1)
  assert(!statements.some((text) => text.includes('AS others')))
  assert.deepEqual(await readStatements(postgres, { but: ['logged'] }), [])
})
