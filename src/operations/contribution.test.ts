import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { quirksOf, wallClock } from '#base/base.ts'
import { type EntityType, model, type OperationName, timestampOf } from '#model/model.ts'
import {
  methods,
  parseOptions,
  parsePath,
  parsePreferences,
  type ResourcePath,
  type Row,
} from '#odata/odata.ts'
import { all, command, openStorage, type Storage } from '#storage/storage.ts'
import { types } from '../../test/support/storage.ts'
import type { OperationContext, OperationResult } from './context.ts'
import { contribute } from './contribution.ts'
import { operations } from './operations.ts'

const PLACE = { tenant: 3, number: 7 }

/** The differences that a change makes to the counters; undefined where nothing is written. */
function deltasOf(
  type: EntityType,
  before: Row | undefined,
  after: Row | undefined,
): Readonly<Record<string, number | string>> | undefined {
  const steps = contribute(type, PLACE, { before, after })
  const { value: plan } = steps.next([])
  if (plan === undefined) return undefined
  assert(plan.kind === 'add')
  assert.equal(steps.next([]).done, true)
  assert.deepEqual([plan.type, plan.tenant, plan.parent], [type.contributes?.to, 3, 7])
  return plan.deltas
}

const [success, fail, scriptError, pending] = ['success', 'fail', 'scriptError', 'pending'].map(
  (runState): Row => ({ runState }),
)

/** The counts of a user's devices, as `user(successes, errors)`. */
function user(successDeviceCount: number, errorDeviceCount: number): Row {
  return { successDeviceCount, errorDeviceCount }
}

type Change = readonly [
  before: Row | undefined,
  after: Row | undefined,
  deltas: readonly number[] | undefined,
]

/** Differences of success and error, in this order; what is 0 is left out. */
const ofDevices: readonly Change[] = [
  [undefined, success, [1, 0]],
  [undefined, fail, [0, 1]],
  [undefined, scriptError, [0, 1]],
  [undefined, pending, undefined],
  [success, undefined, [-1, 0]],
  [fail, undefined, [0, -1]],
  [pending, undefined, undefined],
  [success, fail, [-1, 1]],
  [scriptError, success, [1, -1]],
  [fail, scriptError, undefined],
  [success, success, undefined],
  [pending, success, [1, 0]],
  [undefined, undefined, undefined],
]

const ofUsers: readonly Change[] = [
  [undefined, user(1, 0), [1, 0]],
  [undefined, user(0, 1), [0, 1]],
  [undefined, user(5, 1), [0, 1]],
  [undefined, user(0, 0), undefined],
  [user(1, 0), undefined, [-1, 0]],
  [user(3, 2), undefined, [0, -1]],
  [user(1, 0), user(9, 0), undefined],
  [user(1, 0), user(1, 1), [-1, 1]],
  [user(1, 1), user(1, 0), [1, -1]],
  [user(0, 0), user(1, 0), [1, 0]],
  [user(0, 2), user(0, 0), [0, -1]],
]

const [EARLY, LATE] = ['2026-01-01T00:00:00.0000000Z', '2026-11-23T18:00:00.0000000Z'] as const

const ofDetection: Readonly<Record<string, string>> = {
  success: 'noIssueDetectedDeviceCount',
  fail: 'issueDetectedDeviceCount',
  scriptError: 'detectionScriptErrorDeviceCount',
  pending: 'detectionScriptPendingDeviceCount',
  notApplicable: 'detectionScriptNotApplicableDeviceCount',
}

const ofRemediation: Readonly<Record<string, readonly string[]>> = {
  success: ['issueRemediatedDeviceCount', 'issueRemediatedCumulativeDeviceCount'],
  skipped: ['remediationSkippedDeviceCount'],
  remediationFailed: ['issueReoccurredDeviceCount'],
  scriptError: ['remediationScriptErrorDeviceCount'],
}

function healthState(detectionState: string, remediationState: string, last: string = EARLY): Row {
  return { detectionState, remediationState, lastStateUpdateDateTime: last }
}

const ofHealthDevices: readonly (readonly [
  what: string,
  before: Row | undefined,
  after: Row | undefined,
  deltas: Readonly<Record<string, number | string>> | undefined,
])[] = [
  [
    'nothing where nothing changes',
    healthState('fail', 'skipped'),
    healthState('fail', 'skipped'),
    undefined,
  ],
  [
    'only the counters where the instant stays',
    healthState('fail', 'unknown'),
    healthState('success', 'success'),
    {
      ...{ noIssueDetectedDeviceCount: 1, issueDetectedDeviceCount: -1 },
      ...{ issueRemediatedDeviceCount: 1, issueRemediatedCumulativeDeviceCount: 1 },
    },
  ],
  [
    'only the instant where the states stay',
    healthState('fail', 'skipped', EARLY),
    healthState('fail', 'skipped', LATE),
    { lastScriptRunDateTime: LATE },
  ],
  [
    'an instant that is earlier too: the storage keeps the later',
    healthState('fail', 'skipped', LATE),
    healthState('fail', 'skipped', EARLY),
    { lastScriptRunDateTime: EARLY },
  ],
  ['no instant where it goes', healthState('fail', 'unknown'), undefined, { issueDetectedDeviceCount: -1 }],
]

describe('a summary moves by the difference that a change makes', () => {
  const table = [
    [types.deviceState, ofDevices, ['successDeviceCount', 'errorDeviceCount']],
    [types.userState, ofUsers, ['successUserCount', 'errorUserCount']],
  ] as const
  for (const [type, changes, names] of table) {
    for (const [before, after, deltas] of changes) {
      test(`${type.name}: ${JSON.stringify(before)} to ${JSON.stringify(after)}`, () => {
        const moved = names.map((name, i) => [name, deltas?.[i]]).filter(([, delta]) => delta !== 0)
        assert.deepEqual(deltasOf(type, before, after), deltas && Object.fromEntries(moved))
      })
    }
  }

  for (const [what, before, after, deltas] of ofHealthDevices) {
    test(`deviceHealthScriptDeviceState: ${what}`, () => {
      assert.deepEqual(deltasOf(types.healthState, before, after), deltas)
    })
  }

  test('which every detection and remediation has its own counter for, unknown ones none', () => {
    for (const detectionState of ['unknown', ...Object.keys(ofDetection)]) {
      for (const remediationState of ['unknown', 'unknownFutureValue', ...Object.keys(ofRemediation)]) {
        const names = [ofDetection[detectionState] ?? [], ofRemediation[remediationState] ?? []].flat()
        const row = { detectionState, remediationState, lastStateUpdateDateTime: EARLY }
        const moved = (by: number) => Object.fromEntries(names.map((name) => [name, by]))
        const created = deltasOf(types.healthState, undefined, row)
        assert.deepEqual(created, { ...moved(1), lastScriptRunDateTime: EARLY })
        const deleted = deltasOf(types.healthState, row, undefined)
        assert.deepEqual(deleted, names.length === 0 ? undefined : moved(-1))
      }
    }
  })

  test('and the contributed names are those of the summary, each of them moved by some state', () => {
    const names = [...Object.values(ofDetection), ...Object.values(ofRemediation).flat()]
    assert.deepEqual(
      [...names, 'id', 'lastScriptRunDateTime'].sort(),
      types.healthSummary.properties.map(({ name }) => name).sort(),
    )
  })

  test('and by nothing where a type has no part in one', () => {
    const others = [types.management, types.assignment, types.summary, types.device]
    for (const type of [...others, types.health, types.healthAssignment, types.healthSummary])
      assert.equal(deltasOf(type, undefined, {}), undefined)
  })
})

const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'

interface Bench extends AsyncDisposable {
  readonly script: string
  send(method: string, target: string, members?: object): Promise<OperationResult>
  /** The four counters of the script's summary, in the order of the model. */
  summary(): Promise<readonly unknown[]>
}

/** A tenant with one script, and requests in it. */
async function openBench(): Promise<Bench> {
  const storage = await openStorage({ model })
  await storage.transact(() => all(command`INSERT INTO tenant (tid) VALUES (${'t'})`))
  const send = (method: string, target: string, members: object = {}) =>
    operate(storage, method, { path: parsePath(target, model), members })
  const { body } = await send('POST', SCRIPTS)
  const script = `${SCRIPTS}/${String(body?.['id'])}`
  const summary = async () => Object.values((await send('GET', `${script}/runSummary`)).body ?? {}).slice(3)
  return { script, send, summary, [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose]() }
}

async function operate(
  storage: Storage,
  method: string,
  { path, members }: { readonly path: ResourcePath; readonly members: object },
): Promise<OperationResult> {
  const context: OperationContext = {
    ...{ model, storage, tenant: 1, clock: wallClock, quirks: quirksOf('documented') },
    ...{ origin: 'https://localhost', signal: new AbortController().signal },
  }
  const common = {
    ...{
      query: '',
      options: parseOptions('', { type: path.navigation.target, kind: 'change', now: timestampOf(0) }),
    },
    ...{
      body: Buffer.from(JSON.stringify(members)),
      preferences: parsePreferences(undefined),
      metadata: 'minimal' as const,
    },
  }
  assert(path.kind !== 'action')
  const taken: Readonly<Record<string, OperationName>> = methods[path.kind]
  const name = taken[method] ?? assert.fail(method)
  switch (path.kind) {
    case 'collection':
      return await (operations.collection[name] ?? assert.fail(name))(context, { ...common, path })
    case 'entity':
      return await (operations.entity[name] ?? assert.fail(name))(context, { ...common, path })
    case 'single':
      return await (operations.single[name] ?? assert.fail(name))(context, { ...common, path })
    default:
      return assert.fail(path.kind)
  }
}

type Members = Readonly<Record<string, unknown>>

/** What counting comes to, of everything below a script. */
function countersOf(rows: ReadonlyMap<string, Members>): readonly number[] {
  const count = (holds: (row: Members) => boolean) => [...rows.values()].filter(holds).length
  return [
    count(({ runState }) => runState === 'success'),
    count(({ runState }) => runState === 'fail' || runState === 'scriptError'),
    count((row) => Number(row['successDeviceCount']) > 0 && row['errorDeviceCount'] === 0),
    count((row) => Number(row['errorDeviceCount']) > 0),
  ]
}

const deviceMembers = fc.record({
  runState: fc.constantFrom('unknown', 'success', 'fail', 'scriptError', 'pending', 'notApplicable'),
})
const userMembers = fc.record({
  successDeviceCount: fc.integer({ min: 0, max: 2 }),
  errorDeviceCount: fc.integer({ min: 0, max: 2 }),
})
const steps = fc.array(
  fc.record({
    at: fc.nat(),
    method: fc.constantFrom('POST', 'POST', 'PATCH', 'PATCH', 'DELETE'),
    isDevice: fc.boolean(),
    device: deviceMembers,
    user: userMembers,
  }),
  { maxLength: 25 },
)

test('after any creations, changes and deletions a summary says what counting would', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      await using bench = await openBench()
      const known = new Map<string, Members>()
      for (const { at, method, isDevice, device, user: counts } of taken) {
        const below = isDevice ? 'deviceRunStates' : 'userRunStates'
        const members = isDevice ? device : counts
        const targets = [...known.keys()].filter((target) => target.includes(below))
        const target = method === 'POST' ? `${bench.script}/${below}` : targets[at % targets.length]
        if (target === undefined) continue
        const { body } = await bench.send(method, target, members)
        if (method === 'POST') known.set(`${target}/${String(body?.['id'])}`, members)
        if (method === 'PATCH') known.set(target, members)
        if (method === 'DELETE') known.delete(target)
        assert.deepEqual(await bench.summary(), countersOf(known))
      }
    }),
    { numRuns: 25 },
  )
})

describe('a summary that is changed by hand', () => {
  test('has what it was set to, and goes on from there', async () => {
    await using bench = await openBench()
    const states = `${bench.script}/deviceRunStates`
    await bench.send('POST', states, { runState: 'success' })
    const { body } = await bench.send('PATCH', `${bench.script}/runSummary`, { successDeviceCount: 40 })
    assert.deepEqual(Object.values(body ?? {}).slice(3), [40, 0, 0, 0])
    assert.deepEqual(await bench.summary(), [40, 0, 0, 0])
    await bench.send('POST', states, { runState: 'success' })
    assert.deepEqual(await bench.summary(), [41, 0, 0, 0])
  })

  test('has what it is set to also where more was taken away than it counted', async () => {
    await using bench = await openBench()
    const { body } = await bench.send('POST', `${bench.script}/deviceRunStates`, { runState: 'success' })
    await bench.send('PATCH', `${bench.script}/runSummary`, { successDeviceCount: 0 })
    await bench.send('DELETE', `${bench.script}/deviceRunStates/${String(body?.['id'])}`)
    assert.deepEqual(await bench.summary(), [0, 0, 0, 0])
    const answer = await bench.send('PATCH', `${bench.script}/runSummary`, { successDeviceCount: 5 })
    assert.equal(answer.body?.['successDeviceCount'], 5)
    assert.deepEqual(await bench.summary(), [5, 0, 0, 0])
  })

  test('is told nothing by a body without members', async () => {
    await using bench = await openBench()
    const { status, rowsWritten } = await bench.send('PATCH', `${bench.script}/runSummary`, {})
    assert.deepEqual([status, rowsWritten, await bench.summary()], [200, 0, [0, 0, 0, 0]])
  })
})
