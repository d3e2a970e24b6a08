/** The declared complex types, held against the published schema (CSDL of Graph beta of SCHEMA_DATE) as data. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ComplexRows, parameters, schedules, targets } from '../../test/support/published-complex.ts'
import { rowsOf } from '../../test/support/schema.ts'
import { type ComplexType, model } from './model.ts'

/** The properties of complex types, with the types that a value may have, and the base of each that derives. */
const complexProperties: readonly (readonly [
  property: string,
  types: ComplexRows,
  bases: Readonly<Record<string, string>>,
])[] = [
  ['deviceManagementScriptAssignment.target', targets, targetBases('groupAssignmentTarget')],
  ['deviceHealthScriptAssignment.target', targets, targetBases('groupAssignmentTarget')],
  [
    'deviceHealthScriptAssignment.runSchedule',
    schedules,
    {
      deviceHealthScriptHourlySchedule: 'deviceHealthScriptRunSchedule',
      deviceHealthScriptTimeSchedule: 'deviceHealthScriptRunSchedule',
      deviceHealthScriptDailySchedule: 'deviceHealthScriptTimeSchedule',
      deviceHealthScriptRunOnceSchedule: 'deviceHealthScriptTimeSchedule',
    },
  ],
  ...['detectionScriptParameters', 'remediationScriptParameters'].map(
    (name) =>
      [
        `deviceHealthScript.${name}`,
        parameters,
        {
          deviceHealthScriptStringParameter: 'deviceHealthScriptParameter',
          deviceHealthScriptIntegerParameter: 'deviceHealthScriptParameter',
          deviceHealthScriptBooleanParameter: 'deviceHealthScriptParameter',
        },
      ] as const,
  ),
]

/** The types of a property, written `deviceShellScript.target`. */
function complexTypesOf(path: string): readonly (readonly [key: string, type: ComplexType])[] {
  const [type = '', name = ''] = path.split('.')
  const property = model.entityTypes.get(type)?.propertyNamed.get(name)
  assert(property !== undefined && property.kind !== 'primitive', path)
  return [...property.types]
}

/** The bases of the types of a target: all derive from the declared one, the exclusion from the group's. */
function targetBases(group: string): Readonly<Record<string, string>> {
  const base = 'deviceAndAppManagementAssignmentTarget'
  return {
    groupAssignmentTarget: base,
    exclusionGroupAssignmentTarget: group,
    allDevicesAssignmentTarget: base,
    allLicensedUsersAssignmentTarget: base,
    configurationManagerCollectionAssignmentTarget: base,
  }
}

for (const [path, published, bases] of complexProperties) {
  describe(`a value of ${path}`, () => {
    const types = complexTypesOf(path)

    test('has the published types, each with its members in their order, the inherited first', () => {
      assert.deepEqual(
        types.map(([, { qualifiedName, members }]) => [qualifiedName, Object.entries(rowsOf(members))]),
        Object.entries(published).map(([name, rows]) => [name, Object.entries(rows)]),
      )
    })

    test('is found by the names of its types in lower case; all but the first derive, each from its base', () => {
      for (const [key, { name, qualifiedName, base, description }] of types) {
        assert.equal(key, qualifiedName.toLowerCase())
        assert.equal(qualifiedName, `microsoft.graph.${name}`)
        assert.equal(base?.name, bases[name], name)
        assert.match(description, /\.$/)
      }
      assert.equal(types.filter(([, { base }]) => base === undefined).length, 1)
    })
  })
}

describe('the target of an assignment', () => {
  for (const name of ['deviceManagementScriptAssignment', 'deviceHealthScriptAssignment']) {
    test(`is what tells two assignments apart, but for the base: ${name}`, () => {
      assert.equal(model.entityTypes.get(name)?.idFrom, 'target')
      assert.deepEqual(
        complexTypesOf(`${name}.target`).map(([, { identity }]) => identity),
        [
          undefined,
          { property: 'groupId' },
          { property: 'groupId' },
          { value: 'adadadad-808e-44e2-905a-0b7873a8a531' },
          { value: 'acacacac-9df4-4c7d-9d50-4ef0226f57a9' },
          { property: 'collectionId' },
        ],
      )
    })
  }
})
