import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type QuirkOverrides, quirksOf } from '#base/base.ts'
import { type EntityType, model } from '#model/model.ts'
import { type PayloadReading, readEntityParameters, readPayload, readTextsParameter } from './reader.ts'
import type { Changes } from './values.ts'

/** How a body is read in a test: as an update of a user state, in the documented profile, but for what is said. */
interface Reading {
  readonly type?: string
  readonly operation?: PayloadReading['operation']
  readonly quirks?: QuirkOverrides
}

function typeNamed(name: string): EntityType {
  return model.entityTypes.get(name) ?? assert.fail(name)
}

function read(body: string, reading: Reading = {}): Changes {
  const { type = 'deviceManagementScriptUserState', operation = 'update', quirks = {} } = reading
  return readPayload(Buffer.from(body), {
    model,
    type: typeNamed(type),
    operation,
    quirks: quirksOf('documented', quirks),
  })
}

function refuses(body: string, message: string, reading: Reading = {}): void {
  assert.throws(() => read(body, reading), { name: 'ODataError', code: 'ModelValidationFailure', message })
}

const windows = { type: 'deviceManagementScript' }
const shell = { type: 'deviceShellScript' }
const custom = { type: 'deviceCustomAttributeShellScript' }

const taken: readonly (readonly [body: string, changes: Changes, reading?: Reading])[] = [
  ['{}', {}],
  [
    '{"@odata.type":"#microsoft.graph.deviceManagementScriptUserState","successDeviceCount":2,"errorDeviceCount":0,"userPrincipalName":"User Principal Name value"}',
    { successDeviceCount: 2, errorDeviceCount: 0, userPrincipalName: 'User Principal Name value' },
  ],
  ["{'successDeviceCount':'3'}", { successDeviceCount: 3 }],
  ['{"successDeviceCount":2.0}', { successDeviceCount: 2 }],
  ['{"userPrincipalName":null}', { userPrincipalName: null }],
  ['{"userPrincipalName":""}', { userPrincipalName: '' }],
  ['{"id":"other","errorDeviceCount":1}', { errorDeviceCount: 1 }],
  ['{"id":{"not":["even",1]}}', {}],
  ['{"id":null}', {}, { operation: 'create' }],
  ['{"@odata.context":"x","@odata.etag":1,"userPrincipalName@odata.type":"#String","a@b":[]}', {}],
  ['{"@odata.type":"microsoft.graph.deviceManagementScriptUserState"}', {}],
  ['{"@odata.type":"#Microsoft.Graph.DeviceManagementScriptUserState"}', {}],
  [
    '{"enforceSignatureCheck":"false","runAs32Bit":true}',
    { enforceSignatureCheck: false, runAs32Bit: true },
    windows,
  ],
  ['{"runAsAccount":"system"}', { runAsAccount: 'system' }, windows],
  ['{"runAsAccount":1}', { runAsAccount: 'user' }, windows],
  ['{"roleScopeTagIds":[]}', { roleScopeTagIds: [] }, windows],
  ['{"roleScopeTagIds":["0","1","0"]}', { roleScopeTagIds: ['0', '1', '0'] }, windows],
  ['{"roleScopeTagIds":null,"scriptContent":null}', { roleScopeTagIds: null, scriptContent: null }, windows],
  ['{"scriptContent":"YQ=="}', { scriptContent: Buffer.from('a') }, windows],
  ['{"createdDateTime":"nonsense","lastModifiedDateTime":5}', {}, windows],
  [
    '{"executionFrequency":"PT15M","retryCount":-1}',
    { executionFrequency: 9_000_000_000, retryCount: -1 },
    shell,
  ],
  [
    '{"customAttributeType":2,"displayName":"a"}',
    { customAttributeType: 'dateTime', displayName: 'a' },
    custom,
  ],
  [
    '{"successDeviceCount":-2147483648}',
    { successDeviceCount: -2_147_483_648 },
    { quirks: { 'negative-counts': 'accepted' } },
  ],
  ['{"successDeviceCount":-0}', { successDeviceCount: 0 }],
]

describe('a body sets what it has', () => {
  for (const [body, changes, reading] of taken)
    test(body, () => assert.deepEqual({ ...read(body, reading) }, changes))
})

const literal = (text: string, type: string): string =>
  `Cannot convert the literal '${text}' to the expected type '${type}'.`
const shape = (name: string, type: string, given: string): string =>
  `The property '${name}' takes a value of type '${type}', not ${given}.`
const unknown = (name: string, type = 'deviceManagementScriptUserState'): string =>
  `The property '${name}' does not exist on type 'microsoft.graph.${type}'. Make sure to only use property names that are defined by the type.`
const unresolved = (name: string): string =>
  `A type named '${name}' could not be resolved by the model. When a model is available, each type name must resolve to a valid type.`

const refused: readonly (readonly [body: string, message: string, reading?: Reading])[] = [
  ['{"nonsense":1}', unknown('nonsense')],
  ['{"nonsense":null}', unknown('nonsense')],
  ['{"SuccessDeviceCount":1}', unknown('SuccessDeviceCount')],
  ['{"success_device_count":1}', unknown('success_device_count')],
  ['{"__proto__":1}', unknown('__proto__')],
  ['{"toString":1}', unknown('toString')],
  ['{"":1}', unknown('')],
  ['{"runSchedule":{}}', unknown('runSchedule', 'deviceManagementScript'), windows],
  ['{"customAttributeName":"a"}', unknown('customAttributeName', 'deviceShellScript'), shell],
  [`{"${'x'.repeat(101)}":1}`, unknown(`${'x'.repeat(100)}…`)],
  [
    '{"userRunStates":[]}',
    "The navigation 'userRunStates' cannot be written inside its entity: send it to its own URL.",
    windows,
  ],
  [
    '{"UserRunStates":[]}',
    "The navigation 'UserRunStates' cannot be written inside its entity: send it to its own URL.",
    { ...shell, operation: 'create' },
  ],
  ['{"successDeviceCount":2.5}', literal('2.5', 'Edm.Int32')],
  ['{"successDeviceCount":2147483648}', literal('2147483648', 'Edm.Int32')],
  ['{"successDeviceCount":"two"}', literal('two', 'Edm.Int32')],
  ['{"successDeviceCount":true}', literal('true', 'Edm.Int32')],
  [`{"successDeviceCount":"${'x'.repeat(100)}"}`, literal('x'.repeat(100), 'Edm.Int32')],
  [`{"successDeviceCount":"${'x'.repeat(101)}"}`, literal(`${'x'.repeat(100)}…`, 'Edm.Int32')],
  ['{"userPrincipalName":0}', literal('0', 'Edm.String')],
  ['{"userPrincipalName":false}', literal('false', 'Edm.String')],
  ['{"userPrincipalName":"a\\u0000"}', literal('a\0', 'Edm.String')],
  ['{"userPrincipalName":"\\ud800"}', literal('\ud800', 'Edm.String')],
  ['{"enforceSignatureCheck":1}', literal('1', 'Edm.Boolean'), windows],
  ['{"scriptContent":"a"}', literal('a', 'Edm.Binary'), windows],
  ['{"executionFrequency":"P1M"}', literal('P1M', 'Edm.Duration'), shell],
  [
    '{"createdDateTime":"2026-02-29T00:00:00Z"}',
    literal('2026-02-29T00:00:00Z', 'Edm.DateTimeOffset'),
    { ...windows, operation: 'restore' },
  ],
  ['{"runAsAccount":"System"}', "Requested value 'System' was not found.", windows],
  ['{"runAsAccount":2}', "Requested value '2' was not found.", windows],
  ['{"runAsAccount":true}', "Requested value 'true' was not found.", windows],
  ['{"successDeviceCount":null}', "The property 'successDeviceCount' of type 'Edm.Int32' must not be null."],
  [
    '{"runAsAccount":null}',
    "The property 'runAsAccount' of type 'microsoft.graph.runAsAccountType' must not be null.",
    windows,
  ],
  ['{"successDeviceCount":-1}', "The property 'successDeviceCount' must not be below 0, and is -1."],
  ['{"errorDeviceCount":-1.0}', "The property 'errorDeviceCount' must not be below 0, and is -1."],
  [
    `{"errorDeviceCount":"-${'0'.repeat(1000)}1"}`,
    "The property 'errorDeviceCount' must not be below 0, and is -1.",
  ],
  ['{"successDeviceCount":[1]}', shape('successDeviceCount', 'Edm.Int32', 'an array')],
  ['{"userPrincipalName":{}}', shape('userPrincipalName', 'Edm.String', 'an object')],
  ['{"scriptContent":[1,2]}', shape('scriptContent', 'Edm.Binary', 'an array'), windows],
  ['{"roleScopeTagIds":"0"}', shape('roleScopeTagIds', 'Collection(Edm.String)', 'a string'), windows],
  ['{"roleScopeTagIds":{}}', shape('roleScopeTagIds', 'Collection(Edm.String)', 'an object'), windows],
  ['{"roleScopeTagIds":[["0"]]}', shape('roleScopeTagIds', 'Edm.String', 'an array'), windows],
  ['{"roleScopeTagIds":[{}]}', shape('roleScopeTagIds', 'Edm.String', 'an object'), windows],
  ['{"roleScopeTagIds":["0",0]}', literal('0', 'Edm.String'), windows],
  ['{"roleScopeTagIds":["0",null]}', "An item of the property 'roleScopeTagIds' must not be null.", windows],
  ['{"@odata.type":"#microsoft.graph.nonsense"}', unresolved('microsoft.graph.nonsense')],
  ['{"@odata.type":"deviceManagementScriptUserState"}', unresolved('deviceManagementScriptUserState')],
  ['{"@odata.type":"##microsoft.graph.deviceShellScript"}', unresolved('#microsoft.graph.deviceShellScript')],
  ['{"@odata.type":"microsoft.graph.#a"}', unresolved('microsoft.graph.#a')],
  ['{"@odata.type":5}', unresolved('')],
  ['{"@odata.type":null}', unresolved('')],
  [`{"@odata.type":"${'x'.repeat(101)}"}`, unresolved(`${'x'.repeat(100)}…`)],
  [
    '{"@odata.type":"#microsoft.graph.DeviceShellScript"}',
    "An entry with type 'microsoft.graph.deviceShellScript' was found, but it is not assignable to the expected type 'microsoft.graph.deviceManagementScriptUserState'. The type specified in the entry must be equal to either the expected type or a derived type.",
  ],
]

describe('a body is refused, and the message says which member and why', () => {
  for (const [body, message, reading] of refused)
    test(body.slice(0, 100), () => refuses(body, message, reading))
})

describe('a body that is no JSON object is refused', () => {
  const others = [
    ['[]', 'an array'],
    ['[{}]', 'an array'],
    ['null', 'null'],
    ['"a"', 'a string'],
    ['1', 'a number'],
    ['true', 'a boolean'],
  ] as const
  for (const [body, what] of others) {
    test(body, () => {
      const message = `The body must be one JSON object, and is ${what}.`
      assert.throws(() => read(body), { name: 'ODataError', code: 'BadRequest', message })
    })
  }

  test('or no JSON at all', () => {
    assert.throws(() => read(''), { name: 'ODataError', code: 'BadRequest', message: /it ends too soon/ })
  })
})

describe('members that are set once', () => {
  const body = '{"displayName":"a","customAttributeName":"b","customAttributeType":"string"}'
  const refusing = { ...custom, quirks: { 'set-once-members': 'refused' } } as const

  test('are taken at creation in every profile', () => {
    for (const reading of [custom, refusing])
      assert.equal(Object.keys(read(body, { ...reading, operation: 'create' })).length, 3)
  })

  test('are taken by an update where the profile lets them', () => {
    assert.equal(Object.keys(read(body, custom)).length, 3)
  })

  for (const name of ['displayName', 'customAttributeName', 'customAttributeType']) {
    test(`${name} is refused by an update where the profile does not, whatever the value`, () => {
      for (const value of ['"string"', 'null', '{}'])
        refuses(`{"${name}":${value}}`, `The property '${name}' can be set at creation only.`, refusing)
    })
  }

  test('are nobody else’s: the display name of another family may be changed', () => {
    assert.deepEqual({ ...read('{"displayName":"a"}', { ...refusing, ...shell }) }, { displayName: 'a' })
  })
})

describe('a restore', () => {
  test('sets the key and the other read-only members', () => {
    const body = '{"id":"x","createdDateTime":"2017-01-01T00:02:43.5775965-08:00"}'
    const changes = read(body, { ...windows, operation: 'restore' })
    assert.deepEqual({ ...changes }, { id: 'x', createdDateTime: '2017-01-01T08:02:43.5775965Z' })
  })

  test('refuses in them what they cannot take', () => {
    refuses('{"id":1}', literal('1', 'Edm.String'), { operation: 'restore' })
  })
})

const deviceState = { type: 'deviceManagementScriptDeviceState', operation: 'create' } as const
const BIND = 'managedDevice@odata.bind'

describe('a reference in a body', () => {
  const root = 'https://graph.microsoft.com/beta/deviceManagement/managedDevices'
  const urls = {
    [`${root}('d')`]: 'd',
    [`${root}/d`]: 'd',
    [`${root}/d/`]: 'd',
    [`${root}('d')/`]: 'd',
    "managedDevices('d')": 'd',
    '/deviceManagement/managedDevices/d': 'd',
    [`${root}('it''s')`]: "it's",
    [`${root}('a/b(c)')`]: 'a/b(c)',
    [`${root}/705c034c-034c-705c-4c03-5c704c035c70`]: '705c034c-034c-705c-4c03-5c704c035c70',
  }
  for (const [url, managedDevice] of Object.entries(urls)) {
    test(`is ${managedDevice} for ${url}, at creation and after`, () => {
      const body = JSON.stringify({ runState: 'success', [BIND]: url })
      for (const operation of ['create', 'update'] as const)
        assert.deepEqual(
          { ...read(body, { ...deviceState, operation }) },
          { runState: 'success', managedDevice },
        )
    })
  }

  for (const url of [
    '""',
    '"d"',
    '"managedDevices()"',
    `"${root}('')"`,
    `"${root}(d)"`,
    '5',
    'null',
    '["a/b"]',
  ]) {
    test(`is refused in ${url}`, () =>
      refuses(`{"${BIND}":${url}}`, `The value of '${BIND}' is not the URL of a managedDevice.`, deviceState))
  }

  test('is passed over where the type has no such reference, and its name must be exact', () => {
    assert.deepEqual({ ...read(`{"${BIND}":"managedDevices/d"}`) }, {})
    assert.deepEqual({ ...read('{"ManagedDevice@odata.bind":"managedDevices/d"}', deviceState) }, {})
  })

  test('is not written as a member', () => {
    refuses(
      '{"managedDevice":{"id":"d"}}',
      "The navigation 'managedDevice' cannot be written inside its entity: send it to its own URL.",
      deviceState,
    )
  })
})

const groups = typeNamed('deviceManagementScriptGroupAssignment')
const assignments = typeNamed('deviceManagementScriptAssignment')

function readParameters(body: string) {
  const reading = { model, quirks: quirksOf('documented') }
  const types = new Map([
    ['groups', groups],
    ['assignments', assignments],
  ])
  return Object.fromEntries(readEntityParameters(Buffer.from(body), types, reading))
}

describe('the parameters of an action that are entities', () => {
  test('are read each by its own type, in their order', () => {
    const { groups: first, assignments: second } = readParameters(
      '{"groups":[{"targetGroupId":"a","id":"x"},{"targetGroupId":"b"}],"assignments":[{"target":null}]}',
    )
    assert.deepEqual(
      first?.map((each) => ({ ...each })),
      [{ targetGroupId: 'a' }, { targetGroupId: 'b' }],
    )
    assert.deepEqual(
      second?.map((each) => ({ ...each })),
      [{ target: null }],
    )
  })

  test('are absent where the body has none, or null, and empty where it says so', () => {
    assert.deepEqual({ ...readParameters('{"@odata.context":"x","groups@odata.type":5}') }, {})
    assert.deepEqual({ ...readParameters('{"groups":null,"assignments":[]}') }, { assignments: [] })
  })

  const bodies: readonly (readonly [body: string, message: string])[] = [
    ['{"nonsense":[]}', "The action has no parameter 'nonsense'."],
    ['{"Groups":[]}', "The action has no parameter 'Groups'."],
    ['{"toString":[]}', "The action has no parameter 'toString'."],
    ['{"__proto__":[]}', "The action has no parameter '__proto__'."],
    [`{"${'x'.repeat(101)}":null}`, `The action has no parameter '${'x'.repeat(100)}…'.`],
    ['{"groups":{}}', "The parameter 'groups' takes a collection, not an object."],
    ['{"groups":"a"}', "The parameter 'groups' takes a collection, not a string."],
    ['{"groups":[{"target":null}]}', unknown('target', 'deviceManagementScriptGroupAssignment')],
    ['{"groups":[{"targetGroupId":5}]}', literal('5', 'Edm.String')],
    [
      '{"groups":[{"@odata.type":"#microsoft.graph.deviceManagementScriptAssignment"}]}',
      "An entry with type 'microsoft.graph.deviceManagementScriptAssignment' was found, but it is not assignable to the expected type 'microsoft.graph.deviceManagementScriptGroupAssignment'. The type specified in the entry must be equal to either the expected type or a derived type.",
    ],
  ]
  for (const [body, message] of bodies) {
    test(`are refused in ${body.slice(0, 80)}`, () =>
      assert.throws(() => readParameters(body), { code: 'ModelValidationFailure', message }))
  }

  for (const body of ['[]', 'null', '"a"', '{"groups":[5]}', '{"groups":[null]}', '{"groups":[[]]}', ''])
    test(`are refused in '${body}'`, () =>
      assert.throws(() => readParameters(body), { name: 'ODataError', code: 'BadRequest' }))
})

describe('the parameter of an action that is texts', () => {
  const readTexts = (body: string) => readTextsParameter(Buffer.from(body), 'ids')

  test('is read in its order, and empty where the body has none', () => {
    assert.deepEqual(readTexts('{"ids":["b","a","b",""],"ids@odata.type":"x"}'), ['b', 'a', 'b', ''])
    for (const body of ['{}', '{"ids":null}', '{"ids":[]}']) assert.deepEqual(readTexts(body), [])
  })

  const bodies = {
    '{"nonsense":[]}': "The action has no parameter 'nonsense'.",
    '{"IDS":[]}': "The action has no parameter 'IDS'.",
    '{"ids":"a"}': "The parameter 'ids' takes a collection, not a string.",
    '{"ids":["a",5]}': "The parameter 'ids' takes texts, not a number.",
    '{"ids":[null]}': "The parameter 'ids' takes texts, not null.",
    '{"ids":[{}]}': "The parameter 'ids' takes texts, not an object.",
    '{"ids":["a\\u0000"]}': literal('a\0', 'Edm.String'),
    '{"ids":["\\ud800"]}': literal('\ud800', 'Edm.String'),
  }
  for (const [body, message] of Object.entries(bodies)) {
    test(`is refused in ${body}`, () =>
      assert.throws(() => readTexts(body), { code: 'ModelValidationFailure', message }))
  }
})
