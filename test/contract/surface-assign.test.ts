/** Assignments: the action that replaces them, and the two collections that show the same rows. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Answer, type Runstate, startRunstate } from '../support/runstate.ts'
import {
  anotherThan,
  assertRefused,
  createScript,
  type Family,
  families,
  keyOf,
  observedServing,
  rowsOf,
  shellFamily,
  useRunstate,
  windowsFamily,
} from './families.ts'
import { assignExample, targetOf } from './surface.ts'

type Members = Readonly<Record<string, unknown>>

const ALL_DEVICES = 'adadadad-808e-44e2-905a-0b7873a8a531'
const ALL_USERS = 'acacacac-9df4-4c7d-9d50-4ef0226f57a9'
const [one, two, three] = [
  '11111111-0000-4000-8000-000000000001',
  '22222222-0000-4000-8000-000000000002',
  '33333333-0000-4000-8000-000000000003',
]

const group = (groupId: string, members: Members = {}) => ({
  target: targetOf('groupAssignmentTarget', { groupId, ...members }),
})
const exclusion = (groupId: string) => ({ target: targetOf('exclusionGroupAssignmentTarget', { groupId }) })
const collection = (collectionId: string) => ({
  target: targetOf('configurationManagerCollectionAssignmentTarget', { collectionId }),
})
const devices = { target: targetOf('allDevicesAssignmentTarget') }
const users = { target: targetOf('allLicensedUsersAssignmentTarget') }
const legacy = (targetGroupId: string) => ({ targetGroupId })

const current = (...deviceManagementScriptAssignments: readonly unknown[]) => ({
  deviceManagementScriptAssignments,
})

/** Assigns, and asserts that it was accepted as documented. */
async function assign(runstate: Runstate, script: string, body: unknown): Promise<void> {
  const answer = await runstate.send('POST', `${script}/assign`, { body })
  assert.equal(answer.status, 204, answer.text)
  assert.equal(answer.text, '')
}

async function list(
  runstate: Runstate,
  script: string,
  navigation = 'assignments',
): Promise<readonly Members[]> {
  return rowsOf(await runstate.send('GET', `${script}/${navigation}`))
}

/** The ids of a script's assignments without the script's own part, sorted. */
async function targetsOf(
  runstate: Runstate,
  script: string,
  navigation = 'assignments',
): Promise<readonly string[]> {
  const prefix = `${keyOf(script)}:`
  const ids = (await list(runstate, script, navigation)).map(({ id }) => String(id))
  for (const id of ids) assert(id.startsWith(prefix), id)
  return ids.map((id) => id.slice(prefix.length)).toSorted()
}

/** Asserts that an assignment was refused, and that the script's assignments are what they were. */
async function assertUnassigned(
  runstate: Runstate,
  script: string,
  { body, status = 400 }: { readonly body: unknown; readonly status?: number },
): Promise<Answer> {
  const before = await list(runstate, script)
  const answer = await runstate.send('POST', `${script}/assign`, { body })
  assertRefused(answer, status)
  assert.deepEqual(await list(runstate, script), before)
  return answer
}

/** Bodies of `assign` that are refused; the script is assigned to `two` before. */
const refused: readonly (readonly [string, unknown])[] = [
  ['neither key', {}],
  ['no body', ''],
  ['a list', [group(one)]],
  ['an unknown parameter', { ...current(group(one)), assignments: [] }],
  ['a parameter in a made-up name', { deviceShellScriptAssignments: [group(one)] }],
  ['text for the rows', { deviceManagementScriptAssignments: 'x' }],
  ['a number for the rows', { deviceManagementScriptAssignments: 1 }],
  ['an object for the rows', { deviceManagementScriptAssignments: group(one) }],
  ['text for a row', current('x')],
  ['null for a row', current(null)],
  ['a list for a row', current([group(one)])],
  ['a good row and a bad one', current(group(one), 'x')],
  ['an unknown member of a row', current({ ...group(one), intent: 'apply' })],
  ['an unknown member of a target', current(group(one, { groupName: 'x' }))],
  ['text for a target', current({ target: one })],
  ['a list for a target', current({ target: [] })],
  ['a number for the group', current({ target: targetOf('groupAssignmentTarget', { groupId: 1 }) })],
  ['an unknown type of target', current({ target: targetOf('nonsenseTarget', { groupId: one }) })],
  ['the target type that no schema has', current({ target: targetOf('scopeTagGroupAssignmentTarget') })],
  ['a type that is no target', current({ target: targetOf('deviceShellScript') })],
  [
    'a member of another target',
    current({ target: targetOf('allDevicesAssignmentTarget', { groupId: one }) }),
  ],
  ['another type of row', current({ ...group(one), '@odata.type': '#microsoft.graph.deviceShellScript' })],
  [
    'an unknown type of filter',
    current(group(one, { deviceAndAppManagementAssignmentFilterType: 'sometimes' })),
  ],
  ['null for the type of filter', current(group(one, { deviceAndAppManagementAssignmentFilterType: null }))],
  ['a group included and excluded', current(group(one), exclusion(one))],
  [
    'a group included by one key and excluded by the other',
    { ...current(exclusion(one)), deviceManagementScriptGroupAssignments: [legacy(one)] },
  ],
  [
    'a number for a group of the other key',
    { deviceManagementScriptGroupAssignments: [legacy(one), { targetGroupId: 1 }] },
  ],
  [
    'an unknown member of a row of the other key',
    { deviceManagementScriptGroupAssignments: [{ group: one }] },
  ],
  ['a key twice', '{"deviceManagementScriptAssignments":[],"deviceManagementScriptAssignments":[]}'],
]

for (const family of families) {
  describe(`assign of ${family.set}`, () => {
    const runstate = useRunstate()

    test('replaces all that was, whatever its order', async () => {
      const script = await createScript(runstate(), family)
      await assign(runstate(), script, current(group(one), devices))
      assert.deepEqual(await targetsOf(runstate(), script), [one, ALL_DEVICES])
      await assign(runstate(), script, current(users, exclusion(three), group(two)))
      assert.deepEqual(await targetsOf(runstate(), script), [two, three, ALL_USERS])
      await assign(runstate(), script, current(group(two)))
      assert.deepEqual(await targetsOf(runstate(), script), [two])
    })

    test('gives every row the script and the target for an id', async () => {
      const script = await createScript(runstate(), family)
      const rows = [group(one), exclusion(two), devices, users, collection('SMS00001')]
      await assign(runstate(), script, current(...rows))
      const expected = [one, two, ALL_DEVICES, ALL_USERS, 'SMS00001']
      assert.deepEqual(await targetsOf(runstate(), script), expected.toSorted())
      for (const { id, target } of await list(runstate(), script)) {
        const i = expected.indexOf(String(id).slice(keyOf(script).length + 1))
        assert(typeof target === 'object')
        assert.deepEqual(target, {
          ...rows[i]?.target,
          deviceAndAppManagementAssignmentFilterId: null,
          deviceAndAppManagementAssignmentFilterType: 'none',
        })
      }
    })

    test('clears with an empty list, under either key', async () => {
      const script = await createScript(runstate(), family)
      for (const body of [
        current(),
        { deviceManagementScriptGroupAssignments: [] },
        { deviceManagementScriptGroupAssignments: [], deviceManagementScriptAssignments: [] },
      ]) {
        await assign(runstate(), script, current(group(one), devices))
        await assign(runstate(), script, body)
        assert.deepEqual(await list(runstate(), script), [])
        assert.deepEqual(await list(runstate(), script, 'groupAssignments'), [])
      }
    })

    test('clears what the one key that is sent does not name', async () => {
      const script = await createScript(runstate(), family)
      await assign(runstate(), script, current(group(one), devices))
      await assign(runstate(), script, { deviceManagementScriptGroupAssignments: [legacy(two)] })
      assert.deepEqual(await targetsOf(runstate(), script), [two])
      await assign(runstate(), script, current(users))
      assert.deepEqual(await targetsOf(runstate(), script), [ALL_USERS])
    })

    test('takes both keys together', async () => {
      const script = await createScript(runstate(), family)
      const body = { ...current(devices), deviceManagementScriptGroupAssignments: [legacy(one)] }
      await assign(runstate(), script, body)
      assert.deepEqual(await targetsOf(runstate(), script), [one, ALL_DEVICES])
      await assign(runstate(), script, { ...body, deviceManagementScriptGroupAssignments: [] })
      assert.deepEqual(await targetsOf(runstate(), script), [ALL_DEVICES])
    })

    test('takes what clients send: ids, types, single quotes, nothing for the filter', async () => {
      const script = await createScript(runstate(), family)
      const type = '#microsoft.graph.deviceManagementScriptAssignment'
      const noFilter = {
        deviceAndAppManagementAssignmentFilterId: null,
        deviceAndAppManagementAssignmentFilterType: 'none',
      }
      const bodies: readonly unknown[] = [
        current({ id: '', ...group(one) }),
        current({ id: null, ...group(one) }),
        current({ id: `${keyOf(script)}:${two}`, '@odata.type': type, ...group(one) }),
        current({
          id: keyOf(script),
          target: targetOf('groupAssignmentTarget', { ...noFilter, groupId: one }),
        }),
        current({ target: { groupId: one, '@odata.type': 'microsoft.graph.groupAssignmentTarget' } }),
        current({ target: { groupId: one, '@odata.type': '#Microsoft.Graph.GroupAssignmentTarget' } }),
        `{'deviceManagementScriptGroupAssignments':[{'@odata.type':'#microsoft.graph.deviceManagementScriptGroupAssignment','targetGroupId':'${one}','id':'${keyOf(script)}'}]}`,
      ]
      for (const body of bodies) {
        await assign(runstate(), script, current(devices))
        await assign(runstate(), script, body)
        assert.deepEqual(await targetsOf(runstate(), script), [one], JSON.stringify(body))
      }
    })

    test('keeps the last of two rows with one target', async () => {
      const script = await createScript(runstate(), family)
      const filtered = (id: string) =>
        group(one, {
          deviceAndAppManagementAssignmentFilterId: id,
          deviceAndAppManagementAssignmentFilterType: 'exclude',
        })
      await assign(runstate(), script, current(filtered('first'), devices, filtered('last'), devices))
      assert.deepEqual(await targetsOf(runstate(), script), [one, ALL_DEVICES])
      const rows = await list(runstate(), script)
      const row = rows.find(({ id }) => id === `${keyOf(script)}:${one}`)
      assert.deepEqual(row?.['target'], filtered('last').target)
    })

    test('takes back what was read, unchanged', async () => {
      const script = await createScript(runstate(), family)
      const filter = {
        deviceAndAppManagementAssignmentFilterId: three,
        deviceAndAppManagementAssignmentFilterType: 'include',
      }
      await assign(runstate(), script, current(group(one, filter), exclusion(two), devices, collection('X')))
      const before = await list(runstate(), script)
      await assign(runstate(), script, current(...before))
      assert.deepEqual(await list(runstate(), script), before)
    })

    for (const [name, body] of refused) {
      test(`changes nothing with ${name}`, async () => {
        const script = await createScript(runstate(), family)
        await assign(runstate(), script, current(group(two), devices))
        await assertUnassigned(runstate(), script, { body })
      })
    }

    test('is 404 for a script that is not there, and of another family', async () => {
      const script = await createScript(runstate(), family)
      const missing = `${family.set}/00000000-0000-4000-8000-000000000000`
      const sending = { body: current(devices) }
      assertRefused(await runstate().send('POST', `${missing}/assign`, sending), 404, 'ResourceNotFound')
      const other = `${anotherThan(family).set}/${keyOf(script)}`
      for (const path of [`${other}/assign`, `${other}/assignments`]) {
        const answer = await runstate().send('POST', path, {
          body: path.endsWith('s') ? devices : current(devices),
        })
        assertRefused(answer, 404, 'ResourceNotFound')
      }
      assertRefused(await runstate().send('GET', `${other}/assignments`), 404, 'ResourceNotFound')
      assert.deepEqual(await list(runstate(), script), [])
    })

    test('touches no other script', async () => {
      const [script, other] = [await createScript(runstate(), family), await createScript(runstate(), family)]
      await assign(runstate(), other, current(group(one), devices))
      const before = await list(runstate(), other)
      await assign(runstate(), script, current(group(one)))
      await assign(runstate(), script, current())
      assert.deepEqual(await list(runstate(), other), before)
    })

    test('leaves one whole set where many assign at once', async () => {
      const script = await createScript(runstate(), family)
      const sets = Array.from({ length: 30 }, (_, i) => [`a${i}`, `b${i}`, `c${i}`])
      const answers = await Promise.all(
        sets.map((set) =>
          runstate().send('POST', `${script}/assign`, { body: current(...set.map((id) => group(id))) }),
        ),
      )
      for (const { status, text } of answers) assert.equal(status, 204, text)
      const last = await targetsOf(runstate(), script)
      assert(
        sets.some((set) => JSON.stringify(set) === JSON.stringify(last)),
        String(last),
      )
    })
  })
}

/** Switches of one row of the profile, and the profile that has it. */
const switched = (quirks: Members) => [observedServing, { quirks }] as const

describe('assign where a row of the profile is switched', () => {
  for (const config of switched({ 'assign-status': 200 })) {
    test(`answers an empty, untyped 200: ${JSON.stringify(config)}`, async () => {
      await using runstate = await startRunstate(config)
      const script = await createScript(runstate, shellFamily)
      const answer = await runstate.send('POST', `${script}/assign`, { body: current(group(one)) })
      assert.equal(answer.status, 200, answer.text)
      assert.equal(answer.text, '')
      assert.equal(answer.headers.get('content-type'), null)
      assert.deepEqual(await targetsOf(runstate, script), [one])
      assertRefused(await runstate.send('POST', `${script}/assign`, { body: {} }), 400)
    })
  }

  for (const config of switched({ 'shared-navigations': 'shared', 'assign-status': 200 })) {
    test(`reaches a script of another family: ${JSON.stringify(config)}`, async () => {
      await using runstate = await startRunstate(config)
      const own: Family = shellFamily
      const script = await createScript(runstate, own)
      const through = `${windowsFamily.set}/${keyOf(script)}`
      const answer = await runstate.send('POST', `${through}/assign`, { body: current(group(one), devices) })
      assert.equal(answer.status, 200, answer.text)
      assert.deepEqual(await targetsOf(runstate, script), [one, ALL_DEVICES])
      assert.deepEqual(await list(runstate, through), await list(runstate, script))
      const states = await runstate.send('GET', `${through}/deviceRunStates`)
      assert.equal(states.status, 200, states.text)
      for (const method of ['GET', 'DELETE']) assertRefused(await runstate.send(method, through), 404)
      assertRefused(await runstate.send('PATCH', through, { body: {} }), 404)
      assertRefused(await runstate.send('POST', 'deviceShellScripts/x/assign', { body: current() }), 404)
    })
  }
})

test('the documented body of assign leaves the rows that it names', async () => {
  await using runstate = await startRunstate()
  for (const family of families) {
    const script = await createScript(runstate, family)
    await assign(runstate, script, assignExample)
    const targets = (await list(runstate, script)).map(({ target }) => target)
    assert.equal(targets.length, 2)
    assert(JSON.stringify(targets).includes('"groupId":"Target Group Id value"'))
    assert(JSON.stringify(targets).includes('Filter Id value'))
  }
})
