/** How much control information an answer has: none, minimal and full, by `Accept` and by `$format`. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Answer, type Sending, startRunstate } from '../support/runstate.ts'
import { type Members, read } from './expansions.ts'
import {
  assertRefused,
  createScript,
  families,
  observedServing,
  rowsOf,
  shellFamily,
  useRunstate,
} from './families.ts'
import { healthOperations, pathOf } from './health.ts'
import { surface } from './surface.ts'

type Level = 'none' | 'minimal' | 'full'

const levels = ['none', 'minimal', 'full'] as const satisfies readonly Level[]

function typeOf(level: Level): string {
  return `application/json;odata.metadata=${level};odata.streaming=true;IEEE754Compatible=false;charset=utf-8`
}

function accepting(accept: string): Sending {
  return { headers: { accept } }
}

function assertLevel(answer: Answer, level: Level, status = 200): void {
  assert.equal(answer.status, status, answer.text)
  assert.equal(answer.headers.get('content-type'), typeOf(level))
  const { text } = answer
  assert.equal(text.includes('"@odata.context"'), level !== 'none', text)
  assert.equal(text.includes('"@odata.id"'), level === 'full', text)
}

/** The values of `Accept`, and the level that each asks for. */
const accepts: readonly (readonly [accept: string, level: Level])[] = [
  ['application/json;odata.metadata=none', 'none'],
  ['application/json;odata.metadata=minimal', 'minimal'],
  ['application/json;odata.metadata=full', 'full'],
  ['application/json;metadata=full', 'full'],
  ['application/json;metadata=none', 'none'],
  ['application/json; odata.metadata=full', 'full'],
  ['application/json ; odata.metadata = full', 'full'],
  ['application/json;odata.metadata="full"', 'full'],
  ['Application/JSON;OData.Metadata=Full', 'full'],
  ['application/json;odata.metadata=full;odata.streaming=true;IEEE754Compatible=false', 'full'],
  ['application/json;odata.streaming=true;odata.metadata=none;charset=utf-8', 'none'],
  ['application/json;odata.metadata=full, text/plain, */*', 'full'],
  ['text/plain, application/json;odata.metadata=none;q=0.9', 'none'],
  ['application/json', 'minimal'],
  ['*/*', 'minimal'],
  ['', 'minimal'],
  ['application/json;odata.metadata=verbose', 'minimal'],
  ['application/json;odata.metadata=fullest', 'minimal'],
  ['application/json;odata.metadata=', 'minimal'],
  ['application/json;odata=fullmetadata', 'minimal'],
  ['application/json;xmetadata=full', 'minimal'],
]

/** The values of `$format`, as they stand in a URL. */
const formats: readonly (readonly [format: string, level: Level])[] = [
  ['json', 'minimal'],
  ['JSON', 'minimal'],
  ['application/json', 'minimal'],
  ['application/json;odata.metadata=full', 'full'],
  ['application/json;odata.metadata=none', 'none'],
  ['application/json;metadata=none', 'none'],
  ['application/json;odata.metadata=minimal', 'minimal'],
  ['application%2Fjson%3Bodata.metadata%3Dfull', 'full'],
  ['application/json;odata.metadata=nonsense', 'minimal'],
]

describe('the level of an answer', () => {
  const runstate = useRunstate({ demo: true })
  const script = `deviceShellScripts/${shellFamily.example['id']}`

  for (const [accept, level] of accepts) {
    test(`is ${level} where Accept is '${accept}'`, async () => {
      for (const url of [script, 'deviceShellScripts', `${script}/runSummary`])
        assertLevel(await runstate().send('GET', url, accepting(accept)), level)
    })
  }

  for (const [format, level] of formats) {
    test(`is ${level} where $format is '${format}', whatever Accept says`, async () => {
      for (const name of ['$format', 'format', '%24FORMAT']) {
        const url = `${script}?${name}=${format}`
        assertLevel(await runstate().send('GET', url), level)
        for (const accept of [
          ...levels.map((each) => `application/json;odata.metadata=${each}`),
          'text/html',
          '*/*',
        ])
          assertLevel(await runstate().send('GET', url, accepting(accept)), level)
      }
    })
  }

  for (const format of ['xml', 'atom', 'application/xml', 'text/plain', 'jsonp', 'application/json;q=0']) {
    test(`is none where $format is '${format}': 406`, async () => {
      for (const url of [script, 'deviceShellScripts', `${script}/runSummary`])
        assertRefused(await runstate().send('GET', `${url}?$format=${format}`), 406, 'NotAcceptable')
    })
  }

  test('is that of the answer to a creation, a change and an action too', async () => {
    for (const level of levels) {
      const headers = { accept: `application/json;odata.metadata=${level}` }
      const body = shellFamily.creation
      const created = await runstate().send('POST', 'deviceShellScripts', { body, headers })
      assertLevel(created, level, 201)
      const path = `deviceShellScripts/${created.body['id']}`
      assertLevel(await runstate().send('PATCH', path, { body: { description: 'x' }, headers }), level)
      assertLevel(await runstate().send('PATCH', path, { body: {}, headers }), level)
      const state = { body: { errorDeviceCount: 1 }, headers }
      assertLevel(await runstate().send('POST', `${path}/userRunStates`, state), level, 201)
      assertLevel(
        await runstate().send('PATCH', `${path}/runSummary`, { body: { errorUserCount: 2 }, headers }),
        level,
      )
      const asked = { body: { payloadIds: [created.body['id']] }, headers }
      const links = await runstate().send('POST', 'deviceManagementScripts/hasPayloadLinks', asked)
      assert.equal(links.headers.get('content-type'), typeOf(level))
      assert.equal(links.text.includes('@odata.'), level !== 'none', links.text)
      assertLevel(await runstate().send('PATCH', `${path}?$format=json`, { body: {}, headers }), 'minimal')
    }
  })

  test('is nothing to a number, to no body and to an error', async () => {
    for (const level of levels) {
      const headers = { accept: `text/plain, application/json;odata.metadata=${level}` }
      const count = await runstate().send('GET', 'deviceShellScripts/$count', { headers })
      assert.match(count.headers.get('content-type') ?? '', /^text\/plain/)
      const error = await runstate().send('GET', 'deviceShellScripts/none', { headers })
      assertRefused(error, 404, 'ResourceNotFound')
      assert.equal(error.headers.get('content-type'), 'application/json')
      const path = await createScript(runstate(), shellFamily)
      const gone = await runstate().send('DELETE', path, { headers })
      assert.deepEqual([gone.status, gone.headers.get('content-type')], [204, null])
    }
  })
})

const expansion =
  '$expand=assignments($count=true),groupAssignments,runSummary,deviceRunStates($expand=managedDevice),userRunStates($expand=deviceRunStates($expand=managedDevice))'

/** Everything that is read, and the scripts with all that is below them. */
const reads: readonly string[] = [
  ...surface
    .filter(({ method, answers }) => method === 'GET' && answers !== 'number')
    .map(({ path }) => path),
  ...healthOperations
    .filter(({ method, template }) => method === 'GET' && !template.endsWith('$count'))
    .map(pathOf),
  ...families.flatMap(({ set, example }) => [`${set}?${expansion}`, `${set}/${example['id']}?${expansion}`]),
  'managedDevices',
]

/** JSON without control information at any depth, but for what says how many there are and where to go on. */
function withoutMetadata(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withoutMetadata)
  if (typeof json !== 'object' || json === null) return json
  const kept = Object.entries(json).filter(
    ([name]) => !/[@#]/.test(name) || /@odata\.(?:count|nextLink)$/.test(name),
  )
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutMetadata(value)]))
}

for (const profile of ['documented', 'observed'] as const) {
  describe(`the levels in the ${profile} profile`, () => {
    const runstate = useRunstate({ demo: true, ...(profile === 'observed' ? observedServing : { profile }) })

    for (const path of reads) {
      test(`say the same, with more and with less about it: ${path}`, async () => {
        const [none, minimal, full] = await Promise.all(
          levels.map((level) =>
            runstate().send('GET', path, accepting(`application/json;odata.metadata=${level}`)),
          ),
        )
        assert(none !== undefined && minimal !== undefined && full !== undefined)
        assert.equal(none.status, 200, none.text)
        assert.deepEqual(none.body, withoutMetadata(minimal.body))
        assert.deepEqual(none.body, withoutMetadata(full.body))
        assert.equal(minimal.text, (await read(runstate(), path)).text)
        assert.doesNotMatch(minimal.text, /@odata\.(?:id|editLink|navigationLink|associationLink)|"#[^"]*":/)
        assert(full.text.length > minimal.text.length && minimal.text.length > none.text.length)
      })
    }

    test('keep the count and the link to the next page in each', async () => {
      for (let i = 0; i < 2; i++) await createScript(runstate(), shellFamily)
      for (const level of levels) {
        let next: string | undefined = 'deviceShellScripts?$count=true&$top=2'
        let rows = 0
        for (; next !== undefined; ) {
          const answer: Answer = await runstate().send(
            'GET',
            next,
            accepting(`application/json;odata.metadata=${level}`),
          )
          assertLevel(answer, level)
          assert.equal(answer.body['@odata.count'], 3)
          rows += rowsOf(answer).length
          const link = answer.body['@odata.nextLink']
          next = link === undefined ? undefined : String(link).replace('https://localhost', '')
        }
        assert.equal(rows, 3)
      }
    })

    test('keep $format in the link to the next page', async () => {
      const first = await read(
        runstate(),
        'deviceShellScripts?$format=application/json;odata.metadata=full&$top=1',
      )
      const link = new URL(String(first.body['@odata.nextLink']))
      assertLevel(await runstate().send('GET', `${link.pathname}${link.search}`), 'full')
    })
  })
}

describe('minimal metadata', () => {
  test('says the type of entities where the pages do, and of derived values always', async () => {
    for (const [profile, isTyped] of [
      ['documented', true],
      ['observed', false],
    ] as const) {
      await using runstate = await startRunstate({ demo: true, profile })
      for (const { set, example, type } of families) {
        const { body } = await read(runstate, `${set}/${example['id']}?$expand=assignments`)
        assert.equal(body['@odata.type'], isTyped ? `#microsoft.graph.${type}` : undefined)
        const { assignments } = body
        assert(Array.isArray(assignments))
        for (const { target } of assignments) assert.match(target['@odata.type'], /AssignmentTarget$/)
      }
    }
  })
})

describe('the level of a part of a batch', () => {
  const runstate = useRunstate({ demo: true })

  test('is what its own Accept asks for, and that of the batch is of no matter', async () => {
    const url = `deviceManagement/deviceShellScripts/${shellFamily.example['id']}?$expand=assignments`
    const requests = [
      ...levels.map((level) => ({
        ...{ id: level, method: 'GET', url },
        headers: { Accept: `application/json;odata.metadata=${level}` },
      })),
      { id: 'unsaid', method: 'GET', url },
      { id: 'format', method: 'GET', url: `/${url}&$format=application/json;odata.metadata=full` },
      { id: 'xml', method: 'GET', url, headers: { accept: 'application/xml' } },
    ]
    const headers = { accept: 'application/json;odata.metadata=none' }
    const answer = await runstate().send('POST', '/beta/$batch', { body: { requests }, headers })
    const { responses } = answer.body
    assert(Array.isArray(responses), answer.text)
    const parts: readonly { id: string; status: number; headers: Members; body: Members }[] = responses
    for (const [id, level] of [
      ...levels.map((each) => [each, each] as const),
      ['unsaid', 'minimal'],
      ['format', 'full'],
    ] as const) {
      const part = parts.find((each) => each.id === id)
      assert.equal(part?.status, 200)
      assert.equal(part.headers['Content-Type'], typeOf(level))
      assert.equal('@odata.context' in part.body, level !== 'none')
      assert.equal('@odata.id' in part.body, level === 'full')
    }
    assert.equal(parts.find(({ id }) => id === 'xml')?.status, 406)
  })
})
