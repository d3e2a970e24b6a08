import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { defineEnumeration, type PropertyDeclaration } from './define.ts'
import type { Scalar } from './edm.ts'
import { byLowerName, createEntityType, type EntityType } from './entity-type.ts'
import type { PrimitiveProperty } from './property.ts'

const colour = defineEnumeration({ name: 'colour', members: { red: 0, green: 1, infrared: 12 } })

function entityTypeOf(properties: Readonly<Record<string, PropertyDeclaration>>): EntityType {
  const declaration = {
    name: 'thing',
    description: '',
    table: { name: 'thing' },
    properties,
    navigations: {},
    permissions: { list: [], get: [], create: [], update: [], delete: [] },
    example: {},
  }
  return createEntityType(declaration, () => assert.fail('nothing is looked up before it is asked for'))
}

function propertyOf(declaration: Omit<PropertyDeclaration, 'description'>, name = 'some'): PrimitiveProperty {
  const { propertyNamed } = entityTypeOf({ [name]: { ...declaration, description: '' } })
  const property = propertyNamed.get(name)
  assert(property?.kind === 'primitive')
  return property
}

describe('the column of', () => {
  const table = [
    ['id', 'id'],
    ['displayName', 'display_name'],
    ['runAs32Bit', 'run_as_32_bit'],
    ['createdDateTime', 'created_date_time'],
    ['errorURL', 'error_u_r_l'],
    ['azureADDeviceId', 'azure_ad_device_id'],
    ['a1b22', 'a_1b_22'],
  ] as const
  for (const [name, column] of table) {
    test(`${name} is ${column}`, () => {
      assert.equal(propertyOf({ type: 'Edm.String' }, name).column.name, column)
    })
  }

  test('a folded property has a second one beside it', () => {
    assert.equal(
      propertyOf({ type: 'Edm.String', folded: true }, 'fileName').column.foldedName,
      'file_name_fold',
    )
    assert.equal(propertyOf({ type: 'Edm.String' }).column.foldedName, undefined)
  })

  const kinds = [
    [{ type: 'Edm.String' }, 'text'],
    [{ type: 'Edm.Int32' }, 'int32'],
    [{ type: 'Edm.Boolean' }, 'boolean'],
    [{ type: 'Edm.Binary' }, 'binary'],
    [{ type: 'Edm.DateTimeOffset' }, 'text'],
    [{ type: 'Edm.Duration' }, 'int64'],
    [{ type: colour }, 'int16'],
    [{ type: 'Edm.String', collection: true }, 'json'],
    [{ type: colour, collection: true }, 'json'],
  ] as const
  for (const [declaration, kind] of kinds) {
    const { typeName, collection, column } = propertyOf(declaration)
    test(`${collection ? 'a collection of ' : ''}${typeName} keeps ${kind}`, () =>
      assert.equal(column.kind, kind))
  }
})

describe('a property', () => {
  test('declared with nothing more is plain', () => {
    const { primitive, column, ...plain } = propertyOf({ type: 'Edm.Int32' })
    assert.deepEqual(plain, {
      kind: 'primitive',
      name: 'some',
      typeName: 'Edm.Int32',
      collection: false,
      nullable: false,
      access: 'readWrite',
      default: null,
      stamp: undefined,
      minimum: undefined,
      lazy: false,
      large: false,
      orderable: false,
      ordinals: undefined,
    })
  })

  test('keeps a default that counts as nothing', () => {
    for (const value of [0, '', false]) {
      assert.equal(propertyOf({ type: 'Edm.String', default: value }).default, value)
    }
  })

  test('keeps its place among the others', () => {
    const plain = { type: 'Edm.String', description: '' } as const
    const names = entityTypeOf({ z: plain, a: plain, m: plain }).properties.map(({ name }) => name)
    assert.deepEqual(names, ['z', 'a', 'm'])
  })
})

describe('a value of an enumeration', () => {
  const { primitive, ordinals, typeName } = propertyOf({ type: colour })
  const strings = { green: 'green', '1': 'green', '12': 'infrared', '0': 'red' }
  for (const [text, member] of Object.entries(strings)) {
    test(`is '${text}' for ${member}`, () => assert.equal(primitive.parse({ kind: 'string', text }), member))
  }

  test('is the number of a member', () => {
    assert.equal(primitive.parse({ kind: 'number', text: '12' }), 'infrared')
  })

  const others: readonly Scalar[] = [
    ...[
      '',
      'Green',
      'GREEN',
      ' green',
      'blue',
      'red,green',
      '2',
      '01',
      '1.0',
      '-1',
      'toString',
      '__proto__',
    ].map((text): Scalar => ({ kind: 'string', text })),
    ...['2', '-0', '1.0', '1e0', '0.0'].map((text): Scalar => ({ kind: 'number', text })),
    { kind: 'boolean', text: 'true' },
    { kind: 'number', text: 'green' },
  ]
  for (const scalar of others) {
    test(`is not the ${scalar.kind} '${scalar.text}'`, () => assert.equal(primitive.parse(scalar), undefined))
  }

  test('is written as the member’s name, and kept as its number', () => {
    assert.equal(typeName, 'microsoft.graph.colour')
    for (const [name, number] of Object.entries(colour.members)) {
      assert.equal(primitive.format(name), name)
      assert.equal(ordinals?.get(name), number)
    }
  })
})

describe('things by their names', () => {
  test('are found in lower case, in their order', () => {
    const things = [{ name: 'B' }, { name: 'aA' }]
    assert.deepEqual(
      [...byLowerName(things)],
      [
        ['b', { name: 'B' }],
        ['aa', { name: 'aA' }],
      ],
    )
  })

  test('are never two of one name', () => {
    assert.throws(() => byLowerName([{ name: 'aB' }, { name: 'Ab' }]), {
      message: 'Ab and aB have the same name',
    })
  })
})
