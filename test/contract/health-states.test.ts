/** The device run states of health scripts and the summary that they move. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import { type Answer, type Runstate, startRunstate } from '../support/runstate.ts'
import { assertRefused, GUID, keyOf, ownMembers, readText, rowsOf, useRunstate } from './families.ts'
import { createHealthScript, stateExample, summaryExample } from './health.ts'
import { targetOf } from './surface.ts'

type Members = Readonly<Record<string, unknown>>

const UNKNOWN = '00000000-0000-4000-8000-000000000000'
const [EARLY, MIDDLE, LATE] = [
  '2016-01-01T00:00:00Z',
  '2020-06-01T12:00:00.5Z',
  '2026-08-28T19:19:56Z',
] as const

/** The counter of the summary that each state of the detection moves. */
const ofDetection: Readonly<Record<string, readonly string[]>> = {
  unknown: [],
  success: ['noIssueDetectedDeviceCount'],
  fail: ['issueDetectedDeviceCount'],
  scriptError: ['detectionScriptErrorDeviceCount'],
  pending: ['detectionScriptPendingDeviceCount'],
  notApplicable: ['detectionScriptNotApplicableDeviceCount'],
}

const ofRemediation: Readonly<Record<string, readonly string[]>> = {
  unknown: [],
  skipped: ['remediationSkippedDeviceCount'],
  success: ['issueRemediatedDeviceCount', 'issueRemediatedCumulativeDeviceCount'],
  remediationFailed: ['issueReoccurredDeviceCount'],
  scriptError: ['remediationScriptErrorDeviceCount'],
  unknownFutureValue: [],
}

const NOTHING: Members = Object.fromEntries(
  [...Object.values(ofDetection), ...Object.values(ofRemediation)].flat().map((name) => [name, 0]),
)

/** The counts that states come to. */
function recount(states: readonly Members[]): Members {
  const counts: Record<string, number> = {}
  for (const { detectionState, remediationState } of states) {
    const names = [ofDetection[String(detectionState)] ?? [], ofRemediation[String(remediationState)] ?? []]
    for (const name of names.flat()) counts[name] = (counts[name] ?? 0) + 1
  }
  return { ...NOTHING, ...counts }
}

/** A script's summary: its counts, and when it was last run. */
async function summaryOf(
  runstate: Runstate,
  script: string,
): Promise<{ readonly counts: Members; readonly last: unknown }> {
  const answer = await runstate.send('GET', `${script}/runSummary`)
  assert.equal(answer.status, 200, answer.text)
  const { id, lastScriptRunDateTime: last, ...counts } = ownMembers(answer.body)
  assert.equal(id, keyOf(script))
  return { counts, last }
}

async function assertCounted(runstate: Runstate, script: string): Promise<void> {
  const states = rowsOf(await runstate.send('GET', `${script}/deviceRunStates`))
  assert.deepEqual((await summaryOf(runstate, script)).counts, recount(states))
}

function patchSummary(runstate: Runstate, script: string, body: unknown): Promise<Answer> {
  return runstate.send('PATCH', `${script}/runSummary`, { body })
}

/** The documentation's own state with its instants as an answer has them. */
const { '@odata.type': _type, ...printedState } = JSON.parse(stateExample)
const exampleState: Members = {
  ...printedState,
  lastStateUpdateDateTime: '2017-01-01T08:02:58.4418045Z',
  expectedStateUpdateDateTime: '2017-01-01T07:58:26.9294641Z',
  lastSyncDateTime: '2017-01-01T08:02:49.3205976Z',
}

describe('a device run state of a health script', () => {
  const runstate = useRunstate()

  test('is created and changed as the documentation prints it, listed, counted, got and deleted', async () => {
    const script = await createHealthScript(runstate())
    const states = `${script}/deviceRunStates`
    const created = await runstate().send('POST', states, { body: stateExample })
    assert.equal(created.status, 201, created.text)
    const { id, ...own } = ownMembers(created.body)
    assert.match(String(id), GUID)
    assert.deepEqual(own, exampleState)
    assert.deepEqual(Object.keys(own), Object.keys(exampleState))
    const state = `${states}/${id}`
    assert.equal(await readText(runstate(), state), created.text)
    assert.equal(await readText(runstate(), `${states}/$count`), '1')
    assert.deepEqual(rowsOf(await runstate().send('GET', states)).map(ownMembers), [{ id, ...exampleState }])
    const change = {
      remediationState: 'remediationFailed',
      remediationScriptError: null,
      assignmentFilterIds: null,
    }
    const changed = await runstate().send('PATCH', state, { body: change })
    assert.deepEqual(ownMembers(changed.body), { id, ...exampleState, ...change })
    const back = await runstate().send('PATCH', state, { body: stateExample })
    assert.equal(back.text, created.text)
    assert.equal((await runstate().send('DELETE', state)).status, 204)
    assertRefused(await runstate().send('GET', state), 404, 'ResourceNotFound')
  })

  test('without members is unknown, of now, and expected never', async () => {
    const states = `${await createHealthScript(runstate())}/deviceRunStates`
    const id = await runstate().create(states, {})
    const { body } = await runstate().send('GET', `${states}/${id}`)
    assert.deepEqual(
      [body['detectionState'], body['remediationState'], body['assignmentFilterIds']],
      ['unknown', 'unknown', []],
    )
    assert.equal(body['expectedStateUpdateDateTime'], null)
    assert.equal(body['lastStateUpdateDateTime'], body['lastSyncDateTime'])
    assert(Math.abs(Date.now() - Date.parse(String(body['lastSyncDateTime']))) < 60_000)
  })

  test('is one for a device, whose id it has: 409 for another, and 400 where there is no such device', async () => {
    const script = await createHealthScript(runstate())
    const device = await runstate().create('managedDevices', { deviceName: 'LAPTOP-1' })
    const bind = (id: string) => ({
      detectionState: 'fail',
      'managedDevice@odata.bind': `https://graph.microsoft.com/beta/deviceManagement/managedDevices('${id}')`,
    })
    const id = await runstate().create(`${script}/deviceRunStates`, bind(device))
    assert.equal(id, `${keyOf(script)}:${device}`)
    const answer = await runstate().send('GET', `${script}/deviceRunStates/${id}/managedDevice`)
    assert.equal(answer.body['deviceName'], 'LAPTOP-1')
    const before = await summaryOf(runstate(), script)
    assertRefused(await runstate().send('POST', `${script}/deviceRunStates`, { body: bind(device) }), 409)
    assertRefused(await runstate().send('POST', `${script}/deviceRunStates`, { body: bind(UNKNOWN) }), 400)
    assert.deepEqual(await summaryOf(runstate(), script), before)
    assert.equal(await readText(runstate(), `${script}/deviceRunStates/$count`), '1')
    await runstate().create(`${await createHealthScript(runstate())}/deviceRunStates`, bind(device))
  })

  for (const body of [
    { runState: 'fail' },
    { detectionState: 'error' },
    { detectionState: 6 },
    { remediationState: null },
    { remediationState: 6 },
    { lastStateUpdateDateTime: null },
    { lastSyncDateTime: '2026-08-28' },
    { assignmentFilterIds: 'x' },
    { '@odata.type': '#microsoft.graph.deviceManagementScriptDeviceState' },
  ]) {
    test(`is neither created nor changed by ${JSON.stringify(body)}, and moves nothing`, async () => {
      const script = await createHealthScript(runstate())
      const id = await runstate().create(`${script}/deviceRunStates`, { detectionState: 'fail' })
      const read = async () => [
        await readText(runstate(), `${script}/deviceRunStates`),
        await readText(runstate(), `${script}/runSummary`),
      ]
      const before = await read()
      assertRefused(await runstate().send('POST', `${script}/deviceRunStates`, { body }), 400)
      assertRefused(await runstate().send('PATCH', `${script}/deviceRunStates/${id}`, { body }), 400)
      assert.deepEqual(await read(), before)
    })
  }
})

describe('the run summary of a health script', () => {
  const runstate = useRunstate()

  test('of a new script is all zeros, never run, and has its id', async () => {
    const script = await createHealthScript(runstate())
    assert.deepEqual(await summaryOf(runstate(), script), { counts: NOTHING, last: null })
  })

  for (const detectionState of Object.keys(ofDetection)) {
    test(`counts a device whose detection is ${detectionState}, however its remediation goes`, async () => {
      const script = await createHealthScript(runstate())
      const states = `${script}/deviceRunStates`
      for (const remediationState of Object.keys(ofRemediation)) {
        const id = await runstate().create(states, { detectionState, remediationState })
        await assertCounted(runstate(), script)
        const created = { detectionState, remediationState }
        assert.deepEqual(
          recount([created]),
          recount([(await runstate().send('GET', `${states}/${id}`)).body]),
        )
        for (const next of Object.keys(ofDetection)) {
          await runstate().send('PATCH', `${states}/${id}`, { body: { detectionState: next } })
          await assertCounted(runstate(), script)
        }
        for (const next of Object.keys(ofRemediation)) {
          await runstate().send('PATCH', `${states}/${id}`, { body: { remediationState: next } })
          await assertCounted(runstate(), script)
        }
        if (remediationState === 'success') await runstate().send('DELETE', `${states}/${id}`)
        await assertCounted(runstate(), script)
      }
    })
  }

  test('was last run when the latest of its states was, and that never goes back by a state', async () => {
    const script = await createHealthScript(runstate())
    const states = `${script}/deviceRunStates`
    const last = async () => (await summaryOf(runstate(), script)).last
    const [first, second] = [
      await runstate().create(states, { lastStateUpdateDateTime: MIDDLE }),
      await runstate().create(states, { lastStateUpdateDateTime: EARLY }),
    ]
    assert.equal(await last(), MIDDLE)
    await runstate().send('PATCH', `${states}/${second}`, { body: { lastStateUpdateDateTime: LATE } })
    assert.equal(await last(), LATE)
    await runstate().send('PATCH', `${states}/${second}`, { body: { lastStateUpdateDateTime: EARLY } })
    await runstate().send('DELETE', `${states}/${second}`)
    await runstate().send('DELETE', `${states}/${first}`)
    assert.equal(await last(), LATE)
  })

  test('takes what the documentation prints, and is a base for later moves', async () => {
    const script = await createHealthScript(runstate())
    const states = `${script}/deviceRunStates`
    const id = await runstate().create(states, { detectionState: 'fail', remediationState: 'success' })
    const answer = await patchSummary(runstate(), script, summaryExample)
    assert.equal(answer.status, 200, answer.text)
    const { '@odata.type': _, lastScriptRunDateTime: __, ...counts } = JSON.parse(summaryExample)
    const last = '2017-01-01T08:01:17.4310553Z'
    assert.deepEqual(await summaryOf(runstate(), script), { counts, last })
    assert.equal(await readText(runstate(), `${script}/runSummary`), answer.text)
    await runstate().send('PATCH', `${states}/${id}`, { body: { detectionState: 'success' } })
    const moved = { ...counts, noIssueDetectedDeviceCount: 11, issueDetectedDeviceCount: 7 }
    assert.deepEqual(await summaryOf(runstate(), script), { counts: moved, last })
  })

  test('may be set to an earlier run and to none, and a later state moves it on', async () => {
    const script = await createHealthScript(runstate())
    const states = `${script}/deviceRunStates`
    const last = async () => (await summaryOf(runstate(), script)).last
    const id = await runstate().create(states, { lastStateUpdateDateTime: LATE })
    for (const lastScriptRunDateTime of [EARLY, null]) {
      const answer = await patchSummary(runstate(), script, { lastScriptRunDateTime })
      assert.equal(answer.body['lastScriptRunDateTime'], lastScriptRunDateTime)
      await runstate().send('PATCH', `${states}/${id}`, { body: { detectionState: 'fail' } })
      assert.equal(await last(), lastScriptRunDateTime)
      await runstate().create(states, { lastStateUpdateDateTime: MIDDLE })
      assert.equal(await last(), MIDDLE)
    }
    await assertCounted(runstate(), script)
  })

  test('is never below zero nor above what Edm.Int32 holds', async () => {
    const script = await createHealthScript(runstate())
    const states = `${script}/deviceRunStates`
    const id = await runstate().create(states, { detectionState: 'pending' })
    const most = 2_147_483_647
    const set = { detectionScriptPendingDeviceCount: 0, issueDetectedDeviceCount: most }
    await patchSummary(runstate(), script, set)
    await runstate().send('PATCH', `${states}/${id}`, { body: { detectionState: 'fail' } })
    const { counts } = await summaryOf(runstate(), script)
    assert.deepEqual(counts, { ...NOTHING, ...set })
  })

  for (const body of [
    { issueDetectedDeviceCount: -1 },
    { issueDetectedDeviceCount: 1, issueReoccurredDeviceCount: null },
    { issueDetectedDeviceCount: 1, lastScriptRunDateTime: 'yesterday' },
    { issueDetectedDeviceCount: 1, lastScriptRunDateTime: 5 },
    { successDeviceCount: 1 },
    { '@odata.type': '#microsoft.graph.deviceManagementScriptRunSummary' },
  ]) {
    test(`is not changed by ${JSON.stringify(body)}`, async () => {
      const script = await createHealthScript(runstate())
      assertRefused(await patchSummary(runstate(), script, body), 400)
      assert.deepEqual(await summaryOf(runstate(), script), { counts: NOTHING, last: null })
    })
  }
})

test('parameters, schedules, states and the summary survive a restart', async () => {
  const data = await mkdtemp(path.join(tmpdir(), 'runstate-health-'))
  const common = { name: 'a', description: null, isRequired: true, applyDefaultValueWhenNotAssigned: false }
  const typeOf = (name: string) => ({ '@odata.type': `#microsoft.graph.deviceHealthScript${name}` })
  const parameters = [
    { ...typeOf('IntegerParameter'), ...common, defaultValue: -7 },
    { ...typeOf('StringParameter'), ...common, defaultValue: 'ü"\n' },
    { ...typeOf('BooleanParameter'), ...common, defaultValue: true },
    { ...typeOf('Parameter'), ...common },
  ]
  const schedules = [
    { ...typeOf('HourlySchedule'), interval: 3 },
    { ...typeOf('DailySchedule'), interval: 1, useUtc: true, time: '23:59:59.9999999' },
    { ...typeOf('RunOnceSchedule'), interval: 1, useUtc: false, time: null, date: '2024-02-29' },
  ]
  const readAll = (runstate: Runstate, script: string) =>
    Promise.all(
      ['', '/assignments', '/deviceRunStates', '/runSummary'].map((below) =>
        readText(runstate, `${script}${below}`),
      ),
    )
  try {
    const [script, before] = await (async () => {
      await using runstate = await startRunstate({ memory: false, data })
      const created = await createHealthScript(runstate, { remediationScriptParameters: parameters })
      const deviceHealthScriptAssignments = schedules.map((runSchedule, i) => ({
        ...{ runSchedule, target: targetOf('groupAssignmentTarget', { groupId: `group-${i}` }) },
      }))
      const body = { deviceHealthScriptAssignments }
      assert.equal((await runstate.send('POST', `${created}/assign`, { body })).status, 204)
      await runstate.create(`${created}/deviceRunStates`, JSON.parse(stateExample))
      return [created, await readAll(runstate, created)] as const
    })()
    await using runstate = await startRunstate({ memory: false, data })
    assert.deepEqual(await readAll(runstate, script), before)
    assert.deepEqual((await runstate.send('GET', script)).body['remediationScriptParameters'], parameters)
    const rows = rowsOf(await runstate.send('GET', `${script}/assignments`))
    assert.deepEqual(
      rows.map(({ runSchedule }) => runSchedule),
      schedules,
    )
    await assertCounted(runstate, script)
  } finally {
    await rm(data, { recursive: true, force: true })
  }
})
