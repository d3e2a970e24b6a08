import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { after, describe, type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { formatRequest, graphErrorOf, startListening, type Wire } from '../../test/support/wire.ts'

const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'
const HEALTH = formatRequest({ line: 'GET /health' })

/** For what writes nothing. */
const shared = await startListening({ after })

interface Request {
  readonly line: string
  readonly token: string
  readonly body?: unknown
}

function requestOf({ line, token, body }: Request): string {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return formatRequest({ line, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
}

async function jsonOf(wire: Wire) {
  return JSON.parse((await wire.answer()).body.toString())
}

/** Sockets of this process, of both ends. */
function socketCount(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
}

describe('a client that has sent its last', () => {
  for (const secure of [false, true]) {
    const how = secure ? ', over TLS' : ''

    test(`has every answer that it waits for, and then the connection ends${how}`, async (t) => {
      const { connect, connectTls, token } = await startListening(t)
      const wire = await (secure ? connectTls() : connect())
      const create = requestOf({ line: `POST ${SCRIPTS}`, token, body: {} })
      const list = requestOf({ line: `GET ${SCRIPTS}?$orderby=description`, token })
      wire.write(create + list + create.replace('POST', 'post') + list)
      wire.socket.end()
      const statuses: number[] = []
      for (let i = 0; i < 4; i += 1) statuses.push((await wire.answer()).status)
      assert.deepEqual(statuses, [201, 200, 201, 200])
      assert.equal(await wire.closed, '')
    })

    test(`and waits for nothing is let go of${how}`, async () => {
      for (const text of ['', HEALTH]) {
        const wire = await (secure ? shared.connectTls() : shared.connect())
        wire.write(text)
        if (text !== '') await wire.answer()
        wire.socket.end()
        assert.equal(await wire.closed, '')
      }
    })

    test(`and is gone leaves no connection behind${how}`, async () => {
      const before = socketCount()
      for (const text of ['', 'GET /health HT', HEALTH, 'POST /x HTTP/1.1\r\ncontent-length: 9\r\n\r\n1']) {
        const wire = await (secure ? shared.connectTls() : shared.connect())
        wire.write(text)
        wire.socket.destroy()
        while (socketCount() > before) await wait(5)
      }
    })
  }
})

describe('requests that were sent at once on one connection', () => {
  test('are answered in their order, each as if the one before it were done', async (t) => {
    const { connect, token } = await startListening(t)
    const wire = await connect()
    const list = requestOf({ line: `GET ${SCRIPTS}`, token })
    const create = (displayName: string): string =>
      requestOf({ line: `POST ${SCRIPTS}`, token, body: { displayName } })
    wire.write(list + create('one') + list + create('two') + list)
    const seen: unknown[] = []
    for (let i = 0; i < 5; i += 1) {
      const { value, displayName } = await jsonOf(wire)
      seen.push(displayName ?? value.length)
    }
    assert.deepEqual(seen, [0, 'one', 1, 'two', 2])
  })

  test('are answered in their order where those in between are refused', async () => {
    const wire = await shared.connect()
    const bad = formatRequest({ line: 'GET /health', headers: { host: 'no host' } })
    const unknown = formatRequest({ line: 'POST /health', body: 'x'.repeat(100_000) })
    wire.write(HEALTH + bad + unknown + HEALTH)
    const statuses = [await wire.answer(), await wire.answer(), await wire.answer(), await wire.answer()]
    assert.deepEqual(
      statuses.map(({ status }) => status),
      [200, 400, 405, 200],
    )
  })

  for (const secure of [false, true]) {
    test(`are all answered, two thousand of them${secure ? ', over TLS' : ''}`, async () => {
      const wire = await (secure ? shared.connectTls() : shared.connect())
      wire.write(HEALTH.repeat(2000))
      for (let i = 0; i < 2000; i += 1) assert.equal((await wire.answer()).status, 200)
      wire.write(HEALTH)
      assert.equal((await wire.answer()).status, 200, 'and the connection goes on')
    })
  }

  test('are not done once the connection is to be closed', async (t) => {
    const { connect, token } = await startListening(t)
    const wire = await connect()
    const create = requestOf({ line: `POST ${SCRIPTS}`, token, body: {} })
    const last = formatRequest({ line: 'GET /health', headers: { connection: 'close' } })
    wire.write(last + create)
    assert.equal((await wire.answer()).status, 200)
    assert.equal(await wire.closed, '')
    const other = await connect()
    other.write(requestOf({ line: `GET ${SCRIPTS}`, token }))
    assert.deepEqual((await jsonOf(other)).value, [])
  })
})

describe('what is not HTTP', () => {
  for (const [what, text] of [
    ['a word', 'hello\r\n\r\n'],
    ['TLS', Buffer.from('16030100050100000100', 'hex')],
    ['zeros', Buffer.alloc(100)],
    ['a header without a colon', 'GET /health HTTP/1.1\r\nhost localhost\r\n\r\n'],
    ['a header that is folded', 'GET /health HTTP/1.1\r\nhost: localhost\r\nx: a\r\n b\r\n\r\n'],
    ['a length that is none', 'POST /health HTTP/1.1\r\nhost: localhost\r\ncontent-length: x\r\n\r\n'],
    ['a length below zero', 'POST /health HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n'],
    [
      'two lengths',
      'POST /health HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
    ],
    [
      'a length and chunks',
      'POST /health HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'chunks that are not last',
      'POST /health HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n',
    ],
    ['another version', 'GET /health HTTP/3.7\r\nhost: localhost\r\n\r\n'],
    ['a URL with a space', 'GET /hea lth HTTP/1.1\r\nhost: localhost\r\n\r\n'],
  ] as const) {
    test(`${what}, is refused in Graph's shape, and the connection closed`, async () => {
      const wire = await shared.connect()
      wire.write(text)
      const answer = await wire.answer()
      assert.equal(answer.status, 400)
      assert.deepEqual(graphErrorOf(answer), { code: 'BadRequest', message: 'The request is not HTTP.' })
      assert.equal(answer.headers.get('connection'), 'close')
      assert(Math.abs(Date.now() - Date.parse(answer.headers.get('date') ?? '')) < 10_000)
      assert.equal(await wire.closed, '')
    })
  }

  test('does not take the place of the answer before it', async (t) => {
    const { connect, token } = await startListening(t)
    const wire = await connect()
    wire.write(`${requestOf({ line: `POST ${SCRIPTS}`, token, body: { displayName: 'one' } })}hello\r\n\r\n`)
    const { status, body } = await wire.answer()
    assert.equal(status, 201)
    assert.equal(JSON.parse(body.toString()).displayName, 'one')
    assert.equal(await wire.closed, '')
  })

  test('is refused after an answer that is through', async () => {
    const wire = await shared.connect()
    wire.write(HEALTH)
    assert.equal((await wire.answer()).status, 200)
    wire.write('hello\r\n\r\n')
    assert.equal((await wire.answer()).status, 400)
    assert.equal(await wire.closed, '')
  })
})

describe('the Host', () => {
  for (const [host, status] of [
    ['localhost', 200],
    ['LOCALHOST:8443', 200],
    ['runstate.localhost', 200],
    ['127.0.0.1:1', 200],
    ['[::1]:8443', 200],
    ['graph.microsoft.com', 200],
    ['login.microsoftonline.us', 200],
    [null, 400],
    ['', 400],
    ['two words', 400],
    ['user@localhost', 400],
    ['localhost/path', 400],
    ['localhost"', 400],
    ['localhost:port', 400],
    ['localhost:123456', 400],
    ['[::1', 400],
    ['localhost\r\nhost: localhost', 400],
    // Names that a web page can have, and point at us.
    ['evil.example', 400],
    ['evil.example:8443', 400],
    ['localhost.evil.example', 400],
    ['evil-localhost', 400],
    ['graph.microsoft.com.evil.example', 400],
  ] as const) {
    test(`${JSON.stringify(host)} is answered with ${status}`, async () => {
      const wire = await shared.connect()
      wire.write(formatRequest({ line: 'GET /health', headers: { host } }))
      const answer = await wire.answer()
      assert.equal(answer.status, status)
      if (status === 400) assert.equal(graphErrorOf(answer).code, 'BadRequest')
      wire.write(HEALTH)
      assert.equal((await wire.answer()).status, 200, 'the connection stays')
    })
  }

  test('stands in links as it was sent', async () => {
    const { connectTls, token } = shared
    const wire = await connectTls()
    const headers = { authorization: `Bearer ${token}`, host: '127.0.0.1:9999' }
    wire.write(formatRequest({ line: `GET ${SCRIPTS}`, headers }))
    const context = (await jsonOf(wire))['@odata.context']
    assert.equal(context, 'https://127.0.0.1:9999/beta/$metadata#deviceManagement/deviceShellScripts')
  })

  test('may be any name where the secret is not the well-known one', async (t) => {
    const own = {
      tenant: '11111111-1111-4111-8111-111111111111',
      clientId: 'own',
      clientSecret: 'own secret',
    }
    const { connect } = await startListening(t, own)
    const wire = await connect()
    wire.write(formatRequest({ line: 'GET /health', headers: { host: 'runstate.example' } }))
    assert.equal((await wire.answer()).status, 200)
  })

  test('may be that of the public URL, which stands in links whatever the Host is', async (t) => {
    const { connect, token } = await startListening(t, { publicUrl: 'https://runstate.example:444' })
    for (const host of ['runstate.example', 'localhost']) {
      const wire = await connect()
      const headers = {
        authorization: `Bearer ${token}`,
        host,
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'gopher',
        forwarded: 'host=evil.example',
      }
      wire.write(formatRequest({ line: `GET ${SCRIPTS}`, headers }))
      const { '@odata.context': context } = await jsonOf(wire)
      assert.equal(context, 'https://runstate.example:444/beta/$metadata#deviceManagement/deviceShellScripts')
    }
  })
})

describe('a server that stops', () => {
  const soon = 2000

  async function stop({ server }: Awaited<ReturnType<typeof startListening>>): Promise<number> {
    const before = performance.now()
    await server[Symbol.asyncDispose]()
    return performance.now() - before
  }

  async function connections(t: TestContext) {
    const listening = await startListening(t)
    return { listening, plain: await listening.connect(), secure: await listening.connectTls() }
  }

  test('closes the connections that wait for nothing, at once', async (t) => {
    const { listening, plain, secure } = await connections(t)
    const fresh = [await listening.connect(), await listening.connectTls()]
    for (const wire of [plain, secure]) {
      wire.write(HEALTH)
      assert.equal((await wire.answer()).status, 200)
    }
    const half = await listening.connect()
    half.write('GET /health HTTP/1.1\r\nhost: loc')
    await wait(50)
    assert((await stop(listening)) < soon)
    for (const wire of [plain, secure, half, ...fresh]) assert.equal(await wire.closed, '')
  })

  test('closes a connection that never said a word of TLS, at once', async (t) => {
    const listening = await startListening(t)
    const port = Number(new URL(listening.url).port)
    const socket = net.connect({ host: '127.0.0.1', port })
    await once(socket, 'connect')
    socket.on('error', () => undefined)
    await wait(50)
    assert((await stop(listening)) < soon)
    socket.destroy()
  })

  test('answers what it has begun to read, and then closes and takes nothing new', async (t) => {
    const { listening, plain, secure } = await connections(t)
    const body = JSON.stringify({ displayName: 'late' })
    const headers = {
      authorization: `Bearer ${listening.token}`,
      'content-type': 'application/json',
      'content-length': String(body.length),
    }
    for (const wire of [plain, secure])
      wire.write(formatRequest({ line: `POST ${SCRIPTS}`, headers }) + body.slice(0, 5))
    await wait(50)
    const stopped = stop(listening)
    await assert.rejects(listening.connect(), { code: 'ECONNREFUSED' })
    for (const wire of [plain, secure]) {
      wire.write(body.slice(5) + HEALTH)
      const answer = await wire.answer()
      assert.equal(answer.status, 201)
      assert.equal(answer.headers.get('connection'), 'close')
      assert.equal(await wire.closed, '')
    }
    assert((await stopped) < soon)
  })
})
