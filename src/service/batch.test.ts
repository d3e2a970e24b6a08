import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type HttpRequest, quirksOf, wallClock } from '#base/base.ts'
import { createEdge, type Log, OpenExports } from '#http/http.ts'
import { openIdentity } from '#identity/identity.ts'
import { model } from '#model/model.ts'
import { storeExamples } from '#operations/operations.ts'
import { openStorage, type Storage } from '#storage/storage.ts'
import { failingStorage } from '../../test/support/storage.ts'
import { createService } from './handler.ts'
import type { Outcome } from './outcome.ts'

const TENANT = '7e57ab1e-0000-4000-8000-000000000001'
const CLIENT = '7e57ab1e-0000-4000-8000-00000000c11e'
const ORIGIN = 'https://localhost:8443'
const BATCH_ID = '0f8fad5b-d9cb-469f-a165-70867728950e'
const SCRIPTS = 'deviceManagement/deviceShellScripts'
const STATES = `${SCRIPTS}/ca9e0ad8-0ad8-ca9e-d80a-9ecad80a9eca/userRunStates`
const STATE = `${STATES}/d5a29103-9103-d5a2-0391-a2d50391a2d5`
const WRITE = 'DeviceManagementConfiguration.ReadWrite.All'

type Line = Parameters<Log['request']>[0]

interface Bench extends AsyncDisposable {
  readonly storage: Storage
  readonly lines: readonly Line[]
  run(requests: readonly unknown[], storage?: Storage): Promise<Outcome>
  /** As {@link run}, but through the edge: the answer's body, and the lines of the log. */
  log(requests: readonly unknown[]): Promise<string>
}

async function openBench(): Promise<Bench> {
  const storage = await openStorage({ model })
  const client = { id: CLIENT, secret: '', roles: [WRITE, 'DeviceManagementScripts.ReadWrite.All'] }
  const identity = await openIdentity({ storage, client, tenant: TENANT, cloud: 'global', clock: wallClock })
  const { number: tenant } = await identity.directory.putTenant({ tid: TENANT })
  await storage.transact(() => storeExamples({ model, tenant, now: wallClock.now() }))
  const lines: Line[] = []
  const serviceOver = (used: Storage) =>
    createService({ model, storage: used, identity, clock: wallClock, quirks: quirksOf('documented') })
  const home = (): never => assert.fail('nobody asks for the page')
  const log: Log = {
    request: (line) => lines.push(line),
    info: () => assert.fail(),
    warn: () => assert.fail(),
  }
  const service = serviceOver(storage)
  const edge = createEdge({
    administration: () => assert.fail(),
    service,
    identity,
    secret: 'the secret',
    home,
    log,
    clock: wallClock,
    isReady: async () => true,
    exports: new OpenExports(),
  })
  const requestOf = async (requests: readonly unknown[]): Promise<HttpRequest> => ({
    method: 'POST',
    target: '/beta/$batch',
    headers: {
      authorization: `Bearer ${await identity.mint({}, ORIGIN)}`,
      'content-type': 'application/json',
      'client-request-id': 'mine',
    },
    body: Buffer.from(JSON.stringify({ requests })),
    origin: ORIGIN,
    id: BATCH_ID,
    signal: new AbortController().signal,
  })
  return {
    storage,
    lines,
    run: async (requests, used) =>
      await (used === undefined ? service : serviceOver(used))(await requestOf(requests)),
    log: async (requests) => String((await edge.answer(await requestOf(requests))).body),
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  }
}

function patch(id: string, more: object = {}): object {
  return { id, method: 'PATCH', url: STATE, body: { errorDeviceCount: 1 }, ...more }
}

/** The statuses of a batch's parts, in their order. */
function statusesOf(outcome: Outcome): readonly number[] {
  assert('response' in outcome, 'error' in outcome ? String(outcome.error) : '')
  return (outcome.parts ?? []).map(({ response }) => response.status)
}

describe('the commits of a batch', () => {
  const twenty = Array.from({ length: 20 }, (_, i) => `${i}`)

  test('are one for 20 updates', async () => {
    await using bench = await openBench()
    const before = bench.storage.commits
    const outcome = await bench.run(twenty.map((id) => patch(id)))
    assert.deepEqual(statusesOf(outcome), Array(20).fill(200))
    assert.equal(bench.storage.commits - before, 1)
  })

  test('are one for 20 creations among reads and refusals', async () => {
    await using bench = await openBench()
    const before = bench.storage.commits
    const create = (id: string) => ({ id, method: 'POST', url: STATES, body: { successDeviceCount: 1 } })
    const requests = [
      { id: 'list', method: 'GET', url: SCRIPTS },
      ...twenty.slice(0, 17).map(create),
      patch('no', { url: `${STATE}x` }),
      patch('bad', { body: { errorDeviceCount: -1 } }),
    ]
    assert.deepEqual(statusesOf(await bench.run(requests)), [200, ...Array(17).fill(201), 404, 400])
    assert.equal(bench.storage.commits - before, 1)
  })

  test('are one a link of a chain, and parts that wait for the same part share one', async () => {
    await using bench = await openBench()
    const before = bench.storage.commits
    const requests = [patch('1'), ...['2', '3', '4'].map((id) => patch(id, { dependsOn: ['1'] }))]
    assert.deepEqual(statusesOf(await bench.run(requests)), [200, 200, 200, 200])
    assert.equal(bench.storage.commits - before, 2)
  })
})

describe('the records of a batch', () => {
  test('are one of its own, which wrote nothing, and one a part', async () => {
    await using bench = await openBench()
    const outcome = await bench.run([
      patch('1'),
      patch('2', { url: `${STATE}x` }),
      patch('3', { dependsOn: ['2'] }),
    ])
    const { stages, ...record } = outcome.record
    assert.deepEqual(record, {
      id: BATCH_ID,
      operation: 'batch',
      principal: CLIENT,
      tenant: TENANT,
      rowsWritten: 0,
    })
    assert.deepEqual(Object.keys(stages), ['authenticate', 'resolve', 'operate', 'write'])
    assert('parts' in outcome)
    const [one, two, three] = outcome.parts ?? []
    for (const part of [one, two, three]) assert.equal(part?.record?.batch, BATCH_ID)
    const operation = 'update deviceManagementScriptUserState'
    assert.deepEqual(
      [one, two, three].map((part) => [
        part?.record?.operation,
        part?.record?.rowsWritten,
        part?.response.status,
      ]),
      [
        [operation, 1, 200],
        [operation, 0, 404],
        [undefined, 0, 424],
      ],
    )
    assert.equal(new Set([BATCH_ID, ...[one, two, three].map((part) => part?.record?.id)]).size, 4)
    assert.deepEqual([one?.record?.permission, two?.error], [WRITE, undefined])
  })

  test('are lines of the log, found by the request-id of each part', async () => {
    await using bench = await openBench()
    const long = 'x'.repeat(20_000)
    const { responses } = JSON.parse(
      await bench.log([patch('1'), { id: '2', method: 'GET', url: `/nothing/${long}?${long}` }]),
    )
    const lines = bench.lines.map(({ id, record, method, path, status }) => ({
      id,
      batch: record?.batch,
      method,
      path,
      status,
    }))
    const [first, second] = responses
    const common = { batch: BATCH_ID }
    const path = `/beta/nothing/${long}`.slice(0, 16 * 1024)
    assert.deepEqual(lines, [
      { ...common, id: first.headers['request-id'], method: 'PATCH', path: `/beta/${STATE}`, status: 200 },
      { ...common, id: second.headers['request-id'], method: 'GET', path, status: 400 },
      { batch: undefined, id: BATCH_ID, method: 'POST', path: '/beta/$batch', status: 200 },
    ])
    const { innerError } = second.body.error
    assert.equal(innerError['request-id'], second.headers['request-id'])
    assert.equal(innerError['client-request-id'], 'mine')
  })

  test('name the batch once where it is refused whole', async () => {
    await using bench = await openBench()
    await bench.log([patch('1'), patch('1')])
    assert.deepEqual(
      bench.lines.map(({ id, status, record }) => [id, status, record?.operation]),
      [[BATCH_ID, 400, 'batch']],
    )
  })
})

test('a fault of ours in one part is a 500 that says nothing of itself; the others are answered', async () => {
  await using bench = await openBench()
  const { storage } = bench
  const fail = (): never => assert.fail('disk /dev/sda1: I/O error')
  const broken: Storage = {
    ...failingStorage(fail),
    read: (plan) => storage.read(plan),
    transact: (body, signal) => storage.transact(body, signal),
  }
  const list = { id: 'list', method: 'GET', url: SCRIPTS }
  const outcome = await bench.run([list, patch('1'), patch('2', { dependsOn: ['list'] })], broken)
  assert.deepEqual(statusesOf(outcome), [500, 200, 424])
  assert('response' in outcome)
  assert.doesNotMatch(String(outcome.response.body), /sda1/)
  assert.match(String(outcome.parts?.[0]?.error), /sda1/)
})
