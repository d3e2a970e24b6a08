import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { defineComplexType, defineEnumeration, type PropertyDeclaration } from './define.ts'
import type { Scalar } from './edm.ts'
import { createEntityType, type EntityType } from './entity-type.ts'
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
    [{ type: 'Edm.Date' }, 'text'],
    [{ type: 'Edm.TimeOfDay' }, 'text'],
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
      description: '',
      typeName: 'Edm.Int32',
      collection: false,
      nullable: false,
      access: 'readWrite',
      default: null,
      stamp: undefined,
      minimum: undefined,
      filled: false,
      group: false,
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

describe('a property of a complex type', () => {
  const shape = (size: 'Edm.String' | 'Edm.Int32') =>
    defineComplexType({
      name: 'shape',
      description: 'A shape.',
      properties: { colour: { type: colour, default: 'red', description: 'Its colour.' } },
      derived: [
        {
          name: 'circle',
          description: 'A circle.',
          properties: { size: { type: 'Edm.Int32', default: 0, description: 'Its size.' } },
        },
        {
          name: 'square',
          description: 'A square.',
          properties: { size: { type: size, default: 0, description: 'Its size.' } },
        },
      ],
    })
  const declare = (type: ReturnType<typeof shape>, collection: { readonly collection?: true } = {}) =>
    entityTypeOf({
      someShape: { type, ...collection, nullable: true, description: '' },
    }).propertyNamed.get('someShape')

  test('has a column for its type, and one for each member', () => {
    const property = declare(shape('Edm.Int32'))
    assert(property?.kind === 'complex')
    assert.equal(property.typeColumn, 'some_shape_type')
    assert.deepEqual(
      property.parts.map(({ column }) => column.name),
      ['some_shape_colour', 'some_shape_size'],
    )
  })

  test('has no two members of one name and different types, for they share a column', () => {
    assert.throws(() => declare(shape('Edm.String')), {
      name: 'AssertionError',
      message: 'someShape has two members size of different types',
    })
  })

  test('that is a collection has one column for all, and may have such members', () => {
    const property = declare(shape('Edm.String'), { collection: true })
    assert(property?.kind === 'complexCollection')
    assert.equal(property.column, 'some_shape')
    assert.equal(property.typeName, 'microsoft.graph.shape')
    assert.deepEqual(
      [...property.types].map(([key, { name, base, members }]) => [
        ...[key, name, base?.name],
        members.map((member) => `${member.name}: ${member.typeName}`),
      ]),
      [
        ['microsoft.graph.shape', 'shape', undefined, ['colour: microsoft.graph.colour']],
        [
          ...['microsoft.graph.circle', 'circle', 'shape'],
          ['colour: microsoft.graph.colour', 'size: Edm.Int32'],
        ],
        [
          ...['microsoft.graph.square', 'square', 'shape'],
          ['colour: microsoft.graph.colour', 'size: Edm.String'],
        ],
      ],
    )
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
