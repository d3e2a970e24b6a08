/** Rows to be asked for by queries, of every collection, and how they are asked for. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { type Answer, errorOf, type Runstate } from '../support/runstate.ts'
import { assertRefused, rowsOf, SCRIPT_CONTENT, shellFamily, useRunstate } from './families.ts'
import { createHealthScript } from './health.ts'
import { targetOf } from './surface.ts'

type Members = Readonly<Record<string, unknown>>

/** A query by the names of its options; each value is encoded. */
export type Query = Readonly<Record<string, string>>

export const GROUPS = {
  first: 'aaaaaaaa-0000-4000-8000-000000000001',
  second: 'AAAAAAAA-0000-4000-8000-000000000002',
} as const

const DAY_MS = 86_400_000
/** When the first script was created; the others follow a day and an hour after each other. */
export const CREATED = Date.UTC(2026, 0, 31, 23, 59, 58, 500)

/** A query as it stands in a URL. */
export function queryOf(query: Query): string {
  return Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
}

/** Asks a collection. */
export async function ask(runstate: Runstate, path: string, query: Query | string): Promise<Answer> {
  return await runstate.send('GET', `${path}?${typeof query === 'string' ? query : queryOf(query)}`)
}

/** Asserts that a question is refused as one that is wrong, and that the refusal says all of this. */
export function assertBad(answer: Answer, ...said: readonly (string | RegExp)[]): void {
  assertRefused(answer, 400, 'BadRequest')
  const { message } = errorOf(answer)
  for (const part of said) {
    assert(typeof part === 'string' ? message.includes(part) : part.test(message), `${part}: ${message}`)
  }
}

/** What a row is told from the others by. */
export type Marked = Readonly<Record<string, string>>

/** The collections, each with the member that its rows are told apart by. */
export const markers = {
  shell: 'fileName',
  windows: 'fileName',
  attributes: 'fileName',
  health: 'publisher',
  assignments: 'id',
  groupAssignments: 'targetGroupId',
  deviceStates: 'errorCode',
  userStates: 'successDeviceCount',
  nested: 'errorCode',
  devices: 'serialNumber',
  healthAssignments: 'runSchedule',
  healthStates: 'remediationState',
} as const

export type Collection = keyof typeof markers

const fileNames = { fileName: 'x', scriptContent: SCRIPT_CONTENT }

const scripts: readonly Members[] = [
  {
    ...{
      displayName: 'Überall Sauber',
      description: 'Cleans UP',
      fileName: 'one.sh',
      runAsAccount: 'system',
    },
    roleScopeTagIds: ['0', 'Tag'],
  },
  {
    ...{ displayName: "update 'all'", description: '', fileName: 'TWO.sh', runAsAccount: 'user' },
    roleScopeTagIds: ['0'],
  },
  {
    ...{ displayName: null, description: '  padded\t', fileName: 'three.SH', runAsAccount: 'user' },
    roleScopeTagIds: [],
  },
]

const own: Readonly<Record<'shell' | 'windows' | 'attributes', readonly Members[]>> = {
  shell: [
    { executionFrequency: 'PT1H', retryCount: 7, blockExecutionNotifications: true },
    { executionFrequency: 'PT15M', retryCount: 2 },
    { executionFrequency: 'P1D', retryCount: 0 },
  ],
  windows: [{ enforceSignatureCheck: true, runAs32Bit: true }, { runAs32Bit: true }, {}],
  attributes: [
    { customAttributeType: 'dateTime', customAttributeName: 'Größe' },
    { customAttributeType: 'string', customAttributeName: 'SHOE' },
    { customAttributeType: 'integer', customAttributeName: 'age' },
  ],
}

/** A server with the rows. */
export interface Population {
  readonly runstate: Runstate
  readonly paths: Readonly<Record<Collection, string>>
  /** The id of the shell script that the states belong to. */
  readonly script: string
}

/** A server with the rows for the tests of a describe. Its clock stands at the last creation of a script. */
export function usePopulation(): () => Population {
  const clock = { time: CREATED, now: () => clock.time }
  const started = useRunstate({}, { clock })
  let population: Population | undefined
  before(async () => {
    const runstate = started()
    const first = await createScripts(runstate, clock, ['deviceShellScripts', own.shell])
    await createScripts(runstate, clock, ['deviceManagementScripts', own.windows])
    await createScripts(runstate, clock, ['deviceCustomAttributeShellScripts', own.attributes])
    const script = `${shellFamily.set}/${first}`
    const user = await createStates(runstate, script)
    await createAssignments(runstate, script)
    const health = await createHealth(runstate)
    clock.time = CREATED + 2 * (DAY_MS + 3_600_000)
    const paths = {
      shell: shellFamily.set,
      windows: 'deviceManagementScripts',
      attributes: 'deviceCustomAttributeShellScripts',
      health: 'deviceHealthScripts',
      assignments: `${script}/assignments`,
      groupAssignments: `${script}/groupAssignments`,
      deviceStates: `${script}/deviceRunStates`,
      userStates: `${script}/userRunStates`,
      nested: `${user}/deviceRunStates`,
      devices: 'managedDevices',
      healthAssignments: `${health}/assignments`,
      healthStates: `${health}/deviceRunStates`,
    }
    population = { runstate, paths, script: first }
  })
  return () => {
    assert(population !== undefined)
    return population
  }
}

async function createScripts(
  runstate: Runstate,
  clock: { time: number },
  [set, members]: readonly [string, readonly Members[]],
): Promise<string> {
  const ids = []
  clock.time = CREATED
  for (const [i, each] of members.entries()) {
    ids.push(await runstate.create(set, { ...fileNames, ...scripts[i], ...each }))
    clock.time += DAY_MS + 3_600_000
  }
  return ids[0] ?? ''
}

/** Three users and four states of devices, of which two belong to the second user. */
async function createStates(runstate: Runstate, script: string): Promise<string> {
  const devices = []
  for (const [serialNumber, deviceName, model] of [
    ['A1', 'LAPTOP-Ä', 'Büro 500'],
    ['B2', 'desktop', null],
    ['c3', null, 'BÜRO 600'],
  ]) {
    const id = await runstate.create('managedDevices', { serialNumber, deviceName, model })
    devices.push(`https://graph.microsoft.com/beta/deviceManagement/managedDevices('${id}')`)
  }
  const users = []
  for (const [successDeviceCount, errorDeviceCount, userPrincipalName] of [
    [1, 0, 'Ada@contoso.com'],
    [2, 5, 'bob@CONTOSO.com'],
    [3, 5, null],
  ]) {
    const body = { successDeviceCount, errorDeviceCount, userPrincipalName }
    users.push(`${script}/userRunStates/${await runstate.create(`${script}/userRunStates`, body)}`)
  }
  const states: readonly (readonly [string, Members])[] = [
    [`${script}/deviceRunStates`, stateOf(1, 'fail', { errorDescription: 'No SPACE', device: devices[0] })],
    [`${script}/deviceRunStates`, stateOf(2, 'success', { device: devices[1] })],
    [`${users[1]}/deviceRunStates`, stateOf(3, 'fail', { errorDescription: '', device: devices[2] })],
    [`${users[1]}/deviceRunStates`, stateOf(4, 'pending', { resultMessage: 'WAITING for "it" 😀' })],
  ]
  for (const [path, body] of states) await runstate.create(path, body)
  return users[1] ?? ''
}

function stateOf(errorCode: number, runState: string, { device, ...members }: Members): Members {
  const bound = device === undefined ? {} : { 'managedDevice@odata.bind': device }
  const lastStateUpdateDateTime = `2026-08-2${errorCode}T0${errorCode}:15:30.1234567Z`
  return { errorCode, runState, lastStateUpdateDateTime, ...members, ...bound }
}

async function createAssignments(runstate: Runstate, script: string): Promise<void> {
  for (const target of [
    targetOf('groupAssignmentTarget', { groupId: GROUPS.first }),
    targetOf('exclusionGroupAssignmentTarget', { groupId: GROUPS.second }),
    targetOf('allDevicesAssignmentTarget', {
      deviceAndAppManagementAssignmentFilterId: 'Filter',
      deviceAndAppManagementAssignmentFilterType: 'include',
    }),
  ])
    await runstate.create(`${script}/assignments`, { target })
}

async function createHealth(runstate: Runstate): Promise<string> {
  const path = await createHealthScript(runstate, { publisher: 'Contoso', version: '1.0', runAs32Bit: true })
  await createHealthScript(runstate, { displayName: 'memory', publisher: 'FABRIKAM', isGlobalScript: false })
  const daily = {
    '@odata.type': '#microsoft.graph.deviceHealthScriptDailySchedule',
    interval: 8,
    useUtc: true,
  }
  const once = { '@odata.type': '#microsoft.graph.deviceHealthScriptRunOnceSchedule', interval: 1 }
  for (const [groupId, runSchedule] of [
    [GROUPS.first, { ...daily, time: '11:58:36' }],
    [GROUPS.second, { ...once, time: '16:0:0', date: '2026-04-30', useUtc: false }],
  ]) {
    const target = targetOf('groupAssignmentTarget', { groupId })
    await runstate.create(`${path}/assignments`, { target, runSchedule, runRemediationScript: true })
  }
  for (const [detectionState, remediationState, expectedStateUpdateDateTime] of [
    ['fail', 'success', '2026-09-01T00:00:00Z'],
    ['success', 'skipped', null],
  ]) {
    const ids = detectionState === 'fail' ? ['F1', 'f2'] : []
    const body = { detectionState, remediationState, expectedStateUpdateDateTime, assignmentFilterIds: ids }
    await runstate.create(`${path}/deviceRunStates`, body)
  }
  return path
}

/** The marks of the rows that a query finds, in their order. */
export async function found(
  { runstate, paths }: Population,
  collection: Collection,
  query: Query | string,
): Promise<readonly unknown[]> {
  const answer = await ask(runstate, paths[collection], query)
  return rowsOf(answer).map((row) => row[markers[collection]])
}

/** A filter, and the marks of the rows that it keeps, in any order. */
export type Finding = readonly [filter: string, ...marks: readonly unknown[]]

/** Tests that filters of a collection keep exactly these rows, and that `/$count` counts as many. */
export function testFilters(
  population: () => Population,
  collection: Collection,
  findings: readonly Finding[],
): void {
  for (const [filter, ...marks] of findings) {
    test(`finds ${marks.length === 0 ? 'nothing' : marks.join(', ')}: ${collection} ${filter}`, async () => {
      const { runstate, paths } = population()
      const kept = await found(population(), collection, { $filter: filter })
      assert.deepEqual(kept.map(String).sort(), marks.map(String).sort())
      const count = await ask(runstate, `${paths[collection]}/$count`, { $filter: filter })
      assert.equal(count.text, String(marks.length), count.text)
    })
  }
}
