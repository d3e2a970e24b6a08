/** The declared entities, held against the published schema (CSDL of Graph beta of SCHEMA_DATE) as data. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { model } from './model.ts'

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
}

const enumerations: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'microsoft.graph.runAsAccountType': { system: 0, user: 1 },
  'microsoft.graph.deviceCustomAttributeValueType': { integer: 0, string: 1, dateTime: 2 },
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
}

test('the model has the published types and no other', () => {
  assert.deepEqual([...model.entityTypes.keys()].sort(), Object.keys(published).sort())
})

for (const { name, qualifiedName, properties, example, description } of model.entityTypes.values()) {
  describe(name, () => {
    test('has the published properties, each of its type, nullable and read-only where it is', () => {
      const declared = properties.map((property) => {
        const type = property.collection ? `Collection(${property.typeName})` : property.typeName
        const row: Row = [type, property.nullable]
        return [property.name, property.access === 'readOnly' ? [...row, 'readOnly'] : row]
      })
      assert.deepEqual(Object.fromEntries(declared), published[name])
    })

    test('has the published members and numbers of its enumerations', () => {
      for (const { typeName, ordinals } of properties) {
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
