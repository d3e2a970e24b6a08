import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { wallClock } from '#base/base.ts'
import { model } from '#model/model.ts'
import { discardTenant, openStorage, type Storage } from '#storage/storage.ts'
import { countRows, createTenant } from '../../../test/support/storage.ts'
import { createTransfer, type ImportBatch, type Transfer } from './transfer.ts'

const SCRIPT = "/beta/deviceManagement/deviceShellScripts('s')"

async function open(
  t: TestContext,
): Promise<{ readonly storage: Storage; readonly tenant: number; readonly transfer: Transfer }> {
  const storage = await openStorage({ model })
  t.after(() => storage[Symbol.asyncDispose]())
  const tenant = await createTenant(storage)
  return { storage, tenant, transfer: createTransfer({ model, storage, clock: wallClock, tenant }) }
}

function batch(first: number, lines: readonly string[], others: Partial<ImportBatch> = {}): ImportBatch {
  const lineNumbers = Array.from({ length: lines.length + 1 }, (_, i) => first + i)
  return { lines, lineNumbers, source: 'file', isLast: false, skipsBad: false, updates: false, ...others }
}

function states(from: number, to: number): readonly string[] {
  return Array.from(
    { length: to - from },
    (_, i) => `{"@odata.id":"${SCRIPT}/userRunStates('u${from + i}')","errorDeviceCount":1}`,
  )
}

async function exported(transfer: Transfer): Promise<readonly string[]> {
  return (await Array.fromAsync(transfer.exportLines())).join('').trimEnd().split('\n')
}

const script = `{"@odata.id":"${SCRIPT}"}`

test('lines that another import of the file has done are refused, and stored once', async (t) => {
  const { transfer } = await open(t)
  assert.equal(await transfer.begin({ source: 'file' }), 1)
  assert.equal(await transfer.begin({ source: 'file' }), 1)
  const first = batch(1, [script, ...states(0, 10)])
  const outcomes = await Promise.allSettled([transfer.importBatch(first), transfer.importBatch(first)])
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  await assert.rejects(transfer.importBatch({ ...first, updates: true }), { code: 'Conflict' })
  assert.equal(await transfer.begin({ source: 'file' }), 12)
  assert.equal((await exported(transfer)).length, 12)
})

test('a file that was stored whole begins again at its first line', async (t) => {
  const { transfer } = await open(t)
  await transfer.begin({ source: 'file' })
  await transfer.importBatch(batch(1, [script], { isLast: true }))
  assert.equal(await transfer.begin({ source: 'file' }), 1)
  assert.equal(await transfer.begin({ source: 'file', fromLine: 7 }), 7)
})

test('the progress of a tenant goes with it', async (t) => {
  const { storage, tenant, transfer } = await open(t)
  await transfer.begin({ source: 'file' })
  await transfer.importBatch(batch(1, [script]))
  await storage.transact(() => discardTenant(tenant))
  await storage.purge()
  assert.deepEqual([await countRows(storage, 'import_progress'), await countRows(storage, 'script')], [0, 0])
  assert.equal(await countRows(storage, 'tenant'), 0)
})

test('a batch with a bad line leaves neither rows nor progress', async (t) => {
  const { transfer } = await open(t)
  await transfer.begin({ source: 'file' })
  const { isStored, bad } = await transfer.importBatch(batch(1, [script, ...states(0, 5), '{}']))
  assert.deepEqual([isStored, bad.map(({ line }) => line)], [false, [7]])
  assert.equal(await transfer.begin({ source: 'file' }), 1)
  assert.deepEqual(await exported(transfer), [''])
})

test('a line sees what a line before it in its batch stored, the same entity too', async (t) => {
  const { transfer } = await open(t)
  const twice = [script, ...states(0, 2), ...states(0, 1)]
  const refused = await transfer.importBatch(batch(1, twice, { source: undefined }))
  assert.deepEqual([refused.isStored, refused.bad.map(({ line }) => line)], [false, [4]])
  const updated = await transfer.importBatch(batch(1, twice, { source: undefined, updates: true }))
  assert.deepEqual([updated.isStored, updated.written], [true, 4])
})

test('an export shows one moment, whatever is written before it ends', async (t) => {
  const { transfer } = await open(t)
  await transfer.importBatch(batch(1, [script, ...states(1000, 4000)], { source: undefined }))
  const before = await exported(transfer)
  const pieces: string[] = []
  let from = 4000
  for await (const piece of transfer.exportLines()) {
    pieces.push(piece)
    await transfer.importBatch(batch(1, states(from, from + 500), { source: undefined }))
    from += 500
  }
  assert(pieces.length > 3)
  assert.deepEqual(pieces.join('').trimEnd().split('\n'), before)
  assert.equal((await exported(transfer)).length, before.length + from - 4000)
})
