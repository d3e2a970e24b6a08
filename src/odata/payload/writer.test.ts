import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { quirksOf } from '#base/base.ts'
import { type EntityType, model } from '#model/model.ts'
import { readPayload } from './reader.ts'
import { type Row, writeEntity, writeListed } from './writer.ts'

const documented = { quirks: quirksOf('documented'), metadata: 'minimal', url: '' } as const
const observed = { quirks: quirksOf('observed'), metadata: 'minimal', url: '' } as const
const types = [...model.entityTypes.values()]

/** The row of the documentation's example of a type. */
function exampleOf(type: EntityType): Row {
  const json = Buffer.from(JSON.stringify(type.example))
  return readPayload(json, { model, type, operation: 'restore', ...documented })
}

const parameter = {
  '@odata.type': '#microsoft.graph.deviceHealthScriptStringParameter',
  name: 'Name value',
  description: 'Description value',
  isRequired: true,
  applyDefaultValueWhenNotAssigned: true,
  defaultValue: 'Default Value value',
}

/** The examples print dates of California; an answer has them in UTC. A type's name has a `#` in an answer. */
const written: Readonly<Record<string, unknown>> = {
  createdDateTime: '2017-01-01T08:02:43.5775965Z',
  lastModifiedDateTime: '2017-01-01T08:00:35.1329464Z',
  lastStateUpdateDateTime: '2017-01-01T08:02:58.4418045Z',
  enrolledDateTime: '2017-01-01T07:59:43.797191Z',
  lastSyncDateTime: '2017-01-01T08:02:49.3205976Z',
  target: {
    '@odata.type': '#microsoft.graph.configurationManagerCollectionAssignmentTarget',
    deviceAndAppManagementAssignmentFilterId: 'Device And App Management Assignment Filter Id value',
    deviceAndAppManagementAssignmentFilterType: 'include',
    collectionId: 'Collection Id value',
  },
  expectedStateUpdateDateTime: '2017-01-01T07:58:26.9294641Z',
  lastScriptRunDateTime: '2017-01-01T08:01:17.4310553Z',
  runSchedule: {
    '@odata.type': '#microsoft.graph.deviceHealthScriptDailySchedule',
    interval: 8,
    useUtc: true,
    time: '11:58:36.2550000',
  },
  detectionScriptParameters: [parameter],
  remediationScriptParameters: [parameter],
}

describe('the documentation’s example, read and written again, is its own JSON of', () => {
  for (const type of types) {
    test(type.name, () => {
      const example = Object.entries(type.example).map(([name, value]) => [name, written[name] ?? value])
      assert.deepEqual(writeEntity(type, exampleOf(type), documented), {
        '@odata.type': `#microsoft.graph.${type.name}`,
        ...Object.fromEntries(example),
      })
    })
  }
})

describe('an entity', () => {
  for (const type of types) {
    test(`${type.name} has its annotation first, then its members in the order of the model`, () => {
      const names = type.properties.map(({ name }) => name)
      assert.deepEqual(Object.keys(writeEntity(type, exampleOf(type), documented)), ['@odata.type', ...names])
    })

    test(`${type.name} has every member even where the row has none`, () => {
      const entity = writeEntity(type, {}, observed)
      assert.deepEqual(entity, Object.fromEntries(type.properties.map(({ name }) => [name, null])))
    })
  }

  test('leaves out of its JSON what the row has beside its members', () => {
    const [type] = types
    assert(type !== undefined)
    const keys = Object.keys(writeEntity(type, { $position: 1, ...exampleOf(type) }, documented))
    assert(!keys.includes('$position'))
  })

  test('keeps what is nothing but not null: zero, false, an empty text, no bytes, no items', () => {
    const [type] = types
    assert(type !== undefined)
    const row = {
      description: '',
      enforceSignatureCheck: false,
      scriptContent: new Uint8Array(),
      roleScopeTagIds: [],
    }
    const { description, enforceSignatureCheck, scriptContent, roleScopeTagIds } = writeEntity(
      type,
      row,
      documented,
    )
    assert.deepEqual(
      [description, enforceSignatureCheck, scriptContent, roleScopeTagIds],
      ['', false, '', []],
    )
  })
})

describe('an entity in a list', () => {
  for (const type of types) {
    const row = exampleOf(type)

    test(`${type.name} is as anywhere in the documented profile`, () => {
      assert.deepEqual(writeListed(type, row, documented), writeEntity(type, row, documented))
    })

    test(`${type.name} has null for its content in the observed one, and no annotation`, () => {
      const { '@odata.type': _, ...entity } = writeEntity(type, row, documented)
      const contents = Object.keys(entity).filter((name) => /scriptContent$/i.test(name))
      const nothing = Object.fromEntries(contents.map((name) => [name, null]))
      assert.deepEqual(writeListed(type, row, observed), { ...entity, ...nothing })
    })
  }

  test('has no content in the observed profile of five properties, two of them of one type', () => {
    const lazy = types.flatMap(({ properties }) => properties.filter((property) => property.lazy))
    assert.deepEqual(
      lazy.map(({ name }) => name),
      [...Array(3).fill('scriptContent'), 'detectionScriptContent', 'remediationScriptContent'],
    )
  })
})

describe('a collection of complex values', () => {
  const type = model.entityTypes.get('deviceHealthScript')
  assert(type !== undefined)
  const base = { name: 'a', description: null, isRequired: true, applyDefaultValueWhenNotAssigned: false }
  const row: Row = {
    detectionScriptParameters: [
      { type: 'deviceHealthScriptIntegerParameter', members: { ...base, defaultValue: 7 } },
      { type: 'deviceHealthScriptParameter', members: base },
    ],
  }

  test('is written in its order, each item with its type and the members of that type', () => {
    assert.deepEqual(writeEntity(type, row, documented)['detectionScriptParameters'], [
      { '@odata.type': '#microsoft.graph.deviceHealthScriptIntegerParameter', ...base, defaultValue: 7 },
      { '@odata.type': '#microsoft.graph.deviceHealthScriptParameter', ...base },
    ])
  })

  test('says the types that derive, and those only, where annotations are absent', () => {
    assert.deepEqual(writeEntity(type, row, observed)['detectionScriptParameters'], [
      { '@odata.type': '#microsoft.graph.deviceHealthScriptIntegerParameter', ...base, defaultValue: 7 },
      base,
    ])
  })

  test('is null where it is, and empty where it is empty', () => {
    for (const parameters of [null, []]) {
      const entity = writeEntity(type, { remediationScriptParameters: parameters }, documented)
      assert.deepEqual(entity['remediationScriptParameters'], parameters)
    }
  })
})
