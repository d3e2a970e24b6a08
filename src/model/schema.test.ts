/** The declared entities, held against the published schema (CSDL of Graph beta of SCHEMA_DATE) as data. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type PublishedRow as Row, rowsOf } from '../../test/support/schema.ts'
import { model, type PrimitiveProperty, type Property } from './model.ts'

const common: Readonly<Record<string, Row>> = {
  id: ['Edm.String', false, 'readOnly'],
  displayName: ['Edm.String', true],
  description: ['Edm.String', true],
  scriptContent: ['Edm.Binary', true],
  createdDateTime: ['Edm.DateTimeOffset', false, 'readOnly'],
  lastModifiedDateTime: ['Edm.DateTimeOffset', false, 'readOnly'],
  runAsAccount: ['microsoft.graph.runAsAccountType', false],
  fileName: ['Edm.String', true],
  roleScopeTagIds: ['Collection(Edm.String)', true],
}

const published: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  deviceManagementScript: {
    ...common,
    enforceSignatureCheck: ['Edm.Boolean', false],
    runAs32Bit: ['Edm.Boolean', false],
  },
  deviceShellScript: {
    ...common,
    executionFrequency: ['Edm.Duration', false],
    retryCount: ['Edm.Int32', false],
    blockExecutionNotifications: ['Edm.Boolean', false],
  },
  deviceCustomAttributeShellScript: {
    ...common,
    customAttributeName: ['Edm.String', true],
    customAttributeType: ['microsoft.graph.deviceCustomAttributeValueType', false],
  },
  deviceManagementScriptUserState: {
    id: ['Edm.String', false, 'readOnly'],
    successDeviceCount: ['Edm.Int32', false],
    errorDeviceCount: ['Edm.Int32', false],
    userPrincipalName: ['Edm.String', true],
  },
  deviceManagementScriptDeviceState: {
    id: ['Edm.String', false, 'readOnly'],
    runState: ['microsoft.graph.runState', false],
    resultMessage: ['Edm.String', true],
    lastStateUpdateDateTime: ['Edm.DateTimeOffset', false],
    errorCode: ['Edm.Int32', false],
    errorDescription: ['Edm.String', true],
  },
  deviceManagementScriptRunSummary: {
    id: ['Edm.String', false, 'readOnly'],
    successDeviceCount: ['Edm.Int32', false],
    errorDeviceCount: ['Edm.Int32', false],
    successUserCount: ['Edm.Int32', false],
    errorUserCount: ['Edm.Int32', false],
  },
  deviceManagementScriptAssignment: {
    id: ['Edm.String', false, 'readOnly'],
    target: ['microsoft.graph.deviceAndAppManagementAssignmentTarget', true],
  },
  deviceManagementScriptGroupAssignment: {
    id: ['Edm.String', false, 'readOnly'],
    targetGroupId: ['Edm.String', true],
  },
  managedDevice: {
    id: ['Edm.String', false, 'readOnly'],
    userId: ['Edm.String', true],
    deviceName: ['Edm.String', true],
    enrolledDateTime: ['Edm.DateTimeOffset', false],
    lastSyncDateTime: ['Edm.DateTimeOffset', false],
    operatingSystem: ['Edm.String', true],
    osVersion: ['Edm.String', true],
    emailAddress: ['Edm.String', true],
    azureADDeviceId: ['Edm.String', true],
    model: ['Edm.String', true],
    manufacturer: ['Edm.String', true],
    serialNumber: ['Edm.String', true],
    userPrincipalName: ['Edm.String', true],
    userDisplayName: ['Edm.String', true],
  },
  deviceHealthScript: {
    id: ['Edm.String', false, 'readOnly'],
    publisher: ['Edm.String', true],
    version: ['Edm.String', true],
    displayName: ['Edm.String', true],
    description: ['Edm.String', true],
    detectionScriptContent: ['Edm.Binary', true],
    remediationScriptContent: ['Edm.Binary', true],
    createdDateTime: ['Edm.DateTimeOffset', false, 'readOnly'],
    lastModifiedDateTime: ['Edm.DateTimeOffset', false, 'readOnly'],
    runAsAccount: ['microsoft.graph.runAsAccountType', false],
    enforceSignatureCheck: ['Edm.Boolean', false],
    runAs32Bit: ['Edm.Boolean', false],
    roleScopeTagIds: ['Collection(Edm.String)', true],
    isGlobalScript: ['Edm.Boolean', false],
    highestAvailableVersion: ['Edm.String', true],
    deviceHealthScriptType: ['microsoft.graph.deviceHealthScriptType', false],
    detectionScriptParameters: ['Collection(microsoft.graph.deviceHealthScriptParameter)', true],
    remediationScriptParameters: ['Collection(microsoft.graph.deviceHealthScriptParameter)', true],
  },
  deviceHealthScriptAssignment: {
    id: ['Edm.String', false, 'readOnly'],
    target: ['microsoft.graph.deviceAndAppManagementAssignmentTarget', true],
    runRemediationScript: ['Edm.Boolean', false],
    runSchedule: ['microsoft.graph.deviceHealthScriptRunSchedule', true],
  },
  deviceHealthScriptRunSummary: {
    id: ['Edm.String', false, 'readOnly'],
    noIssueDetectedDeviceCount: ['Edm.Int32', false],
    issueDetectedDeviceCount: ['Edm.Int32', false],
    detectionScriptErrorDeviceCount: ['Edm.Int32', false],
    detectionScriptPendingDeviceCount: ['Edm.Int32', false],
    detectionScriptNotApplicableDeviceCount: ['Edm.Int32', false],
    issueRemediatedDeviceCount: ['Edm.Int32', false],
    remediationSkippedDeviceCount: ['Edm.Int32', false],
    issueReoccurredDeviceCount: ['Edm.Int32', false],
    remediationScriptErrorDeviceCount: ['Edm.Int32', false],
    lastScriptRunDateTime: ['Edm.DateTimeOffset', true],
    issueRemediatedCumulativeDeviceCount: ['Edm.Int32', false],
  },
  deviceHealthScriptDeviceState: {
    id: ['Edm.String', false, 'readOnly'],
    detectionState: ['microsoft.graph.runState', false],
    lastStateUpdateDateTime: ['Edm.DateTimeOffset', false],
    expectedStateUpdateDateTime: ['Edm.DateTimeOffset', true],
    lastSyncDateTime: ['Edm.DateTimeOffset', false],
    preRemediationDetectionScriptOutput: ['Edm.String', true],
    preRemediationDetectionScriptError: ['Edm.String', true],
    remediationScriptError: ['Edm.String', true],
    postRemediationDetectionScriptOutput: ['Edm.String', true],
    postRemediationDetectionScriptError: ['Edm.String', true],
    remediationState: ['microsoft.graph.remediationState', false],
    assignmentFilterIds: ['Collection(Edm.String)', true],
  },
}

/** Target, and whether it is a collection. */
type Way = readonly [target: string, isCollection: boolean]

const ofScripts: Readonly<Record<string, Way>> = {
  groupAssignments: ['deviceManagementScriptGroupAssignment', true],
  assignments: ['deviceManagementScriptAssignment', true],
  runSummary: ['deviceManagementScriptRunSummary', false],
  deviceRunStates: ['deviceManagementScriptDeviceState', true],
  userRunStates: ['deviceManagementScriptUserState', true],
}

const ways: Readonly<Record<string, Readonly<Record<string, Way>>>> = {
  deviceManagementScript: ofScripts,
  deviceShellScript: ofScripts,
  deviceCustomAttributeShellScript: ofScripts,
  deviceManagementScriptDeviceState: { managedDevice: ['managedDevice', false] },
  deviceManagementScriptUserState: { deviceRunStates: ['deviceManagementScriptDeviceState', true] },
  deviceHealthScript: {
    assignments: ['deviceHealthScriptAssignment', true],
    runSummary: ['deviceHealthScriptRunSummary', false],
    deviceRunStates: ['deviceHealthScriptDeviceState', true],
  },
  deviceHealthScriptDeviceState: { managedDevice: ['managedDevice', false] },
}

/** Name, and what it is bound to. */
const actions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  deviceManagementScript: { assign: 'entity', hasPayloadLinks: 'collection' },
  deviceShellScript: { assign: 'entity' },
  deviceCustomAttributeShellScript: { assign: 'entity' },
  deviceHealthScript: { assign: 'entity' },
}

/** What `assign` takes, by type: names of parameters, and the navigation whose entities each is. */
const assignParameters: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...Object.fromEntries(
    ['deviceManagementScript', 'deviceShellScript', 'deviceCustomAttributeShellScript'].map((name) => [
      name,
      {
        deviceManagementScriptGroupAssignments: 'groupAssignments',
        deviceManagementScriptAssignments: 'assignments',
      },
    ]),
  ),
  deviceHealthScript: { deviceHealthScriptAssignments: 'assignments' },
}

const enumerations: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'microsoft.graph.runAsAccountType': { system: 0, user: 1 },
  'microsoft.graph.deviceCustomAttributeValueType': { integer: 0, string: 1, dateTime: 2 },
  'microsoft.graph.runState': {
    ...{ unknown: 0, success: 1, fail: 2 },
    ...{ scriptError: 3, pending: 4, notApplicable: 5 },
  },
  'microsoft.graph.deviceAndAppManagementAssignmentFilterType': { none: 0, include: 1, exclude: 2 },
  'microsoft.graph.remediationState': {
    ...{ unknown: 0, skipped: 1, success: 2 },
    ...{ remediationFailed: 3, scriptError: 4, unknownFutureValue: 5 },
  },
  'microsoft.graph.deviceHealthScriptType': { deviceHealthScript: 0, managedInstallerScript: 1 },
}

/** What a creation without members gets, as recordings and the clients that work against the service show. */
const defaults: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  deviceManagementScript: {
    description: '',
    runAsAccount: 'user',
    enforceSignatureCheck: false,
    runAs32Bit: false,
    roleScopeTagIds: ['0'],
  },
  deviceShellScript: {
    description: '',
    runAsAccount: 'user',
    executionFrequency: 0,
    retryCount: 0,
    blockExecutionNotifications: false,
    roleScopeTagIds: ['0'],
  },
  deviceCustomAttributeShellScript: {
    description: '',
    runAsAccount: 'system',
    customAttributeType: 'integer',
    customAttributeName: { from: 'displayName' },
    roleScopeTagIds: ['0'],
  },
  deviceManagementScriptUserState: { successDeviceCount: 0, errorDeviceCount: 0 },
  deviceManagementScriptDeviceState: { runState: 'unknown', errorCode: 0 },
  deviceManagementScriptRunSummary: {
    ...{ successDeviceCount: 0, errorDeviceCount: 0 },
    ...{ successUserCount: 0, errorUserCount: 0 },
  },
  deviceManagementScriptAssignment: {},
  deviceManagementScriptGroupAssignment: {},
  managedDevice: {},
  deviceHealthScript: {
    description: '',
    runAsAccount: 'system',
    enforceSignatureCheck: false,
    runAs32Bit: false,
    roleScopeTagIds: ['0'],
    isGlobalScript: false,
    deviceHealthScriptType: 'deviceHealthScript',
    detectionScriptParameters: [],
    remediationScriptParameters: [],
  },
  deviceHealthScriptAssignment: { runRemediationScript: false },
  deviceHealthScriptRunSummary: Object.fromEntries(
    Object.entries(published['deviceHealthScriptRunSummary'] ?? {}).flatMap(([name, [type]]) =>
      type === 'Edm.Int32' ? [[name, 0]] : [],
    ),
  ),
  deviceHealthScriptDeviceState: {
    detectionState: 'unknown',
    remediationState: 'unknown',
    assignmentFilterIds: [],
  },
}

/** The primitive parts of a property: itself, or every member of every type that a value of it may have. */
function primitivesOf(property: Property): readonly PrimitiveProperty[] {
  if (property.kind === 'primitive') return [property]
  return [...property.types.values()].flatMap(({ members }) => members)
}

test('the model has the published types and no other', () => {
  assert.deepEqual([...model.entityTypes.keys()].sort(), Object.keys(published).sort())
})

for (const type of model.entityTypes.values()) {
  const { name, qualifiedName, properties, example, description } = type
  describe(name, () => {
    test('has the published properties, each of its type, nullable and read-only where it is', () => {
      assert.deepEqual(rowsOf(properties), published[name])
    })

    test('has the published navigations, each to its type, one or many', () => {
      const declared = [...type.navigations.values()].map((way) => [
        way.name,
        [way.target.name, way.collection],
      ])
      assert.deepEqual(Object.fromEntries(declared), ways[name] ?? {})
    })

    test('has the published actions, plain and qualified', () => {
      const declared = [...type.actions].map(([key, action]) => [key, `${action.name}: ${action.boundTo}`])
      const expected = Object.entries(actions[name] ?? {}).flatMap(([action, boundTo]) =>
        ['', 'microsoft.graph.'].map((prefix) => [
          `${prefix}${action}`.toLowerCase(),
          `${action}: ${boundTo}`,
        ]),
      )
      assert.deepEqual(Object.fromEntries(declared), Object.fromEntries(expected))
    })

    test('has the published parameters of its actions', () => {
      const declared = Object.entries(type.actions.get('assign')?.parameters ?? {}).map(
        ([key, parameter]) => {
          assert(parameter.kind === 'entities', key)
          return [key, parameter.navigation]
        },
      )
      assert.deepEqual(Object.fromEntries(declared), assignParameters[name] ?? {})
      const { kind } = type.actions.get('haspayloadlinks')?.parameters['payloadIds'] ?? {}
      assert.equal(kind, name === 'deviceManagementScript' ? 'texts' : undefined)
    })

    test('has the published members and numbers of its enumerations', () => {
      for (const property of properties) {
        for (const { typeName, ordinals } of primitivesOf(property))
          assert.deepEqual(ordinals && Object.fromEntries(ordinals), enumerations[typeName], typeName)
      }
    })

    test('gives the known defaults, and null or nothing else', () => {
      const given = properties.filter((property) => property.default !== null)
      assert.deepEqual(
        Object.fromEntries(given.map((property) => [property.name, property.default])),
        defaults[name],
      )
    })

    test('is described, and of the namespace of Graph', () => {
      assert.match(description, /^[A-Z].+\.$/)
      assert.equal(qualifiedName, `microsoft.graph.${name}`)
    })

    test('has every property in its example', () => {
      const names = properties.map((property) => property.name)
      assert.deepEqual(Object.keys(example).sort(), names.toSorted())
    })
  })
}
