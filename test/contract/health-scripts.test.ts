/** Health scripts and their assignments: what is served, to whom, and what is refused. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Runstate, startRunstate } from '../support/runstate.ts'
import {
  assertRefused,
  createScript,
  families,
  GUID,
  keyOf,
  ownMembers,
  readText,
  rowsOf,
  useRunstate,
} from './families.ts'
import {
  assignExample,
  assignmentExample,
  createHealthScript,
  creationExample,
  healthOperations,
  ids,
  pathOf,
  SET,
} from './health.ts'
import { targetOf } from './surface.ts'

type Members = Readonly<Record<string, unknown>>

const members = [
  ...['id', 'publisher', 'version', 'displayName', 'description', 'detectionScriptContent'],
  ...['remediationScriptContent', 'createdDateTime', 'lastModifiedDateTime', 'runAsAccount'],
  ...['enforceSignatureCheck', 'runAs32Bit', 'roleScopeTagIds', 'isGlobalScript', 'highestAvailableVersion'],
  ...['deviceHealthScriptType', 'detectionScriptParameters', 'remediationScriptParameters'],
]

const UNKNOWN = '00000000-0000-4000-8000-000000000000'
const [one, two] = ['11111111-0000-4000-8000-000000000001', '22222222-0000-4000-8000-000000000002'] as const
const group = (groupId: string): Members => ({ target: targetOf('groupAssignmentTarget', { groupId }) })
const assignments = (...deviceHealthScriptAssignments: readonly unknown[]) => ({
  deviceHealthScriptAssignments,
})

const common = { name: 'limit', description: null, isRequired: true, applyDefaultValueWhenNotAssigned: false }
const parameter = (type: string, own: Members = {}): Members => ({
  '@odata.type': `#microsoft.graph.deviceHealthScript${type}`,
  ...{ ...common, ...own },
})
const parameters = [
  parameter('StringParameter', { defaultValue: 'C:' }),
  parameter('IntegerParameter', { defaultValue: 7 }),
  parameter('BooleanParameter', { defaultValue: true }),
  parameter('Parameter'),
]

async function listAssignments(runstate: Runstate, script: string): Promise<readonly Members[]> {
  return rowsOf(await runstate.send('GET', `${script}/assignments`))
}

describe('a health script', () => {
  const runstate = useRunstate()

  test('is created as the documentation prints it: 201, its place, and the defaults of the rest', async () => {
    const created = await runstate().send('POST', SET, { body: creationExample })
    assert.equal(created.status, 201, created.text)
    const { id, createdDateTime, lastModifiedDateTime, ...own } = ownMembers(created.body)
    assert.match(String(id), GUID)
    assert.equal(createdDateTime, lastModifiedDateTime)
    assert.equal(created.body['@odata.type'], '#microsoft.graph.deviceHealthScript')
    assert(String(created.body['@odata.context']).endsWith(`#deviceManagement/${SET}/$entity`))
    assert.deepEqual(own, {
      ...JSON.parse(creationExample),
      ...{ version: null, isGlobalScript: false, highestAvailableVersion: null },
      ...{ deviceHealthScriptType: 'deviceHealthScript' },
      ...{ detectionScriptParameters: [], remediationScriptParameters: [] },
    })
    assert.deepEqual(Object.keys(ownMembers(created.body)), members)
    const location = new URL(created.headers.get('location') ?? '')
    assert.equal(await readText(runstate(), location.pathname), created.text)
  })

  test('without members runs as the system', async () => {
    const { body } = await runstate().send('GET', await createHealthScript(runstate()))
    const { runAsAccount, roleScopeTagIds, detectionScriptContent, description } = body
    assert.deepEqual(
      [runAsAccount, roleScopeTagIds, detectionScriptContent, description],
      ['system', ['0'], null, ''],
    )
  })

  test('is listed, counted and got, with the parameters that it has', async () => {
    const before = Number(await readText(runstate(), `${SET}/$count`))
    const script = await createHealthScript(runstate(), { detectionScriptParameters: parameters })
    assert.equal(await readText(runstate(), `${SET}/$count`), String(before + 1))
    const { body } = await runstate().send('GET', script)
    assert.deepEqual(body['detectionScriptParameters'], parameters)
    const row = rowsOf(await runstate().send('GET', SET)).find(({ id }) => id === keyOf(script))
    assert.deepEqual(row && ownMembers(row), ownMembers(body))
    const selected = await runstate().send('GET', `${script}?$select=id,detectionScriptParameters`)
    assert.deepEqual(ownMembers(selected.body), { id: keyOf(script), detectionScriptParameters: parameters })
  })

  test('is changed in what is sent alone, parameters as a whole', async () => {
    const script = await createHealthScript(runstate(), { detectionScriptParameters: parameters })
    const before = ownMembers((await runstate().send('GET', script)).body)
    const change = {
      ...{
        description: 'why',
        remediationScriptContent: 'YQ==',
        deviceHealthScriptType: 'managedInstallerScript',
      },
      ...{ detectionScriptParameters: [parameters[1]], remediationScriptParameters: null },
    }
    const { lastModifiedDateTime: _, ...rest } = before
    const answer = await runstate().send('PATCH', script, { body: { id: UNKNOWN, ...change } })
    assert.equal(answer.status, 200, answer.text)
    assert.deepEqual({ ...ownMembers(answer.body), ...rest, ...change }, ownMembers(answer.body))
    assert.equal(await readText(runstate(), script), answer.text)
  })

  test('takes every child with it when it is deleted', async () => {
    const script = await createHealthScript(runstate())
    const assignment = await runstate().create(`${script}/assignments`, group(one))
    const state = await runstate().create(`${script}/deviceRunStates`, {})
    assert.equal((await runstate().send('DELETE', script)).status, 204)
    const below = [`assignments/${assignment}`, 'assignments', `deviceRunStates/${state}`, 'deviceRunStates']
    for (const path of ['', ...below.map((name) => `/${name}`), '/runSummary'])
      assertRefused(await runstate().send('GET', `${script}${path}`), 404, 'ResourceNotFound')
    assertRefused(await runstate().send('DELETE', script), 404, 'ResourceNotFound')
  })

  for (const body of [
    { runAsAccount: null },
    { isGlobalScript: 1 },
    { deviceHealthScriptType: 'another' },
    { scriptContent: 'YQ==' },
    { fileName: 'a.ps1' },
    { detectionScriptContent: 'a' },
    { assignments: [] },
    { detectionScriptParameters: {} },
    { detectionScriptParameters: [null] },
    { detectionScriptParameters: [parameter('NonsenseParameter')] },
    { detectionScriptParameters: [parameter('StringParameter', { defaultValue: 7 })] },
    { detectionScriptParameters: [parameters[0], { defaultValue: 'x' }] },
    { '@odata.type': '#microsoft.graph.deviceShellScript' },
  ]) {
    test(`is neither created nor changed by ${JSON.stringify(body)}`, async () => {
      const script = await createHealthScript(runstate())
      const before = await readText(runstate(), SET)
      assertRefused(await runstate().send('POST', SET, { body }), 400)
      assertRefused(await runstate().send('PATCH', script, { body }), 400)
      assert.equal(await readText(runstate(), SET), before)
    })
  }

  for (const family of families) {
    test(`is not there among ${family.set}, nor one of those here`, async () => {
      const [own, other] = [await createHealthScript(runstate()), await createScript(runstate(), family)]
      for (const path of [`${family.set}/${keyOf(own)}`, `${SET}/${keyOf(other)}`]) {
        for (const below of ['', '/assignments', '/runSummary', '/deviceRunStates'])
          assertRefused(await runstate().send('GET', `${path}${below}`), 404, 'ResourceNotFound')
        assertRefused(await runstate().send('PATCH', path, { body: {} }), 404, 'ResourceNotFound')
        assertRefused(await runstate().send('DELETE', path), 404, 'ResourceNotFound')
      }
      for (const path of [own, other]) assert.equal((await runstate().send('GET', path)).status, 200)
    })
  }
})

describe('assign of a health script', () => {
  const runstate = useRunstate()

  for (const name of ['assign', 'microsoft.graph.assign']) {
    test(`takes what the documentation prints, and replaces all that was: ${name}`, async () => {
      const script = await createHealthScript(runstate())
      await runstate().create(`${script}/assignments`, assignmentExample)
      const answer = await runstate().send('POST', `${script}/${name}`, { body: assignExample })
      assert.deepEqual([answer.status, answer.text], [204, ''])
      const groupId = 'f3b47ca8-cee6-48a7-8e25-a30e589bfa22'
      assert.deepEqual(await listAssignments(runstate(), script), [
        {
          '@odata.type': '#microsoft.graph.deviceHealthScriptAssignment',
          id: `${keyOf(script)}:${groupId}`,
          target: {
            '@odata.type': '#microsoft.graph.groupAssignmentTarget',
            deviceAndAppManagementAssignmentFilterId: null,
            deviceAndAppManagementAssignmentFilterType: 'none',
            groupId,
          },
          runRemediationScript: true,
          runSchedule: {
            '@odata.type': '#microsoft.graph.deviceHealthScriptRunOnceSchedule',
            ...{ interval: 1, useUtc: false, time: '16:00:00.0000000', date: '2021-04-30' },
          },
        },
      ])
    })
  }

  test('clears with an empty collection, and touches no other script', async () => {
    const [script, other] = [await createHealthScript(runstate()), await createHealthScript(runstate())]
    for (const path of [script, other])
      await runstate().send('POST', `${path}/assign`, { body: assignments(group(one), group(two)) })
    assert.equal((await runstate().send('POST', `${script}/assign`, { body: assignments() })).status, 204)
    assert.deepEqual(await listAssignments(runstate(), script), [])
    assert.equal((await listAssignments(runstate(), other)).length, 2)
  })

  const refused: readonly (readonly [string, unknown])[] = [
    ['no parameter', {}],
    ['null for it', { deviceHealthScriptAssignments: null }],
    ['the parameter of the other families', { deviceManagementScriptAssignments: [group(one)] }],
    ['their older one', { deviceManagementScriptGroupAssignments: [{ targetGroupId: one }] }],
    ['both', { ...assignments(group(one)), deviceManagementScriptAssignments: [group(one)] }],
    ['a good item and a bad one', assignments(group(one), { ...group(two), runRemediationScript: 'x' })],
    ['an item that is null', assignments(group(one), null)],
    [
      'another type of item',
      assignments({ '@odata.type': '#microsoft.graph.deviceManagementScriptAssignment' }),
    ],
    ['a day that is none', assignments(schedule('RunOnceSchedule', { date: '2021-02-29' }))],
    ['a time that is none', assignments(schedule('DailySchedule', { time: '24:00:00' }))],
    ['a day of a daily schedule', assignments(schedule('DailySchedule', { date: '2021-04-30' }))],
    ['a schedule of an unknown type', assignments(schedule('MonthlySchedule', {}))],
  ]
  for (const [what, body] of refused) {
    test(`writes nothing with ${what}`, async () => {
      const script = await createHealthScript(runstate())
      await runstate().send('POST', `${script}/assign`, { body: assignExample })
      const before = await readText(runstate(), `${script}/assignments`)
      assertRefused(await runstate().send('POST', `${script}/assign`, { body }), 400)
      assert.equal(await readText(runstate(), `${script}/assignments`), before)
    })
  }

  test('of the other families does not take the parameter of health scripts', async () => {
    for (const family of families) {
      const script = await createScript(runstate(), family)
      assertRefused(await runstate().send('POST', `${script}/assign`, { body: assignExample }), 400)
      assert.deepEqual(await listAssignments(runstate(), script), [])
    }
  })
})

function schedule(type: string, own: Members): Members {
  return {
    ...group(one),
    runSchedule: { '@odata.type': `#microsoft.graph.deviceHealthScript${type}`, ...own },
  }
}

describe('an assignment of a health script', () => {
  const runstate = useRunstate()

  test('is created as the documentation prints it, got, counted, changed and deleted', async () => {
    const script = await createHealthScript(runstate())
    const created = await runstate().send('POST', `${script}/assignments`, { body: assignmentExample })
    assert.equal(created.status, 201, created.text)
    const id = `${keyOf(script)}:adadadad-808e-44e2-905a-0b7873a8a531`
    const { target, runSchedule, ...own } = ownMembers(created.body)
    assert.deepEqual(own, { id, runRemediationScript: true })
    const printed = JSON.parse(assignmentExample)
    const withHash = (value: Members) => ({ ...value, '@odata.type': `#${value['@odata.type']}` })
    assert.deepEqual([target, runSchedule], [withHash(printed.target), withHash(printed.runSchedule)])
    const path = `${script}/assignments/${id}`
    assert.equal(await readText(runstate(), path), created.text)
    assert.equal(await readText(runstate(), `${script}/assignments/$count`), '1')
    const change = { runRemediationScript: false, runSchedule: scheduleOf('HourlySchedule', { interval: 4 }) }
    const changed = await runstate().send('PATCH', path, { body: change })
    assert.deepEqual(ownMembers(changed.body), { id, target, ...change })
    const conflict = await runstate().send('POST', `${script}/assignments`, { body: assignmentExample })
    assertRefused(conflict, 409)
    assert.equal((await runstate().send('PATCH', path, { body: { runSchedule: null } })).status, 200)
    assert.equal((await runstate().send('DELETE', path)).status, 204)
    assertRefused(await runstate().send('GET', path), 404, 'ResourceNotFound')
  })

  test('may have any schedule, the bases too, and says its type', async () => {
    const script = await createHealthScript(runstate())
    const time = { useUtc: true, time: '09:05:00.0000000' }
    for (const runSchedule of [
      scheduleOf('RunSchedule', { interval: 1 }),
      scheduleOf('HourlySchedule', { interval: 2 }),
      scheduleOf('TimeSchedule', { interval: 3, ...time }),
      scheduleOf('DailySchedule', { interval: 4, ...time }),
      scheduleOf('RunOnceSchedule', { interval: 5, ...time, date: '2024-02-29' }),
    ]) {
      const id = await runstate().create(`${script}/assignments`, { runSchedule })
      const { body } = await runstate().send('GET', `${script}/assignments/${id}`)
      assert.deepEqual(body['runSchedule'], runSchedule)
      assert.deepEqual([body['target'], body['runRemediationScript']], [null, false])
    }
  })
})

function scheduleOf(type: string, own: Members): Members {
  return { '@odata.type': `#microsoft.graph.deviceHealthScript${type}`, ...own }
}

const [SCRIPTS, CONFIGURATION, DEVICES] = ['Scripts', 'Configuration', 'ManagedDevices'].map(
  (name) => `DeviceManagement${name}`,
)
const permissions = [SCRIPTS, CONFIGURATION, DEVICES].flatMap((name) => [
  `${name}.Read.All`,
  `${name}.ReadWrite.All`,
])

/** The permissions each of which is enough for an operation on health scripts. */
function sufficientFor(method: string, template: string): readonly string[] {
  const isOwn = /^deviceHealthScripts(\/\$count|\/\{script\}(\/assign)?)?$/.test(template)
  const name = isOwn ? SCRIPTS : CONFIGURATION
  return method === 'GET' ? [`${name}.Read.All`, `${name}.ReadWrite.All`] : [`${name}.ReadWrite.All`]
}

describe('on a demo server with the documented ids', () => {
  for (const operation of healthOperations) {
    const { method, template, status, body } = operation
    const path = pathOf(operation)
    const sending = body === undefined ? {} : { body }

    test(`${method} ${template} is ${status}, for those who may and nobody else`, async () => {
      const sufficient = sufficientFor(method, template)
      for (const name of permissions) {
        await using runstate = await startRunstate({ demo: true })
        const token = await runstate.token({ roles: [name] })
        const answer = await runstate.send(method, path, { ...sending, token })
        if (sufficient.includes(name)) assert.equal(answer.status, status, answer.text)
        else assertRefused(answer, 403, 'Forbidden')
      }
    })

    test(`${method} ${template} is for scripts’ permissions too where the profile is as observed`, async () => {
      for (const name of [`${SCRIPTS}.Read.All`, `${SCRIPTS}.ReadWrite.All`]) {
        await using runstate = await startRunstate({
          demo: true,
          quirks: { 'script-permissions-below': 'accepted' },
        })
        const token = await runstate.token({ roles: [name] })
        const answer = await runstate.send(method, path, { ...sending, token })
        if (method === 'GET' || name.includes('Write')) assert.equal(answer.status, status, answer.text)
        else assertRefused(answer, 403, 'Forbidden')
      }
    })
  }

  test('is reached by no path of another family where navigations are shared, nor reaches one', async () => {
    await using runstate = await startRunstate({ demo: true, quirks: { 'shared-navigations': 'shared' } })
    for (const { set, example } of families) {
      for (const script of [`${set}/${ids.script}`, `${SET}/${example['id']}`]) {
        const assign = await runstate.send('POST', `${script}/assign`, { body: assignments() })
        assert([400, 404].includes(assign.status), assign.text)
        for (const below of ['assignments', 'runSummary', 'deviceRunStates'])
          assertRefused(await runstate.send('GET', `${script}/${below}`), 404, 'ResourceNotFound')
      }
    }
    assert.equal((await listAssignments(runstate, `${SET}/${ids.script}`)).length, 1)
  })

  test('in the observed profile lists have no content, and only types that derive are said', async () => {
    await using runstate = await startRunstate({ demo: true, profile: 'observed' })
    const script = `${SET}/${ids.script}`
    const body = { detectionScriptParameters: parameters }
    const { status } = await runstate.send('PATCH', script, { body })
    assert.equal(status, 200)
    const got = (await runstate.send('GET', script)).body
    const { '@odata.type': _, ...base } = parameter('Parameter')
    assert.deepEqual(Object.keys(got), ['@odata.context', ...members])
    assert.deepEqual(got['detectionScriptParameters'], [...parameters.slice(0, 3), base])
    const [row = {}] = rowsOf(await runstate.send('GET', SET))
    const nothing = { detectionScriptContent: null, remediationScriptContent: null }
    assert.deepEqual({ ...row, ...nothing }, row)
    assert.notEqual(got['detectionScriptContent'], null)
    const [assignment = {}] = await listAssignments(runstate, script)
    assert(!('@odata.type' in assignment))
    const text = JSON.stringify(assignment)
    assert.match(text, /#microsoft\.graph\.deviceHealthScriptDailySchedule/)
    assert.match(text, /#microsoft\.graph\.configurationManagerCollectionAssignmentTarget/)
    const answers = [
      await runstate.send('POST', `${script}/assign`, { body: assignExample }),
      await runstate.send('DELETE', script),
    ]
    assert.deepEqual(
      answers.map((answer) => answer.status),
      [200, 200],
    )
  })
})
