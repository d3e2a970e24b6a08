/** Expansions in the shapes that recordings show, and how the profiles differ in them. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startRunstate } from '../support/runstate.ts'
import { createDevice, createDeviceState, expandedIn, read, singleIn } from './expansions.ts'
import {
  createScript,
  families,
  keyOf,
  rowsOf,
  SCRIPT_CONTENT,
  shellFamily,
  useRunstate,
  windowsFamily,
} from './families.ts'
import { ids, SET } from './health.ts'
import { targetOf } from './surface.ts'

const ALL_DEVICES = 'adadadad-808e-44e2-905a-0b7873a8a531'
const GROUP = '11111111-2222-4333-8444-555555555555'

const assignAll = {
  deviceManagementScriptAssignments: [
    { target: targetOf('allDevicesAssignmentTarget') },
    { target: targetOf('groupAssignmentTarget', { groupId: GROUP }) },
  ],
}

describe('the recorded answer to $expand=assignments', () => {
  const runstate = useRunstate({ profile: 'observed' })

  test('is given member by member', async () => {
    const path = await createScript(runstate(), windowsFamily)
    const id = keyOf(path)
    assert.equal((await runstate().send('POST', `${path}/assign`, { body: assignAll })).status, 200)
    const { body } = await read(runstate(), `${path}?$expand=assignments`)
    const root = 'https://localhost/beta/$metadata#deviceManagement/deviceManagementScripts'
    assert.equal(body['@odata.context'], `${root}(assignments())/$entity`)
    assert.equal(body['assignments@odata.context'], `${root}('${id}')/assignments`)
    const noFilter = {
      deviceAndAppManagementAssignmentFilterId: null,
      deviceAndAppManagementAssignmentFilterType: 'none',
    }
    const expected = [
      { id: `${id}:${GROUP}`, target: targetOf('groupAssignmentTarget', { ...noFilter, groupId: GROUP }) },
      { id: `${id}:${ALL_DEVICES}`, target: targetOf('allDevicesAssignmentTarget', noFilter) },
    ]
    const got = expandedIn(body, 'assignments')
    assert.deepEqual(
      got.toSorted((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1)),
      expected,
    )
    assert.deepEqual(
      Object.keys(body).filter((name) => name.includes('@')),
      ['@odata.context', 'assignments@odata.context'],
    )
    assert.deepEqual(Object.keys(body).slice(-2), ['assignments@odata.context', 'assignments'])
  })

  test('names the script in the context of each row of a list, whatever form the request used', async () => {
    for (const family of families) {
      await createScript(runstate(), family)
      for (const query of ['$expand=assignments', 'expand=ASSIGNMENTS', '%24expand=assignments']) {
        for (const row of rowsOf(await read(runstate(), `${family.set.toUpperCase()}/?${query}`))) {
          assert.equal(
            row['assignments@odata.context'],
            `https://localhost/beta/$metadata#deviceManagement/${family.set}('${row['id']}')/assignments`,
          )
        }
      }
    }
  })

  test('has no rows where nothing is assigned, and its context all the same', async () => {
    const path = await createScript(runstate(), shellFamily)
    const { body } = await read(runstate(), `${path}?$expand=assignments,deviceRunStates($count=true)`)
    assert.deepEqual(body['assignments'], [])
    assert('assignments@odata.context' in body)
    assert.deepEqual([body['deviceRunStates'], body['deviceRunStates@odata.count']], [[], 0])
  })
})

describe('the recorded reads of device run states', () => {
  const runstate = useRunstate({ profile: 'observed' })

  /** A script with a state of a device and one of none; gives the path of its states. */
  async function createStates(): Promise<string> {
    const states = `${await createScript(runstate(), windowsFamily)}/deviceRunStates`
    const device = await createDevice(runstate(), 'LAPTOP-1')
    const lastStateUpdateDateTime = '2026-08-28T19:19:56Z'
    await createDeviceState(runstate(), states, {
      device,
      lastStateUpdateDateTime,
      runState: 'fail',
      resultMessage: 'out',
    })
    return states
  }

  test('give exactly the members that are asked for, and no annotation', async () => {
    const states = await createStates()
    const query = '$select=resultMessage&$expand=managedDevice($select=deviceName,userPrincipalName)'
    assert.deepEqual(rowsOf(await read(runstate(), `${states}?${query}`)), [
      {
        resultMessage: 'out',
        managedDevice: { deviceName: 'LAPTOP-1', userPrincipalName: 'laptop-1@contoso.com' },
      },
    ])
  })

  test('give the row of the admin centre', async () => {
    const states = await createStates()
    const select = 'id,lastStateUpdateDateTime,runState,errorCode,errorDescription,resultMessage'
    const expand = 'managedDevice($select=deviceName,userPrincipalName,osVersion)'
    const [row, ...others] = rowsOf(await read(runstate(), `${states}?$select=${select}&$expand=${expand}`))
    const { id, ...members } = row ?? {}
    assert.match(String(id), new RegExp(`^${keyOf(states.replace(/\/deviceRunStates$/, ''))}:`))
    assert.deepEqual(members, {
      ...{ runState: 'fail', resultMessage: 'out', lastStateUpdateDateTime: '2026-08-28T19:19:56Z' },
      ...{ errorCode: 0, errorDescription: null },
      managedDevice: {
        deviceName: 'LAPTOP-1',
        userPrincipalName: 'laptop-1@contoso.com',
        osVersion: '10.0.1',
      },
    })
    assert.deepEqual(others, [])
  })

  for (const query of [
    '$expand=managedDevice',
    '$expand=managedDevice($select=deviceName)&$select=lastStateUpdateDateTime,errorCode,resultMessage',
    '$expand=managedDevice($select=id)&$top=100',
    '?=managedDevice',
    '=managedDevice',
    '=managedDevice(=deviceName,userPrincipalName)',
  ]) {
    test(`take what clients send: ${query}`, async () => {
      const states = await createStates()
      const [row] = rowsOf(await read(runstate(), `${states}?${query}`))
      assert.equal(row !== undefined && 'managedDevice' in row, query.startsWith('$expand'))
    })
  }

  test('have null for the device of a state that has none, on lists and on one', async () => {
    const states = `${await createScript(runstate(), windowsFamily)}/deviceRunStates`
    const id = await createDeviceState(runstate(), states)
    for (const query of ['$expand=managedDevice', '$select=id&$expand=managedDevice($select=deviceName)']) {
      const [row] = rowsOf(await read(runstate(), `${states}?${query}`))
      const { body } = await read(runstate(), `${states}/${id}?${query}`)
      assert.equal(row?.['managedDevice'], null)
      assert.equal(body['managedDevice'], null)
    }
    const { body } = await read(
      runstate(),
      `${states}/${id}?$select=id&$expand=managedDevice($select=deviceName)`,
    )
    assert.match(
      String(body['@odata.context']),
      /deviceRunStates\(id,managedDevice\(deviceName\)\)\/\$entity$/,
    )
  })
})

describe('the profiles differ where something is expanded', () => {
  for (const [config, content, isTyped] of [
    [{}, SCRIPT_CONTENT, true],
    [{ profile: 'observed' }, null, false],
    [{ quirks: { 'listed-content': 'null' } }, null, true],
    [{ quirks: { 'type-annotation': 'absent' } }, SCRIPT_CONTENT, false],
  ] as const) {
    test(`in the content of lists and in types, and in nothing else: ${JSON.stringify(config)}`, async () => {
      await using runstate = await startRunstate({ ...config, demo: true })
      const expand =
        '$expand=assignments,runSummary,userRunStates($expand=deviceRunStates($expand=managedDevice))'
      for (const family of families) {
        const [row] = rowsOf(await read(runstate, `${family.set}?${expand}`))
        const { body } = await read(runstate, `${family.set}/${family.example['id']}?${expand}`)
        assert.equal(row?.['scriptContent'], content)
        assert.equal(body['scriptContent'], SCRIPT_CONTENT)
        for (const each of [row, body]) {
          const [user] = expandedIn(each, 'userRunStates')
          const [state] = expandedIn(user, 'deviceRunStates')
          const nested = [user, state, singleIn(state, 'managedDevice'), singleIn(each, 'runSummary')]
          for (const entity of [each, ...nested, ...expandedIn(each, 'assignments')])
            assert.equal(entity !== undefined && '@odata.type' in entity, isTyped)
        }
      }
    })
  }

  test('in both contents of a health script too', async () => {
    await using runstate = await startRunstate({ profile: 'observed', demo: true })
    const [row] = rowsOf(
      await read(runstate, `${SET}?$expand=deviceRunStates($expand=managedDevice),assignments,runSummary`),
    )
    assert.deepEqual([row?.['detectionScriptContent'], row?.['remediationScriptContent']], [null, null])
    assert.equal(expandedIn(row, 'deviceRunStates')[0]?.['id'], ids.state)
    assert.equal(expandedIn(row, 'assignments')[0]?.['id'], ids.assignment)
    assert.equal(singleIn(row, 'runSummary')['noIssueDetectedDeviceCount'], 10)
    const { body } = await read(runstate, `${SET}/${ids.script}?$expand=assignments`)
    assert.equal(body['detectionScriptContent'], 'ZGV0ZWN0aW9uU2NyaXB0Q29udGVudA==')
  })

  test('in reaching a script of another family, expanded or not', async () => {
    const query = '$expand=deviceRunStates($expand=managedDevice)'
    const shell = shellFamily.example['id']
    for (const [profile, status] of [
      ['observed', 200],
      ['documented', 404],
    ] as const) {
      await using runstate = await startRunstate({ profile, demo: true })
      const below = `deviceManagementScripts/${shell}/userRunStates?${query}`
      assert.equal((await runstate.send('GET', below)).status, status)
      assert.equal((await runstate.send('GET', `deviceManagementScripts/${shell}?${query}`)).status, 404)
    }
  })
})
