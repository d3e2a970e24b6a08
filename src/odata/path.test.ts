import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { model } from '#model/model.ts'
import { parsePath, type ResourcePath } from './path.ts'

const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'
const WINDOWS = '/beta/deviceManagement/deviceManagementScripts'
const HEALTH = '/beta/deviceManagement/deviceHealthScripts'
const BELOW = 'deviceShellScripts[s]/userRunStates'

/** What a path came to, short enough for a table: `deviceShellScripts[s]/userRunStates[u]`. */
function summarize(path: ResourcePath): string {
  const steps = path.parents.map(({ navigation, key }) => `${navigation.name}[${key}]/`)
  return `${steps.join('')}${path.navigation.name}${endOf(path)}`
}

function endOf(path: ResourcePath): string {
  switch (path.kind) {
    case 'collection':
      return ''
    case 'count':
      return ' count'
    case 'entity':
      return `[${path.key}]`
    case 'single':
      return ' single'
    case 'action':
      return `${path.key === undefined ? '' : `[${path.key}]`} ${path.action.name}`
  }
}

function read(path: string): string {
  return summarize(parsePath(path, model))
}

const resolved: readonly (readonly [path: string, summary: string])[] = [
  [SCRIPTS, 'deviceShellScripts'],
  [`${SCRIPTS}/`, 'deviceShellScripts'],
  [`${SCRIPTS}/s`, 'deviceShellScripts[s]'],
  [`${SCRIPTS}/s/`, 'deviceShellScripts[s]'],
  [`${SCRIPTS}//s`, 'deviceShellScripts[s]'],
  ['//beta///deviceManagement//deviceShellScripts//', 'deviceShellScripts'],
  ['beta/deviceManagement/deviceShellScripts', 'deviceShellScripts'],
  [`${SCRIPTS}('s')`, 'deviceShellScripts[s]'],
  [`${SCRIPTS}(id='s')`, 'deviceShellScripts[s]'],
  [`${SCRIPTS}(ID='s')`, 'deviceShellScripts[s]'],
  [`${SCRIPTS}%28%27s%27%29`, 'deviceShellScripts[s]'],
  [`${SCRIPTS}('it''s')`, "deviceShellScripts[it's]"],
  [`${SCRIPTS}('')`, 'deviceShellScripts[]'],
  [`${SCRIPTS}('''')`, "deviceShellScripts[']"],
  [`${SCRIPTS}('a(b)')`, 'deviceShellScripts[a(b)]'],
  [`${SCRIPTS}('$count')`, 'deviceShellScripts[$count]'],
  [`${SCRIPTS}('a%2Fb%0A%25')`, 'deviceShellScripts[a/b\n%]'],
  [`${SCRIPTS}/a%2Fb`, 'deviceShellScripts[a/b]'],
  [`${SCRIPTS}/a%252Fb`, 'deviceShellScripts[a%2Fb]'],
  [`${SCRIPTS}/it's`, "deviceShellScripts[it's]"],
  [`${SCRIPTS}/x('y')`, "deviceShellScripts[x('y')]"],
  [`${SCRIPTS}/A+b`, 'deviceShellScripts[A+b]'],
  [`${SCRIPTS}/%E5%AD%97`, 'deviceShellScripts[字]'],
  [`${SCRIPTS}/userRunStates`, 'deviceShellScripts[userRunStates]'],
  [`${SCRIPTS}/s/userRunStates`, 'deviceShellScripts[s]/userRunStates'],
  [`${SCRIPTS}/s/userRunStates/u`, 'deviceShellScripts[s]/userRunStates[u]'],
  [`${SCRIPTS}('s')/userRunStates('u')`, 'deviceShellScripts[s]/userRunStates[u]'],
  [`${SCRIPTS}('s')/userRunStates/u`, 'deviceShellScripts[s]/userRunStates[u]'],
  [`${SCRIPTS}/s/userRunStates/s:u`, 'deviceShellScripts[s]/userRunStates[s:u]'],
  ['/BETA/DEVICEMANAGEMENT/DEVICESHELLSCRIPTS/S/USERRUNSTATES/U', 'deviceShellScripts[S]/userRunStates[U]'],
  [`${SCRIPTS}/$count`, 'deviceShellScripts count'],
  [`${SCRIPTS}/$COUNT/`, 'deviceShellScripts count'],
  [`${SCRIPTS}/%24count`, 'deviceShellScripts count'],
  [`${SCRIPTS}/s/userRunStates/$count`, 'deviceShellScripts[s]/userRunStates count'],
  [`${SCRIPTS}/s/userRunStates/u/deviceRunStates/$count`, `${BELOW}[u]/deviceRunStates count`],
  [`${SCRIPTS}/s/userRunStates/u/deviceRunStates`, `${BELOW}[u]/deviceRunStates`],
  [`${SCRIPTS}/s/userRunStates/u/deviceRunStates/d`, `${BELOW}[u]/deviceRunStates[d]`],
  [
    `${SCRIPTS}/s/userRunStates/u/deviceRunStates/d/managedDevice`,
    `${BELOW}[u]/deviceRunStates[d]/managedDevice single`,
  ],
  [`${SCRIPTS}/s/runSummary`, 'deviceShellScripts[s]/runSummary single'],
  [`${SCRIPTS}('s')/RUNSUMMARY/`, 'deviceShellScripts[s]/runSummary single'],
  [`${SCRIPTS}/s/assignments/a`, 'deviceShellScripts[s]/assignments[a]'],
  [`${SCRIPTS}/s/groupAssignments/$count`, 'deviceShellScripts[s]/groupAssignments count'],
  [`${SCRIPTS}/s/assign`, 'deviceShellScripts[s] assign'],
  [`${SCRIPTS}('s')/assign/`, 'deviceShellScripts[s] assign'],
  [`${SCRIPTS}/s/ASSIGN`, 'deviceShellScripts[s] assign'],
  [`${SCRIPTS}/s/microsoft.graph.assign`, 'deviceShellScripts[s] assign'],
  [`${SCRIPTS}/s/Microsoft.Graph.Assign`, 'deviceShellScripts[s] assign'],
  [`${SCRIPTS}/assign`, 'deviceShellScripts[assign]'],
  [`${SCRIPTS}/hasPayloadLinks`, 'deviceShellScripts[hasPayloadLinks]'],
  [`${SCRIPTS}/assign/assign`, 'deviceShellScripts[assign] assign'],
  [`${HEALTH}/h/runSummary`, 'deviceHealthScripts[h]/runSummary single'],
  [`${HEALTH}/h/assignments('h:g')`, 'deviceHealthScripts[h]/assignments[h:g]'],
  [`${HEALTH}/h/deviceRunStates/$count`, 'deviceHealthScripts[h]/deviceRunStates count'],
  [
    `${HEALTH}/h/deviceRunStates/d/managedDevice`,
    'deviceHealthScripts[h]/deviceRunStates[d]/managedDevice single',
  ],
  [`${HEALTH}/h/Microsoft.Graph.Assign`, 'deviceHealthScripts[h] assign'],
  [`${HEALTH}/hasPayloadLinks`, 'deviceHealthScripts[hasPayloadLinks]'],
  [`${WINDOWS}/hasPayloadLinks`, 'deviceManagementScripts hasPayloadLinks'],
  [`${WINDOWS}/HASPAYLOADLINKS/`, 'deviceManagementScripts hasPayloadLinks'],
  [`${WINDOWS}/microsoft.graph.hasPayloadLinks`, 'deviceManagementScripts hasPayloadLinks'],
  [`${WINDOWS}/MICROSOFT.GRAPH.haspayloadlinks`, 'deviceManagementScripts hasPayloadLinks'],
  [`${WINDOWS}('hasPayloadLinks')`, 'deviceManagementScripts[hasPayloadLinks]'],
  [`${WINDOWS}('hasPayloadLinks')/assign`, 'deviceManagementScripts[hasPayloadLinks] assign'],
  [`${WINDOWS}/graph.hasPayloadLinks`, 'deviceManagementScripts[graph.hasPayloadLinks]'],
  ['/beta/deviceManagement/managedDevices/m', 'managedDevices[m]'],
  [`${WINDOWS}/s`, 'deviceManagementScripts[s]'],
  ['/beta/deviceManagement/deviceCustomAttributeShellScripts/s', 'deviceCustomAttributeShellScripts[s]'],
]

describe('a path names', () => {
  for (const [path, summary] of resolved) test(path, () => assert.equal(read(path), summary))

  test('a version, a singleton and the types on the way', () => {
    const path = parsePath(`${SCRIPTS}/s/userRunStates/u`, model)
    assert.deepEqual([path.version.name, path.singleton.name], ['beta', 'deviceManagement'])
    assert.equal(path.navigation.target, model.entityTypes.get('deviceManagementScriptUserState'))
    assert.equal(path.parents[0]?.navigation.target, model.entityTypes.get('deviceShellScript'))
  })
})

const nowhere: readonly (readonly [path: string, segment: string])[] = [
  ['/beta', ''],
  ['/beta/', ''],
  ['/beta/nonsense', 'nonsense'],
  ['/beta/deviceManagement', 'deviceManagement'],
  ['/beta/deviceShellScripts', 'deviceShellScripts'],
  ['/beta/$metadata', '$metadata'],
  ['/beta/deviceManagement/nonsense', 'nonsense'],
  ['/beta/deviceManagement/userRunStates', 'userRunStates'],
  ['/v1.0/deviceManagement/deviceShellScripts', 'deviceShellScripts'],
  ['/beta/__proto__/deviceShellScripts', '__proto__'],
  ['/beta/deviceManagement/constructor', 'constructor'],
  [`${SCRIPTS}/$ref`, '$ref'],
  [`${SCRIPTS}/$count/s`, '$count'],
  [`${SCRIPTS}/$count/$count`, '$count'],
  [`${SCRIPTS}/s/$count`, '$count'],
  [`${SCRIPTS}('s')/$count`, '$count'],
  [`${SCRIPTS}/s/runSummary/$count`, '$count'],
  [`${SCRIPTS}/s/runSummary/s`, 's'],
  [`${SCRIPTS}/s/runSummary('s')`, "runSummary('s')"],
  [`${SCRIPTS}/s/runSummary/assign`, 'assign'],
  [`${SCRIPTS}/s/assign/s`, 'assign'],
  [`${SCRIPTS}/s/assign/$count`, 'assign'],
  [`${SCRIPTS}/s/assign()`, 'assign()'],
  [`${SCRIPTS}/s/graph.assign`, 'graph.assign'],
  [`${SCRIPTS}/s/hasPayloadLinks`, 'hasPayloadLinks'],
  [`${SCRIPTS}/s/assignments/a/assign`, 'assign'],
  [`${WINDOWS}/s/hasPayloadLinks`, 'hasPayloadLinks'],
  [`${WINDOWS}/hasPayloadLinks/assign`, 'hasPayloadLinks'],
  [`${WINDOWS}/hasPayloadLinks/$count`, 'hasPayloadLinks'],
  [`${SCRIPTS}/s/deviceRunStates/d/managedDevice/m`, 'm'],
  ['/beta/deviceManagement/managedDevices/m/deviceRunStates', 'deviceRunStates'],
  [`${SCRIPTS}/s/$value`, '$value'],
  [`${SCRIPTS}/s/nonsense`, 'nonsense'],
  [`${SCRIPTS}/s/displayName`, 'displayName'],
  [`${SCRIPTS}('s')/t`, 't'],
  [`${HEALTH}/h/userRunStates`, 'userRunStates'],
  [`${HEALTH}/h/groupAssignments`, 'groupAssignments'],
  [`${HEALTH}/h/getRemediationHistory`, 'getRemediationHistory'],
  ['/v1.0/deviceManagement/deviceHealthScripts', 'deviceHealthScripts'],
  [`${SCRIPTS}(s)`, 'deviceShellScripts(s)'],
  [`${SCRIPTS}(5)`, 'deviceShellScripts(5)'],
  [`${SCRIPTS}()`, 'deviceShellScripts()'],
  [`${SCRIPTS}('s`, "deviceShellScripts('s"],
  [`${SCRIPTS}('it's')`, "deviceShellScripts('it's')"],
  [`${SCRIPTS}(name='s')`, "deviceShellScripts(name='s')"],
  [`${SCRIPTS}('s')('t')`, "deviceShellScripts('s')('t')"],
  ["/beta/deviceManagement/(deviceShellScripts('s')", "(deviceShellScripts('s')"],
  [`${SCRIPTS}("s")`, 'deviceShellScripts("s")'],
  [`/beta/deviceManagement/${'x'.repeat(101)}`, 'x'.repeat(100)],
]

describe('a path that leads nowhere is refused by the segment', () => {
  for (const [path, segment] of nowhere) {
    test(`'${segment}' of ${path.slice(0, 80)}`, () => {
      const message = `Resource not found for the segment '${segment}'.`
      assert.throws(() => parsePath(path, model), { name: 'ODataError', code: 'BadRequest', message })
    })
  }
})

describe('a version that is not served is refused', () => {
  const versions = [
    ['/', ''],
    ['', ''],
    ['/v2.0/deviceManagement/deviceShellScripts', 'v2.0'],
    ['/deviceManagement/deviceShellScripts', 'deviceManagement'],
    ['/beta%20/deviceManagement', 'beta '],
    [`/${'x'.repeat(101)}`, 'x'.repeat(100)],
  ] as const
  for (const [path, version] of versions) {
    test(`in '${path.slice(0, 60)}'`, () => {
      const message = `Invalid version: ${version}`
      assert.throws(() => parsePath(path, model), { name: 'ODataError', code: 'ResourceNotFound', message })
    })
  }
})

describe('a segment with a U+0000 is refused', () => {
  for (const segment of ['%00', 'a%00b', "('%00')"]) {
    test(segment, () => {
      const message = `The segment '${segment}' of the URL has a U+0000, which can be in no value.`
      assert.throws(() => parsePath(`${SCRIPTS}/${segment}`, model), { code: 'BadRequest', message })
    })
  }
})

describe('a segment that cannot be decoded is refused', () => {
  for (const segment of ['%', '%2', '%zz', '%ff', '%c0%af', '%ed%a0%80', `${'x'.repeat(100)}%`]) {
    test(segment.slice(0, 20), () => {
      const message = `The segment '${segment.slice(0, 100)}' of the URL cannot be percent-decoded.`
      assert.throws(() => parsePath(`${SCRIPTS}/${segment}`, model), { code: 'BadRequest', message })
    })
  }
})

const keys = fc.oneof(
  fc.string({ unit: 'binary' }).filter((key) => !key.includes('\0')),
  fc.string({ unit: fc.constantFrom("'", '(', ')', '/', '%', '$', '.', ':', '?', '#', 'a', ' ', '+', '=') }),
)

test('any key comes back as it was from parentheses written by hand, a quote doubled', () => {
  fc.assert(
    fc.property(keys, (key) => {
      const quoted = encodeURIComponent(`('${key.replaceAll("'", "''")}')`)
      const read = parsePath(`${SCRIPTS}${quoted}`, model)
      assert.equal(read.kind === 'entity' && read.key, key)
    }),
  )
})

test('any path is read or refused, and never breaks the reader', () => {
  const segments = fc.constantFrom(
    'beta',
    'deviceManagement',
    'deviceShellScripts',
    'userRunStates',
    "('a')",
    '%',
    '$',
  )
  const paths = fc.array(fc.oneof(segments, fc.string({ unit: 'binary' }))).map((parts) => parts.join('/'))
  fc.assert(
    fc.property(paths, (path) => {
      try {
        parsePath(path, model)
      } catch (error) {
        assert(error instanceof Error && error.name === 'ODataError', String(error))
      }
    }),
    { numRuns: 1000 },
  )
})
