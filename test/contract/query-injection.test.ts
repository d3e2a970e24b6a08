/** Tricks in every place that takes a literal or a name: nothing is broken, and nothing that is sent is in SQL's text. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { parseOptions } from '#odata/odata.ts'
import { compile } from '#storage/compile.ts'
import { postgres, sqlite } from '#storage/dialect.ts'
import type { Answer, Runstate } from '../support/runstate.ts'
import { types } from '../support/storage.ts'
import { createScript, rowsOf, shellFamily, useRunstate } from './families.ts'
import { ask } from './queries.ts'

/** Nothing is beyond it: what begins with it is a range without an end. */
const LAST_POINT = '\u{10ffff}'

const TRICKS = [
  ...["' OR 1=1 --", "'; DROP TABLE user_state; --", "''", "'''", "x' or 'x' eq 'x", "'||(SELECT id)||'"],
  ...[
    '"',
    '"; DELETE FROM script',
    '`',
    '[x]',
    '\\',
    "\\'",
    '%',
    '_',
    '*',
    '?1',
    '?',
    '$1',
    ':id',
    '@id',
    '#',
  ],
  ...['1; SELECT 1', '/* */', '--', ')', '(((', '{}', '[]', '{"a":1}', '","', '\u0000', 'a\u0000b', '\u0001'],
  ...[
    '\n',
    '\r\n',
    '\t',
    '\u2028',
    '\ufeff',
    '\u202e',
    '\ufffd',
    '😀',
    '\u{10ffff}',
    'e\u0301',
    'İ',
    'ẞ',
    'ﬁ',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', 'NaN', 'true', '0x10'],
  ...[
    'display_name',
    'display_name_fold',
    'tenant',
    'script.tenant',
    'rowid',
    'sqlite_master',
    'pg_sleep(9)',
  ],
  ...[
    'deadline()',
    'fold(id)',
    'v1',
    'given.g0',
    'number',
    'family',
    'a'.repeat(3000),
    '-',
    "duration'",
    '%27',
  ],
] as const

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

/** An option of a query with a trick where a literal stands, and without the quotes it needs. */
const literals: Readonly<Record<string, (trick: string) => string>> = {
  'an equality': (trick) => `$filter=userPrincipalName eq ${quoted(trick)}`,
  'an inequality': (trick) => `$filter=userPrincipalName ne ${quoted(trick)}`,
  'an id': (trick) => `$filter=id eq ${quoted(trick)}`,
  'a list': (trick) => `$filter=userPrincipalName in (${quoted(trick)},null,${quoted(trick)})`,
  contains: (trick) => `$filter=contains(userPrincipalName,${quoted(trick)})`,
  startswith: (trick) => `$filter=startswith(userPrincipalName,${quoted(trick)})`,
  endswith: (trick) => `$filter=endswith(userPrincipalName,${quoted(trick)})`,
  indexof: (trick) => `$filter=indexof(userPrincipalName,${quoted(trick)}) ge 0`,
  concat: (trick) => `$filter=concat(userPrincipalName,${quoted(trick)}) eq ${quoted(trick)}`,
  'a value below': (trick) => `$filter=deviceRunStates/any(d:d/errorDescription eq ${quoted(trick)})`,
  'a count below': (trick) =>
    `$filter=deviceRunStates/$count($filter=resultMessage eq ${quoted(trick)}) eq 0`,
  'an order': (trick) => `$orderby=concat(userPrincipalName,${quoted(trick)})`,
  'an order by a literal': (trick) => `$orderby=${quoted(trick)} desc`,
}

/** An option with a trick as it is, where it can only be a name or nothing at all. */
const names: Readonly<Record<string, (trick: string) => string>> = {
  'a filter': (trick) => `$filter=${trick}`,
  'a property': (trick) => `$filter=${trick} eq 1`,
  'an operator': (trick) => `$filter=errorDeviceCount ${trick} 1`,
  'an operand': (trick) => `$filter=errorDeviceCount eq ${trick}`,
  'a function': (trick) => `$filter=${trick}(userPrincipalName) eq 'x'`,
  'a segment': (trick) => `$filter=deviceRunStates/${trick} eq 1`,
  'a variable': (trick) => `$filter=deviceRunStates/any(${trick}:${trick}/errorCode eq 1)`,
  'the type of an enumeration': (trick) => `$filter=deviceRunStates/any(d:d/runState eq ${trick}'fail')`,
  'a member of an enumeration': (trick) => `$filter=deviceRunStates/any(d:d/runState eq ${quoted(trick)})`,
  'a duration': (trick) => `$filter=now() add duration${quoted(trick)} gt now()`,
  'a key of an order': (trick) => `$orderby=${trick}`,
  'a direction': (trick) => `$orderby=id ${trick}`,
  'a search': (trick) => `$search=${trick}`,
  'a phrase': (trick) => `$search="${trick}"`,
  'a selection': (trick) => `$select=${trick}`,
  'an expansion': (trick) => `$expand=${trick}`,
  'an expansion with a filter': (trick) =>
    `$expand=deviceRunStates($filter=resultMessage eq ${quoted(trick)})`,
  'an order of an expansion': (trick) => `$expand=deviceRunStates($orderby=${trick})`,
  'a number of rows': (trick) => `$top=${trick}`,
  'rows to skip': (trick) => `$skip=${trick}`,
  'a flag': (trick) => `$count=${trick}`,
  'a format': (trick) => `$format=${trick}`,
  'a place': (trick) => `$skiptoken=${trick}`,
  'an option': (trick) => `$${trick}=1`,
  'an option without its sign': (trick) => `${trick}=1`,
}

/** The option and its value, percent-encoded: what the trick was made for is the text that arrives. */
function encoded(option: string): string {
  const at = option.indexOf('=', 1)
  return `${encodeURIComponent(option.slice(0, at))}=${encodeURIComponent(option.slice(at + 1))}`
}

async function asFilled(runstate: Runstate): Promise<string> {
  const script = await createScript(runstate, shellFamily)
  for (const userPrincipalName of ['ada@contoso.com', null, '%']) {
    const user = await runstate.create(`${script}/userRunStates`, { userPrincipalName })
    await runstate.create(`${script}/userRunStates/${user}/deviceRunStates`, { runState: 'fail' })
  }
  return script
}

describe('a trick does no harm as', () => {
  const runstate = useRunstate()
  let script = ''
  let untouched = ''
  const whole = async (): Promise<string> => {
    const parts: Answer[] = []
    for (const path of [
      script,
      `${script}/userRunStates`,
      `${script}/deviceRunStates`,
      `${script}/runSummary`,
    ])
      parts.push(await runstate().send('GET', path))
    return parts.map(({ text }) => text).join('\n')
  }
  before(async () => {
    script = await asFilled(runstate())
    untouched = await whole()
  })

  const collections = ['userRunStates', ''] as const
  for (const [place, write] of [...Object.entries(literals), ...Object.entries(names)]) {
    test(place, async () => {
      for (const trick of TRICKS) {
        for (const below of place.includes('search') || place === 'a phrase'
          ? collections
          : ['userRunStates']) {
          const path = below === '' ? shellFamily.set : `${script}/${below}`
          const answer = await ask(runstate(), path, encoded(write(trick)))
          const isFine = [200, 400].includes(answer.status) || (place === 'a format' && answer.status === 406)
          assert(isFine, `${answer.status} ${write(trick).slice(0, 100)}`)
        }
      }
      assert.equal(await whole(), untouched)
    })
  }

  test('a key in the path or in a place', async () => {
    for (const trick of TRICKS) {
      const key = encodeURIComponent(trick)
      for (const path of [`${script}/userRunStates/${key}`, `${script}/userRunStates('${key}')`]) {
        const { status } = await runstate().send('GET', path)
        assert([200, 400, 404].includes(status), `${status} ${path.slice(0, 150)}`)
      }
    }
    const first = await ask(runstate(), `${script}/userRunStates`, '$top=1&$orderby=userPrincipalName')
    const token = new URL(String(first.body['@odata.nextLink'])).searchParams.get('$skiptoken') ?? ''
    const [digest]: unknown[] = JSON.parse(Buffer.from(token, 'base64url').toString())
    for (const trick of TRICKS) {
      const forged = Buffer.from(JSON.stringify([digest, trick, trick])).toString('base64url')
      const query = `$top=1&$orderby=userPrincipalName&$skiptoken=${forged}`
      const { status } = await ask(runstate(), `${script}/userRunStates`, query)
      assert([200, 400].includes(status), `${status} ${trick.slice(0, 100)}`)
    }
    assert.equal(await whole(), untouched)
  })

  test('a wildcard, which finds only itself', async () => {
    for (const [filter, count] of [
      ["userPrincipalName eq '%'", 1],
      ["contains(userPrincipalName,'%')", 1],
      ["startswith(userPrincipalName,'%')", 1],
      ["contains(userPrincipalName,'_')", 0],
      ["contains(userPrincipalName,'*')", 0],
      ["endswith(userPrincipalName,'%com')", 0],
    ] as const) {
      const rows = rowsOf(await ask(runstate(), `${script}/userRunStates`, encoded(`$filter=${filter}`)))
      assert.equal(rows.length, count, filter)
    }
  })
})

/** The texts of the statements of a query on user run states. */
function statementsOf(option: string): readonly string[] {
  const type = types.userState
  const target = { type, kind: 'collection', now: '2026-01-01T00:00:00.0000000Z' } as const
  const { condition, order } = parseOptions(encoded(option), target)
  const within = { tenant: 1, parent: { type: types.shell, within: { tenant: 1 }, key: 'x' } }
  return [sqlite, postgres].flatMap((dialect) => [
    compile({ kind: 'count', type, within, condition }, dialect).text,
    compile({ kind: 'select', type, within, condition, order, limit: 2 }, dialect).text,
    compile(
      { kind: 'select', type, within, condition, order, after: order.map(() => 'x').concat('y') },
      dialect,
    ).text,
  ])
}

describe('the text of a statement', () => {
  for (const [place, write] of Object.entries(literals)) {
    test(`is the same whatever stands in ${place}`, () => {
      const plain = statementsOf(write('plain'))
      const usual = TRICKS.filter((each) => !each.includes('\0') && each !== LAST_POINT)
      for (const trick of usual) assert.deepEqual(statementsOf(write(trick)), plain, trick)
    })
  }

  test('has no literal of a query in it, of whatever type', () => {
    for (const option of [
      '$filter=errorDeviceCount eq 424242 or errorDeviceCount in (424242,1) or -424242 lt successDeviceCount',
      '$filter=substring(userPrincipalName,424242,424242) eq id',
      "$filter=deviceRunStates/any(d:d/lastStateUpdateDateTime gt 2042-04-24T23:42:42Z and d/runState eq 'fail')",
      "$filter=now() sub duration'PT424242S' gt 2042-04-24",
      '$orderby=errorDeviceCount mul 424242',
    ]) {
      for (const text of statementsOf(option)) {
        assert.doesNotMatch(text, /424242|2042|fail/)
        assert.doesNotMatch(text.replace(/'\$\[[01]\]'/g, ''), /'/, 'no text is quoted')
      }
    }
  })

  test('is of a length that goes with that of the expression', () => {
    const textOf = (levels: number): number => {
      let inner = 'errorDeviceCount'
      for (let i = 0; i < levels; i += 1) inner = `length(substring(userPrincipalName,${inner},2))`
      return Math.max(...statementsOf(`$filter=${inner} eq 1`).map(({ length }) => length))
    }
    assert(textOf(40) < 6 * textOf(10), `${textOf(10)} and ${textOf(40)} characters`)
    const chain = (links: number): number =>
      Math.max(...statementsOf(`$filter=true${' in (true,null)'.repeat(links)}`).map(({ length }) => length))
    assert(chain(80) < 10 * chain(10), `${chain(10)} and ${chain(80)} characters`)
  })

  test('asks for the deadline at every row of what is below', () => {
    const type = types.shell
    const target = { type, kind: 'collection', now: '2026-01-01T00:00:00.0000000Z' } as const
    for (const [filter, times] of [
      ["roleScopeTagIds/any(t:t eq 'x')", 2],
      ['roleScopeTagIds/any(t:roleScopeTagIds/any(u:t eq u))', 3],
      ['userRunStates/any(u:u/deviceRunStates/$count gt 1)', 3],
    ] as const) {
      const { condition } = parseOptions(encoded(`$filter=${filter}`), target)
      const { text } = compile({ kind: 'count', type, within: { tenant: 1 }, condition }, sqlite)
      assert.equal(text.split('deadline()').length - 1, times, text)
    }
  })
})
