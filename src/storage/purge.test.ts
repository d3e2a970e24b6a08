import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, type TestContext, test } from 'node:test'
import { createModel, deviceManagementScript, model, timestampOf } from '#model/model.ts'
import { insertEntity } from '#operations/new-entity.ts'
import {
  countRows,
  createScript,
  createTenant,
  createUserStates,
  type StoredScript,
  temporaryFile,
  types,
} from '../../test/support/storage.ts'
import { command, type EntityReference } from './plan.ts'
import { discardTenant, purgeSome, removeEntity } from './purge.ts'
import { Connection } from './sqlite/connection.ts'
import { openStorage, type Storage } from './storage.ts'
import { all } from './transaction.ts'

const never = new AbortController().signal

function stateOf({ reference: parent, tenant }: StoredScript, key = '00000001'): EntityReference {
  return { type: types.userState, within: { tenant, parent }, key }
}

/** How many user states of a script readers find. */
async function countStates(storage: Storage, { reference: parent, tenant }: StoredScript): Promise<number> {
  const within = { tenant, parent }
  return (await storage.page({ kind: 'select', type: types.userState, within, limit: 5000 }, never)).rows
    .length
}

async function deleteScript(storage: Storage, { reference }: StoredScript): Promise<void> {
  const row = await storage.transact(() => removeEntity(model, reference))
  assert.equal(row?.['id'], reference.key)
}

describe('a deleted script', () => {
  test('takes its user states out of reach at once, and leaves those of others', async () => {
    await using storage = await openStorage({ model })
    const tenant = await createTenant(storage)
    const script = await createScript(storage, tenant, 'a')
    const other = await createScript(storage, tenant, 'b')
    for (const each of [script, other]) await createUserStates(storage, each, 2500)
    await deleteScript(storage, script)
    assert.deepEqual(await storage.read({ kind: 'select', ...stateOf(script) }), [])
    assert.equal(await countStates(storage, script), 0)
    const update = { kind: 'update', ...stateOf(script), changes: { errorDeviceCount: 1 } } as const
    assert.deepEqual(await storage.transact(() => all(update)), [])
    assert.equal(await countRows(storage, 'user_state'), 5000)
    await storage.purge()
    assert.equal(await countRows(storage, 'user_state'), 2500)
    assert.equal(await countStates(storage, other), 2500)
  })

  test('is purged by 1,000 rows a commit', async () => {
    await using storage = await openStorage({ model })
    await storage.purge()
    const script = await createScript(storage, await createTenant(storage), 'a')
    await createUserStates(storage, script, 2500)
    await deleteScript(storage, script)
    const left: number[] = []
    const before = storage.commits
    const purge = () => storage.transact(() => purgeSome(model))
    while (left.length < 9 && (await purge())) left.push(await countRows(storage, 'user_state'))
    const summary = 1
    assert.deepEqual(left, [1500 + summary, 500 + summary, 0, 0])
    assert.equal(storage.commits - before, 5)
    assert.equal(await countRows(storage, 'purge'), 0)
  })

  test('is purged in as many commits when nobody watches, and other writes come in between', async () => {
    await using storage = await openStorage({ model })
    await storage.purge()
    const tenant = await createTenant(storage)
    const script = await createScript(storage, tenant, 'a')
    await createUserStates(storage, script, 2500)
    await deleteScript(storage, script)
    const before = storage.commits
    let isPurged = false
    const purge = storage.purge().then(() => {
      isPurged = true
    })
    await createScript(storage, tenant, 'b')
    assert.equal(isPurged, false)
    await purge
    assert.equal(await countRows(storage, 'user_state'), 0)
    const shared = 1
    assert.equal(storage.commits - before, 5 + 1 - shared)
  })

  test('is purged on after a restart', async (t) => {
    const file = temporaryFile(t)
    const stopped = await openStorage({ model, file })
    const script = await createScript(stopped, await createTenant(stopped), 'a')
    await createUserStates(stopped, script, 2500)
    await deleteScript(stopped, script)
    await stopped.transact(() => purgeSome(model))
    await stopped[Symbol.asyncDispose]()
    const summary = 1
    assert.deepEqual(inspect(t, file), { states: 1500 + summary, tasks: 1 })
    const restarted = await openStorage({ model, file })
    for (let turns = 0; turns < 10; turns++) await restarted.transact(() => all(command`SELECT 1`))
    await restarted[Symbol.asyncDispose]()
    assert.deepEqual(inspect(t, file), { states: 0, tasks: 0 })
  })

  test('keeps what is left for later where the storage is closed meanwhile', async (t) => {
    const file = temporaryFile(t)
    const storage = await openStorage({ model, file })
    const script = await createScript(storage, await createTenant(storage), 'a')
    await createUserStates(storage, script, 2500)
    await deleteScript(storage, script)
    const purge = storage.purge()
    await storage[Symbol.asyncDispose]()
    await purge
    const { states, tasks } = inspect(t, file)
    const summary = 1
    assert(states === 2500 || states === 1500 + summary, String(states))
    assert.equal(tasks, 1)
  })

  test('takes its own children alone, also where a script of another table has its number', async () => {
    await using storage = await openStorage({ model })
    const tenant = await createTenant(storage)
    const script = await createScript(storage, tenant, 'a')
    await createUserStates(storage, script, 3)
    const health = { type: types.health, within: { tenant }, key: 'h' }
    const below = { tenant, parent: health }
    await storage.transact(function* () {
      const now = timestampOf(0)
      yield* insertEntity({ ...health, members: { id: 'h' }, now })
      yield* insertEntity({ type: types.healthAssignment, within: below, members: { id: 'a' }, now })
      for (const id of ['x', 'y'])
        yield* insertEntity({ type: types.healthState, within: below, members: { id }, now })
    })
    const tables = ['health_assignment', 'health_device_state', 'health_run_summary'] as const
    const count = () => Promise.all(tables.map((table) => countRows(storage, table)))
    assert.deepEqual(await count(), [1, 2, 1])
    await deleteScript(storage, { ...script, reference: health })
    await storage.purge()
    assert.deepEqual(await count(), [0, 0, 0])
    assert.deepEqual([await countStates(storage, script), await countRows(storage, 'run_summary')], [3, 1])
    assert.equal(await countRows(storage, 'purge'), 0)
  })

  test('leaves nothing to one with the same id', async () => {
    await using storage = await openStorage({ model })
    const tenant = await createTenant(storage)
    const script = await createScript(storage, tenant, 'a')
    await createUserStates(storage, script, 3)
    await deleteScript(storage, script)
    const again = await createScript(storage, tenant, 'a')
    assert.equal(await countStates(storage, again), 0)
    await createUserStates(storage, again, 2)
    await storage.purge()
    assert.equal(await countStates(storage, again), 2)
    assert.equal(await countRows(storage, 'user_state'), 2)
  })

  test('never has its number used again, also where it was the last', async (t) => {
    const file = temporaryFile(t)
    const numbers: number[] = []
    for (const _restart of [1, 2]) {
      const storage = await openStorage({ model, file })
      const tenant = numbers.length === 0 ? await createTenant(storage) : 1
      for (const _round of [1, 2]) {
        const script = await createScript(storage, tenant, 'a')
        await deleteScript(storage, script)
        await storage.purge()
        numbers.push(script.number)
      }
      await storage[Symbol.asyncDispose]()
    }
    assert.deepEqual(numbers, [1, 2, 3, 4])
  })
})

function inspect(t: TestContext, file: string): { readonly states: number; readonly tasks: number } {
  const connection = new Connection(file, { readOnly: true })
  t.after(() => connection.close())
  const count = (table: string) =>
    Number(connection.all({ text: `SELECT count(*) AS n FROM ${table}`, values: [] })[0]?.['n'])
  return { states: count('user_state'), tasks: count('purge') }
}

describe('nothing is left to purge', () => {
  test('where nothing was there to remove', async () => {
    await using storage = await openStorage({ model })
    const reference = { type: types.management, within: { tenant: await createTenant(storage) }, key: 'a' }
    assert.equal(await storage.transact(() => removeEntity(model, reference)), undefined)
    assert.equal(await countRows(storage, 'purge'), 0)
  })

  test('by what has nothing below it', async () => {
    await using storage = await openStorage({ model })
    const script = await createScript(storage, await createTenant(storage), 'a')
    await createUserStates(storage, script, 2)
    const row = await storage.transact(() => removeEntity(model, stateOf(script)))
    assert.equal(row?.['id'], '00000001')
    assert.equal(await countRows(storage, 'purge'), 0)
    assert.equal(await countStates(storage, script), 1)
  })

  test('by a deletion that is undone', async () => {
    await using storage = await openStorage({ model })
    const script = await createScript(storage, await createTenant(storage), 'a')
    await createUserStates(storage, script, 2)
    const body = function* () {
      yield* removeEntity(model, script.reference)
      throw new Error('undone')
    }
    await assert.rejects(storage.transact(body), /undone/)
    await storage.purge()
    assert.equal(await countRows(storage, 'purge'), 0)
    assert.equal(await countStates(storage, script), 2)
  })
})

describe('a discarded tenant', () => {
  test('loses every row and then its own, and others keep theirs', async () => {
    await using storage = await openStorage({ model })
    const [first, second] = [await createTenant(storage, 'first'), await createTenant(storage, 'second')]
    const scripts: StoredScript[] = []
    for (const tenant of [first, second]) {
      const script = await createScript(storage, tenant, 'a')
      await createUserStates(storage, script, 1200)
      scripts.push(script)
    }
    const deleted = await createScript(storage, first, 'b')
    await createUserStates(storage, deleted, 10)
    await deleteScript(storage, deleted)
    await storage.transact(() => discardTenant(first))
    await storage.purge()
    assert.deepEqual([await countRows(storage, 'script'), await countRows(storage, 'user_state')], [1, 1200])
    assert.deepEqual([await countRows(storage, 'tenant'), await countRows(storage, 'purge')], [1, 0])
    const kept = scripts.find(({ tenant }) => tenant === second)
    assert(kept !== undefined)
    assert.equal(await countStates(storage, kept), 1200)
  })

  test('never has its number used again, also where it was the last', async () => {
    await using storage = await openStorage({ model })
    const numbers: number[] = []
    for (const _round of [1, 2, 3]) {
      const number = await createTenant(storage)
      await storage.transact(() => discardTenant(number))
      await storage.purge()
      assert.equal(await countRows(storage, 'tenant'), 0)
      numbers.push(number)
    }
    assert.deepEqual(numbers, [1, 2, 3])
  })
})

describe('a purge that fails', () => {
  test('for want of the database is taken up by the next', async (t) => {
    const file = temporaryFile(t)
    await using storage = await openStorage({ model, file })
    const script = await createScript(storage, await createTenant(storage), 'a')
    await createUserStates(storage, script, 10)
    await deleteScript(storage, script)
    await storage.transact(() => all(command`PRAGMA busy_timeout = 0`))
    const other = new Connection(file, { readOnly: false })
    other.execute('BEGIN IMMEDIATE')
    await storage.purge()
    assert.equal(await countRows(storage, 'user_state'), 10)
    other.execute('ROLLBACK')
    other.close()
    await storage.purge()
    assert.deepEqual([await countRows(storage, 'user_state'), await countRows(storage, 'purge')], [0, 0])
  })

  test('by a mistake of ours warns, and the storage goes on', async () => {
    const blind = createModel({
      entityTypes: [{ ...deviceManagementScript, navigations: {}, actions: {} }],
      versions: {},
    })
    await using storage = await openStorage({ model: blind })
    const tenant = await createTenant(storage)
    const script = await createScript(storage, tenant, 'a')
    await createUserStates(storage, script, 1)
    await storage.transact(() => discardTenant(tenant))
    const warned = once(process, 'warning')
    await storage.purge()
    const [warning] = await warned
    assert.match(String(warning), /could not be removed: .*FOREIGN KEY constraint failed/)
    await createScript(storage, await createTenant(storage, 'other'), 'b')
    assert.equal(await countRows(storage, 'purge'), 1)
  })
})
