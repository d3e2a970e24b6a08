import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { limits } from '#base/base.ts'
import { type EntityType, model } from '#model/model.ts'
import { ODataError } from '#odata/odata.ts'
import { noPostgres, type Postgres, startPostgres } from '../../test/support/postgres.ts'
import { createTenant, sampleRow, temporaryFile, types } from '../../test/support/storage.ts'
import { copySome, copySomeOf, putMark, removeMark, takeCopy } from './marks.ts'
import { command, query } from './plan.ts'
import { discardTenant, removeEntity } from './purge.ts'
import type { Storage } from './seam.ts'
import { openStorage } from './storage.ts'
import { tablesOf } from './tables.ts'
import { all, one, type Transaction } from './transaction.ts'

const tables = tablesOf(model)
const tid = 'a-tenant'
const mark = { tid, name: 'full' }

function insertNumbered(type: EntityType, tenant: number, n: number): Transaction<unknown> {
  const row = sampleRow(type, { id: `${type.name} ${String(n).padStart(5, '0')}` })
  return all({ kind: 'insert', type, tenant, number: n, row })
}

/** User states of a few scripts, in no order of theirs. */
function* insertStates(tenant: number, count: number): Transaction<void> {
  const type = types.userState
  for (let n = 0; n < count; n += 1) {
    const row = sampleRow(type, { id: `state ${(n * 7919) % 100_003}` })
    yield* all({ kind: 'insert', type, tenant, number: (n % 3) + 100, row })
  }
}

/** A row of each entity type, and so many user states in all. */
async function fill(storage: Storage, tenant: number, states = 1): Promise<void> {
  await storage.transact(function* () {
    for (const [i, type] of [...model.entityTypes.values()].entries())
      yield* insertNumbered(type, tenant, i + 1)
    yield* insertStates(tenant, states - 1)
    yield* all(command`UPDATE tenant SET last_number = 9000 WHERE number = ${tenant}`)
  })
}

/** All rows under a number, by table; the columns are those of the database and not of the model. */
async function contentOf(
  storage: Storage,
  tenant: number,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const content: Record<string, readonly string[]> = {}
  for (const { name } of tables) {
    const rows = await storage.read(query([`SELECT * FROM ${name} WHERE tenant = `, ''], tenant))
    content[name] = rows.map((row) => JSON.stringify({ ...row, tenant: 0 })).sort()
  }
  return content
}

function sizeOf(content: Readonly<Record<string, readonly string[]>>): number {
  return Object.values(content).reduce((sum, rows) => sum + rows.length, 0)
}

/** How many rows lie under other numbers than the given ones, in every table there is. */
async function rowsBeside(storage: Storage, kept: readonly number[]): Promise<number> {
  let rows = 0
  for (const { name } of tables) {
    const found = await storage.read(query([`SELECT DISTINCT tenant FROM ${name}`]))
    rows += found.filter(({ tenant }) => !kept.includes(Number(tenant))).length
  }
  return rows
}

async function numbersOf(storage: Storage): Promise<readonly number[]> {
  return (await storage.read(query`SELECT number FROM tenant ORDER BY number`)).map(({ number }) =>
    Number(number),
  )
}

/** Makes the copy to its end; gives the number of rows that each commit copied. */
async function copyAll(storage: Storage): Promise<readonly number[]> {
  const counts: number[] = []
  const total = async (): Promise<number> => {
    let rows = 0
    for (const { name } of tables) {
      const [row] = await storage.read(query([`SELECT count(*) AS count FROM ${name}`]))
      rows += Number(row?.['count'])
    }
    return rows
  }
  let known = await total()
  let goesOn = true
  while (goesOn) {
    goesOn = await storage.transact(() => copySomeOf(model, mark))
    const now = await total()
    counts.push(now - known)
    known = now
  }
  return counts
}

/** Gives the copy the tenant's place, as a reset does. */
function* flip(tenant: number): Transaction<number> {
  const number = yield* takeCopy(mark)
  assert(number !== undefined, 'a copy is ready')
  yield* discardTenant(tenant)
  yield* all(command`UPDATE tenant SET tid = ${tid} WHERE number = ${number}`)
  return number
}

for (const kind of ['sqlite', 'postgres'] as const) {
  describe(`marks on ${kind}`, { skip: kind === 'postgres' && noPostgres }, () => {
    let cluster: Postgres | undefined
    let made = 0
    before(async () => {
      if (kind === 'postgres') cluster = await startPostgres()
    })
    after(async () => {
      await cluster?.[Symbol.asyncDispose]()
    })

    const open = async (): Promise<{ readonly storage: Storage; readonly tenant: number }> => {
      made += 1
      const storage = await openStorage(
        cluster === undefined ? { model } : { model, database: await cluster.create(`d${made}`) },
      )
      return { storage, tenant: await createTenant(storage, tid) }
    }

    /** A test that needs two transactions at once; SQLite has one writer. */
    const betweenTransactions = (title: string, run: () => Promise<void>): void => {
      if (kind === 'postgres') test(title, run)
    }

    test('a copy has every row and column of the state that was marked, whatever came after', async () => {
      const { storage, tenant } = await open()
      await using _ = storage
      await fill(storage, tenant, 20)
      const marked = await contentOf(storage, tenant)
      assert(
        tables.every(({ name }) => (marked[name]?.length ?? 0) > 0),
        'every table has a row',
      )
      await storage.transact(() => putMark(model, mark))
      await storage.transact(function* () {
        yield* all(command`DELETE FROM user_state WHERE tenant = ${tenant}`)
        yield* all(command`UPDATE script SET display_name = 'changed' WHERE tenant = ${tenant}`)
        yield* insertNumbered(types.device, tenant, 77)
      })
      for (let round = 1; round <= 2; round += 1) {
        await copyAll(storage)
        const [before = 0] = (await storage.read(query`SELECT number FROM tenant WHERE tid = ${tid}`)).map(
          ({ number }) => Number(number),
        )
        const number = await storage.transact(() => flip(before))
        assert.deepEqual(await contentOf(storage, number), marked)
        const [row] = await storage.read(query`SELECT last_number FROM tenant WHERE number = ${number}`)
        assert.equal(row?.['last_number'], 9000)
        await storage.transact(() => all(command`DELETE FROM assignment WHERE tenant = ${number}`))
      }
    })

    for (const beyond of [-1, 0, 1, limits.copyRows + 1]) {
      test(`a commit copies ${limits.copyRows} rows at most, of ${limits.copyRows} + ${beyond}`, async () => {
        const { storage, tenant } = await open()
        await using _ = storage
        await fill(storage, tenant)
        const base = sizeOf(await contentOf(storage, tenant))
        await storage.transact(() => all(command`DELETE FROM user_state WHERE tenant = ${tenant}`))
        await storage.transact(() => insertStates(tenant, limits.copyRows + beyond - base + 1))
        const content = await contentOf(storage, tenant)
        assert.equal(sizeOf(content), limits.copyRows + beyond)
        await storage.transact(() => putMark(model, mark))
        const counts = await copyAll(storage)
        assert(
          counts.every((count) => count <= limits.copyRows),
          String(counts),
        )
        assert.equal(
          counts.reduce((sum, count) => sum + count, 0),
          limits.copyRows + beyond,
        )
        const number = await storage.transact(() => flip(tenant))
        assert.deepEqual(await contentOf(storage, number), content)
      })
    }

    test('what waits for its purge is not marked', async () => {
      const { storage, tenant } = await open()
      await using _ = storage
      await fill(storage, tenant)
      const key = `${types.shell.name} ${'2'.padStart(5, '0')}`
      const [script] = await storage.read(
        query`SELECT id, number FROM script WHERE tenant = ${tenant} AND id = ${key}`,
      )
      const number = Number(script?.['number'] ?? assert.fail('the script is there'))
      await storage.transact(() => insertNumbered(types.deviceState, tenant, number))
      const reference = { type: types.shell, within: { tenant }, key }
      await storage.transact(() => removeEntity(model, reference))
      await storage.transact(() => putMark(model, mark))
      await copyAll(storage)
      const copy = await storage.transact(() => flip(tenant))
      const left = await storage.read(
        query`SELECT id FROM device_state WHERE tenant = ${copy} AND script = ${number}`,
      )
      assert.deepEqual(left, [])
      await storage.purge()
      assert.equal((await storage.read(query`SELECT tenant FROM purge`)).length, 0)
    })

    test('a copy is given once, only when it is whole, and only of a mark that is there', async () => {
      const { storage, tenant } = await open()
      await using _ = storage
      await fill(storage, tenant, 2 * limits.copyRows)
      const isNoMark = (error: unknown): boolean =>
        error instanceof ODataError && error.code === 'BadRequest' && /has no mark 'full'/.test(error.message)
      await assert.rejects(
        storage.transact(() => takeCopy(mark)),
        isNoMark,
      )
      await storage.transact(() => putMark(model, mark))
      const take = (): Promise<number | undefined> => storage.transact(() => takeCopy(mark))
      assert.equal(await take(), undefined)
      assert.equal(await storage.transact(() => copySomeOf(model, mark)), true)
      assert.equal(await take(), undefined)
      await copyAll(storage)
      assert.equal(await storage.transact(() => copySomeOf(model, mark)), false)
      assert.equal(await storage.transact(() => copySome(model)), false)
      assert.notEqual(await take(), undefined)
      assert.equal(await take(), undefined)
      assert.equal(await storage.transact(() => copySomeOf(model, { tid, name: 'none' })), false)
    })

    test('a mark that is removed or replaced leaves nothing, however far its copy was', async () => {
      const { storage, tenant } = await open()
      await using _ = storage
      await fill(storage, tenant, 2 * limits.copyRows)
      const steps = [0, 1, 100]
      for (const count of steps) {
        await storage.transact(() => putMark(model, mark))
        for (let n = 0; n < count; n += 1) await storage.transact(() => copySomeOf(model, mark))
        assert.equal(await storage.transact(() => removeMark(mark)), true)
        assert.equal(await storage.transact(() => removeMark(mark)), false)
        await storage.purge()
        assert.deepEqual([await numbersOf(storage), await rowsBeside(storage, [tenant])], [[tenant], 0])
      }
      await storage.transact(() => putMark(model, mark))
      await copyAll(storage)
      await storage.transact(() => all(command`DELETE FROM user_state WHERE tenant = ${tenant}`))
      await storage.transact(() => putMark(model, mark))
      await storage.purge()
      assert.equal((await numbersOf(storage)).length, 2)
      await copyAll(storage)
      const copy = await storage.transact(() => flip(tenant))
      assert.deepEqual((await contentOf(storage, copy))['user_state'], [])
      await storage.purge()
      const numbers = await numbersOf(storage)
      assert.deepEqual([numbers.length, await rowsBeside(storage, numbers)], [2, 0])
    })

    test('marks of a tenant that is not there, and those of another, are kept apart', async () => {
      const { storage, tenant } = await open()
      await using _ = storage
      await fill(storage, tenant, 3)
      await assert.rejects(
        storage.transact(() => putMark(model, { tid: 'nobody', name: 'full' })),
        /The tenant 'nobody' is not known here\./,
      )
      const other = await createTenant(storage, 'other')
      await storage.transact(() => putMark(model, mark))
      await storage.transact(() => putMark(model, { tid: 'other', name: 'full' }))
      await storage.copyMarks()
      const taken = await storage.transact(() => takeCopy({ tid: 'other', name: 'full' }))
      assert.equal(sizeOf(await contentOf(storage, Number(taken))), 0)
      assert.equal(sizeOf(await contentOf(storage, other)), 0)
      assert(sizeOf(await contentOf(storage, Number(await storage.transact(() => takeCopy(mark))))) > 10)
    })

    betweenTransactions('is of one moment, though others write while it is made', async () => {
      const { storage, tenant } = await open()
      await using _ = storage
      await fill(storage, tenant)
      const marked = await contentOf(storage, tenant)
      const reached = Promise.withResolvers<void>()
      const making = storage.transact(function* () {
        const body = putMark(model, mark)
        let step = body.next()
        let copies = 0
        while (step.done !== true) {
          if (step.value.kind === 'copy' && ++copies === 2) {
            reached.resolve()
            yield* one(query`SELECT pg_sleep(0.5) IS NULL AS slept`)
          }
          step = body.next(yield step.value)
        }
      })
      await reached.promise
      await storage.transact(function* () {
        for (const [i, type] of [...model.entityTypes.values()].entries())
          yield* insertNumbered(type, tenant, 5000 + i)
      })
      assert.notDeepEqual(await contentOf(storage, tenant), marked)
      await making
      await copyAll(storage)
      const copy = await storage.transact(() => flip(tenant))
      assert.deepEqual(await contentOf(storage, copy), marked)
    })

    betweenTransactions('a copy is not given where its mark goes at that moment', async () => {
      const { storage, tenant } = await open()
      await using _ = storage
      await fill(storage, tenant)
      await storage.transact(() => putMark(model, mark))
      await copyAll(storage)
      const reached = Promise.withResolvers<void>()
      const taking = storage.transact(function* () {
        const body = takeCopy(mark)
        let step = body.next()
        while (step.done !== true) {
          const rows = yield step.value
          if (step.value.kind === 'query') {
            reached.resolve()
            yield* one(query`SELECT pg_sleep(0.5) IS NULL AS slept`)
          }
          step = body.next(rows)
        }
        return step.value
      })
      await reached.promise
      assert.equal(await storage.transact(() => removeMark(mark)), true)
      assert.equal(await taking, undefined)
    })

    test('pieces that two make at once are not doubled', async () => {
      const { storage, tenant } = await open()
      await using _ = storage
      await fill(storage, tenant, 3 * limits.copyRows)
      const marked = await contentOf(storage, tenant)
      await storage.transact(() => putMark(model, mark))
      const copyOn = async (): Promise<void> => {
        while (await storage.transact(() => copySomeOf(model, mark)));
      }
      await Promise.all([copyOn(), copyOn(), storage.copyMarks()])
      assert.equal((await numbersOf(storage)).length, 3, 'of the tenant, the mark and one copy')
      const copy = await storage.transact(() => flip(tenant))
      assert.deepEqual(await contentOf(storage, copy), marked)
    })
  })
}

test('a copy that a process left undone is gone on with by the next', async (t) => {
  const file = temporaryFile(t)
  const first = await openStorage({ model, file })
  const tenant = await createTenant(first, tid)
  await fill(first, tenant, 3 * limits.copyRows)
  const marked = await contentOf(first, tenant)
  await first.transact(() => putMark(model, mark))
  assert.equal(await first.transact(() => copySomeOf(model, mark)), true)
  await first[Symbol.asyncDispose]()
  await using second = await openStorage({ model, file })
  await second.copyMarks()
  const copy = await second.transact(() => flip(tenant))
  assert.deepEqual(await contentOf(second, copy), marked)
})
