/** Bodies as .NET's reader takes them: quotes, conversions and ordinals; and what it refuses, with its sentences. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { errorOf } from '../support/runstate.ts'
import { read } from './expansions.ts'
import {
  assertRefused,
  createScript,
  createUserState,
  customAttributeFamily,
  type Family,
  families,
  readText,
  rowsOf,
  shellFamily,
  useRunstate,
  windowsFamily,
} from './families.ts'
import { createHealthScript } from './health.ts'

/** A value as JSON in single quotes, as scripts write it. */
function inSingleQuotes(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll("'", "\\'")
    .replace(/(?<!\\)"/g, "'")
    .replaceAll('\\"', '"')
}

/** Bodies for a shell script, and what they set. */
const taken: readonly (readonly [
  family: Family,
  body: string,
  expected: Readonly<Record<string, unknown>>,
])[] = [
  [shellFamily, `{'displayName':'single'}`, { displayName: 'single' }],
  [shellFamily, `{'displayName':"both"}`, { displayName: 'both' }],
  [shellFamily, `{"displayName":'it\\'s "so"'}`, { displayName: `it's "so"` }],
  [
    shellFamily,
    `{'displayName':'\\u00e4\\n','roleScopeTagIds':['0','1']}`,
    { displayName: 'ä\n', roleScopeTagIds: ['0', '1'] },
  ],
  [shellFamily, `\ufeff{"displayName":"after a mark"}`, { displayName: 'after a mark' }],
  [shellFamily, ` \t\r\n{ "retryCount" : 2 }\n`, { retryCount: 2 }],
  [shellFamily, '{"blockExecutionNotifications":"true"}', { blockExecutionNotifications: true }],
  [shellFamily, '{"blockExecutionNotifications":"True"}', { blockExecutionNotifications: true }],
  [shellFamily, '{"blockExecutionNotifications":" FALSE "}', { blockExecutionNotifications: false }],
  [windowsFamily, '{"enforceSignatureCheck":"false"}', { enforceSignatureCheck: false }],
  [shellFamily, '{"retryCount":"3"}', { retryCount: 3 }],
  [shellFamily, '{"retryCount":" +3 "}', { retryCount: 3 }],
  [shellFamily, '{"retryCount":2.0}', { retryCount: 2 }],
  [shellFamily, '{"retryCount":2.}', { retryCount: 2 }],
  [shellFamily, '{"retryCount":.0}', { retryCount: 0 }],
  [shellFamily, '{"retryCount":20e-1}', { retryCount: 2 }],
  [shellFamily, '{"retryCount":0.2E+1}', { retryCount: 2 }],
  [shellFamily, '{"runAsAccount":1}', { runAsAccount: 'user' }],
  [shellFamily, '{"runAsAccount":0}', { runAsAccount: 'system' }],
  [shellFamily, '{"runAsAccount":"1"}', { runAsAccount: 'user' }],
  [shellFamily, '{"runAsAccount":"system"}', { runAsAccount: 'system' }],
  [customAttributeFamily, '{"customAttributeType":2}', { customAttributeType: 'dateTime' }],
  [shellFamily, '{"executionFrequency":"PT24H"}', { executionFrequency: 'P1D' }],
  [shellFamily, '{"scriptContent":"YQ=="}', { scriptContent: 'YQ==' }],
  [shellFamily, '{"scriptContent":"Y\\r\\nQ=="}', { scriptContent: 'YQ==' }],
  [shellFamily, '{"@odata.type":"#Microsoft.Graph.DeviceShellScript","retryCount":1}', { retryCount: 1 }],
  [
    shellFamily,
    '{"@odata.etag":"x","id@odata.type":"#String","retryCount@x.y":{"a":[1]},"retryCount":1}',
    { retryCount: 1 },
  ],
  [shellFamily, '{"#microsoft.graph.assign":{"target":"x"},"retryCount":4}', { retryCount: 4 }],
]

describe('a body is taken', () => {
  const runstate = useRunstate()

  for (const [family, body, expected] of taken) {
    test(`by a change and by a creation of ${family.set}: ${JSON.stringify(body)}`, async () => {
      const path = await createScript(runstate(), family)
      const patched = await runstate().send('PATCH', path, { body })
      assert.equal(patched.status, 200, patched.text)
      const created = await runstate().send('POST', family.set, { body })
      assert.equal(created.status, 201, created.text)
      for (const [name, value] of Object.entries(expected)) {
        assert.deepEqual(patched.body[name], value)
        assert.deepEqual(created.body[name], value)
      }
      assert.equal(await readText(runstate(), path), patched.text)
    })
  }

  for (const family of families) {
    test(`in single quotes, all of it: ${family.set}`, async () => {
      const path = await createScript(runstate(), family)
      const sent = inSingleQuotes({ ...family.complete, displayName: `it's a "test" \u{1f600}` })
      assert(!sent.startsWith('{"'))
      const patched = await runstate().send('PATCH', path, { body: sent })
      assert.equal(patched.status, 200, `${sent}: ${patched.text}`)
      assert.equal(patched.body['displayName'], `it's a "test" \u{1f600}`)
      const assigned = await runstate().send('POST', `${path}/assign`, {
        body: `{'deviceManagementScriptGroupAssignments':[{'@odata.type':'#microsoft.graph.deviceManagementScriptGroupAssignment','targetGroupId':'g','id':'${path}'}]}`,
      })
      assert.equal(assigned.status, 204, assigned.text)
      assert.equal(rowsOf(await read(runstate(), `${path}/groupAssignments`))[0]?.['targetGroupId'], 'g')
    })
  }

  for (const type of [
    'application/json',
    'Application/JSON',
    'application/json;charset=utf-8',
    ' application/json ; odata.metadata=minimal;IEEE754Compatible=true',
    'application/json;odata=verbose',
  ]) {
    test(`of the type '${type}'`, async () => {
      const sending = { body: '{}', headers: { 'content-type': type } }
      assert.equal((await runstate().send('POST', 'deviceShellScripts', sending)).status, 201)
    })
  }

  test('by run states: their ordinals, times and numbers', async () => {
    const states = `${await createScript(runstate(), shellFamily)}/deviceRunStates`
    const names = ['unknown', 'success', 'fail', 'scriptError', 'pending', 'notApplicable']
    for (const [ordinal, name] of names.entries()) {
      for (const runState of [ordinal, String(ordinal), name]) {
        const { status, body, text } = await runstate().send('POST', states, { body: { runState } })
        assert.equal(status, 201, text)
        assert.equal(body['runState'], name)
      }
    }
    const body = { lastStateUpdateDateTime: '2026-08-28T21:19:56.1000000+02:00', errorCode: '-5' }
    const created = await runstate().send('POST', states, { body })
    assert.equal(created.body['lastStateUpdateDateTime'], '2026-08-28T19:19:56.1Z')
    assert.equal(created.body['errorCode'], -5)
  })
})

const literal = (text: string, type: string): string =>
  `Cannot convert the literal '${text}' to the expected type 'Edm.${type}'.`
const unfound = (text: string): string => `Requested value '${text}' was not found.`
const unknown = (name: string, type: string): string =>
  `The property '${name}' does not exist on type 'microsoft.graph.${type}'. Make sure to only use property names that are defined by the type.`
const unresolved = (name: string): string =>
  `A type named '${name}' could not be resolved by the model. When a model is available, each type name must resolve to a valid type.`

/** Bodies that a reader refuses for their values, each with its sentence. */
const refused: readonly (readonly [family: Family, body: string, sentence: string])[] = [
  [shellFamily, '{"displayName":5}', literal('5', 'String')],
  [shellFamily, '{"displayName":5.50}', literal('5.50', 'String')],
  [shellFamily, '{"displayName":true}', literal('true', 'String')],
  [shellFamily, '{"roleScopeTagIds":[0]}', literal('0', 'String')],
  [shellFamily, '{"roleScopeTagIds":["0",true]}', literal('true', 'String')],
  [shellFamily, '{"retryCount":"three"}', literal('three', 'Int32')],
  [shellFamily, '{"retryCount":2.5}', literal('2.5', 'Int32')],
  [shellFamily, '{"retryCount":"2.0"}', literal('2.0', 'Int32')],
  [shellFamily, '{"retryCount":2147483648}', literal('2147483648', 'Int32')],
  [shellFamily, '{"retryCount":true}', literal('true', 'Int32')],
  [shellFamily, '{"blockExecutionNotifications":1}', literal('1', 'Boolean')],
  [shellFamily, '{"blockExecutionNotifications":"yes"}', literal('yes', 'Boolean')],
  [shellFamily, '{"scriptContent":"#!/bin/sh"}', literal('#!/bin/sh', 'Binary')],
  [shellFamily, '{"scriptContent":5}', literal('5', 'Binary')],
  [shellFamily, '{"executionFrequency":"1 day"}', literal('1 day', 'Duration')],
  [shellFamily, '{"executionFrequency":60}', literal('60', 'Duration')],
  [shellFamily, '{"runAsAccount":"nobody"}', unfound('nobody')],
  [shellFamily, '{"runAsAccount":"User"}', unfound('User')],
  [shellFamily, '{"runAsAccount":7}', unfound('7')],
  [shellFamily, '{"nonsense":1}', unknown('nonsense', 'deviceShellScript')],
  [shellFamily, '{"DisplayName":"x"}', unknown('DisplayName', 'deviceShellScript')],
  [shellFamily, '{"runSchedule":{}}', unknown('runSchedule', 'deviceShellScript')],
  [windowsFamily, '{"retryCount":1}', unknown('retryCount', 'deviceManagementScript')],
  [shellFamily, '{"@odata.type":"#microsoft.graph.nonsense"}', unresolved('microsoft.graph.nonsense')],
  [
    shellFamily,
    '{"@odata.type":"#microsoft.graph.deviceManagementScript"}',
    "An entry with type 'microsoft.graph.deviceManagementScript' was found, but it is not assignable to the expected type 'microsoft.graph.deviceShellScript'. The type specified in the entry must be equal to either the expected type or a derived type.",
  ],
]

/** Bodies that are no JSON, or none of an entity. */
const broken = [
  '{"displayName":"x",}',
  "{displayName:'x'}",
  '{"displayName":`x`}',
  '{"displayName":"x"//\n}',
  '/* */{}',
  '{"retryCount":+3}',
  '{"retryCount":03}',
  '{"retryCount":0x3}',
  '{"retryCount":NaN}',
  '{"blockExecutionNotifications":True}',
  '{"displayName":"x"',
  `{"displayName":"x'}`,
  '{"displayName":"a\nb"}',
  '{"displayName":"\\x41"}',
  '{} {}',
  '["displayName"]',
]

describe('a body is refused', () => {
  const runstate = useRunstate()

  for (const [family, body, sentence] of refused) {
    test(`in the reader's words, and writes nothing: ${body} of ${family.set}`, async () => {
      const path = await createScript(runstate(), family)
      const before = await readText(runstate(), path)
      const count = await readText(runstate(), `${family.set}/$count`)
      for (const [method, url] of [
        ['PATCH', path],
        ['POST', family.set],
      ] as const) {
        const answer = await runstate().send(method, url, { body })
        assertRefused(answer, 400, 'ModelValidationFailure')
        assert.equal(errorOf(answer).message, sentence)
        const inner: { error: { innerError: { message: unknown } } } = JSON.parse(answer.text)
        assert.equal(inner.error.innerError.message, sentence)
      }
      assert.equal(await readText(runstate(), path), before)
      assert.equal(await readText(runstate(), `${family.set}/$count`), count)
    })
  }

  test('with an array of numbers for the content, as one client sends it', async () => {
    for (const family of families) {
      const body = { ...family.creation, scriptContent: [35, 33, 47] }
      assertRefused(await runstate().send('POST', family.set, { body }), 400, 'ModelValidationFailure')
    }
    const health = await createHealthScript(runstate())
    const body = { detectionScriptContent: [35, 33] }
    assertRefused(await runstate().send('PATCH', health, { body }), 400, 'ModelValidationFailure')
  })

  for (const body of broken) {
    test(`where it is not JSON, or no object: ${JSON.stringify(body)}`, async () => {
      const path = await createUserState(runstate(), shellFamily)
      for (const [method, url] of [
        ['PATCH', path],
        ['POST', 'deviceShellScripts'],
      ] as const)
        assertRefused(await runstate().send(method, url, { body }), 400, 'BadRequest')
    })
  }

  test('where its bytes are not UTF-8', async () => {
    for (const bytes of [Buffer.from('{"displayName":"\xe4"}', 'latin1'), Buffer.from('\ufeff{}', 'utf16le')])
      assertRefused(await runstate().send('POST', 'deviceShellScripts', { body: bytes }), 400, 'BadRequest')
  })
})
