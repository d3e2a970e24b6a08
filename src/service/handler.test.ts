import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type HttpRequest, type HttpResponse, quirksOf, wallClock } from '#base/base.ts'
import { createEdge, type Log, OpenExports } from '#http/http.ts'
import { type Identity, openIdentity, type TokenOptions } from '#identity/identity.ts'
import { model } from '#model/model.ts'
import { ODataError } from '#odata/odata.ts'
import { storeExamples } from '#operations/operations.ts'
import { openStorage, type Storage } from '#storage/storage.ts'
import { failingStorage } from '../../test/support/storage.ts'
import { createService } from './handler.ts'
import type { Outcome, Service } from './outcome.ts'

const TENANT = '7e57ab1e-0000-4000-8000-000000000001'
const CLIENT = '7e57ab1e-0000-4000-8000-00000000c11e'
const ORIGIN = 'https://localhost:8443'
const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'
const SCRIPT = `${SCRIPTS}/ca9e0ad8-0ad8-ca9e-d80a-9ecad80a9eca`
const STATE = `${SCRIPT}/userRunStates/d5a29103-9103-d5a2-0391-a2d50391a2d5`
const SUMMARY = `${SCRIPT}/runSummary`
const ASSIGN = `${SCRIPT}/assign`
const SCRIPTS_WRITE = 'DeviceManagementScripts.ReadWrite.All'
const CONFIGURATION_WRITE = 'DeviceManagementConfiguration.ReadWrite.All'
const DEVICES_WRITE = 'DeviceManagementManagedDevices.ReadWrite.All'

/** What a request of a test is, over a GET of the user state by the client with every permission. */
interface Sending extends Partial<HttpRequest> {
  readonly token?: TokenOptions
}

interface Bench extends AsyncDisposable {
  readonly identity: Identity
  readonly storage: Storage
  send(sending: Sending, service?: Service): Promise<Outcome>
}

/** A service over a database of its own with the documentation's examples, and what speaks to it. */
async function openBench(): Promise<Bench> {
  const storage = await openStorage({ model })
  const client = { id: CLIENT, secret: '', roles: [SCRIPTS_WRITE, CONFIGURATION_WRITE, DEVICES_WRITE] }
  const identity = await openIdentity({ storage, client, tenant: TENANT, cloud: 'global', clock: wallClock })
  const { number: tenant } = await identity.directory.putTenant({ tid: TENANT })
  await storage.transact(() => storeExamples({ model, tenant, now: wallClock.now() }))
  const own = serviceOver(storage, identity)
  const send = async ({ token, ...sending }: Sending, service = own): Promise<Outcome> => {
    const authorization = `Bearer ${await identity.mint(token ?? {}, ORIGIN)}`
    return await service(requestOf({ ...sending, headers: { authorization, ...sending.headers } }))
  }
  return { identity, storage, send, [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose]() }
}

function serviceOver(storage: Storage, identity: Identity): Service {
  return createService({ model, storage, identity, clock: wallClock, quirks: quirksOf('documented') })
}

function requestOf(sending: Partial<HttpRequest>): HttpRequest {
  return {
    method: 'GET',
    target: STATE,
    headers: {},
    origin: ORIGIN,
    id: 'the-request',
    signal: new AbortController().signal,
    ...sending,
  }
}

function json(body: string, headers: Readonly<Record<string, string>> = {}): Partial<HttpRequest> {
  return { body: Buffer.from(body), headers: { 'content-type': 'application/json', ...headers } }
}

function responseOf(outcome: Outcome): HttpResponse {
  assert('response' in outcome, 'error' in outcome ? String(outcome.error) : '')
  return outcome.response
}

function refusalOf(outcome: Outcome): ODataError {
  assert('error' in outcome && outcome.error instanceof ODataError, JSON.stringify(outcome))
  return outcome.error
}

describe('the record of a request', () => {
  const served: readonly (readonly [what: string, sending: Sending, operation: string, rows: number])[] = [
    ['a list', { target: SCRIPTS }, 'list deviceShellScript', 0],
    ['a reading', {}, 'get deviceManagementScriptUserState', 0],
    ['a HEAD', { method: 'HEAD' }, 'get deviceManagementScriptUserState', 0],
    ['a creation', { method: 'POST', target: SCRIPTS, ...json('{}') }, 'create deviceShellScript', 1],
    [
      'an update',
      { method: 'PATCH', ...json('{"errorDeviceCount":1}') },
      'update deviceManagementScriptUserState',
      1,
    ],
    ['an update of nothing', { method: 'PATCH', ...json('{}') }, 'update deviceManagementScriptUserState', 0],
    ['a deletion', { method: 'DELETE' }, 'delete deviceManagementScriptUserState', 1],
  ]
  for (const [what, sending, operation, rowsWritten] of served) {
    test(`of ${what} names operation, principal, tenant, permission, rows and every stage`, async () => {
      await using bench = await openBench()
      const { record } = await bench.send(sending)
      const { stages, ...rest } = record
      const permission = operation.endsWith('UserState') ? CONFIGURATION_WRITE : SCRIPTS_WRITE
      const about = {
        id: 'the-request',
        operation,
        principal: CLIENT,
        tenant: TENANT,
        permission,
        rowsWritten,
      }
      assert.deepEqual(rest, about)
      assert.deepEqual(Object.keys(stages), ['authenticate', 'resolve', 'operate', 'write'])
      for (const microseconds of Object.values(stages))
        assert(Number.isInteger(microseconds) && microseconds >= 0)
    })
  }

  test('names the user of a delegated token, and of several permissions the first that is accepted', async () => {
    await using bench = await openBench()
    const token = { scopes: [DEVICES_WRITE, CONFIGURATION_WRITE], user: 'admin@contoso.com' }
    const { record } = await bench.send({ method: 'PATCH', ...json('{}'), token })
    assert.deepEqual([record.principal, record.permission], ['admin@contoso.com', CONFIGURATION_WRITE])
  })

  test('counts no row where nothing came of it', async () => {
    await using bench = await openBench()
    const failing: readonly Sending[] = [
      { method: 'PATCH', target: `${STATE}x`, ...json('{"errorDeviceCount":1}') },
      { method: 'PATCH', ...json('{"errorDeviceCount":-1}') },
      { method: 'DELETE', target: `${STATE}x` },
      { method: 'POST', target: `${SCRIPTS}/x/userRunStates`, ...json('{}') },
    ]
    for (const sending of failing) {
      const outcome = await bench.send(sending)
      refusalOf(outcome)
      assert.equal(outcome.record.rowsWritten, 0)
      assert.deepEqual(Object.keys(outcome.record.stages), ['authenticate', 'resolve', 'refuse'])
    }
  })

  const denied: readonly (readonly [what: string, token: TokenOptions, reason: string])[] = [
    ['without a permission', { roles: [] }, `none of ${CONFIGURATION_WRITE}, ${DEVICES_WRITE}`],
    ['with another', { scopes: [SCRIPTS_WRITE] }, `none of ${CONFIGURATION_WRITE}, ${DEVICES_WRITE}`],
    [
      'of a personal account',
      { tenant: '9188040d-6c67-4c5b-b112-36a304b66dad', scopes: [CONFIGURATION_WRITE] },
      'personal accounts are not supported',
    ],
  ]
  for (const [what, token, reason] of denied) {
    test(`says why a caller ${what} was denied, and names no permission`, async () => {
      await using bench = await openBench()
      const outcome = await bench.send({ method: 'PATCH', ...json('{"errorDeviceCount":1}'), token })
      assert.equal(refusalOf(outcome).code, 'Forbidden')
      const { operation, permission, denied: why, rowsWritten } = outcome.record
      assert.deepEqual(
        [operation, permission, why, rowsWritten],
        ['update deviceManagementScriptUserState', undefined, reason, 0],
      )
    })
  }

  test('says that a tenant has no licence, whatever the caller may', async () => {
    await using bench = await openBench()
    await bench.identity.directory.putTenant({ tid: TENANT, licensed: false })
    for (const token of [{}, { roles: [] }]) {
      const outcome = await bench.send({ token })
      const { code, message } = refusalOf(outcome)
      assert.deepEqual([code, message], ['BadRequest', 'Request not applicable to target tenant.'])
      assert.equal(outcome.record.denied, 'the tenant has no Intune licence')
    }
  })

  test('ends where the request did: nobody known, or no operation found', async () => {
    await using bench = await openBench()
    const table: readonly (readonly [sending: Sending, code: string, known: readonly string[]])[] = [
      [{ headers: { authorization: 'Bearer x' } }, 'InvalidAuthenticationToken', []],
      [{ target: '/beta/nonsense' }, 'BadRequest', ['principal', 'tenant']],
      [{ method: 'PUT' }, 'MethodNotAllowed', ['principal', 'tenant']],
    ]
    for (const [sending, code, known] of table) {
      const outcome = await bench.send(sending)
      assert.equal(refusalOf(outcome).code, code)
      const { id, rowsWritten, stages, ...rest } = outcome.record
      assert.deepEqual([id, rowsWritten, Object.keys(rest)], ['the-request', 0, known])
      assert.equal(Object.keys(stages).at(-1), 'refuse')
    }
  })
})

describe('a body', () => {
  const types = {
    'application/json': true,
    'application/json;charset=utf-8': true,
    ' Application/JSON ; odata.metadata=minimal': true,
    'application/jsonx': false,
    'application/json-patch+json': false,
    'text/json': false,
    'text/plain;application/json': false,
    '': false,
  }
  for (const [type, isTaken] of Object.entries(types)) {
    test(`of the type '${type}' is ${isTaken ? 'taken' : 'refused, and the type named'}`, async () => {
      await using bench = await openBench()
      const outcome = await bench.send({ method: 'PATCH', ...json('{}', { 'content-type': type }) })
      if (isTaken) return assert.equal(responseOf(outcome).status, 200)
      const { code, message } = refusalOf(outcome)
      assert.deepEqual(
        [code, message],
        ['UnsupportedMediaType', `A body of the type '${type}' is not supported: send application/json.`],
      )
    })
  }

  test('without a type is refused in the real service’s words, one without bytes as ending too soon', async () => {
    await using bench = await openBench()
    const untyped = refusalOf(await bench.send({ method: 'PATCH', body: Buffer.from('{}') }))
    assert.match(untyped.message, /^Unable to read JSON request payload\. .+ valid JSON format\.$/)
    const headers = { 'content-type': 'application/json' }
    const empty = refusalOf(await bench.send({ method: 'PATCH', headers }))
    assert.match(empty.message, /\(it ends too soon\)$/)
    assert.deepEqual([untyped.code, empty.code], ['BadRequest', 'BadRequest'])
  })

  test('is not looked at before its sender may send it, nor where none is read', async () => {
    await using bench = await openBench()
    const sending = { ...json('{', { 'content-type': 'nonsense' }), token: { roles: [] } }
    assert.equal(refusalOf(await bench.send({ method: 'PATCH', ...sending })).code, 'Forbidden')
    for (const method of ['GET', 'DELETE'])
      responseOf(await bench.send({ method, ...json('{', { 'content-type': 'nonsense' }) }))
  })
})

describe('a preference for how a change is answered', () => {
  const preferences = {
    'return=minimal': 'minimal',
    'RETURN = Minimal': 'minimal',
    'respond-async, return=minimal': 'minimal',
    'return=minimal; wait=5': 'minimal',
    'return=representation': 'representation',
    'return=minimalist': undefined,
    'noreturn=minimal': undefined,
    '': undefined,
  }
  for (const [prefer, preferred] of Object.entries(preferences)) {
    const isMinimal = preferred === 'minimal'
    test(`is ${preferred ?? 'none'} in '${prefer}'`, async () => {
      await using bench = await openBench()
      const { status, body, headers } = responseOf(
        await bench.send({ method: 'PATCH', ...json('{"errorDeviceCount":7}', { prefer }) }),
      )
      assert.equal(status, isMinimal ? 204 : 200)
      assert.equal(body === undefined, isMinimal)
      assert.equal(headers['preference-applied'], preferred && `return=${preferred}`)
    })
  }
})

test('an answer says its type where it has a body, and its version always', async () => {
  await using bench = await openBench()
  const { headers } = responseOf(await bench.send({}))
  const type =
    'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8'
  const common = { 'odata-version': '4.0', 'cache-control': 'no-cache' }
  assert.deepEqual(headers, { 'content-type': type, ...common })
  assert.deepEqual(responseOf(await bench.send({ method: 'DELETE' })), { status: 204, headers: common })
})

const SECRET = 'disk /dev/sda1: I/O error at SELECT * FROM tenant'

/** The ways to fail: rejecting or throwing, an error, a refusal with a cause, or nothing at all. */
const failures: Readonly<Record<string, { readonly fail: () => never; readonly status: number }>> = {
  'an error': { fail: () => assert.fail(SECRET), status: 500 },
  'a text': {
    fail: () => {
      throw SECRET
    },
    status: 500,
  },
  nothing: {
    fail: () => {
      throw undefined
    },
    status: 500,
  },
  'a refusal': {
    fail: () => {
      throw new ODataError('ServiceUnavailable', 'Try again.', { cause: new Error(SECRET) })
    },
    status: 503,
  },
}

describe('where the storage fails with', () => {
  const sendings: readonly Partial<HttpRequest>[] = [
    {},
    { target: SCRIPTS },
    { target: `${SCRIPTS}/$count` },
    { target: SUMMARY },
    { method: 'PATCH', target: SUMMARY, ...json('{}') },
    { method: 'POST', target: ASSIGN, ...json('{"deviceManagementScriptAssignments":[]}') },
    { method: 'POST', target: SCRIPTS, ...json('{}') },
    { method: 'PATCH', ...json('{}') },
    { method: 'PATCH', ...json('{"errorDeviceCount":1}') },
    { method: 'DELETE' },
  ]
  for (const [what, { fail, status }] of Object.entries(failures)) {
    test(`${what}, every operation comes to an outcome and its record`, async () => {
      await using bench = await openBench()
      const service = serviceOver(failingStorage(fail), bench.identity)
      for (const sending of sendings) {
        const outcome = await bench.send(sending, service)
        assert('error' in outcome)
        const { operation, permission, rowsWritten } = outcome.record
        assert.deepEqual([typeof operation, typeof permission, rowsWritten], ['string', 'string', 0])
      }
    })

    test(`${what}, the answer is ${status} and says nothing of it; the log does`, async () => {
      await using bench = await openBench()
      const { identity } = bench
      const home = (): never => assert.fail('nobody asks for the page')
      const lines: Parameters<Log['request']>[0][] = []
      const log: Log = {
        request: (line) => lines.push(line),
        info: () => assert.fail(),
        warn: () => assert.fail(),
      }
      const service = serviceOver(failingStorage(fail), identity)
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
      const authorization = `Bearer ${await identity.mint({}, ORIGIN)}`
      const response = await edge.answer(requestOf({ headers: { authorization } }))
      assert.equal(response.status, status)
      assert.doesNotMatch(JSON.stringify(response), /disk|SELECT|sda1/)
      assert.match(String(response.body), /An internal server error has occurred\.|Try again\./)
      assert.deepEqual([lines.length, lines[0]?.status], [1, status])
      if (what !== 'nothing') assert.match(String(lines[0]?.error), /sda1/)
    })
  }
})

test('any request comes to a response or a refusal, and to one record', async () => {
  await using bench = await openBench()
  const text = fc.string({ unit: 'binary' })
  const parts = fc.oneof(
    fc.constantFrom(
      SCRIPTS,
      STATE,
      SUMMARY,
      ASSIGN,
      '/$count',
      '?',
      '$top=1',
      '&',
      "('a')",
      '/',
      '%',
      'beta',
    ),
    text,
  )
  const bodies = fc.oneof(
    fc.jsonValue().map((value) => JSON.stringify(value)),
    text,
  )
  const requests = fc.record(
    {
      method: fc.oneof(fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'HEAD', 'toString'), text),
      target: fc.array(parts).map((pieces) => pieces.join('')),
      headers: fc.record({ 'content-type': fc.oneof(fc.constant('application/json'), text), prefer: text }),
      body: bodies.map((body) => Buffer.from(body)),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      const outcome = await bench.send(request)
      if ('error' in outcome) refusalOf(outcome)
      assert.equal(outcome.record.id, 'the-request')
    }),
    { numRuns: 300 },
  )
})
