import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { quirksOf } from '#base/base.ts'
import { model, type Property, type Value } from '#model/model.ts'
import { parseJson } from './json.ts'
import { readMember } from './values.ts'

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

const parameters = model.entityTypes.get('deviceHealthScript')?.propertyNamed.get('detectionScriptParameters')
const schedule = model.entityTypes.get('deviceHealthScriptAssignment')?.propertyNamed.get('runSchedule')
const HEALTH = 'deviceHealthScript'
const none = { name: null, description: null, isRequired: false, applyDefaultValueWhenNotAssigned: false }

/** The JSON of a parameter, the name of its type without what all begin with. */
function parameterJson(type: string, members = ''): string {
  return `{"@odata.type":"#microsoft.graph.${HEALTH}${type}"${members === '' ? '' : `,${members}`}}`
}

describe('a collection of complex values', () => {
  test('has each item of its own type, in their order, with the defaults of what is not said', () => {
    const json = [
      parameterJson('StringParameter', '"name":"a","defaultValue":"7"'),
      parameterJson('IntegerParameter', '"isRequired":true,"defaultValue":7'),
      parameterJson('BooleanParameter', '"defaultValue":true'),
      parameterJson('StringParameter'),
      parameterJson('IntegerParameter'),
      parameterJson('BooleanParameter'),
    ]
    assert.deepEqual(readText(`[${json.join(',')}]`, parameters), [
      { type: `${HEALTH}StringParameter`, members: { ...none, name: 'a', defaultValue: '7' } },
      { type: `${HEALTH}IntegerParameter`, members: { ...none, isRequired: true, defaultValue: 7 } },
      { type: `${HEALTH}BooleanParameter`, members: { ...none, defaultValue: true } },
      { type: `${HEALTH}StringParameter`, members: { ...none, defaultValue: null } },
      { type: `${HEALTH}IntegerParameter`, members: { ...none, defaultValue: 0 } },
      { type: `${HEALTH}BooleanParameter`, members: { ...none, defaultValue: false } },
    ])
  })

  test('has items of the declared type where they do not say theirs', () => {
    const expected = { type: `${HEALTH}Parameter`, members: { ...none, name: 'a' } }
    assert.deepEqual(readText('[{"name":"a"},{}]', parameters), [
      expected,
      { type: `${HEALTH}Parameter`, members: none },
    ])
  })

  test('may be empty, or null where the property may be', () => {
    assert.deepEqual(readText('[]', parameters), [])
    assert.equal(readText('null', parameters), null)
  })

  const item = (type: string) => `microsoft.graph.${HEALTH}${type}`
  const shape = (type: string, given: string) =>
    `The property 'detectionScriptParameters' takes a value of type '${type}', not ${given}.`
  const bodies: readonly (readonly [json: string, message: string])[] = [
    ['{}', shape(`Collection(${item('Parameter')})`, 'an object')],
    [parameterJson('StringParameter'), shape(`Collection(${item('Parameter')})`, 'an object')],
    ['"a"', shape(`Collection(${item('Parameter')})`, 'a string')],
    ['1', shape(`Collection(${item('Parameter')})`, 'a number')],
    ['[null]', "An item of the property 'detectionScriptParameters' must not be null."],
    ['[{},null]', "An item of the property 'detectionScriptParameters' must not be null."],
    ['["a"]', shape(item('Parameter'), 'a string')],
    ['[[]]', shape(item('Parameter'), 'an array')],
    [`[${parameterJson('NonsenseParameter')}]`, unresolved(item('NonsenseParameter'))],
    [`[${parameterJson('RunSchedule')}]`, unresolved(item('RunSchedule'))],
    [`[${parameterJson('')}]`, unresolved(item(''))],
    [`[{},${parameterJson('StringParameter', '"value":1')}]`, unknown('value', `${HEALTH}StringParameter`)],
    ['[{"defaultValue":"a"}]', unknown('defaultValue', `${HEALTH}Parameter`)],
    [
      `[${parameterJson('StringParameter', '"defaultValue":7')}]`,
      "Cannot convert the literal '7' to the expected type 'Edm.String'.",
    ],
    [
      `[${parameterJson('IntegerParameter', '"defaultValue":"a"')}]`,
      "Cannot convert the literal 'a' to the expected type 'Edm.Int32'.",
    ],
    [
      `[${parameterJson('IntegerParameter', '"defaultValue":true')}]`,
      "Cannot convert the literal 'true' to the expected type 'Edm.Int32'.",
    ],
    [
      `[${parameterJson('BooleanParameter', '"defaultValue":7')}]`,
      "Cannot convert the literal '7' to the expected type 'Edm.Boolean'.",
    ],
    [
      `[${parameterJson('BooleanParameter', '"defaultValue":null')}]`,
      "The property 'defaultValue' of type 'Edm.Boolean' must not be null.",
    ],
    ['[{"isRequired":null}]', "The property 'isRequired' of type 'Edm.Boolean' must not be null."],
    ['[{"name":{}}]', "The property 'name' takes a value of type 'Edm.String', not an object."],
  ]
  for (const [json, message] of bodies)
    test(`is refused where it is ${json.slice(0, 110)}`, () => refuses(json, message, parameters))
})

describe('a schedule', () => {
  const common = { interval: 1, useUtc: false, time: '16:00:00.0000000' }

  test('of a type that derives from a derived one has the members of both', () => {
    const members = '"interval":1,"date":"2021-04-30","time":"16:0:0","useUtc":false'
    assert.deepEqual(readText(parameterJson('RunOnceSchedule', members), schedule), {
      type: `${HEALTH}RunOnceSchedule`,
      members: { ...common, date: '2021-04-30' },
    })
    assert.deepEqual(readText(parameterJson('DailySchedule'), schedule), {
      type: `${HEALTH}DailySchedule`,
      members: { interval: 0, useUtc: false, time: null },
    })
  })

  for (const type of ['RunSchedule', 'TimeSchedule']) {
    test(`may be of the type ${type}, which others derive from`, () => {
      const value = readText(parameterJson(type, '"interval":3'), schedule)
      const own = type === 'TimeSchedule' ? { useUtc: false, time: null } : {}
      assert.deepEqual(value, { type: `${HEALTH}${type}`, members: { interval: 3, ...own } })
    })
  }

  const bodies: readonly (readonly [json: string, message: string])[] = [
    [parameterJson('HourlySchedule', '"time":"1:0"'), unknown('time', `${HEALTH}HourlySchedule`)],
    [parameterJson('DailySchedule', '"date":"2021-04-30"'), unknown('date', `${HEALTH}DailySchedule`)],
    [parameterJson('StringParameter'), unresolved(`microsoft.graph.${HEALTH}StringParameter`)],
    [
      parameterJson('RunOnceSchedule', '"date":"2021-02-29"'),
      "Cannot convert the literal '2021-02-29' to the expected type 'Edm.Date'.",
    ],
    [
      parameterJson('DailySchedule', '"time":"24:00:00"'),
      "Cannot convert the literal '24:00:00' to the expected type 'Edm.TimeOfDay'.",
    ],
    [
      parameterJson('DailySchedule', '"interval":null'),
      "The property 'interval' of type 'Edm.Int32' must not be null.",
    ],
  ]
  for (const [json, message] of bodies)
    test(`is refused where it is ${json}`, () => refuses(json, message, schedule))
})
