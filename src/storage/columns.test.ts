import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type ComplexType,
  type EntityType,
  model,
  type PrimitiveProperty,
  type Property,
  timestampOf,
  type Value,
} from '#model/model.ts'
import type { Row } from '#odata/odata.ts'
import { sampleRow, types } from '../../test/support/storage.ts'
import { decodeRow, encodeMembers, plainValue, positionColumn } from './columns.ts'
import { type Dialect, postgres, type SqlValue, sqlite } from './dialect.ts'
import { command, query } from './plan.ts'
import { Connection } from './sqlite/connection.ts'
import { migrate } from './sqlite/migrate.ts'

/** Any text that a client can send: no NUL, no half of a surrogate pair. */
const text = fc.string({ unit: 'binary' }).map((any) => any.replaceAll('\0', ''))

const [min, max] = [new Date('0001-01-01T00:00:00Z'), new Date('9999-12-31T23:59:59Z')]
const anyDate = fc.date({ min, max, noInvalidDate: true })

function anyValueOf(property: Property): fc.Arbitrary<Value> {
  if (property.kind === 'primitive') return anyPrimitiveOf(property)
  return fc.oneof(...[...property.types.values()].map(anyComplexOf))
}

/** Any value of one complex type. */
function anyComplexOf({ name: type, members: declared }: ComplexType): fc.Arbitrary<Value> {
  const members = declared.map((member): [string, fc.Arbitrary<Value>] => [member.name, anyMemberOf(member)])
  return fc.record({ type: fc.constant(type), members: recordOf(members) }, { noNullPrototype: true })
}

function anyMemberOf(property: Property): fc.Arbitrary<Value> {
  const value = anyValueOf(property)
  return property.nullable ? fc.option(value) : value
}

function recordOf(members: readonly [string, fc.Arbitrary<Value>][]): fc.Arbitrary<Record<string, Value>> {
  return fc.record(Object.fromEntries(members), { noNullPrototype: true })
}

function anyPrimitiveOf({ ordinals, column, stamp }: PrimitiveProperty): fc.Arbitrary<Value> {
  if (ordinals !== undefined) return fc.constantFrom(...ordinals.keys())
  if (stamp !== undefined) return anyDate.map((date) => timestampOf(date.getTime()))
  switch (column.kind) {
    case 'text':
      return text
    case 'int16':
      return fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 })
    case 'int32':
      return fc.integer()
    case 'int64':
      return fc.maxSafeInteger()
    case 'boolean':
      return fc.boolean()
    case 'binary':
      return fc.uint8Array({ maxLength: 300 })
    case 'json':
      return fc.array(text)
  }
}

/** Any row of a type. */
function anyRowOf(type: EntityType): fc.Arbitrary<Row> {
  const members = type.properties.map((property): [string, fc.Arbitrary<Value>] => [
    property.name,
    anyMemberOf(property),
  ])
  const ids = type.references.map(({ name }): [string, fc.Arbitrary<Value>] => [name, fc.option(text)])
  return recordOf([...members, ...ids])
}

describe('any row comes back from SQLite as it went in, stored and changed, of', () => {
  for (const type of model.entityTypes.values()) {
    test(`the type ${type.name}`, (t) => {
      const connection = new Connection(':memory:', { readOnly: false })
      t.after(() => connection.close())
      migrate(connection)
      connection.run(command`INSERT INTO tenant (tid) VALUES (${'a'})`)
      const parent = { type: types.management, within: { tenant: 1 }, key: 'parent' }
      const parentRow = sampleRow(types.management, { id: 'parent' })
      connection.run({ kind: 'insert', type: types.management, tenant: 1, number: 1, row: parentRow })
      const within = { tenant: 1, parent: type.table.parent === undefined ? undefined : parent }
      const number = type.table.parent === undefined ? 2 : 1
      fc.assert(
        fc.property(anyRowOf(type), anyRowOf(type), (row, later) => {
          fc.pre(row['id'] !== 'parent')
          const position = type.table.numbered === true ? number : row['id']
          const reference = { type, within, key: String(row['id']) }
          const expected = { $position: position, ...row }
          connection.run({ kind: 'insert', type, tenant: 1, number, row })
          assert.deepEqual(connection.run({ kind: 'select', ...reference }), [expected])
          const { id: _kept, ...changes } = later
          const [changed] = connection.run({ kind: 'update', ...reference, changes })
          assert.deepEqual(changed, { ...expected, ...changes })
          assert.deepEqual(connection.run({ kind: 'delete', ...reference }), [changed])
          assert.deepEqual(connection.run({ kind: 'select', ...reference }), [])
        }),
      )
    })
  }
})

test('a folded column holds the text in lower case, and null where there is none', (t) => {
  const connection = new Connection(':memory:', { readOnly: false })
  t.after(() => connection.close())
  migrate(connection)
  connection.run(command`INSERT INTO tenant (tid) VALUES (${'a'})`)
  const type = types.userState
  const names = ['ÀÉÎ Ünïcode İ', null]
  for (const [i, userPrincipalName] of names.entries()) {
    const row = { ...sampleRow(type, { id: String(i) }), userPrincipalName }
    connection.run({ kind: 'insert', type, tenant: 1, number: 1, row })
  }
  const stored = connection.run(query`SELECT user_principal_name_fold AS fold FROM user_state ORDER BY id`)
  assert.deepEqual(
    stored.map(({ fold }) => fold),
    ['àéî ünïcode i̇', null],
  )
})

test('only the members that are given become columns, in the order of the model', () => {
  const changes = { userPrincipalName: 'Alex@Contoso.com', successDeviceCount: 3, unknown: 1 }
  assert.deepEqual(encodeMembers(types.userState, changes, sqlite), [
    ['success_device_count', 3],
    ['user_principal_name', 'Alex@Contoso.com'],
    ['user_principal_name_fold', 'alex@contoso.com'],
  ])
  assert.deepEqual(encodeMembers(types.userState, {}, sqlite), [])
})

const stored: readonly (readonly [Dialect, string, Value, SqlValue])[] = [
  [sqlite, 'runAs32Bit', true, 1],
  [sqlite, 'runAs32Bit', false, 0],
  [postgres, 'runAs32Bit', true, true],
  [postgres, 'runAs32Bit', false, false],
  [sqlite, 'runAsAccount', 'user', 1],
  [postgres, 'runAsAccount', 'system', 0],
  [sqlite, 'roleScopeTagIds', ['0', '"'], '["0","\\""]'],
  [postgres, 'roleScopeTagIds', [], '[]'],
  [sqlite, 'scriptContent', null, null],
]
for (const [dialect, name, value, column] of stored) {
  test(`${name} ${JSON.stringify(value)} is ${JSON.stringify(column)} in a column of ${dialect.name}`, () => {
    const type = types.management
    assert.deepEqual(encodeMembers(type, { [name]: value }, dialect).at(0)?.[1], column)
    assert.deepEqual(decodeRow(type, { [name]: column, $position: 1 }, dialect)[name], value)
  })
}

test("a driver's whole numbers come as numbers, however it gives them", () => {
  assert.equal(plainValue(7n), 7)
  assert.deepEqual(decodeRow(types.shell, { executionFrequency: 9n, $position: 5n }, postgres), {
    ...Object.fromEntries(types.shell.properties.map(({ name }) => [name, null])),
    executionFrequency: 9,
    $position: 5,
  })
})

test('numbered rows stand in the order of their numbers, others in that of their keys', () => {
  assert.equal(positionColumn(types.management), 'number')
  assert.equal(positionColumn(types.userState), 'id')
})
