import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type ComplexType,
  type ComplexValue,
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
  const item = fc.oneof(...[...property.types.values()].map(anyComplexOf))
  return property.kind === 'complexCollection' ? fc.array(item, { maxLength: 4 }) : item
}

/** Any value of one complex type. */
function anyComplexOf({ name: type, members: declared }: ComplexType): fc.Arbitrary<ComplexValue> {
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
    if (type.table.slotted === true) continue
    test(`the type ${type.name}`, (t) => {
      const connection = new Connection(':memory:', { readOnly: false })
      t.after(() => connection.close())
      migrate(connection)
      connection.run(command`INSERT INTO tenant (tid) VALUES (${'a'})`)
      const above = type.table.parent === types.health.table.name ? types.health : types.management
      const parent = { type: above, within: { tenant: 1 }, key: 'parent' }
      const parentRow = sampleRow(above, { id: 'parent' })
      connection.run({ kind: 'insert', type: above, tenant: 1, number: 1, row: parentRow })
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

describe('the columns of a complex value', () => {
  const filter = {
    deviceAndAppManagementAssignmentFilterId: 'f',
    deviceAndAppManagementAssignmentFilterType: 'exclude',
  }
  const columns = (type: SqlValue, [id, kind, group, collection]: readonly SqlValue[]) => [
    ['target_type', type],
    ['target_device_and_app_management_assignment_filter_id', id],
    ['target_device_and_app_management_assignment_filter_type', kind],
    ['target_group_id', group],
    ['target_collection_id', collection],
  ]
  const values: readonly (readonly [Value, SqlValue, readonly SqlValue[]])[] = [
    [null, null, [null, null, null, null]],
    [
      { type: 'allDevicesAssignmentTarget', members: filter },
      'allDevicesAssignmentTarget',
      ['f', 2, null, null],
    ],
    [
      { type: 'groupAssignmentTarget', members: { ...filter, groupId: 'g' } },
      'groupAssignmentTarget',
      ['f', 2, 'g', null],
    ],
    [
      { type: 'configurationManagerCollectionAssignmentTarget', members: { ...filter, collectionId: 'c' } },
      'configurationManagerCollectionAssignmentTarget',
      ['f', 2, null, 'c'],
    ],
  ]
  for (const [value, type, parts] of values) {
    for (const dialect of [sqlite, postgres]) {
      test(`${type} are all of them, and read back as it in ${dialect.name}`, () => {
        assert.deepEqual(encodeMembers(types.assignment, { target: value }, dialect), columns(type, parts))
        const names = ['@type', ...Object.keys(filter), 'groupId', 'collectionId']
        const row = Object.fromEntries(
          names.map((name, i) => [`target.${name}`, [type, ...parts][i] ?? null]),
        )
        assert.deepEqual(decodeRow(types.assignment, row, dialect)['target'], value)
      })
    }
  }

  test('of a type that is not known are null to the model', () => {
    assert.equal(decodeRow(types.assignment, { 'target.@type': 'nonsense' }, sqlite)['target'], null)
  })

  test('stay as they are where a change does not name it', () => {
    assert.deepEqual(encodeMembers(types.assignment, { id: 'a' }, sqlite), [['id', 'a']])
  })
})

test('a row of one type is read by the other that shares its table, with the defaults of what it lacks', (t) => {
  const connection = new Connection(':memory:', { readOnly: false })
  t.after(() => connection.close())
  migrate(connection)
  connection.run(command`INSERT INTO tenant (tid) VALUES (${'a'})`)
  const row = { id: 'a', targetGroupId: 'g' }
  connection.run({ kind: 'insert', type: types.groupAssignment, tenant: 1, number: 1, row })
  const [read] = connection.run({ kind: 'select', type: types.assignment, within: { tenant: 1 }, key: 'a' })
  const filter = {
    deviceAndAppManagementAssignmentFilterId: null,
    deviceAndAppManagementAssignmentFilterType: 'none',
  }
  assert.deepEqual(read?.['target'], { type: 'groupAssignmentTarget', members: { ...filter, groupId: 'g' } })
})

describe('the column of a collection of complex values', () => {
  const item = {
    type: 'deviceHealthScriptStringParameter',
    members: {
      ...{ name: 'ü"', description: null, isRequired: true },
      ...{ applyDefaultValueWhenNotAssigned: false, defaultValue: '' },
    },
  }
  const json =
    '[{"type":"deviceHealthScriptStringParameter","members":{"name":"ü\\"","description":null,"isRequired":true,"applyDefaultValueWhenNotAssigned":false,"defaultValue":""}}]'
  const values: readonly (readonly [Value, SqlValue])[] = [
    [null, null],
    [[], '[]'],
    [[item], json],
  ]
  for (const [value, column] of values) {
    for (const dialect of [sqlite, postgres]) {
      test(`is ${String(column).slice(0, 50)} in ${dialect.name}, and is read back as it was`, () => {
        const name = 'detectionScriptParameters'
        const encoded = encodeMembers(types.health, { [name]: value }, dialect)
        assert.deepEqual(encoded, [['detection_script_parameters', column]])
        assert.deepEqual(decodeRow(types.health, { [name]: column }, dialect)[name], value)
      })
    }
  }
})

test('days and times of the day are texts in both dialects, as columns of a schedule', () => {
  const members = { interval: 1, useUtc: true, time: '16:00:00.0000000', date: '2021-04-30' }
  const runSchedule = { type: 'deviceHealthScriptRunOnceSchedule', members }
  for (const dialect of [sqlite, postgres]) {
    const encoded = encodeMembers(types.healthAssignment, { runSchedule }, dialect)
    assert.deepEqual(encoded, [
      ['run_schedule_type', 'deviceHealthScriptRunOnceSchedule'],
      ['run_schedule_interval', 1],
      ['run_schedule_use_utc', dialect.boolean.encode(true)],
      ['run_schedule_time', '16:00:00.0000000'],
      ['run_schedule_date', '2021-04-30'],
    ])
    const row = Object.fromEntries(
      ['@type', ...Object.keys(members)].map((name, i) => [`runSchedule.${name}`, encoded[i]?.[1] ?? null]),
    )
    assert.deepEqual(decodeRow(types.healthAssignment, row, dialect)['runSchedule'], runSchedule)
  }
})

test('a reference is a column of its own: an id, or null, and not there where a change does not name it', () => {
  const encode = (managedDevice: Value) => encodeMembers(types.deviceState, { managedDevice }, sqlite)
  assert.deepEqual(encode('d'), [['managed_device', 'd']])
  assert.deepEqual(encode(null), [['managed_device', null]])
  assert.deepEqual(encodeMembers(types.deviceState, {}, sqlite), [])
  assert.equal(decodeRow(types.deviceState, { managedDevice: 'd' }, postgres)['managedDevice'], 'd')
})

for (const type of [types.summary, types.healthSummary]) {
  test(`any counters come back as the sum of what moved them, none below zero: ${type.name}`, (t) => {
    const connection = new Connection(':memory:', { readOnly: false })
    t.after(() => connection.close())
    migrate(connection)
    connection.run(command`INSERT INTO tenant (tid) VALUES (${'a'})`)
    const names = type.properties.flatMap(({ name, typeName }) => (typeName === 'Edm.Int32' ? [name] : []))
    const count = fc.integer({ min: -1000, max: 1000 })
    const moves = fc.array(
      fc.subarray(names).chain((moved) => fc.record(Object.fromEntries(moved.map((name) => [name, count])))),
    )
    const place = { tenant: 1, parent: 1 }
    fc.assert(
      fc.property(anyRowOf(type), moves, (any, taken) => {
        const row = { ...any, ...Object.fromEntries(names.map((name) => [name, 0])) }
        connection.run({ kind: 'purge', type, ...place, limit: 100 })
        connection.run({ kind: 'insert', type, tenant: 1, number: 1, row })
        for (const deltas of taken) connection.run({ kind: 'add', type, ...place, deltas })
        const sums = names.map(
          (name) => [name, taken.reduce((sum, deltas) => sum + (deltas[name] ?? 0), 0)] as const,
        )
        const shown = sums.map(([name, sum]) => [name, Math.max(sum, 0)])
        const select = { kind: 'select', type, within: { tenant: 1 } } as const
        const common = { $position: null, ...row }
        assert.deepEqual(connection.run(select), [{ ...common, ...Object.fromEntries(shown) }])
        const exact = connection.run({ ...select, isExact: true })
        assert.deepEqual(exact, [{ ...common, ...Object.fromEntries(sums) }])
      }),
    )
  })
}
