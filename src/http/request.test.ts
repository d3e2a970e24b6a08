import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { limits } from '#base/base.ts'
import {
  formatRequest,
  graphErrorOf,
  type Listening,
  startListening,
  type Wire,
} from '../../test/support/wire.ts'

/** For what writes nothing. */
const shared = await startListening({ after })

const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'

async function assertAlive({ connect }: Listening): Promise<void> {
  const wire = await connect()
  wire.write(formatRequest({ line: 'GET /health' }))
  assert.equal((await wire.answer()).status, 200)
}

/** A body of JSON that is just so long. */
function bodyOf(bytes: number): string {
  const [head, tail] = ['{"displayName":"', '"}']
  return head + 'x'.repeat(bytes - head.length - tail.length) + tail
}

/** The chunks of a body that is sent without its length. */
function chunksOf(body: string): string {
  const pieces = body.match(/.{1,65536}/g) ?? []
  return `${pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('')}0\r\n\r\n`
}

describe('a body', () => {
  const json = { 'content-type': 'application/json' }
  const sendings: readonly (readonly [string, (wire: Wire, body: string, token: string) => void])[] = [
    [
      'whose length is declared',
      (wire, body, token) =>
        wire.write(
          formatRequest({ line: `POST ${SCRIPTS}`, headers: { ...json, authorization: token }, body }),
        ),
    ],
    [
      'in chunks',
      (wire, body, token) => {
        const headers = { ...json, authorization: token, 'transfer-encoding': 'chunked' }
        wire.write(formatRequest({ line: `POST ${SCRIPTS}`, headers }) + chunksOf(body))
      },
    ],
  ]
  for (const [how, send] of sendings) {
    for (const secure of [false, true]) {
      const way = `${how}, over ${secure ? 'TLS' : 'plain HTTP'},`
      const open = ({ connect, connectTls }: Listening): Promise<Wire> => (secure ? connectTls() : connect())

      test(`${way} of ${limits.bodyBytes} bytes is read`, async (t) => {
        const listening = await startListening(t)
        const wire = await open(listening)
        send(wire, bodyOf(limits.bodyBytes), `Bearer ${listening.token}`)
        assert.equal((await wire.answer()).status, 201)
        wire.write(formatRequest({ line: 'GET /health' }))
        assert.equal((await wire.answer()).status, 200)
      })

      for (const bytes of [limits.bodyBytes + 1, ...(secure ? [3 * limits.bodyBytes] : [])]) {
        test(`${way} of ${bytes} bytes is refused, and what sends it hears why`, async () => {
          const wire = await open(shared)
          send(wire, bodyOf(bytes), `Bearer ${shared.token}`)
          const answer = await wire.answer()
          assert.equal(answer.status, 413)
          assert.deepEqual(graphErrorOf(answer), {
            code: 'RequestEntityTooLarge',
            message: 'The body is larger than 4194304 bytes.',
          })
          assert.equal(answer.headers.get('connection'), 'close')
          assert.equal(await wire.closed, '')
          await assertAlive(shared)
        })
      }
    }
  }

  test('is refused by its declared length before any of it is sent', async (t) => {
    const listening = await startListening(t)
    const wire = await listening.connect()
    const headers = { 'content-length': String(limits.bodyBytes + 1) }
    wire.write(formatRequest({ line: `POST ${SCRIPTS}`, headers }))
    assert.equal((await wire.answer()).status, 413)
    wire.socket.end()
    assert.equal(await wire.closed, '', 'and nothing more is said when the client gives up')
    await assertAlive(listening)
  })

  test('that was refused does not become a request', async (t) => {
    const listening = await startListening(t, { demo: true })
    const wire = await listening.connect()
    const authorization = `Bearer ${listening.token}`
    const path = `${SCRIPTS}/ca9e0ad8-0ad8-ca9e-d80a-9ecad80a9eca`
    const smuggled = formatRequest({ line: `DELETE ${path}`, headers: { authorization } })
    const headers = { authorization, ...json, 'content-length': String(limits.bodyBytes + 1) }
    wire.write(formatRequest({ line: `POST ${SCRIPTS}`, headers }))
    assert.equal((await wire.answer()).status, 413)
    wire.write(smuggled + 'x'.repeat(limits.bodyBytes + 1 - smuggled.length))
    // Pipelined behind a connection that ends: it is not answered, and so it must not be done.
    wire.write(smuggled)
    assert.equal(await wire.closed, '')
    const other = await listening.connect()
    other.write(formatRequest({ line: `GET ${path}`, headers: { authorization } }))
    assert.equal((await other.answer()).status, 200)
  })

  for (const [what, text, message] of [
    ['is shorter than its length', '{"displayName"', 'The body did not arrive whole: 14 of 100 bytes.'],
    ['has no length and no end', 'e\r\n{"displayName"', 'The body did not arrive whole.'],
    ['has a chunk that is none', 'x\r\n{}\r\n0\r\n\r\n', 'The request is not HTTP.'],
  ] as const) {
    test(`that ${what} is refused, and nothing is written`, async (t) => {
      const listening = await startListening(t)
      const wire = await listening.connect()
      const authorization = `Bearer ${listening.token}`
      const length = text.startsWith('{') ? { 'content-length': '100' } : { 'transfer-encoding': 'chunked' }
      const headers = { authorization, ...json, ...length }
      wire.socket.end(formatRequest({ line: `POST ${SCRIPTS}`, headers }) + text)
      const answer = await wire.answer()
      assert.equal(answer.status, 400)
      assert.deepEqual(graphErrorOf(answer), { code: 'BadRequest', message })
      assert.equal(answer.headers.get('connection'), 'close')
      assert.equal(await wire.closed, '', 'one answer and no other')
      await assertEmpty(listening)
    })
  }

  test('whose sender is gone in the middle writes nothing, and the server goes on', async (t) => {
    const listening = await startListening(t)
    const wire = await listening.connect()
    const headers = { authorization: `Bearer ${listening.token}`, ...json, 'content-length': '100' }
    wire.write(`${formatRequest({ line: `POST ${SCRIPTS}`, headers })}{"displayName"`)
    wire.socket.resetAndDestroy()
    await wire.closed
    await assertEmpty(listening)
  })
})

async function assertEmpty({ connect, token }: Listening): Promise<void> {
  const wire = await connect()
  wire.write(formatRequest({ line: `GET ${SCRIPTS}`, headers: { authorization: `Bearer ${token}` } }))
  assert.deepEqual(JSON.parse((await wire.answer()).body.toString()).value, [])
}

/** Sends what ought to be refused, and gives the code and the message; the connection stays. */
async function refusalOf(request: string, status: number) {
  const wire = await shared.connect()
  wire.write(request)
  const answer = await wire.answer()
  assert.equal(answer.status, status, answer.body.toString())
  wire.write(formatRequest({ line: 'GET /health' }))
  assert.equal((await wire.answer()).status, 200)
  return graphErrorOf(answer)
}

describe('the URL', () => {
  const urlOf = (bytes: number): string => `/beta/${'x'.repeat(bytes - '/beta/'.length)}`

  test(`of ${limits.urlBytes} bytes is read`, async () => {
    const { code } = await refusalOf(formatRequest({ line: `GET ${urlOf(limits.urlBytes)}` }), 401)
    assert.equal(code, 'InvalidAuthenticationToken')
  })

  test('of one byte more is refused', async () => {
    assert.deepEqual(await refusalOf(formatRequest({ line: `GET ${urlOf(limits.urlBytes + 1)}` }), 414), {
      code: 'RequestUriTooLong',
      message: 'The URL is longer than 16384 bytes.',
    })
  })
})

describe('the headers', () => {
  const requestOf = (bytes: number): string => {
    const rest = 'host: localhost\r\nx: \r\n'.length
    return formatRequest({ line: 'GET /beta/x', headers: { x: 'x'.repeat(bytes - rest) } })
  }

  test(`of ${limits.headerBytes} bytes are read, beside the longest URL too`, async () => {
    const { code } = await refusalOf(requestOf(limits.headerBytes), 401)
    assert.equal(code, 'InvalidAuthenticationToken')
    const url = `/beta/${'x'.repeat(limits.urlBytes - '/beta/'.length)}`
    await refusalOf(requestOf(limits.headerBytes).replace('/beta/x', url), 401)
  })

  test('of one byte more are refused', async () => {
    assert.deepEqual(await refusalOf(requestOf(limits.headerBytes + 1), 431), {
      code: 'RequestHeaderFieldsTooLarge',
      message: 'The headers are longer than 16384 bytes.',
    })
  })

  test('that come twice count twice, and are one with a comma', async () => {
    const half = `x: ${'x'.repeat(limits.headerBytes / 2)}\r\n`
    const request = formatRequest({ line: 'GET /beta/x' }).replace('\r\n\r\n', `\r\n${half}${half}\r\n`)
    assert.equal((await refusalOf(request, 431)).code, 'RequestHeaderFieldsTooLarge')
  })

  test('with two tokens are without one', async () => {
    const { token } = shared
    const authorization = `Bearer ${token}\r\nauthorization: Bearer ${token}`
    const request = formatRequest({ line: `GET ${SCRIPTS}`, headers: { authorization } })
    assert.equal((await refusalOf(request, 401)).message, 'Access token is empty.')
  })

  for (const [what, line] of [
    ['headers', `GET /health HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['a URL', `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`],
  ] as const) {
    test(`beyond any measure, ${what}, are refused before they are read`, async () => {
      const wire = await shared.connect()
      wire.write(line)
      const answer = await wire.answer()
      assert.equal(answer.status, 431)
      assert.equal(graphErrorOf(answer).code, 'RequestHeaderFieldsTooLarge')
      assert.equal(answer.headers.get('connection'), 'close')
      assert.notEqual(answer.headers.get('date'), undefined)
      assert.equal(await wire.closed, '')
      await assertAlive(shared)
    })
  }
})
