/** URLs as clients write them: keys, case, slashes and percent-encoding, of every documented operation. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { startRunstate } from '../support/runstate.ts'
import { linkIn, read, walk } from './expansions.ts'
import { assertRefused, createScript, families, rowsOf, shellFamily, useRunstate } from './families.ts'
import { type SurfaceOperation, surface } from './surface.ts'

const ROOT = '/beta/deviceManagement/'

/** Every character as its code. */
function encodeAll(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
}

/** A path with each pair of a collection and a key rewritten. */
function withKeys(path: string, write: (set: string, key: string) => string): string {
  return path.replace(/([A-Za-z]+)\/([0-9a-f]{8}-[0-9a-f-]{27})/g, (_, set: string, key: string) =>
    write(set, key),
  )
}

/** The ways to write the URL of an operation, from the root. */
const spellings: Readonly<Record<string, (path: string) => string>> = {
  'keys in parentheses': (path) => ROOT + withKeys(path, (set, key) => `${set}('${key}')`),
  'named keys': (path) => ROOT + withKeys(path, (set, key) => `${set}(id='${key}')`),
  'keys named in another case': (path) => ROOT + withKeys(path, (set, key) => `${set}(ID='${key}')`),
  'encoded parentheses and quotes': (path) => ROOT + withKeys(path, (set, key) => `${set}%28%27${key}%27%29`),
  'encoded, named keys': (path) => ROOT + withKeys(path, (set, key) => `${set}%28id%3D%27${key}%27%29`),
  'encoded keys': (path) => ROOT + withKeys(path, (set, key) => `${set}/${encodeAll(key)}`),
  'every character encoded': (path) => `/${`${ROOT}${path}`.slice(1).split('/').map(encodeAll).join('/')}`,
  'upper case': (path) => upper(ROOT + path),
  'upper case, keys in parentheses': (path) => upper(ROOT + withKeys(path, (set, key) => `${set}('${key}')`)),
  'lower case': (path) => (ROOT + path).toLowerCase(),
  'Pascal case': (path) =>
    (ROOT + path).replace(/\/([a-z])(?=[a-zA-Z]*(?:\/|$))/g, (found) => found.toUpperCase()),
  'a slash at the end': (path) => `${ROOT}${path}/`,
  'slashes at the end': (path) => `${ROOT}${path}///`,
  'double slashes': (path) => `/${(ROOT + path).slice(1).replaceAll('/', '//')}//`,
  'an empty query': (path) => `${ROOT}${path}?`,
  'what a shell left of a query': (path) => `${ROOT}${path}?=999&=assignments&&`,
  'the name of no option': (path) => `${ROOT}${path}?api-version=5023-01-01&x=%zz`,
}

/** In capitals, all but the keys. */
function upper(path: string): string {
  return path.replace(/[^/'()]+/g, (part) => (/^[0-9a-f]{8}-/.test(part) ? part : part.toUpperCase()))
}

function sendingOf({ body, family }: SurfaceOperation) {
  return body === undefined ? {} : { body: body(family) }
}

describe('a read is the same', () => {
  const runstate = useRunstate({ demo: true })
  const reads = surface.filter(({ method }) => method === 'GET')

  for (const [name, spell] of Object.entries(spellings)) {
    test(`with ${name}, of every kind`, async () => {
      for (const { path } of reads) {
        const expected = await read(runstate(), path)
        const answer = await runstate().send('GET', spell(path))
        assert.equal(answer.status, 200, `${spell(path)}: ${answer.text}`)
        assert.equal(answer.text, expected.text, spell(path))
      }
    })
  }
})

describe('a write is taken', () => {
  // What is changed is there as long as nothing is assigned anew.
  const order = ['PATCH', 'POST']
  const writes = surface
    .filter(({ method }) => order.includes(method))
    .toSorted(
      (a, b) =>
        Number(a.access === 'assign') - Number(b.access === 'assign') ||
        order.indexOf(a.method) - order.indexOf(b.method),
    )

  for (const [name, spell] of Object.entries(spellings)) {
    test(`with ${name}, of every kind`, async () => {
      await using runstate = await startRunstate({ demo: true })
      for (const operation of writes) {
        const { method, path, status } = operation
        const answer = await runstate.send(method, spell(path), sendingOf(operation))
        // Two paths lead to one row: what the first created is there already for the second.
        const isThere = answer.status === 409 && /[aA]ssignments$/.test(path)
        assert(answer.status === status || isThere, `${method} ${spell(path)}: ${answer.text}`)
      }
    })

    test(`with ${name}, of every deletion`, async () => {
      for (const family of families) {
        await using runstate = await startRunstate({ demo: true })
        const deletions = surface.filter((one) => one.method === 'DELETE' && one.family === family)
        for (const { path } of deletions.toReversed()) {
          const answer = await runstate.send('DELETE', spell(path))
          const isGone = answer.status === 404 && path.endsWith('39440cba-0cba-3944-ba0c-4439ba0c4439')
          assert(answer.status === 204 || isGone, `${spell(path)}: ${answer.text}`)
        }
        assert.deepEqual(rowsOf(await read(runstate, family.set)), [])
      }
    })
  }
})

describe('the names of actions and counts', () => {
  const runstate = useRunstate({ demo: true })
  const script = `deviceShellScripts/${shellFamily.example['id']}`

  for (const name of [
    'assign',
    'ASSIGN',
    'Assign',
    'microsoft.graph.assign',
    'Microsoft.Graph.Assign',
    '%61ssign',
    'assign/',
  ]) {
    test(`are read in any case, qualified or not: ${name}`, async () => {
      const body = { deviceManagementScriptAssignments: [] }
      for (const path of [script, script.replace(/\/(.*)/, "('$1')")]) {
        const { status, text } = await runstate().send('POST', `${path}/${name}`, { body })
        assert.equal(status, 204, text)
      }
    })
  }

  for (const name of [
    'hasPayloadLinks',
    'HASPAYLOADLINKS',
    'microsoft.graph.haspayloadlinks',
    'hasPayloadLinks//',
  ]) {
    test(`are read in any case, of a collection: ${name}`, async () => {
      const { status, text } = await runstate().send('POST', `DeviceManagementScripts/${name}`, {
        body: { payloadIds: ['x'] },
      })
      assert.equal(status, 200, text)
    })
  }

  for (const name of ['$count', '$COUNT', '%24count', '%24Count', '$count/', '/$count']) {
    test(`are read in any case, a count: ${name}`, async () => {
      assert.equal((await read(runstate(), `deviceShellScripts/${name}`)).text, '1')
      assert.equal((await read(runstate(), `${script}/userRunStates/${name}`)).text, '1')
    })
  }
})

describe('an option', () => {
  const runstate = useRunstate()
  before(async () => {
    for (const displayName of [
      'a b',
      'a+b',
      'ä',
      'a\u0308',
      "it's",
      'x&y=z',
      '100%',
      '\u{1f600}',
      '#1',
      'Ω/é',
    ])
      await createScript(runstate(), shellFamily, { displayName })
  })

  async function namesOf(query: string): Promise<readonly unknown[]> {
    const rows = rowsOf(await read(runstate(), `deviceShellScripts?${query}`))
    return rows.map(({ displayName }) => displayName)
  }

  for (const [query, expected] of [
    ["$filter=displayName eq 'a b'", ['a b']],
    ["$filter=displayName%20eq%20'a%20b'", ['a b']],
    ["$filter=displayName+eq+'a+b'", ['a b']],
    ['%24filter=displayName+eq+%27a%2Bb%27', ['a+b']],
    ["filter=displayName eq 'a b'", ['a b']],
    ["$FILTER=DISPLAYNAME EQ 'A B'", ['a b']],
    ["Filter=DisplayName eq 'a b'", ['a b']],
    ["%66ilter=displayName eq 'a b'", ['a b']],
    ["$filter=displayName eq 'ä'", ['ä']],
    ["$filter=displayName eq '%C3%A4'", ['ä']],
    ["$filter=displayName eq '%C3%84'", ['ä']],
    ["$filter=displayName eq 'a%CC%88'", ['a\u0308']],
    ["$filter=displayName eq 'it''s'", ["it's"]],
    ['$filter=displayName eq %27it%27%27s%27', ["it's"]],
    ["$filter=displayName eq 'x%26y%3Dz'", ['x&y=z']],
    ["$filter=displayName eq 'x%26y=z'", ['x&y=z']],
    ["$filter=displayName eq '100%25'", ['100%']],
    ["$filter=displayName eq '%F0%9F%98%80'", ['\u{1f600}']],
    ["$filter=displayName eq '%231'", ['#1']],
    ["$filter=displayName eq 'Ω/é'", ['Ω/é']],
    ["$filter=contains(displayName,'/')", ['Ω/é']],
    ["$filter=startswith(displayName,'a')&orderby=displayName desc&TOP=1", ['a\u0308']],
    ["&&$filter=displayName eq 'ä'&&", ['ä']],
  ] as const) {
    test(`is decoded as a form is: ?${query}`, async () => {
      assert.deepEqual(await namesOf(query), expected)
    })
  }

  test('keeps what it was in the link to the next page, however it was written', async () => {
    for (const query of [
      "$filter=contains(displayName,'a') or contains(displayName,'%C3%A9')",
      "filter=contains(displayName,%27a%27)+or+contains(displayName,'é')",
      "%24FILTER=contains(displayName,'A')%20or%20contains(displayName,'%C3%89')&x=%zz&=y",
    ]) {
      const expected = await namesOf(query)
      assert.equal(expected.length, 4)
      for (const more of ['$top=1', 'top=2&ORDERBY=displayName desc', '%24top=3&$count=true']) {
        const first = await read(runstate(), `deviceShellScripts?${query}&${more}`)
        const rest = await walk(runstate(), linkIn(first.body, '@odata.nextLink'))
        const names = [...rowsOf(first), ...rest].map(({ displayName }) => displayName)
        assert.deepEqual(names.toSorted(), expected.toSorted())
      }
    }
  })

  for (const query of [
    '$filter=true&$filter=true',
    '$top=1&top=1',
    '$top=1&%24TOP=1',
    'select=id&$Select=id',
  ]) {
    test(`is refused where it is given twice, in whatever spelling: ?${query}`, async () => {
      assertRefused(await runstate().send('GET', `deviceShellScripts?${query}`), 400, 'BadRequest')
    })
  }
})

/** Ids of groups that are no words: every character that means something in a URL or in JSON. */
const strange = [
  'a/b',
  'a//b',
  "it's",
  "'",
  "a')/x('b",
  'a b',
  'a+b',
  '100%',
  '%2F',
  '%',
  'a?b=c&d',
  'a#b',
  'ü €',
  '\u{1f600}',
  '..',
  '$count',
  '(x)',
  'a\\b',
  'a"b',
  'a;b,c',
  'a:b:c',
  ' ',
]

describe('a key', () => {
  const runstate = useRunstate()

  for (const groupId of strange) {
    test(`may hold '${groupId}', in a segment and in parentheses`, async () => {
      const script = await createScript(runstate(), shellFamily)
      const target = { '@odata.type': '#microsoft.graph.groupAssignmentTarget', groupId }
      const created = await runstate().send('POST', `${script}/assignments`, { body: { target } })
      assert.equal(created.status, 201, created.text)
      const id = String(created.body['id'])
      assert.equal(id, `${script.split('/')[1]}:${groupId}`)
      const { pathname } = new URL(created.headers.get('location') ?? '')
      const key = encodeURIComponent(id)
      const quoted = encodeURIComponent(id.replaceAll("'", "''"))
      for (const path of [
        pathname,
        `${script}/assignments/${key}`,
        `${script}/assignments/${encodeAll(id)}`,
        `${script}/assignments('${quoted}')`,
        `${script}/assignments(%27${encodeAll(id.replaceAll("'", "''"))}%27)`,
        `${script}/assignments(id='${quoted}')`,
        `${script}/groupAssignments/${key}`,
        `${script}/GROUPASSIGNMENTS('${quoted}')/`,
      ]) {
        const { body } = await read(runstate(), path)
        assert.equal(body['id'], id, path)
      }
      const filter = encodeURIComponent(`targetGroupId eq '${groupId.replaceAll("'", "''")}'`)
      const found = rowsOf(await read(runstate(), `${script}/groupAssignments?$filter=${filter}`))
      assert.deepEqual(
        found.map((row) => row['targetGroupId']),
        [groupId],
      )
      assert.equal((await runstate().send('PATCH', pathname, { body: {} })).status, 200)
      assert.equal((await runstate().send('DELETE', `${script}/assignments('${quoted}')`)).status, 204)
    })
  }

  test('of any kind is passed by pages, each once', async () => {
    const script = await createScript(runstate(), shellFamily)
    const deviceManagementScriptGroupAssignments = strange.map((targetGroupId) => ({ targetGroupId }))
    const body = { deviceManagementScriptGroupAssignments }
    assert.equal((await runstate().send('POST', `${script}/assign`, { body })).status, 204)
    for (const query of ['$top=1', '$top=4', '$top=3&$orderby=targetGroupId desc']) {
      const rows = await walk(runstate(), `${script}/groupAssignments?${query}`)
      assert.deepEqual(rows.map((row) => row['targetGroupId']).toSorted(), strange.toSorted())
    }
    const { body: expanded } = await read(runstate(), `${script}?$expand=groupAssignments($top=5)`)
    const rest = await walk(runstate(), linkIn(expanded, 'groupAssignments@odata.nextLink'))
    assert.equal(rest.length, strange.length - 5)
  })
})
