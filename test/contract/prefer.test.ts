/** `Prefer`: what a change is answered with, and the size of pages; and the conditions that nothing depends on. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { type Answer, type Runstate, startRunstate } from '../support/runstate.ts'
import { expandedIn, linkIn, type Members, read } from './expansions.ts'
import { assertRefused, createScript, ownMembers, rowsOf, shellFamily, useRunstate } from './families.ts'
import { healthOperations, pathOf } from './health.ts'
import { surface } from './surface.ts'

const MINIMAL = { prefer: 'return=minimal' }

interface Change {
  readonly method: string
  readonly path: string
  readonly body: unknown
}

/** All that creates and all that changes. */
const changes: readonly Change[] = [
  ...surface.map(({ method, path, body, family }) => ({ method, path, body: body?.(family) })),
  ...healthOperations.map((operation) => {
    const { method, body } = operation
    return { method, path: pathOf(operation), body }
  }),
].filter(({ method, path }) => /PATCH|POST/.test(method) && !/\/(?:assign|hasPayloadLinks)$/.test(path))

function send(runstate: Runstate, { method, path, body }: Change, prefer: string): Promise<Answer> {
  return runstate.send(method, path, { body, headers: { prefer } })
}

function appliedIn({ headers }: Answer): string | null {
  return headers.get('preference-applied')
}

function assertMinimal(answer: Answer): void {
  assert.equal(answer.status, 204, answer.text)
  assert.equal(answer.text, '')
  assert.equal(answer.headers.get('content-type'), null)
  assert.equal(appliedIn(answer), 'return=minimal')
}

describe('return', () => {
  for (const change of changes.filter(({ method }) => method === 'PATCH')) {
    test(`decides whether a change is answered with the entity: ${change.path}`, async () => {
      await using runstate = await startRunstate({ demo: true })
      const minimal = await send(runstate, change, 'return=minimal')
      assertMinimal(minimal)
      assert.equal(minimal.headers.get('location'), null)
      const after = await read(runstate, change.path)
      const whole = await send(runstate, change, 'return=representation')
      assert.deepEqual([whole.status, appliedIn(whole)], [200, 'return=representation'])
      const plain = await send(runstate, change, '')
      assert.deepEqual([plain.status, appliedIn(plain)], [200, null])
      for (const { body } of [whole, plain]) {
        const { lastModifiedDateTime: _, ...members } = ownMembers(body)
        for (const [name, value] of Object.entries(members)) assert.deepEqual(after.body[name], value)
      }
    })
  }

  for (const change of changes.filter(({ method }) => method === 'POST')) {
    test(`decides whether a creation is answered with the entity, and says where it is: ${change.path}`, async () => {
      await using runstate = await startRunstate({ demo: true })
      const before = Number((await read(runstate, `${change.path}/$count`)).text)
      const minimal = await send(runstate, change, 'return=minimal')
      assertMinimal(minimal)
      const location = minimal.headers.get('location')
      assert.equal(minimal.headers.get('odata-entityid'), location)
      assert.equal(minimal.headers.get('odata-version'), '4.0')
      const url = new URL(location ?? '')
      assert.match(url.href, /^https:\/\/localhost\/beta\/deviceManagement\//)
      const { body } = await read(runstate, url.pathname)
      assert.equal(url.pathname.endsWith(encodeURIComponent(String(body['id'])).replaceAll('%3A', ':')), true)
      assert.equal(Number((await read(runstate, `${change.path}/$count`)).text), before + 1)
      assert.equal((await runstate.send('DELETE', url.pathname)).status, 204)
      for (const [prefer, applied] of [
        ['return=representation', 'return=representation'],
        ['', null],
      ] as const) {
        const whole = await send(runstate, change, prefer)
        assert.equal(whole.status, 201, whole.text)
        assert.equal(appliedIn(whole), applied)
        assert.equal(whole.headers.get('odata-entityid'), null)
        assert(whole.headers.get('location') !== null)
        await runstate.send('DELETE', new URL(whole.headers.get('location') ?? '').pathname)
      }
    })
  }

  test('hides no refusal', async () => {
    await using runstate = await startRunstate({ demo: true })
    for (const [method, path, body, status] of [
      ['PATCH', 'deviceShellScripts/none', {}, 404],
      ['PATCH', `deviceShellScripts/${shellFamily.example['id']}`, { nonsense: 1 }, 400],
      ['POST', 'deviceShellScripts', { retryCount: 'x' }, 400],
      ['PUT', 'deviceShellScripts', {}, 405],
    ] as const) {
      const answer = await runstate.send(method, path, { body, headers: MINIMAL })
      assertRefused(answer, status)
      assert.equal(appliedIn(answer), null)
    }
  })

  test('means nothing to what reads, deletes and acts', async () => {
    await using runstate = await startRunstate({ demo: true })
    const script = `deviceShellScripts/${shellFamily.example['id']}`
    for (const [method, path, status, body] of [
      ['GET', script, 200],
      ['GET', 'deviceShellScripts', 200],
      ['GET', 'deviceShellScripts/$count', 200],
      ['POST', `${script}/assign`, 204, { deviceManagementScriptAssignments: [] }],
      ['POST', 'deviceManagementScripts/hasPayloadLinks', 200, { payloadIds: [] }],
      ['DELETE', script, 204],
    ] as const) {
      const sending = body === undefined ? {} : { body }
      const answer = await runstate.send(method, path, { ...sending, headers: MINIMAL })
      assert.equal(answer.status, status, answer.text)
      assert.equal(appliedIn(answer), null)
      assert.equal(answer.text === '', status === 204)
    }
  })

  test('is the same in the observed profile', async () => {
    await using runstate = await startRunstate({ profile: 'observed' })
    const created = await runstate.send('POST', 'deviceShellScripts', {
      body: shellFamily.creation,
      headers: MINIMAL,
    })
    assertMinimal(created)
    const { pathname } = new URL(created.headers.get('location') ?? '')
    assertMinimal(await runstate.send('PATCH', pathname, { body: { description: 'x' }, headers: MINIMAL }))
    assert.equal((await read(runstate, pathname)).body['description'], 'x')
  })
})

describe('several preferences in one header', () => {
  const runstate = useRunstate()
  let path = ''
  before(async () => {
    path = await createScript(runstate(), shellFamily)
  })

  for (const [prefer, applied] of [
    ['return=minimal', 'return=minimal'],
    ['RETURN=MINIMAL', 'return=minimal'],
    ['Return = "minimal"', 'return=minimal'],
    ['  return=minimal  ', 'return=minimal'],
    ['respond-async, return=minimal', 'return=minimal'],
    ['return=minimal, odata.maxpagesize=5', 'return=minimal'],
    ['odata.maxpagesize=5,return=representation', 'return=representation'],
    ['return=minimal; foo="some parameter"', 'return=minimal'],
    ['respond-async;wait=10,return=minimal', 'return=minimal'],
    ['odata.include-annotations="display.*,-x.y", return=minimal', 'return=minimal'],
    ['include-unknown-enum-members,return=minimal', 'return=minimal'],
    ['return=minimal, return=representation', 'return=minimal'],
    ['return=representation, return=minimal', 'return=representation'],
    [',,return=minimal,,', 'return=minimal'],
    ['handling=lenient', null],
    ['return', null],
    ['return=', null],
    ['return=minimalist', null],
    ['return minimal', null],
    ['xreturn=minimal', null],
    ['foo="a, return=minimal"', null],
    ['foo="return=minimal"', null],
    ['foo="a\\", return=minimal, b"', null],
    ['foo; return=minimal', null],
    ['=minimal', null],
    ['"return"=minimal', null],
    [';;==,,"', null],
    ['return=minimal=representation', null],
  ] as const) {
    test(`is ${applied ?? 'nothing'} in '${prefer}'`, async () => {
      const answer = await runstate().send('PATCH', path, { body: {}, headers: { prefer } })
      assert.equal(answer.status, applied === 'return=minimal' ? 204 : 200, answer.text)
      assert.equal(appliedIn(answer), applied)
    })
  }
})

describe('odata.maxpagesize', () => {
  const runstate = useRunstate()
  let ids: readonly unknown[] = []
  before(async () => {
    for (let i = 0; i < 7; i++) await createScript(runstate(), shellFamily, { displayName: `n${i % 3}` })
    ids = rowsOf(await read(runstate(), 'deviceShellScripts')).map(({ id }) => id)
  })

  /** The ids of each page; `prefer` is sent with the first, and with the others where it is kept. */
  async function pages(
    first: string,
    prefer: string,
    isKept = true,
  ): Promise<readonly (readonly unknown[])[]> {
    const found = []
    for (let next: string | undefined = first; next !== undefined; ) {
      const headers = isKept || found.length === 0 ? { prefer } : {}
      const answer: Answer = await runstate().send('GET', next, { headers })
      found.push(rowsOf(answer).map(({ id }) => id))
      next = linkIn(answer.body, '@odata.nextLink')
    }
    return found
  }

  for (const [query, prefer, sizes] of [
    ['', 'odata.maxpagesize=1', [1, 1, 1, 1, 1, 1, 1]],
    ['', 'odata.maxpagesize=3', [3, 3, 1]],
    ['', 'odata.maxpagesize=6', [6, 1]],
    ['', 'odata.maxpagesize=7', [7]],
    ['', 'odata.maxpagesize=1001', [7]],
    ['', 'odata.maxpagesize=99999999999999999999999', [7]],
    ['', 'maxpagesize=4', [4, 3]],
    ['', 'OData.MaxPageSize="4"', [4, 3]],
    ['', 'odata.maxpagesize=004', [4, 3]],
    ['', 'respond-async, odata.maxpagesize=4, return=minimal', [4, 3]],
    ['', 'odata.maxpagesize=5,odata.maxpagesize=1', [5, 2]],
    ['$top=5', 'odata.maxpagesize=2', [2, 2, 2, 1]],
    ['$top=2', 'odata.maxpagesize=5', [2, 2, 2, 1]],
    ['$top=2', 'odata.maxpagesize=2', [2, 2, 2, 1]],
    ['$skip=3', 'odata.maxpagesize=3', [3, 1]],
    ['$orderby=displayName', 'odata.maxpagesize=3', [3, 3, 1]],
    ["$filter=displayName eq 'n0'", 'odata.maxpagesize=2', [2, 1]],
    ['$select=id&$expand=assignments', 'odata.maxpagesize=4', [4, 3]],
    ['', 'odata.maxpagesize=0', [7]],
    ['', 'odata.maxpagesize=-1', [7]],
    ['', 'odata.maxpagesize=2.5', [7]],
    ['', 'odata.maxpagesize=two', [7]],
    ['', 'odata.maxpagesize', [7]],
    ['', 'odata.maxpagesize=', [7]],
    ['', 'xodata.maxpagesize=2', [7]],
  ] as const) {
    test(`makes pages of ${sizes} of '?${query}' with '${prefer}', every row once`, async () => {
      const found = await pages(`deviceShellScripts?${query}`, prefer)
      assert.deepEqual(
        found.map((page) => page.length),
        sizes,
      )
      const expected = rowsOf(await read(runstate(), `deviceShellScripts?${query.replace(/\$top=\d/, '')}`))
      assert.deepEqual(
        found.flat(),
        expected.map(({ id }) => id),
      )
    })
  }

  test('is of one request: the link goes on without it', async () => {
    assert.deepEqual(
      (await pages('deviceShellScripts', 'odata.maxpagesize=2', false)).map((page) => page.length),
      [2, 5],
    )
    assert.deepEqual((await pages('deviceShellScripts?$top=3', 'odata.maxpagesize=2', false)).flat(), ids)
  })

  test('is confirmed where it was understood, and there only', async () => {
    for (const [prefer, applied] of [
      ['odata.maxpagesize=2', 'odata.maxpagesize=2'],
      ['return=minimal, odata.maxpagesize=2', 'odata.maxpagesize=2'],
      ['odata.maxpagesize=0', null],
      ['odata.maxpagesize=x', null],
      ['return=minimal', null],
    ] as const) {
      const answer = await runstate().send('GET', 'deviceShellScripts', { headers: { prefer } })
      assert.equal(appliedIn(answer), applied, prefer)
    }
    for (const path of [`deviceShellScripts/${ids[0]}`, 'deviceShellScripts/$count']) {
      const answer = await runstate().send('GET', path, { headers: { prefer: 'odata.maxpagesize=2' } })
      assert.deepEqual([answer.status, appliedIn(answer)], [200, null])
    }
  })

  test('changes no count, and nothing of what is expanded', async () => {
    const states = `deviceShellScripts/${ids[0]}/userRunStates`
    for (let i = 0; i < 3; i++) await runstate().create(states, {})
    const headers = { prefer: 'odata.maxpagesize=1' }
    const { body } = await runstate().send('GET', 'deviceShellScripts?$count=true&$expand=userRunStates', {
      headers,
    })
    assert.equal(body['@odata.count'], 7)
    assert.equal(expandedIn(expandedIn(body, 'value')[0], 'userRunStates').length, 3)
  })

  test('is kept in every part of a batch that asks for it', async () => {
    const requests = ['1', '2'].map((id) => ({
      ...{ id, method: 'GET', url: '/deviceManagement/deviceShellScripts' },
      ...(id === '1' ? { headers: { Prefer: 'odata.maxpagesize=2' } } : {}),
    }))
    const { body } = await runstate().send('POST', '/beta/$batch', { body: { requests } })
    const sizes = expandedIn(body, 'responses').map(({ body: part }) => {
      const members: Members = typeof part === 'object' && part !== null ? { ...part } : {}
      return expandedIn(members, 'value').length
    })
    assert.deepEqual(sizes.toSorted(), [2, 7])
  })
})

describe('a condition', () => {
  const conditions = [
    { 'if-match': '*' },
    { 'if-match': '"x"' },
    { 'if-match': 'W/"JzEtVXNlclN0YXRlJw=="' },
    { 'if-match': 'nonsense' },
    { 'if-none-match': '*' },
    { 'if-none-match': '"x", W/"y"' },
    { 'if-modified-since': 'Wed, 01 Jan 2098 00:00:00 GMT' },
    { 'if-unmodified-since': 'Sat, 01 Jan 2000 00:00:00 GMT' },
  ]

  for (const headers of conditions) {
    test(`changes nothing, and no answer has an ETag: ${JSON.stringify(headers)}`, async () => {
      await using runstate = await startRunstate()
      const created = await runstate.send('POST', 'deviceShellScripts', {
        body: shellFamily.creation,
        headers,
      })
      const path = `deviceShellScripts/${created.body['id']}`
      const answers = [
        created,
        await runstate.send('GET', path, { headers }),
        await runstate.send('GET', 'deviceShellScripts', { headers }),
        await runstate.send('PATCH', path, { body: { description: 'x' }, headers }),
        await runstate.send('DELETE', path, { headers }),
      ]
      assert.deepEqual(
        answers.map(({ status }) => status),
        [201, 200, 200, 200, 204],
      )
      for (const answer of answers) {
        assert.equal(answer.headers.get('etag'), null)
        assert(!answer.text.includes('etag'))
      }
      assert.equal(answers[3]?.body['description'], 'x')
    })
  }
})
