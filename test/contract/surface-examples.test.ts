/** Every request body that the documentation prints, accepted as it is printed. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Answer, startRunstate } from '../support/runstate.ts'
import { type Family, families, observedServing, ownMembers, rowsOf } from './families.ts'
import { fillIn } from './surface.ts'

interface Example {
  /** The page of the documentation, by its operation. */
  readonly name: string
  readonly method: 'POST' | 'PATCH'
  readonly template: string
  readonly status: number
  /** As printed. */
  readonly body: string
  /** Members of the answer that are not as in the body. */
  readonly except?: Readonly<Record<string, unknown>>
}

const scripts: Readonly<Record<string, string>> = {
  deviceManagementScripts: `{
  "@odata.type": "#microsoft.graph.deviceManagementScript",
  "displayName": "Display Name value",
  "description": "Description value",
  "scriptContent": "c2NyaXB0Q29udGVudA==",
  "runAsAccount": "user",
  "enforceSignatureCheck": true,
  "fileName": "File Name value",
  "roleScopeTagIds": [
    "Role Scope Tag Ids value"
  ],
  "runAs32Bit": true
}`,
  deviceShellScripts: `{
  "@odata.type": "#microsoft.graph.deviceShellScript",
  "executionFrequency": "PT2M43.444327S",
  "retryCount": 10,
  "blockExecutionNotifications": true,
  "displayName": "Display Name value",
  "description": "Description value",
  "scriptContent": "c2NyaXB0Q29udGVudA==",
  "runAsAccount": "user",
  "fileName": "File Name value",
  "roleScopeTagIds": [
    "Role Scope Tag Ids value"
  ]
}`,
  deviceCustomAttributeShellScripts: `{
  "@odata.type": "#microsoft.graph.deviceCustomAttributeShellScript",
  "customAttributeName": "Custom Attribute Name value",
  "customAttributeType": "string",
  "displayName": "Display Name value",
  "description": "Description value",
  "scriptContent": "c2NyaXB0Q29udGVudA==",
  "runAsAccount": "user",
  "fileName": "File Name value",
  "roleScopeTagIds": [
    "Role Scope Tag Ids value"
  ]
}`,
}

const assignment = `{
  "@odata.type": "#microsoft.graph.deviceManagementScriptAssignment",
  "target": {
    "@odata.type": "microsoft.graph.configurationManagerCollectionAssignmentTarget",
    "deviceAndAppManagementAssignmentFilterId": "Device And App Management Assignment Filter Id value",
    "deviceAndAppManagementAssignmentFilterType": "include",
    "collectionId": "Collection Id value"
  }
}`

const groupAssignment = `{
  "@odata.type": "#microsoft.graph.deviceManagementScriptGroupAssignment",
  "targetGroupId": "Target Group Id value"
}`

const deviceState = `{
  "@odata.type": "#microsoft.graph.deviceManagementScriptDeviceState",
  "runState": "success",
  "resultMessage": "Result Message value",
  "lastStateUpdateDateTime": "2017-01-01T00:02:58.4418045-08:00",
  "errorCode": 9,
  "errorDescription": "Error Description value"
}`

const userState = `{
  "@odata.type": "#microsoft.graph.deviceManagementScriptUserState",
  "successDeviceCount": 2,
  "errorDeviceCount": 0,
  "userPrincipalName": "User Principal Name value"
}`

const summary = `{
  "@odata.type": "#microsoft.graph.deviceManagementScriptRunSummary",
  "successDeviceCount": 2,
  "errorDeviceCount": 0,
  "successUserCount": 0,
  "errorUserCount": 14
}`

/** The request of the `assign` pages: a group that is no GUID, a type without `#`, and the base of all targets. */
const assign = `{
  "deviceManagementScriptGroupAssignments": [
    {
      "@odata.type": "#microsoft.graph.deviceManagementScriptGroupAssignment",
      "id": "ecd2357d-357d-ecd2-7d35-d2ec7d35d2ec",
      "targetGroupId": "Target Group Id value"
    }
  ],
  "deviceManagementScriptAssignments": [
    {
      "@odata.type": "#microsoft.graph.deviceManagementScriptAssignment",
      "id": "a87a601e-601e-a87a-1e60-7aa81e607aa8",
      "target": {
        "@odata.type": "microsoft.graph.deviceAndAppManagementAssignmentTarget",
        "deviceAndAppManagementAssignmentFilterId": "Device And App Management Assignment Filter Id value",
        "deviceAndAppManagementAssignmentFilterType": "include"
      }
    }
  ]
}`

/** The older form of the page: without the filter's members. */
const assignOld = assign
  .replace(/,\s*"deviceAndAppManagementAssignmentFilter\w+": "[^"]*"/g, '')
  .replace('deviceAndAppManagementAssignmentTarget"', 'configurationManagerCollectionAssignmentTarget"')

const script = '{F}/{script}'
const time = { lastStateUpdateDateTime: '2017-01-01T08:02:58.4418045Z' }

/** The create and the update page of a collection, which print the same body. */
function pagesOf(
  name: string,
  { path, key, body, except = {} }: { path: string; key: string; body: string; except?: Example['except'] },
): readonly Example[] {
  return [
    { name: `create ${name}`, method: 'POST', template: path, status: 201, body, except },
    { name: `update ${name}`, method: 'PATCH', template: `${path}/{${key}}`, status: 200, body, except },
  ]
}

function examplesOf(family: Family): readonly Example[] {
  const states = { key: 'deviceState', body: deviceState, except: time }
  const assignAt = { method: 'POST', template: `${script}/assign`, status: 204 } as const
  return [
    ...pagesOf(family.type, { path: '{F}', key: 'script', body: scripts[family.set] ?? '' }),
    ...pagesOf('deviceManagementScriptAssignment', {
      ...{ path: `${script}/assignments`, key: 'assignment', body: assignment },
    }),
    ...pagesOf('deviceManagementScriptGroupAssignment', {
      ...{ path: `${script}/groupAssignments`, key: 'groupAssignment', body: groupAssignment },
    }),
    ...pagesOf('deviceManagementScriptDeviceState', { path: `${script}/deviceRunStates`, ...states }),
    ...pagesOf('deviceManagementScriptUserState', {
      ...{ path: `${script}/userRunStates`, key: 'userState', body: userState },
    }),
    ...pagesOf('deviceManagementScriptDeviceState of a user', {
      path: `${script}/userRunStates/{userState}/deviceRunStates`,
      ...states,
    }),
    {
      name: 'update the run summary',
      method: 'PATCH',
      template: `${script}/runSummary`,
      status: 200,
      body: summary,
    },
    { ...assignAt, name: 'assign', body: assign },
    { ...assignAt, name: 'assign as the older page has it', body: assignOld },
  ]
}

const hasPayloadLinks: Example = {
  name: 'hasPayloadLinks',
  method: 'POST',
  template: 'deviceManagementScripts/hasPayloadLinks',
  status: 200,
  body: '{\n  "payloadIds": [\n    "Payload Ids value"\n  ]\n}',
}

/** Asserts that the answer has what the body had. */
function assertEchoed(answer: Answer, { body, except }: Example): void {
  const { target, ...members } = JSON.parse(body)
  const actual = answer.body['target']
  if (target !== undefined) {
    assert(typeof actual === 'object' && actual !== null)
    const type = `#${String(target['@odata.type']).replace('#', '')}`
    assert.deepEqual(actual, { ...target, '@odata.type': type })
  }
  for (const [name, value] of Object.entries({ ...members, ...except }))
    assert.deepEqual(answer.body[name], value, name)
}

describe('the documented requests', () => {
  const all = [...families.flatMap((family) => examplesOf(family).map((example) => ({ family, example })))]

  test('are 46: 15 of each family, and hasPayloadLinks', () => {
    assert.equal(all.length + 1, 46)
  })

  for (const { family, example } of all) {
    test(`are accepted as printed, in both profiles: ${example.name} of ${family.set}`, async () => {
      for (const config of [{ profile: 'documented' }, observedServing] as const) {
        const isSetOnce =
          example.method === 'PATCH' && example.body === scripts['deviceCustomAttributeShellScripts']
        await using runstate = await startRunstate({ demo: true, ...config })
        const path = fillIn(example.template, family)
        if (example.method === 'POST' && /ssignments$/.test(path)) {
          const rows = rowsOf(await runstate.send('GET', path))
          for (const { id } of rows) await runstate.send('DELETE', `${path}/${id}`)
        }
        const answer = await runstate.send(example.method, path, {
          body: example.body.replaceAll('\n', '\r\n'),
        })
        if (config.profile === 'observed') {
          const status = isSetOnce ? 400 : example.status === 204 ? 200 : example.status
          assert.equal(answer.status, status, answer.text)
          continue
        }
        assert.equal(answer.status, example.status, answer.text)
        if (example.status !== 204) assertEchoed(answer, example)
      }
    })
  }

  test('are accepted as printed: hasPayloadLinks', async () => {
    await using runstate = await startRunstate({ demo: true })
    const { method, template, body } = hasPayloadLinks
    const answer = await runstate.send(method, template, { body })
    const [row = {}] = rowsOf(answer)
    const expected = { payloadId: 'Payload Ids value', hasLink: false, error: '', sources: [] }
    assert.deepEqual(ownMembers(row), expected)
  })

  test('leave, once assigned, a row of each list, with the base type of target', async () => {
    await using runstate = await startRunstate({ demo: true })
    for (const family of families) {
      const path = fillIn(script, family)
      assert.equal((await runstate.send('POST', `${path}/assign`, { body: assign })).status, 204)
      const rows = rowsOf(await runstate.send('GET', `${path}/assignments`))
      const text = JSON.stringify(rows)
      assert.equal(rows.length, 2)
      assert(text.includes('"@odata.type":"#microsoft.graph.deviceAndAppManagementAssignmentTarget"'), text)
      assert(text.includes('"groupId":"Target Group Id value"'), text)
      const [group = {}] = rowsOf(await runstate.send('GET', `${path}/groupAssignments`))
      assert.equal(group['targetGroupId'], 'Target Group Id value')
    }
  })

  test('may print the read-only members too, which are ignored', async () => {
    await using runstate = await startRunstate({ demo: true })
    for (const { family, example } of all.filter((one) => one.example.method === 'PATCH')) {
      const path = fillIn(example.template, family)
      const { body } = await runstate.send('GET', path)
      const answer = await runstate.send('PATCH', path, { body })
      assert.equal(answer.status, 200, `${path}: ${answer.text}`)
      assert.equal(answer.body['id'], body['id'])
    }
  })
})
