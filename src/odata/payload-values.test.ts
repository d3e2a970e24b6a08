import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { quirksOf } from '#base/base.ts'
import { model, type Property, type Value } from '#model/model.ts'
import { parseJson } from './json.ts'
import { readMember } from './payload-values.ts'

const target = model.entityTypes.get('deviceManagementScriptAssignment')?.propertyNamed.get('target')
const FILTER = 'deviceAndAppManagementAssignmentFilter'
const BASE = 'deviceAndAppManagementAssignmentTarget'

/** Reads a value of the target, the name of its type without the namespace. */
function read(type: string | undefined, members: object = {}): Value {
  const annotation = type === undefined ? {} : { '@odata.type': `#microsoft.graph.${type}` }
  return readText(JSON.stringify({ ...annotation, ...members }))
}

function readText(json: string, property: Property | undefined = target): Value {
  assert(property !== undefined)
  return readMember(property, parseJson(Buffer.from(json)), { quirks: quirksOf('documented') })
}

function refuses(json: string, message: string, property?: Property): void {
  const error = { name: 'ODataError', code: 'ModelValidationFailure', message }
  assert.throws(() => readText(json, property), error)
}

function targetOf(type: string, members: Readonly<Record<string, Value>> = {}): Value {
  return { type, members: { [`${FILTER}Id`]: null, [`${FILTER}Type`]: 'none', ...members } }
}

const derived: readonly (readonly [type: string, own: Readonly<Record<string, string>>])[] = [
  [BASE, {}],
  ['groupAssignmentTarget', { groupId: 'g' }],
  ['exclusionGroupAssignmentTarget', { groupId: 'g' }],
  ['allDevicesAssignmentTarget', {}],
  ['allLicensedUsersAssignmentTarget', {}],
  ['configurationManagerCollectionAssignmentTarget', { collectionId: 'c' }],
]

describe('a complex value', () => {
  for (const [type, own] of derived) {
    test(`of the type ${type} has its own members and those of its base`, () => {
      const members = { [`${FILTER}Id`]: 'f', [`${FILTER}Type`]: 'include', ...own }
      assert.deepEqual(read(type, members), targetOf(type, members))
    })

    test(`of the type ${type} without members has their defaults`, () => {
      const none = Object.fromEntries(Object.keys(own).map((name) => [name, null]))
      assert.deepEqual(read(type), targetOf(type, none))
    })
  }

  test('that does not say its type has the declared one', () => {
    assert.deepEqual(
      read(undefined, { [`${FILTER}Type`]: 2 }),
      targetOf(BASE, { [`${FILTER}Type`]: 'exclude' }),
    )
    assert.deepEqual(readText('{}'), targetOf(BASE))
  })

  for (const name of ['#microsoft.graph.', 'microsoft.graph.', '#Microsoft.Graph.', 'MICROSOFT.GRAPH.']) {
    test(`is of the type that ${name}… names, in any case of it`, () => {
      for (const type of ['allDevicesAssignmentTarget', 'ALLDEVICESassignmentTARGET']) {
        const value = readText(JSON.stringify({ '@odata.type': `${name}${type}` }))
        assert.deepEqual(value, targetOf('allDevicesAssignmentTarget'))
      }
    })
  }

  test('may have its type after its members', () => {
    const value = readText('{"groupId":"g","@odata.type":"#microsoft.graph.groupAssignmentTarget"}')
    assert.deepEqual(value, targetOf('groupAssignmentTarget', { groupId: 'g' }))
  })

  test('passes over what is said of its members', () => {
    const value = read('groupAssignmentTarget', {
      'groupId@odata.type': '#String',
      '@odata.id': 5,
      'a@b': {},
    })
    assert.deepEqual(value, targetOf('groupAssignmentTarget', { groupId: null }))
  })

  test('is null where the property may be, and a member of it where that may be', () => {
    assert.equal(readText('null'), null)
    const value = read('groupAssignmentTarget', { groupId: null, [`${FILTER}Id`]: null })
    assert.deepEqual(value, targetOf('groupAssignmentTarget', { groupId: null }))
  })
})

const unresolved = (name: string): string =>
  `A type named '${name}' could not be resolved by the model. When a model is available, each type name must resolve to a valid type.`
const unknown = (name: string, type: string): string =>
  `The property '${name}' does not exist on type 'microsoft.graph.${type}'. Make sure to only use property names that are defined by the type.`

describe('a complex value is refused', () => {
  const types = {
    '"groupAssignmentTarget"': 'groupAssignmentTarget',
    '"#microsoft.graph.nonsense"': 'microsoft.graph.nonsense',
    '"#microsoft.graph.deviceShellScript"': 'microsoft.graph.deviceShellScript',
    '"#microsoft.graph.hasPayloadLinkResultItem"': 'microsoft.graph.hasPayloadLinkResultItem',
    '"##microsoft.graph.groupAssignmentTarget"': '#microsoft.graph.groupAssignmentTarget',
    '"__proto__"': '__proto__',
    '""': '',
    '5': '',
    null: '',
    [`"${'x'.repeat(101)}"`]: `${'x'.repeat(100)}…`,
  }
  for (const [json, name] of Object.entries(types))
    test(`of the type ${json.slice(0, 60)}`, () => refuses(`{"@odata.type":${json}}`, unresolved(name)))

  const strangers: readonly (readonly [type: string, member: string])[] = [
    [BASE, 'groupId'],
    ['allDevicesAssignmentTarget', 'groupId'],
    ['groupAssignmentTarget', 'collectionId'],
    ['exclusionGroupAssignmentTarget', 'collectionId'],
    ['configurationManagerCollectionAssignmentTarget', 'groupId'],
    ['groupAssignmentTarget', 'GroupId'],
    ['groupAssignmentTarget', 'target_group_id'],
    ['groupAssignmentTarget', '__proto__'],
    ['groupAssignmentTarget', 'toString'],
    ['groupAssignmentTarget', 'type'],
  ]
  for (const [type, member] of strangers) {
    test(`with the member ${member}, which ${type} does not have`, () =>
      refuses(`{"@odata.type":"microsoft.graph.${type}","${member}":"x"}`, unknown(member, type)))
  }

  const values: readonly (readonly [members: string, message: string])[] = [
    ['"groupId":5', "Cannot convert the literal '5' to the expected type 'Edm.String'."],
    ['"groupId":{}', "The property 'groupId' takes a value of type 'Edm.String', not an object."],
    ['"groupId":["g"]', "The property 'groupId' takes a value of type 'Edm.String', not an array."],
    [`"${FILTER}Type":"Include"`, "Requested value 'Include' was not found."],
    [`"${FILTER}Type":3`, "Requested value '3' was not found."],
    [
      `"${FILTER}Type":null`,
      `The property '${FILTER}Type' of type 'microsoft.graph.${FILTER}Type' must not be null.`,
    ],
  ]
  for (const [members, message] of values) {
    test(`with ${members}`, () =>
      refuses(`{"@odata.type":"microsoft.graph.groupAssignmentTarget",${members}}`, message))
  }

  const shapes = {
    '"g"': 'a string',
    '5': 'a number',
    true: 'a boolean',
    '[]': 'an array',
    '[{}]': 'an array',
  }
  for (const [json, what] of Object.entries(shapes)) {
    test(`where it is ${json}`, () =>
      refuses(json, `The property 'target' takes a value of type 'microsoft.graph.${BASE}', not ${what}.`))
  }

  test('where it is null and the property may not be', () => {
    assert(target !== undefined)
    const property = { ...target, nullable: false }
    refuses('null', `The property 'target' of type 'microsoft.graph.${BASE}' must not be null.`, property)
  })
})
