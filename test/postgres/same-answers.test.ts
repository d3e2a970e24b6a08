/** One script of requests, answered by a server on each database: status, headers and bodies are the same. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createServer } from '#server.ts'
import { noPostgres, type Postgres, startPostgres } from '../support/postgres.ts'

interface Step {
  readonly method: string
  readonly path: string
  readonly body?: unknown
}

const FAMILY = 'deviceShellScripts'

/** `{n}` stands for the id in the answer to the n-th request, from 0. */
const script = `${FAMILY}/{0}`
const steps: readonly Step[] = [
  post(FAMILY, { displayName: 'Älpha', fileName: 'a.sh', scriptContent: 'Cg==', retryCount: 3 }),
  post(FAMILY, { displayName: 'beta', fileName: 'b.sh', scriptContent: 'Cg==', roleScopeTagIds: ['0', '1'] }),
  post(FAMILY, { displayName: null, fileName: null, scriptContent: null, executionFrequency: 'PT1H' }),
  post('managedDevices', { deviceName: 'Mac', osVersion: '14.2' }),
  post(`${script}/userRunStates`, { successDeviceCount: 2, errorDeviceCount: 0, userPrincipalName: 'ada' }),
  post(`${script}/userRunStates`, { successDeviceCount: 1, errorDeviceCount: 3, userPrincipalName: null }),
  post(`${script}/deviceRunStates`, {
    'managedDevice@odata.bind': 'https://graph.microsoft.com/beta/deviceManagement/managedDevices/{3}',
    ...{ runState: 'success', errorCode: -1, resultMessage: 'ok' },
  }),
  post(`${script}/deviceRunStates`, {
    'managedDevice@odata.bind': 'https://graph.microsoft.com/beta/deviceManagement/managedDevices/{3}',
    runState: 'fail',
  }),
  post(`${script}/userRunStates/{4}/deviceRunStates`, { runState: 'scriptError', errorCode: 7 }),
  post(`${script}/assign`, {
    deviceManagementScriptAssignments: [
      { target: { '@odata.type': '#microsoft.graph.groupAssignmentTarget', groupId: 'g1' } },
      { target: { '@odata.type': '#microsoft.graph.allDevicesAssignmentTarget' } },
    ],
  }),
  post(`${script}/groupAssignments`, { targetGroupId: 'g2' }),
  post(`${script}/groupAssignments`, { targetGroupId: 'g2' }),
  post(`${FAMILY}/hasPayloadLinks`, { payloadIds: ['{0}', '{1}', 'none'] }),
  post('deviceHealthScripts', { displayName: 'health', publisher: 'me', detectionScriptContent: 'Cg==' }),
  post('deviceHealthScripts/{13}/deviceRunStates', { detectionState: 'fail', remediationState: 'success' }),
  patch(`${script}/userRunStates/{4}`, { errorDeviceCount: 1 }),
  patch(`${script}/userRunStates/{4}`, { errorDeviceCount: 2.5 }),
  patch(`${script}/userRunStates/none`, { errorDeviceCount: 2 }),
  patch(`${script}/runSummary`, { successDeviceCount: 7, errorUserCount: 0 }),
  patch(script, { description: 'Described', executionFrequency: 'P1D' }),
  ...[
    ...[
      'runSummary',
      'userRunStates/$count',
      'assignments?$count=true',
      'groupAssignments',
      'deviceRunStates?$orderby=runState',
    ],
    ...['userRunStates?$orderby=userPrincipalName desc&$top=1', 'userRunStates/{4}/deviceRunStates?$top=1'],
    ...[
      "userRunStates?$filter=contains(userPrincipalName,'A')",
      'deviceRunStates?$expand=managedDevice&$orderby=errorCode',
    ],
    ...['?$expand=userRunStates($expand=deviceRunStates;$orderby=errorDeviceCount desc;$count=true)'],
    ...[
      '?$expand=runSummary,assignments,deviceRunStates($select=runState;$orderby=runState)',
      '?$select=displayName,retryCount',
    ],
  ].map((rest) => get(rest.startsWith('?') ? `${script}${rest}` : `${script}/${rest}`)),
  ...[
    ...[
      "$filter=displayName eq 'ÄLPHA'",
      '$filter=displayName ne null&$orderby=displayName',
      '$search="beta"',
    ],
    ...[
      '$orderby=displayName&$top=1',
      '$orderby=displayName desc,fileName&$skip=1',
      '$filter=retryCount div 2 gt 1',
    ],
    ...['$filter=retryCount mod 2 eq 1 or retryCount divby 4 lt 0.5', '$filter=retryCount div 0 eq null'],
    ...['$filter=userRunStates/any(u:u/errorDeviceCount gt 1)', '$filter=userRunStates/$count eq 2'],
    ...['$filter=runSummary/successDeviceCount eq 7', "$filter=roleScopeTagIds/any(t:t eq '1')"],
    ...[
      "$filter=executionFrequency eq duration'P1D'",
      '$filter=createdDateTime lt now()',
      '$count=true&$top=2',
    ],
    ...[
      '$filter=length(displayName) eq 5',
      "$filter=indexof(displayName,'E') ge 0",
      "$filter=runAsAccount eq 'user'",
    ],
    ...["$filter=trim(tolower(concat(displayName,' '))) eq 'beta'", '$orderby=retryCount add 1 desc&$top=1'],
    ...[
      '$search=a%00b',
      '$filter=displayName eq',
      '$orderby=nothing',
      '$expand=nothing',
      '$top=-1',
      '$skiptoken=none',
    ],
    ...["$filter=substring(displayName,1,2) eq 'et'", '$filter=round(retryCount divby 2) eq 2'],
  ].map((query) => get(`${FAMILY}?${query}`)),
  get('deviceHealthScripts/{13}?$expand=runSummary,deviceRunStates'),
  remove(`${script}/userRunStates/{4}`),
  get(`${script}/runSummary`),
  remove(script),
  remove(script),
  get(`${script}/userRunStates`),
  get(`deviceManagementScripts/{1}`),
  get(`${FAMILY}/a%00b`),
]

function post(path: string, body: unknown): Step {
  return { method: 'POST', path, body }
}

function patch(path: string, body: unknown): Step {
  return { method: 'PATCH', path, body }
}

function get(path: string): Step {
  return { method: 'GET', path }
}

function remove(path: string): Step {
  return { method: 'DELETE', path }
}

/** What a server answers, with what no two servers share named by the order in which it came. */
async function play(
  database: { readonly memory: true } | { readonly database: string },
): Promise<readonly string[]> {
  const clock = { now: () => Date.UTC(2026, 10, 23) }
  await using server = await createServer({ ...database, demo: false }, { clock })
  const authorization = `Bearer ${await server.token()}`
  const ids: string[] = []
  const known = new Map<string, string>()
  const nameGuids = (text: string): string =>
    text.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (guid) => {
      if (!known.has(guid)) known.set(guid, `guid-${known.size}`)
      return known.get(guid) ?? ''
    })
  const answers: string[] = []
  for (const { method, path, body } of steps) {
    const fill = (text: string): string => text.replaceAll(/\{(\d+)\}/g, (_, n) => ids[Number(n)] ?? '')
    const response = await server.fetch(`/beta/deviceManagement/${fill(path)}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: fill(JSON.stringify(body)) }),
    })
    const text = await response.text()
    ids.push(/"id":"([^"]+)"/.exec(text)?.[1] ?? '')
    const headers = [...response.headers].filter(([name]) => !/^(?:date|.*request-id)$/.test(name))
    answers.push(
      `${method} ${path}\n${response.status} ${comparable(nameGuids(JSON.stringify(headers)))}\n${comparable(nameGuids(text))}`,
    )
  }
  return answers
}

/** Errors are dated by the wall clock, and a token holds the ids of rows. */
function comparable(text: string): string {
  return text.replaceAll(/"date":"[^"]+"/g, '"date":""').replaceAll(/skiptoken=[\w-]+/g, 'skiptoken=…')
}

describe('a server on PostgreSQL', { skip: noPostgres }, () => {
  let cluster: Postgres
  before(async () => {
    cluster = await startPostgres()
  })
  after(async () => {
    await cluster[Symbol.asyncDispose]()
  })

  test('answers as one on SQLite does', async () => {
    const [embedded, other] = await Promise.all([
      play({ memory: true }),
      play({ database: await cluster.create('same') }),
    ])
    assert.deepEqual(other, embedded)
    const refused = embedded.filter((answer) => /^(?:500|503)/m.test(answer))
    assert.deepEqual(refused, [])
  })

  test('shares its database with another: writes are seen at once, counted once, and tenants within a second', async () => {
    const database = await cluster.create('shared')
    const [one, two] = await Promise.all([
      createServer({ database, demo: true }),
      createServer({ database, demo: true }),
    ])
    await using stack = new AsyncDisposableStack()
    stack.use(one)
    stack.use(two)
    const authorization = `Bearer ${await one.token()}`
    const send = async (server: typeof one, path: string, body?: unknown, method = 'POST') => {
      const headers = { authorization, 'content-type': 'application/json' }
      const init = body === undefined ? { headers } : { headers, method, body: JSON.stringify(body) }
      const response = await server.fetch(`/beta/deviceManagement/${path}`, init)
      const answer: Readonly<Record<string, unknown>> = JSON.parse(await response.text())
      return { status: response.status, body: answer }
    }
    const created = await send(one, FAMILY, { displayName: 'x', fileName: 'x', scriptContent: 'Cg==' })
    assert.equal(created.status, 201)
    const path = `${FAMILY}/${created.body['id']}`
    assert.equal((await send(two, path)).body['displayName'], 'x')
    const states = Array.from({ length: 40 }, (_, i) =>
      send(i % 2 === 0 ? one : two, `${path}/userRunStates`, {
        successDeviceCount: 1,
        errorDeviceCount: i % 4 === 0 ? 1 : 0,
      }),
    )
    const made = await Promise.all(states)
    assert(made.every(({ status }) => status === 201))
    const first = `${path}/userRunStates/${made[1]?.body['id']}`
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        send(i % 2 === 0 ? one : two, first, { errorDeviceCount: i % 2 }, 'PATCH'),
      ),
    )
    const { body: state } = await send(one, first)
    const { body: summary } = await send(two, `${path}/runSummary`)
    const errors = 10 + Math.min(1, Number(state['errorDeviceCount']))
    assert.deepEqual([summary['errorUserCount'], summary['successUserCount']], [errors, 40 - errors])
    const patches = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        send(i % 2 === 0 ? one : two, `${path}/runSummary`, { successDeviceCount: 5 }, 'PATCH'),
      ),
    )
    assert.deepEqual(
      patches.map(({ body }) => body['successDeviceCount']),
      Array(12).fill(5),
    )
    const device = (await send(one, 'managedDevices', { deviceName: 'd' })).body['id']
    const bind = `https://graph.microsoft.com/beta/deviceManagement/managedDevices/${device}`
    const same = await Promise.all(
      [one, two, one, two].map((server) =>
        send(server, `${path}/deviceRunStates`, { 'managedDevice@odata.bind': bind }),
      ),
    )
    assert.deepEqual(same.map(({ status }) => status).sort(), [201, 409, 409, 409])
    await one.putTenant({ tid: '11111111-1111-4111-8111-111111111111' })
    await new Promise((resolve) => setTimeout(resolve, 1000))
    assert.equal((await two.tenants()).length, 2)
  })
})
