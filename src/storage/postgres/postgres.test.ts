import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { limits } from '#base/base.ts'
import { model } from '#model/model.ts'
import { ODataError } from '#odata/odata.ts'
import { noPostgres, type Postgres, startPostgres } from '../../../test/support/postgres.ts'
import { filterOf } from '../../../test/support/query-rows.ts'
import { createScript, createTenant, sampleRow, types } from '../../../test/support/storage.ts'
import { postgres } from '../dialect.ts'
import { loadMigrations } from '../migrations.ts'
import { command, query } from '../plan.ts'
import { removeEntity } from '../purge.ts'
import type { Storage } from '../seam.ts'
import { openStorage } from '../storage.ts'
import { all, one, type Transaction } from '../transaction.ts'

const never = new AbortController().signal
let made = 0

describe('a database of PostgreSQL', { skip: noPostgres }, () => {
  let cluster: Postgres
  before(async () => {
    cluster = await startPostgres()
  })
  after(async () => {
    await cluster[Symbol.asyncDispose]()
  })

  const newUrl = (): Promise<string> => {
    made += 1
    return cluster.create(`d${made}`)
  }
  const open = async (database?: string, more: { scanMs?: number; report?: (text: string) => void } = {}) =>
    await openStorage({ model, database: database ?? (await newUrl()), ...more })

  test('that many processes open at once takes every step once', async () => {
    const database = await newUrl()
    const opened = await Promise.all(Array.from({ length: 8 }, () => open(database)))
    const [first] = opened
    const rows = await first?.read(query`SELECT number FROM migration ORDER BY number`)
    assert.deepEqual(
      rows?.map(({ number }) => number),
      loadMigrations(postgres).map(({ number }) => number),
    )
    for (const storage of opened) await storage[Symbol.asyncDispose]()
  })

  test('that is not there, or does not answer, is an error that names it without its password', async () => {
    for (const url of [
      cluster.url('missing'),
      'postgres://someone:secret@127.0.0.1:1/none',
      'postgresql://someone:secret@localhost:1/none',
    ]) {
      await assert.rejects(open(url), (error: Error) => {
        assert.match(error.message, /^The database \S+ cannot be used: .*--database \(.+\)\.$/)
        return !error.message.includes('secret')
      })
    }
  })

  test('gives rows in the terms of the model, and undoes what throws', async () => {
    await using storage = await open()
    const tenant = await createTenant(storage)
    const type = types.management
    const row = sampleRow(type, { id: 'a' })
    await storage.transact(() => all({ kind: 'insert', type, tenant, number: 5, row }))
    const reference = { type, within: { tenant }, key: 'a' }
    const [found] = await storage.read({ kind: 'select', ...reference })
    assert.deepEqual(
      JSON.stringify(found),
      JSON.stringify({ $position: 5, ...row, scriptContent: Buffer.from([1, 2, 3]) }),
    )
    const mistake = new Error('a mistake')
    const commits = storage.commits
    await assert.rejects(
      storage.transact(function* () {
        yield* all({ kind: 'delete', ...reference })
        throw mistake
      }),
      mistake,
    )
    assert.equal((await storage.read({ kind: 'select', ...reference })).length, 1)
    assert.equal(storage.commits, commits)
  })

  test('ends a scan at its deadline with 503, and one whose request is given up at once', async () => {
    const url = await newUrl()
    await using patient = await open(url)
    const { within } = await fill(patient, 2000)
    const slow = { type: types.userState, within, condition: slowCondition() }
    await using hasty = await open(url, { scanMs: 200 })
    await assert.rejects(hasty.count(slow, never), isRefusal('ServiceUnavailable'))
    const controller = new AbortController()
    const reason = new Error('gone')
    const running = patient.count(slow, controller.signal)
    setTimeout(() => controller.abort(reason), 100)
    const began = performance.now()
    await assert.rejects(running, reason)
    assert(performance.now() - began < 2000)
    const isQuiet = async (): Promise<boolean> => {
      const rows = await patient.read(
        query`SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT COUNT%' AND datname = current_database()`,
      )
      return rows.length === 0
    }
    for (let tries = 0; !(await isQuiet()); tries += 1) assert(tries < 200, 'nothing runs on')
  })

  test('cuts a page by its bytes, and goes on after it', async () => {
    await using storage = await open()
    const tenant = await createTenant(storage)
    const type = types.management
    const content = new Uint8Array(limits.pageBytes / 4)
    for (const number of [1, 2, 3, 4, 5]) {
      const row = { ...sampleRow(type, { id: `s${number}` }), scriptContent: content }
      await storage.transact(() => all({ kind: 'insert', type, tenant, number, row }))
    }
    const plan = { kind: 'select', type, within: { tenant }, limit: 100 } as const
    const first = await storage.page(plan, never)
    assert.equal(first.rows.length, 3)
    const second = await storage.page({ ...plan, ...(first.next && { after: first.next }) }, never)
    assert.deepEqual([second.rows.length, second.next], [2, undefined])
  })

  test('refuses U+0000 in a key with 400', async () => {
    await using storage = await open()
    const tenant = await createTenant(storage)
    const reference = { type: types.management, within: { tenant }, key: 'a\0b' }
    await assert.rejects(storage.read({ kind: 'select', ...reference }), isRefusal('BadRequest'))
    await assert.rejects(
      storage.transact(() => all({ kind: 'delete', ...reference })),
      isRefusal('BadRequest'),
    )
  })

  test('asks again where others stood in the way: a deadlock, or a row that came in between', async () => {
    await using storage = await open()
    await createTenant(storage, 'a')
    await createTenant(storage, 'b')
    const touch = (tid: string) => all(command`UPDATE tenant SET licensed = 0 WHERE tid = ${tid}`)
    const crossing = function* (first: string, second: string): Transaction<void> {
      yield* touch(first)
      yield* all(query`SELECT pg_sleep(0.2) IS NULL`)
      yield* touch(second)
    }
    await Promise.all([
      storage.transact(() => crossing('a', 'b')),
      storage.transact(() => crossing('b', 'a')),
    ])
    const insert = function* (): Transaction<string> {
      if (yield* one(query`SELECT 1 AS there FROM tenant WHERE tid = ${'c'}`)) return 'was there'
      yield* all(command`INSERT INTO tenant (tid) VALUES (${'c'})`)
      yield* all(query`SELECT pg_sleep(0.1) IS NULL`)
      return 'stored'
    }
    const ended = await Promise.all([storage.transact(insert), storage.transact(insert)])
    assert.deepEqual(ended.sort(), ['stored', 'was there'])
    const twice = storage.transact(() => all(command`INSERT INTO tenant (tid) VALUES (${'c'})`))
    await assert.rejects(twice, isRefusal('Conflict'))
  })

  test('purges what deletions left, also where two begin at once', async () => {
    const database = await newUrl()
    await using storage = await open(database)
    await using other = await open(database)
    const { within, reference } = await fill(storage, 2500)
    assert(within.tenant > 0)
    await storage.transact(() => removeEntity(model, reference))
    await Promise.all([storage.purge(), other.purge()])
    for (const table of ['user_state', 'purge', 'run_summary']) {
      const [row] = await storage.read(query([`SELECT count(*) AS count FROM ${table}`]))
      assert.equal(row?.['count'], 0, table)
    }
  })

  test('keeps a script from being deleted while a state below it is changed', async () => {
    const database = await newUrl()
    await using storage = await open(database)
    await using other = await open(database)
    const { within, reference } = await fill(storage, 1)
    const events: string[] = []
    const change = storage.transact(function* () {
      const state = { type: types.userState, within, key: '1' }
      yield* one({ kind: 'select', lock: 'update', withParent: true, ...state })
      events.push('kept')
      yield* all(query`SELECT pg_sleep(0.5) IS NULL`)
      events.push('changed')
    })
    while (events.length === 0) await sleep(10)
    await other.transact(() => removeEntity(model, reference))
    events.push('removed')
    await change
    assert.deepEqual(events, ['kept', 'changed', 'removed'])
  })

  test('waits for the log at each commit, whatever is the default of the role, the database and the URL', async () => {
    const url = await newUrl()
    const name = `d${made}`
    for (const whose of ['ROLE runstate', `DATABASE ${name}`, `ROLE runstate IN DATABASE ${name}`])
      await cluster.run(`ALTER ${whose} SET synchronous_commit = off`)
    try {
      const setting = query`SELECT current_setting('synchronous_commit') AS value`
      const plain = new Client(url)
      await plain.connect()
      const { rows } = await plain.query('SHOW synchronous_commit')
      await plain.end()
      assert.deepEqual(rows, [{ synchronous_commit: 'off' }])
      for (const database of [url, `${url}&options=${encodeURIComponent('-c synchronous_commit=off')}`]) {
        await using storage = await open(database)
        const sessions = Array.from({ length: 16 }, () => storage.transact(() => one(setting)))
        for (const row of await Promise.all(sessions)) assert.deepEqual(row, { value: 'on' })
      }
    } finally {
      await cluster.run('ALTER ROLE runstate RESET synchronous_commit')
    }
  })

  test('that ends a session while it commits says that nobody knows whether it was stored', async () => {
    await using storage = await open()
    await cluster.run(
      `CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER ended AFTER INSERT ON tenant DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION end_session()`,
      `d${made}`,
    )
    await assert.rejects(createTenant(storage), (error: unknown) => {
      assert(isRefusal('ServiceUnavailable')(error))
      return /^The database was lost while it stored this: read whether it did/.test(
        String(Object(error).message),
      )
    })
    assert.deepEqual(await storage.read(query`SELECT number FROM tenant`), [])
  })

  test('that hangs answers 503 in the end, and no session of it is asked again', async () => {
    await using storage = await open(await newUrl(), { scanMs: 500 })
    const tenant = await createTenant(storage)
    const read = () => storage.read(query`SELECT number FROM tenant`)
    const here = `FROM pg_stat_activity WHERE datname = 'd${made}'`
    const sessions = (await cluster.run(`SELECT pid ${here}`)).map(Number)
    assert(sessions.length > 0)
    for (const pid of sessions) process.kill(pid, 'SIGSTOP')
    try {
      const answers = await Promise.allSettled(sessions.map(read))
      for (const answer of answers)
        assert(answer.status === 'rejected' && isRefusal('ServiceUnavailable')(answer.reason))
      assert.deepEqual(await read(), [{ number: tenant }])
    } finally {
      for (const pid of sessions) process.kill(pid, 'SIGCONT')
    }
  })

  test('that is lost answers 503 and says so once, and serves again when it is back', async () => {
    const told: string[] = []
    await using storage = await open(await newUrl(), { report: (text) => told.push(text) })
    await createTenant(storage)
    const body = () => all(query`SELECT pg_sleep(5) IS NULL`)
    const running = assert.rejects(storage.transact(body), (error: unknown) => {
      assert(error instanceof ODataError && error.code === 'ServiceUnavailable')
      return error.headers?.['retry-after'] === '5'
    })
    const restarted = sleep(100).then(() => cluster.restart())
    await running
    assert.equal(told.length, 1)
    const read = () => storage.read(query`SELECT number FROM tenant`)
    for (let tries = 0; ; tries += 1) {
      try {
        assert.equal((await read()).length, 1)
        break
      } catch (error) {
        assert(isRefusal('ServiceUnavailable')(error) && tries < 500, String(error))
        await sleep(20)
      }
    }
    await restarted
  })
})

function isRefusal(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ODataError && error.code === code
}

/** Takes long for each row: it compares what is computed of a long text. */
function slowCondition() {
  const text = 'x'.repeat(4000)
  const parts = Array.from(
    { length: 200 },
    (_, i) => `indexof(concat(id,'${text}'),'${'x'.repeat(300)}y${i}') ge 0`,
  )
  return filterOf(types.userState, parts.join(' or '))
}

async function fill(storage: Storage, count: number) {
  const tenant = await createTenant(storage)
  const { number, reference } = await createScript(storage, tenant, 'a')
  await storage.transact(() =>
    all(command`INSERT INTO user_state (tenant, script, id, success_device_count, error_device_count)
      SELECT ${tenant}, ${number}, n::text, 0, 0 FROM generate_series(1, ${count}::integer) AS n`),
  )
  return { within: { tenant, parent: reference }, reference }
}
