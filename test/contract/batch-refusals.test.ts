/** What makes a JSON batch none: it is refused whole. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { errorOf, type Sending } from '../support/runstate.ts'
import { countOf, createState, type Members, post, SCRIPTS, set, statusesOf } from './batch.ts'
import { assertRefused, readText, useRunstate } from './families.ts'

describe('a batch is refused whole, and nothing is written', () => {
  const runstate = useRunstate()

  async function refuses(more: readonly Members[], expected: RegExp): Promise<void> {
    const state = await createState(runstate())
    const before = await readText(runstate(), `/beta/${state}`)
    const answer = await post(runstate(), [{ id: 'first', ...set(state, 99) }, ...more])
    assertRefused(answer, 400, 'BadRequest')
    assert.match(errorOf(answer).message, expected)
    assert.equal(await readText(runstate(), `/beta/${state}`), before)
  }

  const get = { method: 'GET', url: '/x' }
  for (const [what, more, expected] of [
    ['an id is missing', [get], /the id of requests\[1\]/],
    ['an id is there twice', [{ id: 'FIRST', ...get }], /Request Id FIRST has to be unique in a batch\./],
    ['a method is missing', [{ id: 'b', url: '/x' }], /the method of the request 'b'/],
    ['a url is missing', [{ id: 'b', method: 'GET' }], /the request 'b' has no url/],
    [
      'a url is absolute',
      [{ id: 'b', method: 'GET', url: `https://localhost/beta/${SCRIPTS}` }],
      /the url of the request 'b' is absolute/,
    ],
    ['a part is a batch', [{ id: 'b', method: 'POST', url: '/$batch' }], /the request 'b' is a batch/],
    ['a part depends on nothing known', [{ id: 'b', ...get, dependsOn: ['c'] }], /'b' depends on 'c'/],
    ['a part depends on itself', [{ id: 'b', ...get, dependsOn: ['b'] }], /'b' depends on itself/],
    [
      'parts wait for each other',
      [
        { id: 'b', ...get, dependsOn: ['c'] },
        { id: 'c', ...get, dependsOn: ['b'] },
      ],
      /'b' depends on itself/,
    ],
    [
      'they are 21',
      Array.from({ length: 20 }, (_, i) => ({ id: i, ...get })),
      /21 requests are too many: send at most 20/,
    ],
  ] as const) {
    test(`where ${what}`, () => refuses(more, expected))
  }

  test('and 20 are taken', async () => {
    const state = await createState(runstate())
    const requests = Array.from({ length: 20 }, (_, i) => ({ id: i, ...set(state, i) }))
    const statuses = Object.values(await statusesOf(runstate(), requests))
    assert.deepEqual(statuses, Array(20).fill(200))
  })

  for (const body of [
    '',
    '{',
    '[]',
    '{}',
    '{"requests":{}}',
    '{"requests":[]}',
    '{"requests":[null]}',
    'null',
  ]) {
    test(`where the body is ${body === '' ? 'none' : body}`, async () => {
      assertRefused(await runstate().send('POST', '/beta/$batch', { body }), 400, 'BadRequest')
    })
  }

  test('where it is not sent as JSON, not wanted as JSON, or not posted', async () => {
    const body = { requests: [{ id: 1, ...get }] }
    const send = (sending: Sending) => runstate().send('POST', '/beta/$batch', { body, ...sending })
    const type = await send({ headers: { 'content-type': 'multipart/mixed' } })
    assertRefused(type, 415, 'UnsupportedMediaType')
    assertRefused(await send({ headers: { 'content-type': null } }), 415)
    assertRefused(await send({ headers: { accept: 'text/html' } }), 406, 'NotAcceptable')
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const answer = await runstate().send(method, '/beta/$batch', {})
      assertRefused(answer, 405, 'MethodNotAllowed')
      assert.equal(answer.headers.get('allow'), 'POST')
    }
  })

  test('where nobody known sends it, even if the parts have tokens', async () => {
    const state = await createState(runstate())
    const headers = { authorization: `Bearer ${await runstate().token()}` }
    const requests = [{ id: 1, ...set(state, 99, { headers }) }]
    for (const token of [null, 'forged'])
      assertRefused(await post(runstate(), requests, { token }), 401, 'InvalidAuthenticationToken')
    assert.equal(await countOf(runstate(), state), 2)
  })
})
