/** JSON batches: `POST /beta/$batch`, through the whole server. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { errorOf, startRunstate } from '../support/runstate.ts'
import {
  countOf,
  createState,
  errorIn,
  ODATA_JSON,
  type PartAnswer,
  post,
  run,
  SCRIPTS,
  set,
  statusesOf,
} from './batch.ts'
import { assertRefused, createScript, GUID, rowsOf, shellFamily, useRunstate } from './families.ts'

describe('a batch as clients send it', () => {
  const runstate = useRunstate()

  test('with integer ids and no leading slash: ids come back as texts, headers as an object', async () => {
    const first = await createScript(runstate(), shellFamily)
    const second = await createScript(runstate(), shellFamily)
    const answer = await post(runstate(), [
      { id: 1, method: 'GET', url: `deviceManagement/${first}?$select=id,displayName` },
      { id: 2, method: 'GET', url: `/deviceManagement/${second}/assignments` },
    ])
    assert.equal(answer.headers.get('content-type'), 'application/json')
    const { responses } = JSON.parse(answer.text)
    assert.deepEqual(
      responses.map(({ id, status }: PartAnswer) => [id, status]),
      [
        ['1', 200],
        ['2', 200],
      ],
    )
    const { 'request-id': requestId, ...headers } = responses[0].headers
    assert.match(requestId, GUID)
    assert.notEqual(requestId, answer.headers.get('request-id'))
    assert.deepEqual(headers, {
      'Content-Type': ODATA_JSON,
      'OData-Version': '4.0',
      'Cache-Control': 'no-cache',
    })
    assert.equal(responses[0].body.displayName, shellFamily.creation['displayName'])
    assert.deepEqual(responses[1].body.value, [])
  })

  test('with names for ids, a leading slash and an Accept for each part', async () => {
    const state = await createState(runstate())
    const headers = { Accept: 'application/json;odata.metadata=full' }
    const answers = await run(runstate(), [
      { id: 'Groups', method: 'GET', url: `/${SCRIPTS}?$top=1`, headers },
      { id: 'MacOS', method: 'get', url: `/${state}`, headers },
      { id: 'Other', method: 'GET', url: `/${state}`, headers: { accept: 'text/html' } },
    ])
    assert.deepEqual([answers['Groups']?.status, answers['MacOS']?.status], [200, 200])
    assert.equal(errorIn(answers['Other']).code, 'NotAcceptable')
  })

  test('is the very answer that each part gets alone', async () => {
    const state = await createState(runstate())
    for (const url of [state, SCRIPTS, `${state.slice(0, state.lastIndexOf('/'))}`, `${state}x`]) {
      const alone = await runstate().send('GET', `/beta/${url}`)
      const { part } = await run(runstate(), [{ id: 'part', method: 'GET', url }])
      assert.equal(part?.status, alone.status)
      if (alone.status === 200) assert.deepEqual(part.body, alone.body)
      else assert.deepEqual(errorIn(part), { ...errorOf(alone), innerError: part?.body.error.innerError })
    }
  })

  test('has a link to the next page that can be followed', async () => {
    for (let i = 0; i < 2; i += 1) await createScript(runstate(), shellFamily)
    const { list } = await run(runstate(), [{ id: 'list', method: 'GET', url: `${SCRIPTS}?$top=1&x=a b` }])
    const link = new URL(list?.body['@odata.nextLink'] ?? '')
    assert.equal(link.origin + link.pathname, `https://localhost/beta/${SCRIPTS}`)
    const next = rowsOf(await runstate().send('GET', link.pathname + link.search))
    assert.equal(next.length, 1)
    assert.notEqual(next[0]?.['id'], list?.body.value[0]?.['id'])
  })

  test('counts as text, deletes and asks for headers without a body', async () => {
    const state = await createState(runstate())
    const states = state.slice(0, state.lastIndexOf('/'))
    const answers = await run(runstate(), [
      { id: 'count', method: 'GET', url: `${states}/$count` },
      { id: 'head', method: 'HEAD', url: state },
      { id: 'delete', method: 'DELETE', url: state, dependsOn: ['count', 'head'] },
      { id: 'gone', method: 'HEAD', url: state, dependsOn: ['delete'] },
    ])
    const { count, head, delete: deleted, gone } = answers
    assert.deepEqual([count?.status, count?.body, count?.headers['Content-Type']], [200, '1', 'text/plain'])
    assert.deepEqual([head?.status, head?.headers['Content-Type']], [200, ODATA_JSON])
    assert.deepEqual([deleted?.status, gone?.status], [204, 404])
    for (const part of [head, deleted, gone]) assert(part !== undefined && !('body' in part))
    assert.equal(deleted?.headers['Content-Type'], undefined)
  })

  test('creates, and says where', async () => {
    const body = { ...shellFamily.creation, displayName: 'Größe' }
    const { new: created } = await run(runstate(), [{ id: 'new', method: 'POST', url: SCRIPTS, body }])
    assert.equal(created?.status, 201)
    assert.equal(created.headers['Location'], `https://localhost/beta/${SCRIPTS}/${created.body.id}`)
    assert.equal(created.body.displayName, 'Größe')
  })

  test('takes a preference for each part', async () => {
    const state = await createState(runstate())
    const headers = { Prefer: 'return=minimal' }
    const { a, b } = await run(runstate(), [
      { id: 'a', ...set(state, 5, { headers }) },
      { id: 'b', ...set(state, 5) },
    ])
    assert.deepEqual([a?.status, a?.headers['Preference-Applied'], b?.status], [204, 'return=minimal', 200])
  })

  for (const path of [
    '/beta/$batch',
    '/beta/%24batch',
    '/BETA/$Batch/',
    '/beta//$batch',
    '/beta/$batch?x=y',
  ]) {
    test(`is taken at ${path}`, async () => {
      const body = { requests: [{ id: 1, method: 'GET', url: SCRIPTS }] }
      const answer = await runstate().send('POST', path, { body })
      assert.equal(answer.status, 200, answer.text)
      assert.match(answer.text, /"@odata\.context":"https:\/\/localhost\/beta\/\$metadata/)
    })
  }

  test('is of its version: what v1.0 has not, its batches have not', async () => {
    const body = { requests: [{ id: 1, method: 'GET', url: SCRIPTS }] }
    const answer = await runstate().send('POST', '/v1.0/$batch', { body })
    const [part] = JSON.parse(answer.text).responses
    assert.deepEqual([answer.status, part.status], [200, 400])
    assert.equal(errorIn(part).message, "Resource not found for the segment 'deviceShellScripts'.")
    assertRefused(await runstate().send('POST', '/v9/$batch', { body }), 404, 'ResourceNotFound')
  })
})

describe('the parts of a batch', () => {
  const runstate = useRunstate()

  test('succeed and fail each by itself', async () => {
    const state = await createState(runstate())
    const answers = await run(runstate(), [
      { id: 'unknown', ...set(`${state}x`, 1) },
      { id: 'array', method: 'PATCH', url: state, body: [] },
      { id: 'text', method: 'PATCH', url: state, body: 'eyJzdWNjZXNzRGV2aWNlQ291bnQiOjN9' },
      { id: 'none', method: 'PATCH', url: state },
      { id: 'type', ...set(state, 1, { headers: { 'Content-Type': 'text/plain' } }) },
      { id: 'fraction', ...set(state, 2.5) },
      { id: 'member', method: 'PATCH', url: state, body: { nonsense: 1 } },
      { id: 'segment', method: 'GET', url: '/nonsense' },
      { id: 'root', method: 'GET', url: '/' },
      { id: 'up', method: 'GET', url: `/../../beta/${SCRIPTS}` },
      { id: 'version', method: 'GET', url: `/beta/${SCRIPTS}` },
      { id: 'health', method: 'GET', url: '/../health' },
      { id: 'nested', method: 'POST', url: '/x/$batch', body: { requests: [] } },
      { id: 'put', method: 'PUT', url: state, body: {} },
      { id: 'good', ...set(state, 9) },
    ])
    const statuses = Object.fromEntries(Object.values(answers).map(({ id, status }) => [id, status]))
    assert.deepEqual(statuses, {
      ...{ unknown: 404, array: 400, text: 400, none: 400, type: 415, fraction: 400, member: 400 },
      ...{ segment: 400, root: 400, up: 400, version: 400, health: 400, nested: 400, put: 405, good: 200 },
    })
    for (const { id, status, headers, body } of Object.values(answers)) {
      if (status < 400) continue
      assert.deepEqual(Object.keys(body.error), ['code', 'message', 'innerError'], id)
      assert.equal(headers['Content-Type'], 'application/json')
      assert.equal(headers['request-id'], body.error.innerError['request-id'])
    }
    assert.equal(answers['put']?.headers['Allow'], 'GET, PATCH, DELETE')
    assert.equal(await countOf(runstate(), state), 9)
  })

  test('keep the numbers of their bodies as they are written', async () => {
    const state = await createState(runstate())
    const part = (id: string, number: string) =>
      `{"id":"${id}","method":"PATCH","url":"${state}","body":{"successDeviceCount":${number}}}`
    const body = `{"requests":[${part('whole', '4.0')},${part('beyond', '9007199254740993')}]}`
    const answer = await runstate().send('POST', '/beta/$batch', { body })
    const [whole, beyond] = JSON.parse(answer.text).responses
    assert.deepEqual([whole.status, beyond.status], [200, 400])
    assert.equal(await countOf(runstate(), state), 4)
  })

  test('may each do what their token may', async () => {
    const state = await createState(runstate())
    const reader = await runstate().token({ roles: ['DeviceManagementConfiguration.Read.All'] })
    const writer = await runstate().token({ roles: ['DeviceManagementConfiguration.ReadWrite.All'] })
    const as = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } })
    const requests = [
      { id: 'read', method: 'GET', url: state },
      { id: 'write', ...set(state, 7) },
      { id: 'own', ...set(state, 8, as(writer)) },
      { id: 'forged', ...set(state, 9, as('forged')) },
    ]
    const { read, write, own, forged } = await run(runstate(), requests, { token: reader })
    assert.deepEqual([read?.status, write?.status, own?.status, forged?.status], [200, 403, 200, 401])
    assert.equal(errorIn(write).code, 'Forbidden')
    assert.match(forged?.headers['WWW-Authenticate'] ?? '', /^Bearer realm=""/)
    assert.equal(await countOf(runstate(), state), 8)
  })

  test('of a tenant are its own', async () => {
    await using other = await startRunstate()
    await other.server.putTenant({ tid: '11111111-1111-4111-8111-111111111111' })
    const state = await createState(other)
    const token = await other.token({ tenant: '11111111-1111-4111-8111-111111111111' })
    const { a } = await run(other, [{ id: 'a', ...set(state, 7) }], { token })
    assert.equal(a?.status, 404)
    assert.equal(await countOf(other, state), 2)
  })

  test('have the name that the caller gave the batch, or their own', async () => {
    const requests = [
      { id: 'a', method: 'GET', url: '/nonsense' },
      { id: 'b', method: 'GET', url: '/nonsense', headers: { 'client-request-id': 'own' } },
      { id: 'c', method: 'GET', url: '/nonsense', headers: { 'client-request-id': 'not one\n' } },
    ]
    const answers = await run(runstate(), requests, { headers: { 'client-request-id': 'outer' } })
    assert.deepEqual(
      Object.values(answers).map(({ body }) => body.error.innerError['client-request-id']),
      ['outer', 'own', 'outer'],
    )
  })

  test('may have URLs longer than a request line may be', async () => {
    const url = `${SCRIPTS}?$top=1&x=${'x'.repeat(20_000)}`
    const { a } = await run(runstate(), [{ id: 'a', method: 'GET', url }])
    assert.equal(a?.status, 200)
  })
})

describe('a part that depends on others', () => {
  const runstate = useRunstate()

  test('runs after them, wherever it stands', async () => {
    const state = await createState(runstate())
    const ids = ['5', '4', '3', '2', '1']
    const chain = ids.map((id) => ({
      id,
      ...set(state, Number(id)),
      dependsOn: id === '1' ? [] : [`${Number(id) - 1}`],
    }))
    assert.deepEqual(await statusesOf(runstate(), chain), { 1: 200, 2: 200, 3: 200, 4: 200, 5: 200 })
    assert.equal(await countOf(runstate(), state), 5)
  })

  test('sees what they wrote', async () => {
    const state = await createState(runstate())
    const answers = await run(runstate(), [
      { id: 'before', method: 'GET', url: state },
      { id: 'write', ...set(state, 6), dependsOn: ['before'] },
      { id: 'after', method: 'GET', url: state, dependsOn: ['write'] },
    ])
    const { before, after } = answers
    assert.deepEqual([before?.body.successDeviceCount, after?.body.successDeviceCount], [2, 6])
  })

  test('is not run where one of them failed, nor is what depends on it', async () => {
    const state = await createState(runstate())
    const answers = await run(runstate(), [
      { id: 'bad', ...set(`${state}x`, 1) },
      { id: 'good', ...set(state, 3) },
      { id: 'next', ...set(state, 4), dependsOn: ['good', 'bad'] },
      { id: 'last', ...set(state, 5), dependsOn: ['next'] },
      { id: 'fine', method: 'GET', url: state, dependsOn: ['GOOD'] },
    ])
    assert.deepEqual(
      Object.values(answers).map(({ id, status }) => [id, status]),
      [
        ['bad', 404],
        ['good', 200],
        ['next', 424],
        ['last', 424],
        ['fine', 200],
      ],
    )
    const message = "The request 'bad', on which this one depends, failed."
    const { innerError, ...error } = errorIn(answers['next'])
    assert.deepEqual(error, { code: 'FailedDependency', message })
    assert.deepEqual(Object.keys(innerError), ['date', 'request-id', 'client-request-id'])
    assert.match(errorIn(answers['last']).message, /'next'/)
    assert.equal(await countOf(runstate(), state), 3)
  })

  test('may have several, and they one', async () => {
    const state = await createState(runstate())
    const diamond = (first: string) => [
      { id: 'top', ...set(first, 1) },
      { id: 'left', ...set(state, 2), dependsOn: ['top'] },
      { id: 'right', method: 'GET', url: state, dependsOn: ['top'] },
      { id: 'end', ...set(state, 3), dependsOn: ['left', 'right'] },
    ]
    const all = (top: number, rest: number) => ({ top, left: rest, right: rest, end: rest })
    assert.deepEqual(await statusesOf(runstate(), diamond(state)), all(200, 200))
    assert.deepEqual(await statusesOf(runstate(), diamond(`${state}x`)), all(404, 424))
    const half = diamond(state).map((each) => (each.id === 'right' ? { ...each, url: `${state}x` } : each))
    assert.deepEqual(await statusesOf(runstate(), half), { top: 200, left: 200, right: 404, end: 424 })
  })
})
