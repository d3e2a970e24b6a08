import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { createServer } from '#server.ts'
import { formatRequest, startListening } from '../../test/support/wire.ts'

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
)
const noIpv6 = hasIpv6 ? false : 'no IPv6 loopback here'
const noOtherLoopback = process.platform === 'linux' ? false : 'only 127.0.0.1 is loopback here'

/** A folder for a server, and a port that something has. */
async function takePort(t: TestContext): Promise<{ readonly data: string; readonly port: number }> {
  const data = mkdtempSync(join(tmpdir(), 'runstate-listener-'))
  t.after(() => rmSync(data, { recursive: true, force: true }))
  const other = net.createServer().listen({ host: '127.0.0.1', port: 0 })
  await once(other, 'listening')
  t.after(() => other.close())
  const address = other.address()
  assert(typeof address === 'object' && address !== null)
  return { data, port: address.port }
}

describe('a server without further word', () => {
  for (const host of ['127.0.0.1', '::1']) {
    test(`answers on ${host}, by HTTP and by HTTPS`, { skip: host === '::1' && noIpv6 }, async (t) => {
      const { connect, connectTls } = await startListening(t)
      for (const wire of [await connect(host), await connectTls(host)]) {
        wire.write(formatRequest({ line: 'GET /health' }))
        assert.equal((await wire.answer()).body.toString(), '{"status":"ok"}')
      }
    })
  }

  test('is not on any other address', { skip: noOtherLoopback }, async (t) => {
    const { connect, connectTls } = await startListening(t)
    await assert.rejects(connect('127.0.0.2'), { code: 'ECONNREFUSED' })
    await assert.rejects(connectTls('127.0.0.2'), { code: 'ECONNREFUSED' })
  })

  test('has the same free port on both addresses, another for HTTPS than for HTTP', async (t) => {
    const ports = new Set<string>()
    for (let i = 0; i < 5; i += 1) {
      const { url, httpUrl } = await startListening(t)
      assert.match(url, /^https:\/\/localhost:\d+$/)
      assert.match(httpUrl, /^http:\/\/localhost:\d+$/)
      ports.add(new URL(url).port)
      ports.add(new URL(httpUrl).port)
    }
    assert.equal(ports.size, 10)
  })
})

test('an address that is not the usual one is the one that the server names', {
  skip: noOtherLoopback,
}, async (t) => {
  const { url, httpUrl, connect } = await startListening(t, { hosts: ['127.0.0.2'] })
  assert.equal(new URL(url).hostname, '127.0.0.2')
  assert.equal(new URL(httpUrl).hostname, '127.0.0.2')
  await assert.rejects(connect('127.0.0.1'), { code: 'ECONNREFUSED' })
  assert.equal((await fetch(`${httpUrl}/health`)).status, 200)
})

describe('a port that is taken', () => {
  for (const flag of ['port', 'httpPort'] as const) {
    test(`for ${flag} is one sentence that says what to do, and nothing stays open`, async (t) => {
      const { data, port } = await takePort(t)
      await using server = await createServer({ memory: true, data, port: 0, httpPort: 0, [flag]: port })
      await assert.rejects(server.listen(), {
        message: `Port ${port} on 127.0.0.1 is in use: stop what listens there, or choose another port.`,
      })
    })
  }

  test('on the second address is one too', { skip: noIpv6 }, async (t) => {
    const { data, port } = await takePort(t)
    await using server = await createServer({
      memory: true,
      data,
      hosts: ['::1', '127.0.0.1'],
      port,
      httpPort: 0,
    })
    await assert.rejects(server.listen(), { message: /^Port \d+ on 127\.0\.0\.1 is in use: / })
    const free = net.createServer().listen({ host: '::1', port })
    await once(free, 'listening')
    free.close()
  })
})

test('an address that this machine does not have is one sentence', async (t) => {
  const { data } = await takePort(t)
  const own = { tenant: '11111111-1111-4111-8111-111111111111', clientId: 'own', clientSecret: 'own secret' }
  await using server = await createServer({
    ...own,
    memory: true,
    data,
    hosts: ['192.0.2.1'],
    port: 0,
    httpPort: 0,
  })
  await assert.rejects(server.listen(), { message: /^Cannot listen on 192\.0\.2\.1 port 0: .+$/ })
})
