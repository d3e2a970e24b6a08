import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { errorOf, startRunstate } from '../../test/support/runstate.ts'
import { formatRequest, graphErrorOf, startListening, type WireAnswer } from '../../test/support/wire.ts'

/** For what needs no fresh one. */
const shared = await startListening({ after }, { demo: true })

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'
const STATE = `${SCRIPTS}/ca9e0ad8-0ad8-ca9e-d80a-9ecad80a9eca/userRunStates/d5a29103-9103-d5a2-0391-a2d50391a2d5`
const TENANT = '7e57ab1e-0000-4000-8000-000000000001'
const ODATA_JSON =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8'

/** What every answer has. */
function assertNamed({ headers }: WireAnswer): void {
  const id = headers.get('request-id') ?? ''
  assert.match(id, GUID)
  assert.equal(headers.get('client-request-id'), id)
  const seconds = Date.parse(headers.get('date') ?? '')
  assert(Math.abs(Date.now() - seconds) < 10_000)
  assert.equal(headers.get('x-powered-by'), undefined)
  assert.equal(headers.get('transfer-encoding'), undefined)
}

const answers: readonly (readonly [string, string, number, { readonly body?: string }])[] = [
  ['an entity', `GET ${STATE}`, 200, {}],
  ['a page', `GET ${SCRIPTS}`, 200, {}],
  ['an update', `PATCH ${STATE}`, 200, { body: '{"userPrincipalName":"Zoë Ångström 😀"}' }],
  ['a creation', `POST ${SCRIPTS}`, 201, { body: '{"displayName":"日本語"}' }],
  ['a refusal of Graph', `GET ${SCRIPTS}/nobody`, 404, {}],
  ['a segment that is none, in no ASCII', `GET /beta/deviceManagement/%F0%9F%98%80`, 400, {}],
  ['a body that is none', `PATCH ${STATE}`, 400, { body: '{' }],
  ['a method that is none', `PUT ${SCRIPTS}`, 405, { body: '{}' }],
  ['health', 'GET /health', 200, {}],
  ['the key set', `GET /${TENANT}/discovery/v2.0/keys`, 200, {}],
  ['a refusal of the token service', `GET /${TENANT}/oauth2/v2.0/token`, 400, {}],
  ['nothing', 'GET /nothing', 404, {}],
]

describe('an answer on the wire', () => {
  for (const [name, line, status, { body }] of answers) {
    test(`to ${name} has its id, its date and its exact length in bytes`, async () => {
      const { connect, token } = shared
      const wire = await connect()
      const type = body === undefined ? {} : { 'content-type': 'application/json' }
      wire.write(
        formatRequest({
          line,
          headers: { authorization: `Bearer ${token}`, ...type },
          ...(body && { body }),
        }),
      )
      const answer = await wire.answer()
      assert.equal(answer.status, status, answer.body.toString())
      assertNamed(answer)
      JSON.parse(answer.body.toString())
      const isGraph = status < 300 && line.includes('/beta/')
      assert.equal(answer.headers.get('odata-version'), isGraph ? '4.0' : undefined)
      if (isGraph) assert.equal(answer.headers.get('content-type'), ODATA_JSON)
      if (line.includes('/beta/') && !isGraph) graphErrorOf(answer)
      wire.socket.end()
      assert.equal(await wire.closed, '', 'nothing comes after it')
    })
  }

  for (const [profile, status, length] of [
    ['documented', 204, undefined],
    ['observed', 200, '0'],
  ] as const) {
    test(`to a deletion has no body and no type in the profile ${profile}`, async (t) => {
      const { connect, token } = await startListening(t, { demo: true, profile })
      const wire = await connect()
      const headers = { authorization: `Bearer ${token}` }
      wire.write(formatRequest({ line: `DELETE ${STATE}`, headers }))
      const answer = await wire.answer()
      assertNamed(answer)
      assert.equal(answer.status, status)
      assert.equal(answer.headers.get('content-length'), length)
      assert.equal(answer.headers.get('content-type'), undefined)
      wire.write(formatRequest({ line: `GET ${STATE}`, headers }))
      assert.equal((await wire.answer()).status, 404, 'the connection goes on')
    })
  }

  test('to a HEAD has the headers of the GET and no body', async () => {
    const { connect, token } = shared
    const wire = await connect()
    const headers = { authorization: `Bearer ${token}` }
    for (const path of [STATE, `${SCRIPTS}/nobody`, '/health']) {
      wire.write(formatRequest({ line: `GET ${path}`, headers }))
      const get = await wire.answer()
      wire.write(formatRequest({ line: `HEAD ${path}`, headers }))
      const head = await wire.answer({ hasBody: false })
      assert.equal(head.status, get.status)
      for (const name of ['content-type', 'content-length', 'odata-version'])
        assert.equal(head.headers.get(name), get.headers.get(name), name)
    }
    wire.socket.end()
    assert.equal(await wire.closed, '')
  })
})

describe('client-request-id', () => {
  for (const [sent, isEchoed] of [
    ['2f6d5a0c-6a5b-4d0e-9d0a-1d8a3f9f7b11', true],
    ['any-visible~text!', true],
    ['x'.repeat(100), true],
    ['x'.repeat(101), false],
    ['two words', false],
    ['', false],
    ['tab\there', false],
    ['high\u00ff', false],
    ['id\r\nclient-request-id: second', false],
  ] as const) {
    test(`${JSON.stringify(sent)} is ${isEchoed ? 'sent back' : 'not, and the request-id stands for it'}`, async () => {
      const wire = await shared.connect()
      const request = formatRequest({ line: 'GET /beta/x', headers: { 'client-request-id': sent } })
      wire.write(Buffer.from(request, 'latin1'))
      const answer = await wire.answer()
      assert.equal(
        answer.headers.get('client-request-id'),
        isEchoed ? sent : answer.headers.get('request-id'),
      )
      assert.equal(graphErrorOf(answer).code, 'InvalidAuthenticationToken')
    })
  }
})

describe('a 401', () => {
  test('says how to authenticate, as RFC 9110 demands', async () => {
    const wire = await shared.connect()
    wire.write(formatRequest({ line: `GET ${SCRIPTS}` }))
    const { status, headers } = await wire.answer()
    assert.equal(status, 401)
    assert.equal(
      headers.get('www-authenticate'),
      'Bearer realm="", authorization_uri="http://localhost/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"',
    )
  })
})

describe('an error of ours', () => {
  test('is a 500 that says nothing of itself', async () => {
    let isBroken = false
    const clock = {
      now: (): number => {
        if (isBroken) throw new TypeError('the password is swordfish')
        return Date.UTC(2026, 10, 23)
      },
    }
    await using runstate = await startRunstate({}, { clock })
    isBroken = true
    const answer = await runstate.send('POST', 'deviceShellScripts', { body: {} })
    assert.equal(answer.status, 500)
    assert.deepEqual(errorOf(answer), {
      code: 'InternalServerError',
      message: 'An internal server error has occurred.',
    })
    assert(!/swordfish|TypeError|\.ts/.test(answer.text + JSON.stringify([...answer.headers])))
  })
})
