import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createServer } from '#server.ts'
import { noPostgres, startPostgres } from '../support/postgres.ts'

const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'

test('what PostgreSQL alone refuses is found in its batch, and an export there shows one moment', {
  skip: noPostgres,
}, async () => {
  await using cluster = await startPostgres()
  await using server = await createServer({ database: await cluster.create('imported') })
  const transfer = await server.transfer()
  const lines = Array.from({ length: 1500 }, (_, n) => {
    const displayName = n === 700 ? randomBytes(8000).toString('hex') : `n${n}`
    return JSON.stringify({ '@odata.id': `${SCRIPTS}('s${n}')`, displayName })
  })
  const source = 'file'
  await transfer.begin({ source })
  const lineNumbers = Array.from({ length: lines.length + 1 }, (_, i) => i + 1)
  const batch = { lines, lineNumbers, source, isLast: false, updates: false }
  const refused = await transfer.importBatch({ ...batch, skipsBad: false })
  assert.equal(refused.isStored, false)
  assert.match(refused.bad[0]?.message ?? '', /^One of the 1500 lines from here on: .+too long/)
  assert.equal(await transfer.begin({ source }), 1)
  const { isStored, written, bad } = await transfer.importBatch({ ...batch, skipsBad: true })
  assert.deepEqual([isStored, written, bad.map(({ line }) => line)], [true, 1499, [701]])
  assert.equal(await transfer.begin({ source }), 1501)
  const piece = transfer.exportLines()
  const first = (await piece.next()).value
  const late = JSON.stringify({ '@odata.id': `${SCRIPTS}('late')` })
  await transfer.importBatch({
    ...batch,
    source: undefined,
    lines: [late],
    lineNumbers: [1, 2],
    skipsBad: false,
  })
  const rest = await Array.fromAsync(piece)
  assert.equal([first, ...rest].join('').trimEnd().split('\n').length, 1499 * 2)
})
