/** The service document and `$metadata`, as a client of the server gets them. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { readCsdl } from '../support/csdl.ts'
import { errorOf } from '../support/runstate.ts'
import { assertRefused, useRunstate } from './families.ts'

const runstate = useRunstate()

const METADATA = '/beta/$metadata'

async function readText(path: string): Promise<string> {
  const { status, text } = await runstate().send('GET', path, { token: null })
  assert.equal(status, 200, path)
  return text
}

describe('$metadata', () => {
  test('is XML for whoever asks, without a token', async () => {
    const { status, headers, text } = await runstate().send('GET', METADATA, { token: null })
    assert.equal(status, 200)
    assert.equal(headers.get('content-type'), 'application/xml;charset=utf-8')
    assert.equal(headers.get('odata-version'), '4.0')
    assert.match(headers.get('request-id') ?? '', /^[0-9a-f-]{36}$/)
    assert.equal(readCsdl(text).namespace, 'microsoft.graph')
  })

  test('declares the type of every context that an answer names', async () => {
    const { body } = await runstate().send('GET', 'deviceShellScripts')
    const [document, fragment = ''] = String(body['@odata.context']).split('#')
    const { singletons, entityTypes } = readCsdl(await readText(new URL(String(document)).pathname))
    const [root, set] = fragment.split('/')
    const singleton = singletons.find(({ name }) => name === root)
    const type = entityTypes.find(({ name }) => `microsoft.graph.${name}` === singleton?.entityTypeName)
    const way = type?.navigationProperties.find(({ name }) => name === set)
    assert.equal(way?.targetTypeName, 'microsoft.graph.deviceShellScript')
  })

  test('is the same however the path is written', async () => {
    const expected = await readText(METADATA)
    for (const path of [
      '/BETA/$MetaData',
      '/beta/%24metadata',
      '/beta/$metadata/',
      '/beta//$metadata//',
      '/beta/$metadata?$format=xml',
    ])
      assert.equal(await readText(path), expected, path)
  })

  test('is the same for a client with a token, even of no permission', async () => {
    const expected = await readText(METADATA)
    for (const token of ['nonsense', await runstate().token({ roles: [] })])
      assert.equal((await runstate().send('GET', METADATA, { token })).text, expected)
  })

  test('of v1.0 has the singleton and nothing below it', async () => {
    const { singletons, entityTypes } = readCsdl(await readText('/v1.0/$metadata'))
    assert.deepEqual(
      singletons.map(({ name }) => name),
      ['deviceManagement'],
    )
    assert.deepEqual(
      entityTypes.flatMap(({ navigationProperties }) => navigationProperties),
      [],
    )
  })

  for (const accept of ['application/xml', '*/*', 'application/*', 'application/json, application/xml;q=0.5'])
    test(`is sent to a client that accepts ${accept}`, async () => {
      const { status } = await runstate().send('GET', METADATA, { headers: { accept } })
      assert.equal(status, 200)
    })

  for (const accept of ['application/json', 'text/html', 'application/xml;q=0'])
    test(`is not sent to a client that accepts ${accept}`, async () => {
      const answer = await runstate().send('GET', METADATA, { headers: { accept } })
      assertRefused(answer, 406, 'NotAcceptable')
    })

  test('is sent in gzip, smaller by far', async () => {
    const expected = await readText(METADATA)
    const response = await runstate().server.fetch(METADATA, { headers: { 'accept-encoding': 'gzip' } })
    assert.equal(response.headers.get('content-encoding'), 'gzip')
    const bytes = Buffer.from(await response.arrayBuffer())
    assert.equal(gunzipSync(bytes).toString(), expected)
    assert(bytes.byteLength < expected.length / 4)
  })
})

describe('the service document', () => {
  test('names the singleton, for whoever asks', async () => {
    for (const path of ['/beta', '/beta/', '/BETA', '/beta//']) {
      const { status, headers, body } = await runstate().send('GET', path, { token: null })
      assert.equal(status, 200, path)
      assert.match(headers.get('content-type') ?? '', /^application\/json;odata\.metadata=minimal;/)
      assert.equal(headers.get('odata-version'), '4.0')
      assert.deepEqual(body, {
        '@odata.context': 'https://localhost/beta/$metadata',
        value: [{ name: 'deviceManagement', kind: 'Singleton', url: 'deviceManagement' }],
      })
    }
  })

  test('is on the host by which the client came', async () => {
    const response = await runstate().server.fetch('http://localhost:8080/v1.0')
    const { '@odata.context': context }: { '@odata.context'?: string } = JSON.parse(await response.text())
    assert.equal(context, 'http://localhost:8080/v1.0/$metadata')
  })

  test('is JSON and nothing else', async () => {
    const answer = await runstate().send('GET', '/beta', { headers: { accept: 'application/xml' } })
    assertRefused(answer, 406, 'NotAcceptable')
  })
})

describe('what there is to read about the API', () => {
  for (const path of [METADATA, '/v1.0/$metadata', '/beta', '/beta/', '/v1.0', '/openapi.json']) {
    test(`takes GET and HEAD only: ${path}`, async () => {
      const head = await runstate().send('HEAD', path, { token: null })
      assert.deepEqual([head.status, head.text], [200, ''])
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const sending = ['POST', 'PUT', 'PATCH'].includes(method) ? { body: {} } : {}
        const answer = await runstate().send(method, path, { token: null, ...sending })
        assertRefused(answer, 405, 'MethodNotAllowed')
        assert.equal(answer.headers.get('allow'), 'GET')
      }
    })
  }

  test('is of the versions that there are: another is refused as Graph refuses it', async () => {
    for (const path of ['/v2.0', '/v2.0/$metadata', '/v1x0/$metadata']) {
      assertRefused(await runstate().send('GET', path, { token: null }), 401, 'InvalidAuthenticationToken')
      const answer = await runstate().send('GET', path)
      assertRefused(answer, 404, 'ResourceNotFound')
      assert.match(errorOf(answer).message, /^Invalid version: v/)
    }
  })

  test('is not below the version: a segment there leads nowhere', async () => {
    for (const path of ['/beta/$metadata/deviceManagement', '/beta/deviceManagement/$metadata', '/beta/x']) {
      const answer = await runstate().send('GET', path)
      assertRefused(answer, 400, 'BadRequest')
      assert.match(errorOf(answer).message, /^Resource not found for the segment '.*'\.$/)
    }
  })
})

describe('v1.0', () => {
  test('has none of the sets of beta: each is refused by name, as in Graph', async () => {
    const { entityTypes } = readCsdl(await readText(METADATA))
    const { navigationProperties: sets = [] } =
      entityTypes.find(({ name }) => name === 'deviceManagement') ?? {}
    assert(sets.length > 0)
    for (const { name } of sets) {
      const answer = await runstate().send('GET', `/v1.0/deviceManagement/${name}`)
      assertRefused(answer, 400, 'BadRequest')
      assert.equal(errorOf(answer).message, `Resource not found for the segment '${name}'.`)
    }
  })
})
