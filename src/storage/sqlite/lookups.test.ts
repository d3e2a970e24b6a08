import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ODataError } from '#odata/odata.ts'
import { openBrokenLog, temporaryFile } from '../../../test/support/storage.ts'
import { command, query } from '../plan.ts'
import { Connection } from './connection.ts'
import { LogSync } from './log-sync.ts'
import { Lookups } from './lookups.ts'
import { migrate } from './migrate.ts'

interface Bench {
  readonly file: string
  readonly lookups: Lookups
  /** Stores a tenant, at once. */
  readonly store: (tid: string) => void
}

function openLookups(t: TestContext): Bench {
  const file = temporaryFile(t)
  const connection = new Connection(file, { readOnly: false })
  connection.execute('PRAGMA journal_mode = WAL')
  migrate(connection)
  const lookups = new Lookups(file)
  t.after(() => {
    lookups.close()
    connection.close()
  })
  return {
    file,
    lookups,
    store: (tid) => connection.run(command`INSERT INTO tenant (tid, domain) VALUES (${tid}, ${tid})`),
  }
}

const tenants = query`SELECT tid FROM tenant ORDER BY tid`

async function tidsOf(rows: ReturnType<Lookups['find']>): Promise<string> {
  return (await rows).map(({ tid }) => String(tid)).join()
}

describe('lookups', () => {
  test('of one turn are answered together, at its end', async (t) => {
    const { lookups } = openLookups(t)
    const events: string[] = []
    for (const name of ['a', 'b', 'c']) void lookups.find(tenants).then(() => events.push(name))
    for (let i = 0; i < 20; i++) await undefined
    assert.deepEqual(events, [])
    await nextTurn()
    assert.deepEqual(events, ['a', 'b', 'c'])
  })

  test('are answered when all that they saw is on the disk', async (t) => {
    const { file, store } = openLookups(t)
    using log = new LogSync(file)
    await log.pending
    const lookups = new Lookups(file, log)
    t.after(() => lookups.close())
    store('a')
    const events: string[] = []
    const synced = log.noteCommit().then(() => events.push('on the disk'))
    const found = tidsOf(lookups.find(tenants)).then((tids) => events.push(tids))
    await Promise.all([synced, found])
    assert.deepEqual(events, ['on the disk', 'a'])
  })

  test('are refused where the disk did not keep what was written', async (t) => {
    const { file } = openLookups(t)
    using log = openBrokenLog(t)
    const lookups = new Lookups(file, log)
    t.after(() => lookups.close())
    const isUnavailable = (error: unknown): boolean =>
      error instanceof ODataError && error.code === 'ServiceUnavailable' && error.cause === log.failure
    await assert.rejects(lookups.find(tenants), isUnavailable)
    await assert.rejects(lookups.find(tenants), isUnavailable)
  })

  test('see what was written before they were asked for, alone and with others', async (t) => {
    const { lookups, store } = openLookups(t)
    store('a')
    assert.equal(await tidsOf(lookups.find(tenants)), 'a')
    store('b')
    assert.deepEqual(
      await Promise.all([1, 2, 3].map(() => tidsOf(lookups.find(tenants)))),
      Array(3).fill('a,b'),
    )
    store('c')
    assert.equal(await tidsOf(lookups.find(tenants)), 'a,b,c')
  })

  test('of one turn see one state, whatever is written between two of them', async (t) => {
    const { lookups, store } = openLookups(t)
    store('a')
    const late = { ...tenants, parts: tenants.parts }
    // The printer asks for the parts when it comes to the plan: another connection writes just then.
    Object.defineProperty(late, 'parts', {
      get: () => {
        store('b')
        return tenants.parts
      },
    })
    const [first, second] = [lookups.find(tenants), lookups.find(late)]
    assert.deepEqual([await tidsOf(first), await tidsOf(second)], ['a', 'a'])
    assert.equal(await tidsOf(lookups.find(tenants)), 'a,b')
  })

  test('fail alone where a statement is refused', async (t) => {
    const { lookups, store } = openLookups(t)
    store('a')
    const wrong = lookups.find(query`SELECT n FROM nowhere`)
    const right = lookups.find(tenants)
    await assert.rejects(wrong, /no such table/)
    assert.equal(await tidsOf(right), 'a')
    assert.equal(await tidsOf(lookups.find(tenants)), 'a', 'and no transaction is left open')
  })

  test('that were asked for are answered when it is closed', async (t) => {
    const { lookups, store } = openLookups(t)
    store('a')
    const asked = [lookups.find(tenants), lookups.find(tenants)]
    lookups.close()
    assert.deepEqual(await Promise.all(asked.map(tidsOf)), ['a', 'a'])
  })

  test('are refused with 503 once it is closed', async (t) => {
    const { lookups } = openLookups(t)
    lookups.close()
    const answers = await Promise.allSettled([lookups.find(tenants), lookups.find(tenants)])
    for (const answer of answers) {
      assert(answer.status === 'rejected')
      assert(answer.reason instanceof ODataError)
      assert.equal(answer.reason.code, 'ServiceUnavailable')
    }
  })
})
