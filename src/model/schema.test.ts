/** The declared entities, held against the published schema (CSDL of Graph beta of SCHEMA_DATE) as data. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { model, type Property } from './model.ts'

/** Type and nullability of a property as the CSDL gives them, and whether it is the service that sets it. */
type Row = readonly [type: string, isNullable: boolean, isReadOnly?: 'readOnly']

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
}

/** Members that the target of any assignment has. */
const target: Readonly<Record<string, Row>> = {
  deviceAndAppManagementAssignmentFilterId: ['Edm.String', true],
  deviceAndAppManagementAssignmentFilterType: [
    'microsoft.graph.deviceAndAppManagementAssignmentFilterType',
    false,
  ],
}

const groupTarget = { ...target, groupId: ['Edm.String', true] } as const

/** The complex types, each with what it inherits. */
const complex: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  'microsoft.graph.deviceAndAppManagementAssignmentTarget': target,
  'microsoft.graph.groupAssignmentTarget': groupTarget,
  'microsoft.graph.exclusionGroupAssignmentTarget': groupTarget,
  'microsoft.graph.allDevicesAssignmentTarget': target,
  'microsoft.graph.allLicensedUsersAssignmentTarget': target,
  'microsoft.graph.configurationManagerCollectionAssignmentTarget': {
    ...target,
    collectionId: ['Edm.String', true],
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
}

/** Name, and what it is bound to. */
const actions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  deviceManagementScript: { assign: 'entity', hasPayloadLinks: 'collection' },
  deviceShellScript: { assign: 'entity' },
  deviceCustomAttributeShellScript: { assign: 'entity' },
}

const enumerations: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'microsoft.graph.runAsAccountType': { system: 0, user: 1 },
  'microsoft.graph.deviceCustomAttributeValueType': { integer: 0, string: 1, dateTime: 2 },
  'microsoft.graph.runState': {
    ...{ unknown: 0, success: 1, fail: 2 },
    ...{ scriptError: 3, pending: 4, notApplicable: 5 },
  },
  'microsoft.graph.deviceAndAppManagementAssignmentFilterType': { none: 0, include: 1, exclude: 2 },
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
}

/** The rows of the properties as they are declared. */
function rowsOf(properties: readonly Property[]): Readonly<Record<string, Row>> {
  const rows = properties.map((property): [string, Row] => {
    const isCollection = property.kind === 'primitive' && property.collection
    const type = isCollection ? `Collection(${property.typeName})` : property.typeName
    return [
      property.name,
      property.access === 'readOnly' ? [type, property.nullable, 'readOnly'] : [type, property.nullable],
    ]
  })
  return Object.fromEntries(rows)
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

    test('has the published members and numbers of its enumerations', () => {
      for (const property of properties) {
        for (const { typeName, ordinals } of property.kind === 'primitive' ? [property] : property.parts)
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

describe('the target of an assignment', () => {
  const property = model.entityTypes.get('deviceManagementScriptAssignment')?.propertyNamed.get('target')
  assert(property?.kind === 'complex')

  test('has the published types, each with its members, the inherited first', () => {
    const types = [...property.types.values()]
    const rows = types.map(({ qualifiedName, members }) => [qualifiedName, rowsOf(members)])
    assert.deepEqual(Object.fromEntries(rows), complex)
    for (const { members } of types)
      assert.deepEqual(
        members.slice(0, 2).map(({ name }) => name),
        Object.keys(target),
      )
  })

  test('is found by the names of its types in lower case; all but the first derive from it', () => {
    for (const [i, [key, type]] of [...property.types].entries()) {
      assert.equal(key, type.qualifiedName.toLowerCase())
      assert.equal(type.qualifiedName, `microsoft.graph.${type.name}`)
      assert.equal(type.isDerived, i > 0, type.name)
    }
  })

  test('is what tells two assignments of a script apart, but for the base', () => {
    const identities = [...property.types.values()].map(({ identity }) => identity)
    assert.deepEqual(identities, [
      undefined,
      { property: 'groupId' },
      { property: 'groupId' },
      { value: 'adadadad-808e-44e2-905a-0b7873a8a531' },
      { value: 'acacacac-9df4-4c7d-9d50-4ef0226f57a9' },
      { property: 'collectionId' },
    ])
  })
})
