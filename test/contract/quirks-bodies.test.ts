/** The rows on what a body may say: ids, empty content, ids of groups, virtual groups. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { QuirkName } from '#base/base.ts'
import { errorOf, type Runstate, startRunstate } from '../support/runstate.ts'
import {
  assertRefused,
  createScript,
  families,
  GUID,
  keyOf,
  readText,
  rowsOf,
  shellFamily,
  windowsFamily,
} from './families.ts'
import { creationExample, SET as HEALTH } from './health.ts'
import { configsWith } from './quirks.ts'

type Members = Readonly<Record<string, unknown>>

const GROUP = '11111111-2222-4333-8444-555555555555'
const ALL_DEVICES = 'adadadad-808e-44e2-905a-0b7873a8a531'
const ALL_USERS = 'acacacac-9df4-4c7d-9d50-4ef0226f57a9'

function targetOf(type: string, members: Members = {}): Members {
  return { '@odata.type': `#microsoft.graph.${type}`, ...members }
}

function assigning(...targets: readonly Members[]): Members {
  return { deviceManagementScriptAssignments: targets.map((target) => ({ target })) }
}

const healthCreation: Members = JSON.parse(creationExample)
const creations = [
  ...families.map(({ set, creation }) => ({ set, creation })),
  { set: HEALTH, creation: healthCreation },
]

/** A test in each profile, the row behaving so: on a server of its own. */
function testWith(
  row: QuirkName,
  behaviour: string,
  { name, run }: { readonly name: string; readonly run: (runstate: Runstate) => Promise<void> },
): void {
  for (const { name: settings, config } of configsWith(row, behaviour)) {
    test(`${name}: ${settings}`, async () => {
      await using runstate = await startRunstate(config)
      await run(runstate)
    })
  }
}

describe('an id in a creation', () => {
  testWith('id-in-creation', 'ignored', {
    name: 'is passed over',
    run: async (runstate) => {
      for (const { set, creation } of creations) {
        const id = await runstate.create(set, { ...creation, id: GROUP })
        assert.match(id, GUID)
        assert.notEqual(id, GROUP)
      }
    },
  })

  testWith('id-in-creation', 'refused', {
    name: 'is a 500, and nothing is created',
    run: async (runstate) => {
      for (const { set, creation } of creations) {
        const answer = await runstate.send('POST', set, { body: { ...creation, id: GROUP } })
        assertRefused(answer, 500, 'InternalServerError')
        assert.deepEqual(rowsOf(await runstate.send('GET', set)), [])
      }
    },
  })

  testWith('id-in-creation', 'refused', {
    name: 'is none where it is null or empty, where it is changed, and in assign',
    run: async (runstate) => {
      for (const { set, creation } of creations) {
        for (const id of [null, '']) assert.match(await runstate.create(set, { ...creation, id }), GUID)
      }
      const script = await createScript(runstate, windowsFamily)
      const change = { id: GROUP, description: 'x' }
      assert.equal((await runstate.send('PATCH', script, { body: change })).status, 200)
      const target = targetOf('allDevicesAssignmentTarget')
      const body = { deviceManagementScriptAssignments: [{ id: keyOf(script), target }] }
      assert((await runstate.send('POST', `${script}/assign`, { body })).status < 300)
    },
  })
})

describe('content that is null or empty', () => {
  const member = (set: string) => (set === HEALTH ? 'detectionScriptContent' : 'scriptContent')

  testWith('empty-content', 'accepted', {
    name: 'is taken',
    run: async (runstate) => {
      for (const { set, creation } of creations) {
        for (const content of [null, '']) {
          const script = `${set}/${await runstate.create(set, { ...creation, [member(set)]: content })}`
          assert.equal((await runstate.send('GET', script)).body[member(set)], content)
          const body = { [member(set)]: content }
          assert.equal((await runstate.send('PATCH', script, { body })).status, 200)
        }
      }
    },
  })

  testWith('empty-content', 'refused', {
    name: 'is refused in the real service’s words, and nothing is written',
    run: async (runstate) => {
      for (const { set, creation } of creations) {
        const script = `${set}/${await runstate.create(set, creation)}`
        const before = await readText(runstate, script)
        const sentence = `${set === HEALTH ? 'DetectionScriptContent' : 'ScriptContent'} must not be null or empty`
        for (const content of [null, '']) {
          const body = { ...creation, [member(set)]: content }
          const created = await runstate.send('POST', set, { body })
          const changed = await runstate.send('PATCH', script, { body: { [member(set)]: content } })
          for (const answer of [created, changed]) {
            assertRefused(answer, 400, 'UnknownError')
            assert.equal(errorOf(answer).message, sentence)
          }
        }
        assert.equal(await readText(runstate, script), before)
        assert.equal(rowsOf(await runstate.send('GET', set)).length, 1)
      }
    },
  })

  testWith('empty-content', 'refused', {
    name: 'is refused where it is said: a creation may have none, a remediation may be empty',
    run: async (runstate) => {
      await runstate.create(shellFamily.set, { displayName: 'No content' })
      await runstate.create(HEALTH, { ...healthCreation, remediationScriptContent: '' })
    },
  })
})

describe('the id of a group', () => {
  const text = 'Target Group Id value'
  const group = targetOf('groupAssignmentTarget', { groupId: text })
  const bodies: readonly Members[] = [
    assigning(group),
    assigning(targetOf('exclusionGroupAssignmentTarget', { groupId: text })),
    { deviceManagementScriptGroupAssignments: [{ targetGroupId: text }] },
  ]

  testWith('group-ids', 'any', {
    name: 'is any text',
    run: async (runstate) => {
      for (const body of bodies) {
        const script = await createScript(runstate, windowsFamily)
        assert((await runstate.send('POST', `${script}/assign`, { body })).status < 300)
        const [row = {}] = rowsOf(await runstate.send('GET', `${script}/assignments`))
        assert.equal(row['id'], `${keyOf(script)}:${text}`)
      }
    },
  })

  testWith('group-ids', 'guid', {
    name: 'is a GUID and nothing else, or nothing is assigned',
    run: async (runstate) => {
      const script = await createScript(runstate, windowsFamily)
      const own = targetOf('groupAssignmentTarget', { groupId: GROUP })
      assert((await runstate.send('POST', `${script}/assign`, { body: assigning(own) })).status < 300)
      const before = await readText(runstate, `${script}/assignments`)
      for (const body of bodies) {
        assertRefused(await runstate.send('POST', `${script}/assign`, { body }), 400, 'BadRequest')
      }
      const answer = await runstate.send('PATCH', `${script}/assignments/${keyOf(script)}:${GROUP}`, {
        body: { target: group },
      })
      assertRefused(answer, 400, 'BadRequest')
      assert.equal(await readText(runstate, `${script}/assignments`), before)
    },
  })
})

describe('a group that stands for all', () => {
  const filter = { deviceAndAppManagementAssignmentFilterType: 'include' }
  const groups = [
    targetOf('groupAssignmentTarget', { groupId: ALL_DEVICES.toUpperCase(), ...filter }),
    targetOf('groupAssignmentTarget', { groupId: ALL_USERS }),
    targetOf('groupAssignmentTarget', { groupId: GROUP }),
  ]

  const typesOf = async (runstate: Runstate, script: string): Promise<readonly unknown[]> => {
    const rows = rowsOf(await runstate.send('GET', `${script}/assignments`))
    return rows.map(({ target }) => JSON.stringify(target)).toSorted()
  }

  testWith('virtual-groups', 'normalised', {
    name: 'is the virtual target, and keeps its filter',
    run: async (runstate) => {
      const script = await createScript(runstate, windowsFamily)
      const sent = await runstate.send('POST', `${script}/assign`, { body: assigning(...groups) })
      assert(sent.status < 300, sent.text)
      const types = await typesOf(runstate, script)
      assert.equal(types.length, 3)
      const [devices, users, group] = types.map(String)
      assert.match(devices ?? '', /allDevicesAssignmentTarget.+"include"/)
      assert.match(users ?? '', /allLicensedUsersAssignmentTarget/)
      assert.match(group ?? '', new RegExp(`groupAssignmentTarget.+"groupId":"${GROUP}"`))
      assert.doesNotMatch(`${devices}${users}`, /groupId/)
      const keys = rowsOf(await runstate.send('GET', `${script}/assignments`)).map(({ id }) => id)
      assert(keys.includes(`${keyOf(script)}:${ALL_DEVICES}`))
      assert.deepEqual(rowsOf(await runstate.send('GET', `${script}/groupAssignments`)).length, 1)
    },
  })

  testWith('virtual-groups', 'normalised', {
    name: 'and the virtual target are one assignment; leaving it out is as sent',
    run: async (runstate) => {
      const script = await createScript(runstate, windowsFamily)
      const devices = targetOf('allDevicesAssignmentTarget')
      const excluded = targetOf('exclusionGroupAssignmentTarget', { groupId: ALL_USERS })
      const body = assigning(groups[0] ?? {}, devices, excluded)
      assert((await runstate.send('POST', `${script}/assign`, { body })).status < 300)
      const [first, second] = (await typesOf(runstate, script)).map(String)
      assert.match(first ?? '', /allDevicesAssignmentTarget.+"none"/)
      assert.match(second ?? '', new RegExp(`exclusionGroupAssignmentTarget.+${ALL_USERS}`))
    },
  })

  testWith('virtual-groups', 'kept', {
    name: 'is a group as any other',
    run: async (runstate) => {
      const script = await createScript(runstate, windowsFamily)
      await runstate.send('POST', `${script}/assign`, { body: assigning(...groups) })
      for (const type of await typesOf(runstate, script))
        assert.match(String(type), /\.groupAssignmentTarget/)
    },
  })
})
