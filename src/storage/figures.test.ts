import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { limits } from '#base/base.ts'
import { model } from '#model/model.ts'
import { noPostgres, type Postgres, startPostgres } from '../../test/support/postgres.ts'
import { createScript, createTenant, createUserStates, types } from '../../test/support/storage.ts'
import { command, query } from './plan.ts'
import type { Storage } from './seam.ts'
import { openStorage, type StorageOptions } from './storage.ts'
import { all, type Transaction } from './transaction.ts'

function* addTenant(tid: string): Transaction<void> {
  yield* all(command`INSERT INTO tenant (tid) VALUES (${tid})`)
}

/** Commits of one size. */
function commitsOf(storage: Storage, size: number): number {
  return storage.figures().commitSizes[size] ?? 0
}

/** Resolves when it holds; nothing but a figure that never moves keeps it waiting. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5)
}

/** Opens one, and waits for what it does by itself at its start. */
async function openQuiet(options: StorageOptions): Promise<Storage> {
  const storage = await openStorage(options)
  await Promise.all([storage.purge(), storage.copyMarks()])
  return storage
}

/** What both databases promise of their figures. */
function describeFigures(open: (more?: { scanMs: number }) => Promise<Storage>): void {
  test('a statement is a miss once and a hit after', async () => {
    await using storage = await open()
    const ask = () => storage.read(query`SELECT 40 + 2 AS figure`)
    const before = { ...storage.figures().statements }
    await ask()
    const once = { ...storage.figures().statements }
    assert.deepEqual([once.hits, once.misses], [before.hits, before.misses + 1])
    await ask()
    await ask()
    const { hits, misses } = storage.figures().statements
    assert.deepEqual([hits, misses], [once.hits + 2, once.misses])
  })

  test('a commit is counted with its size, and what was undone is none', async () => {
    await using storage = await open()
    const [sizes, commits] = [storage.figures().commitSizes.slice(), storage.commits]
    await storage.transact(() => addTenant('a'))
    assert.equal(commitsOf(storage, 1), (sizes[1] ?? 0) + 1)
    const counted = storage.figures().commitSizes.reduce<number>((sum, count = 0) => sum + count, 0)
    assert.deepEqual([counted, storage.commits], [commits + 1, commits + 1])
  })

  test('scans beyond the connections wait, and nobody does when they have ended', async () => {
    await using storage = await open({ scanMs: 20_000 })
    assert.deepEqual(storage.figures().scanners, { busy: 0, idle: 0, waiting: 0 })
    const tenant = await createTenant(storage)
    const script = await createScript(storage, tenant, 's')
    const controller = new AbortController()
    const counted = { type: types.userState, within: { tenant, parent: script.reference } }
    const scans = Array.from({ length: 12 }, () => storage.count(counted, controller.signal))
    await until(() => storage.figures().scanners.waiting > 0)
    const { busy, waiting } = storage.figures().scanners
    assert(busy > 0 && busy + waiting <= 12, `${busy} are busy, ${waiting} wait`)
    await Promise.all(scans)
    const { idle, ...still } = storage.figures().scanners
    assert.deepEqual(still, { busy: 0, waiting: 0 })
    assert(idle > 0 && idle <= 4, `${idle} are idle`)
  })

  test('writes beyond the connections wait, and nobody does when they are stored', async () => {
    await using storage = await open()
    assert.equal(storage.figures().writers.waiting, 0)
    const writes = Array.from({ length: 40 }, (_, n) => storage.transact(() => addTenant(`w${n}`)))
    await until(() => {
      const { busy, waiting } = storage.figures().writers
      return busy > 0 && waiting > 0
    })
    await Promise.all(writes)
    const { busy, idle, waiting: still } = storage.figures().writers
    assert.deepEqual([busy, still], [0, 0])
    assert(idle > 0)
  })
}

describe('the figures of SQLite', () => {
  describeFigures(async (more) => await openQuiet({ model, ...more }))

  test('say how many transactions shared a commit', async () => {
    await using storage = await openQuiet({ model })
    const most = limits.commitRequests
    const [full, rest] = [commitsOf(storage, most), commitsOf(storage, 6)]
    const writes = Array.from({ length: most + 6 }, (_, n) => storage.transact(() => addTenant(`t${n}`)))
    assert.equal(storage.figures().writers.waiting, most + 6)
    await Promise.all(writes)
    assert.deepEqual([commitsOf(storage, most), commitsOf(storage, 6)], [full + 1, rest + 1])
  })

  test('count no commit that was refused', async () => {
    await using storage = await openQuiet({ model })
    const before = storage.commits
    const failing = function* (): Transaction<void> {
      yield* all(command`PRAGMA defer_foreign_keys = ON`)
      yield* all(command`INSERT INTO purge (tenant, parent_table, parent) VALUES (99, '', 0)`)
    }
    await assert.rejects(storage.transact(failing))
    assert.equal(storage.commits, before)
    assert.equal(
      storage.figures().commitSizes.reduce<number>((sum, count = 0) => sum + count, 0),
      before,
    )
  })

  test('say that a worker is busy while it scans', async () => {
    await using storage = await openQuiet({ model })
    const tenant = await createTenant(storage)
    const script = await createScript(storage, tenant, 's')
    await createUserStates(storage, script, 10)
    const counted = { type: types.userState, within: { tenant, parent: script.reference } }
    const scan = storage.count(counted, new AbortController().signal)
    assert.deepEqual(storage.figures().scanners, { busy: 1, idle: 0, waiting: 0 })
    assert.equal(await scan, 10)
    assert.deepEqual(storage.figures().scanners, { busy: 0, idle: 1, waiting: 0 })
  })
})

describe('the figures of PostgreSQL', { skip: noPostgres }, () => {
  let cluster: Postgres
  let made = 0
  before(async () => {
    cluster = await startPostgres()
  })
  after(async () => {
    await cluster[Symbol.asyncDispose]()
  })
  const open = async (more: Partial<StorageOptions> = {}): Promise<Storage> => {
    made += 1
    return await openQuiet({ model, database: await cluster.create(`d${made}`), ...more })
  }
  describeFigures(open)

  test('say how many connections are lent, of each pool', async () => {
    await using storage = await open()
    const sleeping = storage.transact(() => all(query`SELECT pg_sleep(0.5) IS NULL AS slept`))
    await until(() => storage.figures().writers.busy === 1)
    assert.equal(storage.figures().scanners.busy, 0)
    await sleeping
    await until(() => storage.figures().writers.busy === 0)
    assert(storage.figures().writers.idle > 0)
  })

  test('count no commit that was rolled back', async () => {
    await using storage = await open()
    const before = commitsOf(storage, 1)
    await storage.transact(() => addTenant('a'))
    await assert.rejects(
      storage.transact(function* () {
        yield* addTenant('b')
        throw new Error('a mistake')
      }),
    )
    assert.equal(commitsOf(storage, 1), before + 1)
  })
})
