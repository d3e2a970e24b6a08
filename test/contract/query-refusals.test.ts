/** What queries are refused, with what the refusal says; and the limits, each at its value and one past it. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { limits } from '#base/base.ts'
import { assertRefused } from './families.ts'
import { ask, assertBad, type Collection, queryOf, usePopulation } from './queries.ts'

type Refusal = readonly [collection: Collection, expression: string, ...said: readonly (string | RegExp)[]]

const TYPE = 'microsoft.graph.deviceShellScript'

const filters: readonly Refusal[] = [
  ['shell', 'nonsense eq 1', "Could not find a property named 'nonsense'", TYPE, 'position 0'],
  ['shell', 'retryCount eq 1 and nope', "'nope'", TYPE, 'position 20'],
  ['shell', 'runSummary/nope eq 1', "'nope'", 'microsoft.graph.deviceManagementScriptRunSummary'],
  ['deviceStates', 'managedDevice/nope eq 1', "'nope'", 'microsoft.graph.managedDevice'],
  ['deviceStates', 'retryCount eq 1', "'retryCount'", 'microsoft.graph.deviceManagementScriptDeviceState'],
  ['shell', 'userRunStates/any(u:u/nope eq 1)', "'nope'", 'deviceManagementScriptUserState'],
  ['shell', 'userRunStates/any(u:v/successDeviceCount eq 1)', "'v'"],
  ['shell', 'userRunStates/any(u:U/successDeviceCount eq 1)', "'U'"],
  ['shell', 'roleScopeTagIds/any(t:t/x eq 1)', "'x'"],
  ['assignments', 'target/nope eq 1', "'nope'", 'microsoft.graph.deviceAndAppManagementAssignmentTarget'],
  ['assignments', 'target/microsoft.graph.allDevicesAssignmentTarget/groupId eq null', "'groupId'"],
  ['assignments', 'target/microsoft.graph.nope/groupId eq null', "'microsoft.graph.nope'"],
  ['assignments', 'target/groupId/x eq 1', "'x'", 'Edm.String'],
  ['shell', 'fileName/x eq 1', "'x'", 'Edm.String'],
  ['shell', "frobnicate(fileName) eq 'x'", "'frobnicate'", 'position 0'],
  ['shell', 'length() eq 1', 'length(Edm.String)'],
  ['shell', 'length(fileName,fileName) eq 1', 'length(Edm.String)'],
  ['shell', 'length(retryCount) eq 1', 'length(Edm.String)'],
  ['shell', "contains(retryCount,'1')", 'contains(Edm.String, Edm.String)'],
  ['shell', 'contains(fileName)', 'contains(Edm.String, Edm.String)'],
  ['shell', "substring(fileName,'1') eq 'x'", 'substring(Edm.String, Edm.Int32)'],
  ['shell', 'year(fileName) eq 1', 'Edm.DateTimeOffset or Edm.Date'],
  ['shell', 'now(1) eq createdDateTime', "'now'"],
  ['shell', "cast(retryCount,'Edm.String') eq '1'", "'cast'", 'not supported'],
  ['shell', "retryCount eq 'x'", "'Edm.Int32' and 'Edm.String'", 'Equal', 'position 11'],
  ['shell', 'retryCount eq true', "'Edm.Int32' and 'Edm.Boolean'"],
  ['shell', 'fileName eq 1', "'Edm.String' and 'Edm.Int32'"],
  ['shell', 'fileName gt 2026-01-01', "'Edm.String' and 'Edm.Date'"],
  ['shell', "createdDateTime eq 'yesterday'", "'Edm.DateTimeOffset' and 'Edm.String'"],
  ['shell', 'createdDateTime eq 2026-02-30T00:00:00Z', 'Edm.DateTimeOffset', 'position 19'],
  ['shell', 'createdDateTime eq 2026-01-01T00:00:00', 'Edm.DateTimeOffset', 'position 19'],
  ['shell', 'date(createdDateTime) eq 2026-02-30', 'Edm.Date'],
  ['shell', 'time(createdDateTime) eq 25:00', 'Edm.TimeOfDay'],
  ['shell', "executionFrequency eq 'PT1H'", "'Edm.Duration' and 'Edm.String'"],
  ['shell', "executionFrequency eq duration'soon'", 'Edm.Duration'],
  ['shell', 'executionFrequency eq 5', "'Edm.Duration' and 'Edm.Int32'"],
  ['shell', "createdDateTime add duration'P1D' gt now()", 'Durations'],
  ['shell', "now() add duration'P9999D' mul 2 gt now()", 'Multiply'],
  ['shell', "runAsAccount eq 'nobody'", "'nobody'", 'position 16'],
  ['shell', "runAsAccount eq microsoft.graph.runState'user'", "'user'", 'position 16'],
  ['shell', "runAsAccount eq microsoft.graph.nonsense'user'", "'user'"],
  ['shell', 'runAsAccount eq 1', 'an enumeration'],
  ['shell', "retryCount in (1,'x')", 'Edm.String', 'Edm.Int32'],
  ['shell', 'retryCount in ()', 'empty list', 'position 14'],
  ['shell', 'retryCount in 7', 'position 14'],
  ['shell', 'retryCount', 'neither true nor false', 'position 0'],
  ['shell', 'not retryCount', 'neither true nor false'],
  ['shell', 'retryCount and true', 'neither true nor false'],
  ['shell', "-fileName eq 'x'", 'Edm.String'],
  ['shell', "fileName add 'x' eq 'x'", 'Add'],
  ['shell', 'scriptContent eq null and scriptContent eq scriptContent', 'Edm.Binary'],
  ['assignments', 'target eq target', 'complex'],
  ['shell', 'assignments eq null', "'assignments'"],
  ['shell', 'roleScopeTagIds eq null', "'roleScopeTagIds'"],
  ['shell', "assignments/id eq 'x'", "'assignments'"],
  ['shell', 'runSummary/any()', 'microsoft.graph.deviceManagementScriptRunSummary'],
  ['shell', 'fileName/any()', "'fileName'", 'no collection'],
  ['shell', 'fileName/$count eq 1', "'fileName'"],
  ['shell', 'assignments/all()', 'variable'],
  ['shell', 'roleScopeTagIds/$count($filter=true) eq 1', '$filter'],
  ['health', "detectionScriptParameters/any(p:p/name eq 'x')", "'detectionScriptParameters'"],
  ['shell', '', 'position 0'],
  ['shell', '   ', 'position 3'],
  ['shell', '(', 'position 1'],
  ['shell', '(retryCount eq 1', 'position 16'],
  ['shell', 'retryCount eq 1)', 'position 15'],
  ['shell', "fileName eq 'x", 'unterminated', 'position 12'],
  ['shell', "fileName eq 'x''", 'unterminated'],
  ['shell', 'retryCount eq', 'position 13'],
  ['shell', 'eq 1', /position \d/],
  ['shell', 'retryCount = 7', 'position 11'],
  ['shell', 'retryCount == 7', 'position 11'],
  ['shell', 'retryCount eq 7 && true', 'position 16'],
  ['shell', 'retryCount eq 7 true', 'position 16'],
  ['shell', 'retryCount eq 1.2.3', 'position 17'],
  ['shell', 'retryCount eq 1e999', 'position 14'],
  ['shell', 'retryCount eq INF', 'position 14'],
  ['shell', 'fileName eq "x"', 'position 12'],
  ['shell', 'fileName eq @p', 'alias'],
  ['shell', "runAsAccount has microsoft.graph.runAsAccountType'user'", "'has'"],
  ['shell', "contains(fileName,'x'", 'position 21'],
  ['shell', "fileName eq 'x'; DROP TABLE script", 'position 15'],
  ['shell', "fileName eq 'x' -- ", /position 1\d/],
]

const orders: readonly Refusal[] = [
  ['shell', 'nonsense', "'nonsense'", TYPE],
  ['shell', 'scriptContent', 'position 0'],
  ['shell', 'retryCount,scriptContent desc', 'position 11'],
  ['deviceStates', 'resultMessage', 'position 0'],
  ['deviceStates', 'length(resultMessage)', 'position 0'],
  ['healthStates', 'preRemediationDetectionScriptOutput', 'position 0'],
  ['assignments', 'target', 'position 0'],
  ['shell', 'assignments', "'assignments'"],
  ['shell', 'roleScopeTagIds', "'roleScopeTagIds'"],
  ['shell', 'runSummary', 'no value'],
  ['shell', 'null', 'position 0'],
  ['shell', 'retryCount up', 'position 11'],
  ['shell', 'retryCount desc desc', 'position 16'],
  ['shell', 'retryCount,', 'position 11'],
  ['shell', ',retryCount', 'position 0'],
  ['shell', '', 'position 0'],
]

const searches: readonly Refusal[] = [
  ['shell', '', 'position 0'],
  ['shell', '"open', 'unterminated'],
  ['shell', '""', 'empty'],
  ['shell', 'a OR', 'position 4'],
  ['shell', '(a', 'position 2'],
  ['shell', 'a)', 'position 1'],
  ['userStates', 'a', 'microsoft.graph.deviceManagementScriptUserState'],
]

describe('a query is refused', () => {
  const population = usePopulation()
  for (const [option, refusals] of [
    ['$filter', filters],
    ['$orderby', orders],
    ['$search', searches],
  ] as const) {
    for (const [collection, expression, ...said] of refusals) {
      test(`that asks ${collection} for ${option}=${expression}`, async () => {
        const { runstate, paths } = population()
        assertBad(await ask(runstate, paths[collection], { [option]: expression }), ...said)
      })
    }
  }

  for (const [query, ...said] of [
    ['$top=-1', "'$top'", "'-1'"],
    ['$top=', "'$top'"],
    ['$top=1.5', "'$top'"],
    ['$top=ten', "'$top'", "'ten'"],
    ['$top=1e3', "'$top'"],
    ['$skip=-1', "'$skip'"],
    ['$skip=%00', "'$skip'"],
    ['$count=yes', "'$count'"],
    ['$top=1&$top=1', "'$top'", 'twice'],
    ['$top=1&TOP=2', "'$top'", 'twice'],
    ['$filter=true&filter=true', "'$filter'", 'twice'],
    ['$apply=aggregate(x)', "'$apply'"],
    ['$compute=1 as x', "'$compute'"],
    ['$deltatoken=x', "'$deltatoken'"],
    ['$nonsense=1', "'$nonsense'"],
    ['$skiptoken=', "'$skiptoken'"],
    ['$skiptoken=abc', "'$skiptoken'"],
    ['$skiptoken=W10', "'$skiptoken'"],
    ['$skiptoken=WyJ4IiwxXQ', "'$skiptoken'"],
    ['$select=nope', "'nope'", TYPE],
    ['$expand=nope', "'nope'", TYPE],
    ['$expand=fileName', "'fileName'", TYPE],
  ] as const) {
    test(`that says ${query}`, async () => {
      const { runstate, paths } = population()
      assertBad(await runstate.send('GET', `${paths.shell}?${query}`), ...said)
    })
  }

  test('where its options are not for the kind of path', async () => {
    const { runstate, paths, script } = population()
    const item = `${paths.shell}/${script}`
    const refused: readonly (readonly [path: string, options: readonly string[]])[] = [
      [item, ['$filter', '$orderby', '$top', '$skip', '$skiptoken', '$count', '$search']],
      [`${item}/runSummary`, ['$filter', '$orderby', '$top', '$skip', '$count', '$search']],
      [`${paths.shell}/$count`, ['$select', '$expand', '$orderby', '$top', '$skip', '$skiptoken', '$count']],
    ]
    for (const [path, options] of refused) {
      for (const option of options) {
        for (const name of [option, option.slice(1), option.toUpperCase()])
          assertBad(await runstate.send('GET', `${path}?${name}=1`), `'${option}'`)
      }
    }
    const change = await runstate.send('PATCH', `${item}?$filter=true`, { body: { retryCount: 6 } })
    assertBad(change, "'$filter'")
    assertRefused(await runstate.send('DELETE', `${item}?$top=1`), 400)
    assert.equal((await runstate.send('GET', item)).body['retryCount'], 7)
  })

  test('with the place of another question', async () => {
    const { runstate, paths } = population()
    const tokenOf = async (path: string, query: string): Promise<string> => {
      const { body } = await ask(runstate, path, query)
      return new URL(String(body['@odata.nextLink'])).searchParams.get('$skiptoken') ?? ''
    }
    const token = await tokenOf(paths.deviceStates, '$top=1&$orderby=errorCode')
    const again = await ask(runstate, paths.deviceStates, `$top=1&$orderby=errorCode&$skiptoken=${token}`)
    assert.equal(again.status, 200)
    const [digest = '', ...after]: unknown[] = JSON.parse(Buffer.from(token, 'base64url').toString())
    const forged = (...ranks: readonly unknown[]): string =>
      Buffer.from(JSON.stringify([digest, ...ranks])).toString('base64url')
    for (const [path, query] of [
      [paths.deviceStates, `$skiptoken=${token}`],
      [paths.deviceStates, `$orderby=errorCode desc&$skiptoken=${token}`],
      [paths.deviceStates, `$orderby=errorCode&$filter=true&$skiptoken=${token}`],
      [paths.nested, `$orderby=errorCode&$skiptoken=${token}`],
      [paths.userStates, `$skiptoken=${token}`],
      [paths.deviceStates, `$orderby=errorCode&$skiptoken=${forged()}`],
      [paths.deviceStates, `$orderby=errorCode&$skiptoken=${forged(1)}`],
      [paths.deviceStates, `$orderby=errorCode&$skiptoken=${forged(1, 'x', 'x')}`],
      [paths.deviceStates, `$orderby=errorCode&$skiptoken=${forged({ a: 1 }, 'x')}`],
      [paths.deviceStates, `$orderby=errorCode&$skiptoken=${forged([1], 'x')}`],
      [paths.deviceStates, `$orderby=errorCode&$skiptoken=${token}=`],
      [paths.deviceStates, `$orderby=errorCode&$skiptoken=${token.slice(1)}`],
    ] as const)
      assertBad(await ask(runstate, path, query), "'$skiptoken'")
    for (const ranks of [
      ['x', 'y'],
      [true, null],
      [null, null],
      [1e308, 1e308],
      [after[1], after[0]],
    ]) {
      const answer = await ask(
        runstate,
        paths.deviceStates,
        `$orderby=errorCode&$skiptoken=${forged(...ranks)}`,
      )
      assert([200, 400].includes(answer.status), answer.text)
    }
  })
})

const repeat = (count: number, part: string, separator: string) => Array(count).fill(part).join(separator)
const nest = (count: number, open: string, inside: string, close: string) =>
  `${open.repeat(count)}${inside}${close.repeat(count)}`

const DEPTH = limits.filterDepth
const NODES = limits.filterNodes

/** An option at its limit, and one past it. */
const edges: readonly (readonly [what: string, option: string, at: string, past: string])[] = [
  ...(
    [
      ['parentheses', (n: number) => nest(n, '(', 'true', ')')],
      ['nots', (n: number) => `${'not '.repeat(n)}true`],
      ['calls', (n: number) => `${nest(n, 'trim(', 'fileName', ')')} eq 'x'`],
      ['minus signs', (n: number) => `${'- '.repeat(n)}retryCount eq 1`],
    ] as const
  ).map(([what, make]) => [`${what} within each other`, '$filter', make(DEPTH), make(DEPTH + 1)] as const),
  ['parentheses in an order', '$orderby', nest(DEPTH, '(', '1', ')'), nest(DEPTH + 1, '(', '1', ')')],
  ['parentheses in a search', '$search', nest(DEPTH, '(', 'a', ')'), nest(DEPTH + 1, '(', 'a', ')')],
  ['conditions joined by or', '$filter', repeat(1000, 'true', ' or '), repeat(1001, 'true', ' or ')],
  ['conditions joined by and', '$filter', repeat(1000, 'true', ' and '), repeat(1001, 'true', ' and ')],
  [
    'comparisons joined by or',
    '$filter',
    repeat(NODES / 4, "id eq 'x'", ' or '),
    repeat(NODES / 4 + 1, "id eq 'x'", ' or '),
  ],
  [
    'items of a list',
    '$filter',
    `retryCount in (${repeat(NODES - 2, '7', ',')})`,
    `retryCount in (${repeat(NODES - 1, '7', ',')})`,
  ],
  ['words of a search', '$search', repeat(NODES / 2, 'a', ' '), repeat(NODES / 2 + 1, 'a', ' ')],
  ['sums in a row', '$filter', sums(DEPTH), sums(DEPTH + 1)],
  [
    'keys of an order',
    '$orderby',
    repeat(limits.orderKeys, 'id', ','),
    repeat(limits.orderKeys + 1, 'id', ','),
  ],
]

function sums(count: number): string {
  return `retryCount${' add 1'.repeat(count)} gt 0`
}

describe('the limit of', () => {
  const population = usePopulation()
  for (const [what, option, at, past] of edges) {
    test(what, async () => {
      const { runstate, paths } = population()
      const answer = await ask(runstate, paths.shell, `${option}=${at.replaceAll(' ', '+')}`)
      assert.equal(answer.status, 200, answer.text)
      assertBad(
        await ask(runstate, paths.shell, `${option}=${past.replaceAll(' ', '+')}`),
        /position \d|More/,
      )
    })
  }

  test('what the database can take is never met with an error of ours', async () => {
    const { runstate, paths } = population()
    const doubling = (levels: number) => {
      let inner = '1'
      for (let i = 0; i < levels; i += 1) inner = `length(substring('abc',${inner}))`
      return `${inner} eq 1`
    }
    let counts = '1'
    for (let i = 0; i < 30; i += 1)
      counts = `s/deviceRunStates/$count($filter=endswith(substring('a',${counts}),'b'))`
    for (const filter of [
      ...[10, 100, 300, 400, 600, 1000].map((n) => repeat(n, 'true', ' eq ')),
      ...[5, 20, 60, 400].map((n) => `true${' in (true,null)'.repeat(n)}`),
      ...[5, 20, 40, 60].map(doubling),
      ...[20, 40, DEPTH].map((n) => nest(n, 'roleScopeTagIds/any(t:', "t eq '0'", ')')),
      nest(14, '(', '1', `${' add 1'.repeat(70)})`),
      `${nest(14, `(1${' add 1'.repeat(68)} add `, '1', ')')} gt 0`,
      nest(99, '(', 'true', ' or true) eq true'),
      nest(99, 'true eq (true and ', 'true', ')'),
      `${nest(49, 'concat(fileName,concat(', "'a'", ",'b'))")} eq 'a'`,
    ]) {
      const started = performance.now()
      const answer = await ask(runstate, paths.shell, queryOf({ $filter: filter }).replaceAll('%20', '+'))
      assert([200, 400, 414].includes(answer.status), `${answer.status} ${filter.slice(0, 100)}`)
      assert(performance.now() - started < 5000, `it took long: ${filter.slice(0, 100)}`)
    }
    const counted = queryOf({ $filter: `userRunStates/any(s:${counts} eq 1)` })
    const answer = await ask(runstate, paths.windows, counted)
    assert([200, 400].includes(answer.status), answer.text)
  })
})
