import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import {
  formatRequest,
  graphErrorOf,
  type Listening,
  startListening,
  type Wire,
} from '../../test/support/wire.ts'
import { respellMethod } from './method-case.ts'

/** For what writes nothing. */
const shared = await startListening({ after })

const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'
const SCRIPT = `${SCRIPTS}/ca9e0ad8-0ad8-ca9e-d80a-9ecad80a9eca`
const HEALTH = formatRequest({ line: 'get /health' })

function stopAt(bytesParsed: number, packet: string, code = 'HPE_INVALID_METHOD'): Error {
  return Object.assign(new Error('Parse Error'), { code, bytesParsed, rawPacket: Buffer.from(packet) })
}

function patchOf(token: string, description: string, method = 'patch'): string {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return formatRequest({ line: `${method} ${SCRIPT}`, headers, body: JSON.stringify({ description }) })
}

async function descriptionOf(wire: Wire): Promise<unknown> {
  const { status, body } = await wire.answer()
  assert.equal(status, 200, body.toString())
  return JSON.parse(body.toString()).description
}

describe('what a parser left', () => {
  for (const [packet, stop, expected] of [
    ['patch /x', 0, 'PATCH /x'],
    ['Patch /x', 1, 'PATCH /x'],
    ['OPTIONs *', 6, 'OPTIONS *'],
    ['GET /a\r\n\r\nget /b', 10, 'GET /b'],
    // Behind a body.
    ['{}Patch /x', 3, 'PATCH /x'],
    ['bodygetget /x', 7, 'GET /x'],
  ] as const) {
    test(`of ${JSON.stringify(packet)} begins with its method in upper case`, () => {
      assert.equal(respellMethod(stopAt(stop, packet))?.toString(), expected)
    })
  }

  for (const [packet, stop] of [
    ['fetch /x', 0],
    ['gets /x', 0],
    ['get', 0],
    ['get\t/x', 0],
    ['GETx /x', 3],
    ['p', 0],
    ['atch /x', 0],
    ['xget /x', 0],
    // More letters than those of a method: the body before was longer than its length.
    ['getget /x', 0],
    ['Ppatch /x', 1],
    ['PPATCH /x', 1],
    ['GETGETGETget /x', 9],
    ['\u0131get /x', 0],
    ['', 0],
  ] as const) {
    test(`of ${JSON.stringify(packet)} from ${stop} on has no method of ours`, () => {
      assert.equal(respellMethod(stopAt(stop, packet)), undefined)
    })
  }

  test('after any other error is nothing to go on with', () => {
    assert.equal(respellMethod(stopAt(0, 'get /x', 'HPE_INVALID_URL')), undefined)
    assert.equal(respellMethod(new Error('read ECONNRESET')), undefined)
    assert.equal(respellMethod(Object.assign(new Error('x'), { code: 'HPE_INVALID_METHOD' })), undefined)
  })
})

for (const secure of [false, true]) {
  describe(`over ${secure ? 'TLS' : 'plain HTTP'}, a method in another case`, () => {
    const open = ({ connect, connectTls }: Listening): Promise<Wire> => (secure ? connectTls() : connect())

    for (const method of [
      'get',
      'Get',
      'GEt',
      'head',
      'options',
      'Options',
      'put',
      'Post',
      'delete',
      'patch',
    ])
      test(`is that method: ${method}`, async () => {
        const wire = await open(shared)
        for (const each of [method, method.toUpperCase(), method]) {
          wire.write(formatRequest({ line: `${each} /health` }))
          const { status, body } = await wire.answer({ hasBody: method !== 'head' })
          assert.equal(status, /get|head/i.test(method) ? 200 : 405)
          if (status === 405) assert(body.includes(`The method ${method.toUpperCase()} is not allowed here`))
        }
        wire.socket.end()
        assert.equal(await wire.closed, '', 'nothing comes after it')
      })

    test('does what it says, again and again on one connection', async (t) => {
      const listening = await startListening(t, { demo: true })
      const wire = await open(listening)
      for (let i = 0; i < 50; i += 1) {
        wire.write(patchOf(listening.token, `${i}`, ['patch', 'PATCH', 'Patch'][i % 3]))
        assert.equal(await descriptionOf(wire), `${i}`)
      }
    })

    test('is answered in its order where requests were sent at once', async (t) => {
      const listening = await startListening(t, { demo: true })
      const wire = await open(listening)
      const methods = ['PATCH', 'patch', 'patch', 'PATCH', 'Patch', 'PATCH', 'PATCH', 'patch']
      const one = methods.map((method, i) => patchOf(listening.token, `${i}`, method)).join('')
      wire.write(one + one)
      for (let i = 0; i < 2 * methods.length; i += 1)
        assert.equal(await descriptionOf(wire), `${i % methods.length}`)
    })

    test('is read in pieces of any size, and its body too', async (t) => {
      const listening = await startListening(t, { demo: true })
      for (const size of [8, 13, 64, 200]) {
        const wire = await open(listening)
        wire.socket.setNoDelay()
        for (const text of ['patch me', 'get /health HTTP/1.1\r\n\r\n'.repeat(20)]) {
          const request = Buffer.from(patchOf(listening.token, text))
          for (let at = 0; at < request.length; at += size) {
            wire.write(request.subarray(at, at + size))
            await wait(1)
          }
          assert.equal(await descriptionOf(wire), text)
        }
      }
    })

    test('has a body of four megabytes, and a thousand behind it', async (t) => {
      const listening = await startListening(t, { demo: true })
      const wire = await open(listening)
      const headers = { authorization: `Bearer ${listening.token}`, 'content-type': 'application/json' }
      const body = JSON.stringify({ scriptContent: 'get '.repeat(800_000) })
      wire.write(formatRequest({ line: `patch ${SCRIPT}`, headers, body }) + HEALTH.repeat(1000))
      const { status } = await wire.answer()
      assert.equal(status, 200)
      for (let i = 0; i < 1000; i += 1) assert.equal((await wire.answer()).status, 200)
    })

    test('is not done once the connection is to be closed', async (t) => {
      const listening = await startListening(t, { demo: true })
      const wire = await open(listening)
      const last = formatRequest({ line: 'GET /health', headers: { connection: 'close' } })
      wire.write(last + patchOf(listening.token, 'late'))
      assert.equal((await wire.answer()).status, 200)
      assert.equal(await wire.closed, '')
      const other = await open(listening)
      other.write(patchOf(listening.token, 'late', 'GET'))
      assert.notEqual(await descriptionOf(other), 'late')
    })

    test('ends its connection where it asks for that', async () => {
      const wire = await open(shared)
      wire.write(formatRequest({ line: 'get /health', headers: { connection: 'close' } }))
      assert.equal((await wire.answer()).status, 200)
      assert.equal(await wire.closed, '')
    })

    test('is no pardon for what is not HTTP', async () => {
      const wire = await open(shared)
      wire.write(HEALTH)
      assert.equal((await wire.answer()).status, 200)
      wire.write('hello\r\n\r\n')
      const answer = await wire.answer()
      assert.deepEqual(graphErrorOf(answer), { code: 'BadRequest', message: 'The request is not HTTP.' })
      assert.equal(await wire.closed, '')
    })

    test('whose body ends too soon, with its connection, is refused', async (t) => {
      const listening = await startListening(t, { demo: true })
      const wire = await open(listening)
      wire.write(HEALTH)
      assert.equal((await wire.answer()).status, 200)
      wire.socket.end(patchOf(listening.token, 'cut off').slice(0, -5))
      const answer = await wire.answer()
      assert.deepEqual(graphErrorOf(answer), {
        code: 'BadRequest',
        message: 'The body did not arrive whole: 20 of 25 bytes.',
      })
      assert.equal(await wire.closed, '')
    })

    test('whose sender is gone leaves the server as it was', async () => {
      const wire = await open(shared)
      wire.write(HEALTH.repeat(100) + HEALTH.slice(0, 20))
      assert.equal((await wire.answer()).status, 200)
      wire.socket.destroy()
      await wire.closed
      const other = await open(shared)
      other.write(HEALTH)
      assert.equal((await other.answer()).status, 200)
    })

    test('is finished by a server that stops', async (t) => {
      const listening = await startListening(t, { demo: true })
      const [idle, busy] = [await open(listening), await open(listening)]
      idle.write(HEALTH.repeat(2))
      const request = patchOf(listening.token, 'late')
      busy.write(HEALTH + request.slice(0, -5))
      for (const wire of [idle, idle, busy]) assert.equal((await wire.answer()).status, 200)
      await wait(50)
      const before = performance.now()
      const stopped = listening.server[Symbol.asyncDispose]()
      assert.equal(await idle.closed, '')
      busy.write(request.slice(-5))
      assert.equal(await descriptionOf(busy), 'late')
      assert.equal(await busy.closed, '')
      await stopped
      assert(performance.now() - before < 2000)
    })
  })
}

test('fetch may write patch as it likes', async (t) => {
  const { httpUrl, token } = await startListening(t, { demo: true })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  for (const method of ['patch', 'Patch', 'PATCH', 'patch']) {
    const body = JSON.stringify({ description: method })
    const response = await fetch(httpUrl + SCRIPT, { method, headers, body })
    assert.equal(Object(await response.json()).description, method)
  }
})

test('so may who asks without a socket', async (t) => {
  const { server, token } = await startListening(t, { demo: true })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const response = await server.fetch(SCRIPT, {
    method: 'patch',
    headers,
    body: '{"description":"in process"}',
  })
  assert.equal(Object(await response.json()).description, 'in process')
  const head = await server.fetch(SCRIPT, { method: 'head', headers })
  assert.deepEqual([head.status, await head.text()], [200, ''])
})
