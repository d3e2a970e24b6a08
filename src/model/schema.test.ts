/** The declared entities, held against the published schema (CSDL of Graph beta of SCHEMA_DATE) as data. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { actions, assignParameters, enumerations, published, ways } from '../../test/support/published.ts'
import { rowsOf } from '../../test/support/schema.ts'
import { model, type PrimitiveProperty, type Property } from './model.ts'

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

    test('has the published navigations, each to its type, one or many, contained or not', () => {
      const declared = [...type.navigations.values()].map((way) => [
        way.name,
        [way.target.name, way.collection, ...(way.contained && !way.plain ? ['contained'] : [])],
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
      const { returns = [] } = type.actions.get('haspayloadlinks') ?? {}
      assert.deepEqual(
        returns.map(({ qualifiedName }) => qualifiedName),
        name === 'deviceManagementScript' ? ['microsoft.graph.hasPayloadLinkResultItem'] : [],
      )
      assert.deepEqual(type.actions.get('assign')?.returns ?? [], [])
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
