/** What every answer is wrapped in, and what a request must be to reach an operation. */
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { errorOf, startRunstate } from '../support/runstate.ts'
import { formatRequest, graphErrorOf, startListening, type Wire, type WireAnswer } from '../support/wire.ts'

/** For what writes nothing. */
const shared = await startListening({ after }, { demo: true })

const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'
const SCRIPT = `${SCRIPTS}/ca9e0ad8-0ad8-ca9e-d80a-9ecad80a9eca`
const STATE = `${SCRIPT}/userRunStates/d5a29103-9103-d5a2-0391-a2d50391a2d5`
const DIAGNOSTIC =
  '{"ServerInfo":{"DataCenter":"local","Slice":"E","Ring":"0","ScaleUnit":"000","RoleInstance":"runstate"}}'

interface Asking {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly token?: string | null
}

/** A request with a token, unless that is null. */
function requestOf(line: string, { headers, body, token = shared.token }: Asking = {}): string {
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` }
  return formatRequest({
    line,
    headers: { ...authorization, ...headers },
    ...(body === undefined ? {} : { body }),
  })
}

/** Asks on a connection of its own, which must go on after the answer. */
async function ask(line: string, asking: Asking = {}): Promise<WireAnswer> {
  const wire = await shared.connect()
  wire.write(requestOf(line, asking))
  const answer = await wire.answer({ hasBody: !line.startsWith('HEAD') })
  await assertGoesOn(wire)
  return answer
}

async function assertGoesOn(wire: Wire): Promise<void> {
  wire.write(formatRequest({ line: 'GET /health' }))
  assert.equal((await wire.answer()).body.toString(), '{"status":"ok"}')
}

describe('the headers', () => {
  for (const [what, line, expected] of [
    [
      'an entity',
      `GET ${STATE}`,
      {
        'content-type':
          'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8',
        'odata-version': '4.0',
        'cache-control': 'no-cache',
      },
    ],
    ['a refusal', `GET ${SCRIPTS}/nobody`, { 'content-type': 'application/json' }],
  ] as const) {
    test(`of ${what} are Graph's, each once, and no other`, async () => {
      const headers = { 'client-request-id': '2f6d5a0c-6a5b-4d0e-9d0a-1d8a3f9f7b11' }
      const answer = await ask(line, { headers })
      const { date, connection, 'keep-alive': keepAlive, ...rest } = Object.fromEntries(answer.headers)
      assert.match(date ?? '', /GMT$/)
      assert.deepEqual([connection, keepAlive], ['keep-alive', 'timeout=65'])
      assert.match(rest['request-id'] ?? '', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
      assert.deepEqual(rest, {
        ...expected,
        ...headers,
        'request-id': rest['request-id'],
        'content-length': String(answer.body.length),
        'x-ms-ags-diagnostic': DIAGNOSTIC,
        vary: 'Accept-Encoding',
      })
      JSON.parse(answer.body.toString())
    })
  }

  for (const open of [shared.connect, shared.connectTls])
    test(`do not bind localhost to HTTPS (decision 017), over ${open === shared.connect ? 'HTTP' : 'HTTPS'}`, async () => {
      const wire = await open()
      for (const path of [STATE, `${SCRIPTS}/nobody`, '/', '/health', '/v7']) {
        wire.write(requestOf(`GET ${path}`))
        assert.equal((await wire.answer()).headers.get('strict-transport-security'), undefined)
      }
    })
})

describe('an answer', () => {
  test('is in gzip for who takes it, with the length of that, and else as it is', async (t) => {
    const { connect, token } = await startListening(t)
    const wire = await connect()
    const body = JSON.stringify({ description: 'long '.repeat(1000) })
    wire.write(requestOf(`POST ${SCRIPTS}`, { body, token, headers: { 'content-type': 'application/json' } }))
    const { id } = JSON.parse((await wire.answer()).body.toString())
    const read = async (method: string, headers: Readonly<Record<string, string>>): Promise<WireAnswer> => {
      wire.write(requestOf(`${method} ${SCRIPTS}/${id}`, { headers, token }))
      return await wire.answer({ hasBody: method === 'GET' })
    }
    const plain = await read('GET', {})
    const packed = await read('GET', { 'accept-encoding': 'gzip, deflate, br' })
    assert.equal(plain.headers.get('content-encoding'), undefined)
    assert.equal(plain.headers.get('content-length'), String(plain.body.length))
    assert.equal(packed.headers.get('content-encoding'), 'gzip')
    assert(packed.body.length < plain.body.length / 4)
    assert.deepEqual(JSON.parse(gunzipSync(packed.body).toString()), JSON.parse(plain.body.toString()))
    for (const { headers } of [plain, packed]) assert.equal(headers.get('vary'), 'Accept-Encoding')
    const head = await read('HEAD', { 'accept-encoding': 'gzip' })
    assert.equal(head.headers.get('content-length'), packed.headers.get('content-length'))
    await assertGoesOn(wire)
  })

  for (const accept of [
    undefined,
    '*/*',
    'application/json',
    'application/json;odata.metadata=none',
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8',
    'application/xml;q=0.9, application/json;q=0.1',
  ]) {
    test(`is JSON where Accept is ${accept ?? 'absent'}`, async () => {
      const { status, headers } = await ask(
        `GET ${STATE}`,
        accept === undefined ? {} : { headers: { accept } },
      )
      assert.equal(status, 200)
      const level = accept?.endsWith('=none') ? 'none' : 'minimal'
      const type = headers.get('content-type') ?? ''
      assert(type.startsWith(`application/json;odata.metadata=${level};`), type)
    })
  }

  test('is a 406 where Accept is application/xml alone, and nothing is written', async () => {
    await using runstate = await startRunstate()
    const headers = { accept: 'application/xml' }
    const refused = await runstate.send('POST', SCRIPTS, { body: {}, headers })
    assert.equal(refused.status, 406)
    assert.equal(errorOf(refused).code, 'NotAcceptable')
    assert.deepEqual((await runstate.send('GET', SCRIPTS)).body['value'], [])
    assert.equal(graphErrorOf(await ask(`GET ${STATE}`, { headers })).code, 'NotAcceptable')
  })
})

describe('a body', () => {
  test('without a Content-Type is refused in the recorded words, of another type with 415', async () => {
    const untyped = await ask(`PATCH ${STATE}`, { body: '{"errorDeviceCount":99}' })
    assert.equal(untyped.status, 400)
    assert.deepEqual(graphErrorOf(untyped), {
      code: 'BadRequest',
      message:
        'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
    })
    for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded']) {
      const headers = { 'content-type': type }
      const typed = await ask(`PATCH ${STATE}`, { body: '{"errorDeviceCount":99}', headers })
      assert.equal(typed.status, 415)
      assert.equal(graphErrorOf(typed).code, 'UnsupportedMediaType')
    }
    const { body } = await ask(`GET ${STATE}`)
    assert.notEqual(JSON.parse(body.toString()).errorDeviceCount, 99)
  })

  const header = 'GET /health HTTP/1.1\r\nx: '
  for (const [method, surpluses] of [
    ['PATCH', ['x', '}', 'P', 'PATCH', 'p', ' ', '{"errorDeviceCount":7}', header]],
    ['patch', ['x', '}', 'p', ' ', '{"errorDeviceCount":7}', header]],
  ] as const)
    for (const secure of [false, true])
      test(`that is longer than its length is no part of a ${method} after it, over ${secure ? 'TLS' : 'HTTP'}`, async (t) => {
        const { connect, connectTls, token } = await startListening(t, { demo: true })
        const open = secure ? connectTls : connect
        const patch = (errorDeviceCount: number): string =>
          requestOf(`${method} ${STATE}`, {
            headers: { 'content-type': 'application/json' },
            token,
            body: JSON.stringify({ errorDeviceCount }),
          })
        for (const [count, surplus] of surpluses.entries()) {
          const wire = await open()
          wire.write(`${patch(count)}${surplus}`)
          const answer = await wire.answer()
          assert.equal(answer.status, 200)
          assert.equal(JSON.parse(answer.body.toString()).errorDeviceCount, count)
          // What is no HTTP at its end closes the connection, whatever the surplus made of the rest.
          wire.write(`${patch(42)}hello\r\n\r\n`)
          assert.doesNotMatch(await wire.closed, /errorDeviceCount/, surplus)
          const other = await open()
          other.write(requestOf(`GET ${STATE}`, { token }))
          assert.equal(JSON.parse((await other.answer()).body.toString()).errorDeviceCount, count, surplus)
        }
      })
})

describe('OPTIONS', () => {
  const preflight = {
    origin: 'https://evil.example',
    'access-control-request-method': 'PATCH',
    'access-control-request-headers': 'authorization',
  }

  for (const [path, allowed] of [
    [SCRIPTS, 'GET, POST'],
    [SCRIPT, 'GET, PATCH, DELETE'],
    [`${SCRIPT}/assign`, 'POST'],
    [`${SCRIPTS}/$count`, 'GET'],
    ['/health', 'GET'],
    ['/', 'GET'],
  ] as const) {
    test(`of ${path} is a 405 that says what is allowed, and lets no web page in`, async () => {
      const answer = await ask(`OPTIONS ${path}`, { headers: preflight })
      assert.equal(answer.status, 405)
      assert.equal(graphErrorOf(answer).code, 'MethodNotAllowed')
      assert.equal(answer.headers.get('allow'), allowed)
      assert.deepEqual(
        [...answer.headers.keys()].filter((name) => name.startsWith('access-control')),
        [],
      )
    })
  }

  test('without a token is a 401, as a browser asks before a request to another origin', async () => {
    const answer = await ask(`OPTIONS ${STATE}`, { headers: preflight, token: null })
    assert.equal(answer.status, 401)
    assert.equal(graphErrorOf(answer).code, 'InvalidAuthenticationToken')
    assert.equal(answer.headers.get('access-control-allow-origin'), undefined)
  })

  test('of the server itself is refused in Graph’s shape', async () => {
    assert.equal(graphErrorOf(await ask('OPTIONS *')).code, 'ResourceNotFound')
    assert.equal(graphErrorOf(await ask('OPTIONS *', { token: null })).code, 'InvalidAuthenticationToken')
  })
})

describe('HEAD', () => {
  for (const [path, status] of [
    [STATE, 200],
    [`${SCRIPTS}/$count`, 200],
    ['/v7/deviceManagement', 404],
    ['/beta/nonsense', 400],
    [`${SCRIPT}/assign`, 405],
  ] as const) {
    test(`of ${path} is ${status} with the headers of the GET, and no body`, async () => {
      const [get, head] = [await ask(`GET ${path}`), await ask(`HEAD ${path}`)]
      assert.deepEqual([get.status, head.status], [status, status])
      for (const name of ['content-type', 'content-length', 'odata-version', 'allow'])
        if (status !== 405 || name !== 'content-length')
          assert.equal(head.headers.get(name), get.headers.get(name), name)
    })
  }
})

describe('what Graph has words for', () => {
  for (const [path, status, code, message] of [
    ['/v7/deviceManagement', 404, 'ResourceNotFound', 'Invalid version: v7'],
    ['/beta/nonsense', 400, 'BadRequest', "Resource not found for the segment 'nonsense'."],
  ] as const) {
    for (const method of ['GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS', 'patch', 'Get'])
      test(`is said in them on the wire: ${method} ${path}`, async () => {
        const answer = await ask(`${method} ${path}`)
        assert.equal(answer.status, status)
        assert.deepEqual(graphErrorOf(answer), { code, message })
      })
  }
})

describe('a token', () => {
  for (const scheme of ['bearer', 'BEARER', 'Bearer'])
    test(`comes behind '${scheme}', over a socket too`, async () => {
      const headers = { authorization: `${scheme} ${shared.token}` }
      assert.equal((await ask(`GET ${STATE}`, { headers, token: null })).status, 200)
    })

  test('in two headers is none, whichever is good', async () => {
    for (const [one, two] of [
      [shared.token, shared.token],
      [shared.token, 'x'],
      ['x', shared.token],
    ]) {
      const headers = { authorization: `Bearer ${one}`, Authorization: `Bearer ${two}` }
      const answer = await ask(`GET ${STATE}`, { headers, token: null })
      assert.equal(answer.status, 401)
      assert.equal(graphErrorOf(answer).code, 'InvalidAuthenticationToken')
    }
    await using runstate = await startRunstate()
    const headers = new Headers()
    for (let i = 0; i < 2; i += 1) headers.append('authorization', `Bearer ${await runstate.token()}`)
    assert.equal((await runstate.server.fetch(SCRIPTS, { headers })).status, 401)
  })
})

test('a name of --allow-host is one of ours, and no other is', async (t) => {
  const { connect } = await startListening(t, { allowHosts: ['Dev.Example'] })
  for (const [host, status] of [
    ['dev.example', 200],
    ['DEV.EXAMPLE:8443', 200],
    ['localhost', 200],
    ['other.example', 400],
    ['dev.example.evil.example', 400],
  ] as const) {
    const wire = await connect()
    wire.write(formatRequest({ line: 'GET /health', headers: { host } }))
    const answer = await wire.answer()
    assert.equal(answer.status, status, host)
    if (status === 400) assert.match(graphErrorOf(answer).message, /give it that name with --allow-host\.$/)
  }
})
