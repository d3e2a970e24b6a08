import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { Clock } from '#base/base.ts'
import { model } from '#model/model.ts'
import { ODataError } from '#odata/odata.ts'
import { openStorage, type Storage } from '#storage/storage.ts'
import {
  countRows,
  createScript,
  createUserStates,
  temporaryFile,
  types,
} from '../../test/support/storage.ts'
import { Connection } from '../storage/sqlite/connection.ts'
import { PERSONAL_TENANT } from './clouds.ts'
import { Directory } from './directory.ts'

const tid = '11111111-2222-3333-4444-555555555555'
const otherTid = '99999999-2222-3333-4444-555555555555'

/** A clock that stands still until it is turned. */
class TestClock implements Clock {
  #now = 1_000_000

  now(): number {
    return this.#now
  }

  turn(ms: number): void {
    this.#now += ms
  }
}

/** A directory, and another one beside it on the same database, as of another process. */
interface Bench extends AsyncDisposable {
  readonly file: string
  readonly storage: Storage
  readonly clock: TestClock
  readonly directory: Directory
  readonly beside: Directory
}

async function openBench(t: TestContext): Promise<Bench> {
  const file = temporaryFile(t)
  const storage = await openStorage({ model, file })
  const clock = new TestClock()
  return {
    file,
    storage,
    clock,
    directory: new Directory(storage, clock),
    beside: new Directory(storage, clock),
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  }
}

function refusal(code: string, message: RegExp) {
  return (error: unknown) => error instanceof ODataError && error.code === code && message.test(error.message)
}

describe('the directory', () => {
  test('knows a tenant by its id and its domain, in any case', async (t) => {
    await using bench = await openBench(t)
    const { directory } = bench
    const tenant = await directory.putTenant({ tid: tid.toUpperCase(), domain: 'Contoso.com' })
    assert.deepEqual(tenant, { number: 1, tid, domain: 'contoso.com', licensed: true })
    for (const name of [tid, tid.toUpperCase(), 'contoso.com', 'CONTOSO.COM'])
      assert.deepEqual(await directory.tenant(name), tenant)
    assert.equal(await directory.tenant(otherTid), undefined)
    assert.deepEqual(await directory.tenants(), [tenant])
  })

  test('always has the tenant of personal accounts, with nothing in it', async (t) => {
    await using bench = await openBench(t)
    assert.equal((await bench.directory.tenant(PERSONAL_TENANT))?.number, 0)
    assert.deepEqual(await bench.directory.tenants(), [])
  })

  test('changes only the settings that are given', async (t) => {
    await using bench = await openBench(t)
    const { directory } = bench
    const { number } = await directory.putTenant({ tid, domain: 'contoso.com', licensed: false })
    assert.deepEqual(await directory.putTenant({ tid }), {
      number,
      tid,
      domain: 'contoso.com',
      licensed: false,
    })
    const licensed = await directory.putTenant({ tid, licensed: true })
    assert.deepEqual(licensed, { number, tid, domain: 'contoso.com', licensed: true })
    assert.equal((await directory.putTenant({ tid, domain: null })).domain, null)
    assert.equal(await directory.tenant('contoso.com'), undefined)
  })

  test('lists the tenants in the order of their creation', async (t) => {
    await using bench = await openBench(t)
    const { directory } = bench
    for (const each of [otherTid, tid]) await directory.putTenant({ tid: each, domain: `${each}.example` })
    const listed = await directory.tenants()
    assert.deepEqual(
      listed.map((each) => each.tid),
      [otherTid, tid],
    )
  })

  for (const [title, settings, code, message] of [
    ['an id that is no GUID', { tid: 'contoso' }, 'BadRequest', /'contoso' is not a GUID/],
    ['the id of personal accounts', { tid: PERSONAL_TENANT }, 'BadRequest', /always there/],
    ["a domain that is another's id", { tid, domain: otherTid }, 'BadRequest', /is not a domain name/],
    ['an empty domain', { tid, domain: '' }, 'BadRequest', /is not a domain name/],
    ["another's domain", { tid, domain: 'Fabrikam.com' }, 'Conflict', /'fabrikam.com' belongs to/],
  ] as const) {
    test(`refuses ${title}, and changes nothing`, async (t) => {
      await using bench = await openBench(t)
      const { directory } = bench
      const other = await directory.putTenant({ tid: otherTid, domain: 'fabrikam.com' })
      const revision = await directory.revision()
      await assert.rejects(directory.putTenant(settings), refusal(code, message))
      assert.deepEqual(await directory.tenants(), [other])
      assert.equal(await directory.revision(), revision)
    })
  }
})

describe('the revision', () => {
  test('counts the changes', async (t) => {
    await using bench = await openBench(t)
    const { directory } = bench
    const before = await directory.revision()
    const tenant = await directory.putTenant({ tid })
    assert.equal(await directory.revision(), before + 1)
    await directory.resetTenant(tenant)
    assert.equal(await directory.revision(), before + 2)
  })

  test("shows one's own change at once, to all who ask together", async (t) => {
    await using bench = await openBench(t)
    const { directory } = bench
    const before = await directory.revision()
    await directory.putTenant({ tid })
    const asked = [directory.tenant(tid), directory.tenant(tid), directory.tenant(tid)]
    const revisions = await Promise.all([directory.revision(), directory.revision()])
    assert.deepEqual(revisions, [before + 1, before + 1])
    for (const tenant of await Promise.all(asked)) assert.equal(tenant?.tid, tid)
  })

  test('is right for all who ask together first', async (t) => {
    await using bench = await openBench(t)
    await bench.beside.putTenant({ tid })
    const found = await Promise.all([1, 2, 3].map(() => bench.directory.tenant(tid)))
    assert.deepEqual(
      found.map((tenant) => tenant?.number),
      [1, 1, 1],
    )
  })

  test("shows one's own change also to who asks while an older question is under way", async (t) => {
    await using bench = await openBench(t)
    const { directory, clock } = bench
    await directory.putTenant({ tid })
    clock.turn(5000)
    const change = directory.putTenant({ tid, domain: 'contoso.com' })
    const early = directory.tenant(tid)
    await change
    assert.equal((await directory.tenant(tid))?.domain, 'contoso.com')
    assert.equal((await early)?.tid, tid)
  })

  test("shows another process's change within a second, and asks no sooner", async (t) => {
    await using bench = await openBench(t)
    const { directory, beside, clock } = bench
    assert.equal(await directory.tenant(tid), undefined)
    await beside.putTenant({ tid })
    clock.turn(999)
    assert.equal(await directory.tenant(tid), undefined)
    clock.turn(1)
    assert.equal((await directory.tenant(tid))?.tid, tid)
  })

  test("shows another process's change where the clock was turned back", async (t) => {
    await using bench = await openBench(t)
    const { directory, beside, clock } = bench
    await directory.revision()
    await beside.putTenant({ tid })
    clock.turn(-3_600_000)
    assert.equal((await directory.tenant(tid))?.tid, tid)
  })

  test('has one question wait behind the one under way, however many come while the database hangs', async (t) => {
    await using bench = await openBench(t)
    const back = Promise.withResolvers<void>()
    let asked = 0
    const read: Storage['read'] = async (plan) => {
      asked += 1
      await back.promise
      return await bench.storage.read(plan)
    }
    const hanging = new Proxy(bench.storage, {
      get: (target, name) => (name === 'read' ? read : Reflect.get(target, name)),
    })
    const directory = new Directory(hanging, bench.clock)
    const revisions = Array.from({ length: 10 }, () => {
      bench.clock.turn(1000)
      return directory.revision()
    })
    await bench.directory.putTenant({ tid })
    back.resolve()
    const known = await bench.directory.revision()
    assert.deepEqual(await Promise.all(revisions), Array(10).fill(known))
    assert(asked <= 3, `${asked} questions`) // of the two, one reads the tenants too
  })

  test('is asked for again after a question that failed', async (t) => {
    await using bench = await openBench(t)
    const { directory, file, clock } = bench
    await directory.putTenant({ tid })
    const connection = new Connection(file, { readOnly: false })
    t.after(() => connection.close())
    connection.execute('ALTER TABLE directory RENAME TO away')
    clock.turn(1000)
    const asked = [directory.tenant(tid), directory.tenant(tid)]
    const settled = await Promise.allSettled(asked)
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['rejected', 'rejected'],
    )
    connection.execute('ALTER TABLE away RENAME TO directory')
    assert.equal((await directory.tenant(tid))?.tid, tid)
  })
})

describe('a reset', () => {
  test('gives the tenant a new number at once, and purges the old one in the background', async (t) => {
    await using bench = await openBench(t)
    const { directory, storage } = bench
    const before = await directory.putTenant({ tid, domain: 'contoso.com', licensed: false })
    const other = await directory.putTenant({ tid: otherTid })
    const script = await createScript(storage, before.number, 'a')
    await createUserStates(storage, script, 2500)
    await createScript(storage, other.number, 'a')
    const after = await directory.resetTenant(before)
    assert.deepEqual(after, { ...before, number: 3 })
    assert.deepEqual(await directory.tenant('contoso.com'), after)
    const within = { tenant: after.number }
    assert.deepEqual(await storage.read({ kind: 'select', type: types.management, within, key: 'a' }), [])
    assert((await countRows(storage, 'user_state')) > 0)
    await storage.purge()
    assert.deepEqual([await countRows(storage, 'user_state'), await countRows(storage, 'script')], [0, 1])
    assert.deepEqual([await countRows(storage, 'tenant'), await countRows(storage, 'purge')], [2, 0])
  })

  test('is begun without being asked for', async (t) => {
    await using bench = await openBench(t)
    const { directory, storage } = bench
    const before = await directory.putTenant({ tid })
    await createScript(storage, before.number, 'a')
    await directory.resetTenant(before)
    for (const id of ['a', 'b', 'c', 'd', 'e']) await createScript(storage, 2, id)
    assert.deepEqual([await countRows(storage, 'tenant'), await countRows(storage, 'purge')], [1, 0])
  })

  test('may come twice at once, and of a tenant as it was before another', async (t) => {
    await using bench = await openBench(t)
    const { directory, storage } = bench
    const before = await directory.putTenant({ tid, domain: 'contoso.com' })
    const both = await Promise.all([directory.resetTenant(before), directory.resetTenant(before)])
    assert.deepEqual(
      both.map(({ number }) => number),
      [2, 3],
    )
    await storage.purge()
    const last = await directory.resetTenant(before)
    await storage.purge()
    assert.deepEqual(await directory.tenants(), [{ ...before, number: 4 }])
    assert.equal(last.number, 4)
    assert.equal(await countRows(storage, 'tenant'), 1)
  })
})
