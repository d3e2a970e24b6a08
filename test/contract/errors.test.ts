/** The envelope of every refusal, and the ids that a request is known by. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import type { ListeningServer } from '#server.ts'
import { type Answer, type Runstate, type Sending, startRunstate } from '../support/runstate.ts'
import { createScript, createUserState, GUID, shellFamily, useRunstate } from './families.ts'

const CLIENT_REQUEST_ID = 'c1c1c1c1-0000-4000-8000-00000000c1c1'

const MODEL = 'ModelValidationFailure'

/** A request that is refused, with the status and, where it is known, the code. */
interface Refusal {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly sending?: Sending
  readonly status: number
  readonly code?: string
}

const unknown = 'deviceShellScripts/00000000-0000-4000-8000-000000000000'
const post = { method: 'POST', path: 'deviceShellScripts', status: 400 }

const refusals: readonly Refusal[] = [
  { name: 'an unknown segment', method: 'GET', path: 'nonsense', status: 400, code: 'BadRequest' },
  {
    name: 'another version',
    method: 'GET',
    path: '/v1.0/deviceManagement/deviceShellScripts',
    status: 400,
    code: 'BadRequest',
  },
  {
    name: 'an unknown version',
    method: 'GET',
    path: '/v7/deviceManagement',
    status: 404,
    code: 'ResourceNotFound',
  },
  { name: 'a malformed key', method: 'GET', path: "deviceShellScripts('a", status: 400 },
  { name: 'a bad percent-encoding', method: 'GET', path: 'deviceShellScripts/%zz', status: 400 },
  { name: 'an unknown entity', method: 'GET', path: unknown, status: 404, code: 'ResourceNotFound' },
  { name: 'a deletion of nothing', method: 'DELETE', path: unknown, status: 404, code: 'ResourceNotFound' },
  { name: 'a method that is not there', method: 'PUT', path: unknown, status: 405 },
  { name: 'an option that is not served', method: 'GET', path: 'deviceShellScripts?$apply=x', status: 400 },
  { name: 'a bad $top', method: 'GET', path: 'deviceShellScripts?$top=x', status: 400 },
  { name: 'a bad $skiptoken', method: 'GET', path: 'deviceShellScripts?$skiptoken=x', status: 400 },
  { ...post, name: 'broken JSON', sending: { body: '{' } },
  { ...post, name: 'no body', sending: { body: '' } },
  { ...post, name: 'a list', sending: { body: [] } },
  { ...post, name: 'an unknown member', sending: { body: { unknown: 1 } }, code: MODEL },
  { ...post, name: 'a value of another type', sending: { body: { retryCount: 'x' } }, code: MODEL },
  {
    ...post,
    name: 'a value that JSON must escape',
    sending: { body: { retryCount: '"\\\n\u0001' } },
    code: MODEL,
  },
  {
    ...post,
    name: 'an unknown type',
    sending: { body: { '@odata.type': '#microsoft.graph.x' } },
    code: MODEL,
  },
  {
    name: 'no token',
    method: 'GET',
    path: 'deviceShellScripts',
    sending: { token: null },
    status: 401,
    code: 'InvalidAuthenticationToken',
  },
  {
    name: 'a bad token',
    method: 'GET',
    path: 'deviceShellScripts',
    sending: { token: 'x' },
    status: 401,
    code: 'InvalidAuthenticationToken',
  },
]

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** Asserts that an answer is Graph's envelope; the id is the one that the client sent, if it sent one. */
function assertEnvelope(
  { status, headers, text, body }: Answer,
  expected: Partial<Refusal>,
  sent?: string,
): void {
  if (expected.status !== undefined) assert.equal(status, expected.status, text)
  assert.match(headers.get('content-type') ?? '', /^application\/json\b/)
  assert.deepEqual(Object.keys(body), ['error'])
  const { error } = body
  assert(isRecord(error), text)
  const { code, message, innerError } = error
  if (expected.code !== undefined) assert.equal(code, expected.code)
  assert(typeof code === 'string' && code !== '', text)
  assert(typeof message === 'string' && message !== '', text)
  assert(isRecord(innerError), text)
  const requestId = headers.get('request-id') ?? ''
  assert.match(requestId, GUID)
  assert.equal(innerError['request-id'], requestId)
  assert.equal(innerError['client-request-id'], sent ?? requestId)
  assert.equal(headers.get('client-request-id'), sent ?? requestId)
  const { date } = innerError
  assert(typeof date === 'string', text)
  assert.match(date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
  if (code === MODEL) assert.equal(innerError['message'], message)
}

describe('a refusal', () => {
  const runstate = useRunstate()

  for (const refusal of refusals) {
    test(`has the envelope, its id its own and its client's: ${refusal.name}`, async () => {
      const { method, path: where, sending = {} } = refusal
      assertEnvelope(await runstate().send(method, where, sending), refusal)
      const headers = { 'client-request-id': CLIENT_REQUEST_ID }
      assertEnvelope(
        await runstate().send(method, where, { ...sending, headers }),
        refusal,
        CLIENT_REQUEST_ID,
      )
    })
  }

  test('has the envelope where a permission is missing', async () => {
    const token = await runstate().token({ roles: [] })
    const scoped = await runstate().token({ scopes: ['User.Read'], user: 'admin@contoso.com' })
    const path = await createUserState(runstate(), shellFamily)
    assertEnvelope(await runstate().send('GET', path, { token: scoped }), { status: 403, code: 'Forbidden' })
    const answer = await runstate().send('PATCH', path, { token, body: {} })
    assert([401, 403].includes(answer.status))
    assertEnvelope(answer, {})
  })

  test('has the envelope where the tenant has no licence', async () => {
    const tid = '22222222-3333-4444-8555-666666666666'
    await runstate().server.putTenant({ tid, licensed: false })
    const token = await runstate().token({ tenant: tid })
    const answer = await runstate().send('GET', 'deviceShellScripts', { token })
    assertEnvelope(answer, { status: 400, code: 'BadRequest' })
  })

  test('has the envelope where a body has no Content-Type', async () => {
    const body = new TextEncoder().encode('{"displayName":"x"}')
    const headers = { 'content-type': null }
    const answer = await runstate().send('POST', 'deviceShellScripts', { body, headers })
    assertEnvelope(answer, { status: 400 })
    assert.match(
      answer.text,
      /Unable to read JSON request payload\. Please ensure Content-Type header is set/,
    )
  })

  test('has an id of its own each time', async () => {
    const ids = new Set()
    for (let count = 0; count < 20; count++) {
      const { headers } = await runstate().send('GET', 'nonsense')
      ids.add(headers.get('request-id'))
    }
    assert.equal(ids.size, 20)
  })
})

describe('an answer that is no refusal', () => {
  const runstate = useRunstate()

  test('carries the ids too', async () => {
    const script = await createScript(runstate(), shellFamily)
    for (const [method, sending] of [
      ['GET', {}],
      ['PATCH', { body: {} }],
      ['DELETE', {}],
    ] as const) {
      const headers = { 'client-request-id': CLIENT_REQUEST_ID }
      const answer = await runstate().send(method, script, { ...sending, headers })
      assert(answer.status < 300, answer.text)
      assert.match(answer.headers.get('request-id') ?? '', GUID)
      assert.notEqual(answer.headers.get('request-id'), CLIENT_REQUEST_ID)
      assert.equal(answer.headers.get('client-request-id'), CLIENT_REQUEST_ID)
    }
    const { headers } = await runstate().send('GET', 'deviceShellScripts')
    assert.equal(headers.get('client-request-id'), headers.get('request-id'))
  })
})

/** Listens with a data folder of its own, and removes it. */
async function whileListening(
  use: (runstate: Runstate, listening: ListeningServer) => Promise<void>,
): Promise<void> {
  const data = await mkdtemp(path.join(tmpdir(), 'runstate-errors-'))
  try {
    await using runstate = await startRunstate({ data, port: 0, httpPort: 0 })
    await use(runstate, await runstate.server.listen())
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

async function fetchAnswer(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init)
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) }
}

/** A creation of exactly so many bytes. */
function bodyOf(bytes: number): string {
  const [head, tail] = ['{"displayName":"x","description":"', '"}']
  return `${head}${'x'.repeat(bytes - head.length - tail.length)}${tail}`
}

describe('a refusal over a socket', () => {
  test('is dated as its Date header', async () => {
    await whileListening(async (_runstate, { httpUrl }) => {
      const answer = await fetchAnswer(`${httpUrl}/beta/deviceManagement/deviceShellScripts`, {})
      assertEnvelope(answer, { status: 401, code: 'InvalidAuthenticationToken' })
      const { error } = answer.body
      assert(isRecord(error) && isRecord(error['innerError']))
      const dated = Date.parse(`${error['innerError']['date']}Z`)
      const header = Date.parse(answer.headers.get('date') ?? '')
      assert(Math.abs(dated - header) <= 1000, `${dated} ${header}`)
    })
  })

  test('has the envelope where a body is one byte longer than 4 MiB, which is taken', async () => {
    await whileListening(async (runstate, { httpUrl }) => {
      const url = `${httpUrl}/beta/deviceManagement/deviceShellScripts`
      const authorization = `Bearer ${await runstate.token()}`
      const headers = { authorization, 'content-type': 'application/json' }
      const limit = 4 * 1024 * 1024
      const taken = await fetchAnswer(url, { method: 'POST', headers, body: bodyOf(limit) })
      assert.equal(taken.status, 201)
      const refused = await fetchAnswer(url, { method: 'POST', headers, body: bodyOf(limit + 1) })
      assertEnvelope(refused, { status: 413 })
      const { body } = await fetchAnswer(url, { headers })
      assert(Array.isArray(body['value']))
      assert.equal(body['value'].length, 1)
    })
  })

  test('has the envelope where a URL is one character longer than 16 KiB, which is taken', async () => {
    await whileListening(async (runstate, { httpUrl }) => {
      const headers = { authorization: `Bearer ${await runstate.token()}` }
      const start = '/beta/deviceManagement/deviceShellScripts/'
      const at = (length: number) => `${httpUrl}${start}${'x'.repeat(length - start.length)}`
      assertEnvelope(await fetchAnswer(at(16_384), { headers }), { status: 404, code: 'ResourceNotFound' })
      assertEnvelope(await fetchAnswer(at(16_385), { headers }), { status: 414 })
    })
  })
})
