import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import { createServer } from '#server.ts'
import { startRunstate } from '../../../test/support/runstate.ts'

describe('the page at /', () => {
  test('tells what this is, how it is reached, and the note on beta', async () => {
    await using runstate = await startRunstate()
    const { status, headers, text } = await runstate.send('GET', '/', { token: null })
    assert.equal(status, 200)
    assert.equal(headers.get('content-type'), 'text/html; charset=utf-8')
    for (const said of [
      'subject to change',
      '2026-07-31',
      'https://localhost/beta/deviceManagement',
      'runstate-development-secret',
      'neither made nor endorsed by Microsoft',
      'href="/openapi.json"',
      'href="/beta/$metadata"',
    ]) {
      assert(text.includes(said), said)
    }
  })

  test('runs nothing and fetches nothing', async () => {
    await using runstate = await startRunstate()
    const { headers, text } = await runstate.send('GET', '/', { token: null })
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/)
    assert.doesNotMatch(text, /<script|src=|https?:\/\/(?!localhost)/)
  })

  test('keeps a secret of one’s own to itself', async () => {
    const own = {
      tenant: '11111111-2222-4333-8444-555555555555',
      clientId: 'a-client',
      clientSecret: 'a-secret',
    }
    await using server = await createServer({ memory: true, ...own })
    const text = await (await server.fetch('/')).text()
    assert(text.includes(own.tenant) && text.includes(own.clientId))
    assert(!text.includes(own.clientSecret))
  })

  test('takes GET and HEAD only', async () => {
    await using runstate = await startRunstate()
    assert.equal((await runstate.send('HEAD', '/', { token: null })).text, '')
    const refused = await runstate.send('POST', '/', { token: null, body: {} })
    assert.deepEqual([refused.status, refused.headers.get('allow')], [405, 'GET'])
  })

  test('its curl lines get the scripts of this very server', async () => {
    const data = await mkdtemp(path.join(os.tmpdir(), 'runstate-home-'))
    try {
      await using runstate = await startRunstate({ data, demo: true, port: 0, httpPort: 0 })
      const { httpUrl } = await runstate.server.listen()
      const page = await (await fetch(httpUrl)).text()
      const [, endpoint = ''] = /(http:\/\/localhost:\d+\/[^/]+\/oauth2\/v2\.0\/token) -d/.exec(page) ?? []
      const form = [...page.matchAll(/-d (\w+)=([^\s&|]+)/g)].map(([, name = '', value = '']) => [
        name,
        value,
      ])
      const granted = await fetch(endpoint, { method: 'POST', body: new URLSearchParams(form) })
      const { access_token: token = '' }: { access_token?: string } = JSON.parse(await granted.text())
      const [, scripts = ''] = /Bearer \$TOKEN&quot; (\S+?)<\/pre>/.exec(page) ?? []
      const answer = await fetch(scripts, { headers: { authorization: `Bearer ${token}` } })
      assert.equal(answer.status, 200)
      assert(page.includes(`baseUrl: '${runstate.server.url}'`), 'the JavaScript client takes HTTPS only')
      const pem = await (await fetch(`${httpUrl}/.runstate/ca.pem`)).text()
      assert.equal(new X509Certificate(pem).ca, true)
      assert(!pem.includes('PRIVATE'))
    } finally {
      await rm(data, { recursive: true, force: true })
    }
  })
})
