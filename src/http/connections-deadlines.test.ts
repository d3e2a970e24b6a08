import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { limits } from '#base/base.ts'
import { formatRequest, graphErrorOf, type Listening, startListening } from '../../test/support/wire.ts'

// The limits in little, for this process alone: ten seconds are long to wait for.
Object.assign(limits, { requestMs: 300, stopMs: 300 })

const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'
const BODY = '{"displayName":"late"}'

function startedRequest({ token }: Listening): string {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': String(BODY.length),
  }
  return formatRequest({ line: `POST ${SCRIPTS}`, headers }) + BODY.slice(0, 5)
}

describe('a request that does not arrive whole in time', { concurrency: true }, () => {
  for (const part of ['headers', 'body'] as const) {
    for (const secure of [false, true]) {
      test(`is refused with its connection where the ${part} is missing${secure ? ', over TLS' : ''}`, async (t) => {
        const listening = await startListening(t)
        const wire = await (secure ? listening.connectTls() : listening.connect())
        wire.write(part === 'body' ? startedRequest(listening) : 'GET /health HTTP/1.1\r\nhost: loc')
        const answer = await wire.answer()
        assert.equal(answer.status, 408)
        assert.deepEqual(graphErrorOf(answer), {
          code: 'RequestTimeout',
          message:
            part === 'body'
              ? 'The body did not arrive whole within 0.3 seconds: 5 of 22 bytes.'
              : 'The request did not arrive whole within 0.3 seconds.',
        })
        assert.equal(answer.headers.get('connection'), 'close')
        assert.equal(await wire.closed, '')
      })
    }
  }

  test('has no number to name where its length was not declared', async (t) => {
    const { connect } = await startListening(t)
    const wire = await connect()
    const headers = { 'transfer-encoding': 'chunked' }
    wire.write(`${formatRequest({ line: `POST ${SCRIPTS}`, headers })}5\r\n{"dis\r\n`)
    assert.equal(
      graphErrorOf(await wire.answer()).message,
      'The body did not arrive whole within 0.3 seconds.',
    )
    assert.equal(await wire.closed, '')
  })

  test('is refused as well behind one that did, and behind one whose method is in lower case', async (t) => {
    const listening = await startListening(t)
    for (const method of ['GET', 'get']) {
      const wire = await listening.connect()
      wire.write(formatRequest({ line: `${method} /health` }))
      assert.equal((await wire.answer()).status, 200)
      wire.write(startedRequest(listening).replace('POST', method === 'get' ? 'post' : 'POST'))
      const { message } = graphErrorOf(await wire.answer())
      assert.equal(message, 'The body did not arrive whole within 0.3 seconds: 5 of 22 bytes.')
      assert.equal(await wire.closed, '')
    }
  })

  test('and of which what is too large was refused already, is not answered twice', async (t) => {
    const { connect } = await startListening(t)
    const wire = await connect()
    const headers = { 'content-length': String(limits.bodyBytes + 1) }
    wire.write(`${formatRequest({ line: `POST ${SCRIPTS}`, headers })}{`)
    assert.equal((await wire.answer()).status, 413)
    assert.equal(await wire.closed, '')
  })

  test('is not the same as a connection that is kept for the next', async (t) => {
    const { connect } = await startListening(t)
    const wire = await connect()
    for (let i = 0; i < 2; i += 1) {
      for (const method of ['GET', 'get', 'Get']) {
        wire.write(formatRequest({ line: `${method} /health` }))
        assert.equal((await wire.answer()).status, 200)
      }
      await wait(i === 0 ? 1500 : 0)
    }
  })
})

describe('a server that stops', () => {
  test('cuts off what has not arrived in time, and writes nothing of it', async (t) => {
    const listening = await startListening(t)
    const wires = [await listening.connect(), await listening.connectTls()]
    for (const wire of wires) wire.write(startedRequest(listening))
    await wait(50)
    const before = performance.now()
    await listening.server[Symbol.asyncDispose]()
    const milliseconds = performance.now() - before
    assert(milliseconds >= 290 && milliseconds < 3000, String(milliseconds))
    for (const wire of wires) assert.equal(await wire.closed, '')
  })
})
