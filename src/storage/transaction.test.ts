import assert from 'node:assert/strict'
import { test } from 'node:test'
import { model } from '#model/model.ts'
import { countRows, createScript, createTenant, sampleRow } from '../../test/support/storage.ts'
import { command, query } from './plan.ts'
import { openStorage } from './storage.ts'
import { all, one, type Transaction } from './transaction.ts'

test('the type lets only a transaction write, and so does the database', async () => {
  await using storage = await openStorage({ model })
  const tenant = await createTenant(storage)
  const { reference } = await createScript(storage, tenant, 'a')
  const { type, within } = reference
  const row = sampleRow(type, { id: 'b' })
  const refused = [
    // @ts-expect-error a command is no read
    storage.read(command`DELETE FROM script RETURNING id`),
    // @ts-expect-error an insert is no read
    storage.read({ kind: 'insert', type, tenant, number: 9, row }),
    // @ts-expect-error an update is no read
    storage.read({ kind: 'update', ...reference, changes: { displayName: 'changed' } }),
    // @ts-expect-error a deletion is no read
    storage.read({ kind: 'delete', ...reference }),
    // @ts-expect-error a purge is no read
    storage.read({ kind: 'purge', type, tenant, limit: 1 }),
    // @ts-expect-error a deletion is no page
    storage.page({ kind: 'delete', ...reference, limit: 1 }, new AbortController().signal),
    storage.read(query`DELETE FROM script RETURNING id`),
  ]
  const settled = await Promise.allSettled(refused)
  assert.deepEqual(
    settled.map(({ status }) => status),
    refused.map(() => 'rejected'),
  )
  assert.equal(await countRows(storage, 'script'), 1)
  const [kept] = await storage.read({ kind: 'select', type, within, key: 'a' })
  assert.equal(kept?.['displayName'], null)
})

test('the type lets a transaction await nothing', () => {
  const body = function* (): Transaction<void> {
    // @ts-expect-error a promise is no plan
    yield Promise.resolve([])
  }
  assert.equal(typeof body, 'function')
})

test('a body yields its plans one by one, and is given the rows of each', () => {
  const [first, second] = [query`SELECT 1`, command`DELETE FROM script`]
  const body = (function* (): Transaction<string> {
    const row = yield* one(first)
    const rows = yield* all(second)
    return `${row?.['n']} of ${rows.length}`
  })()
  assert.deepEqual(body.next(), { done: false, value: first })
  assert.deepEqual(body.next([{ n: 1 }, { n: 2 }]), { done: false, value: second })
  assert.deepEqual(body.next([{}, {}, {}]), { done: true, value: '1 of 3' })
})

test('one row of none is undefined', () => {
  const body = one(query`SELECT 1`)
  body.next()
  assert.deepEqual(body.next([]), { done: true, value: undefined })
})

test('a statement that fails ends the transaction: its body cannot go on', async () => {
  await using storage = await openStorage({ model })
  let wentOn = false
  const body = function* (): Transaction<void> {
    try {
      yield* all(command`INSERT INTO tenant (tid) VALUES (${'a'})`)
      yield* all(command`INSERT INTO tenant (tid) VALUES (${'a'})`)
    } catch {
      wentOn = true
    }
    yield* all(command`INSERT INTO tenant (tid) VALUES (${'b'})`)
  }
  await assert.rejects(storage.transact(body), /UNIQUE constraint failed/)
  assert.equal(wentOn, false)
  assert.equal(await countRows(storage, 'tenant'), 0)
})
