/** PATCH of a user state: what it takes, what it refuses, and that a refusal writes nothing. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startRunstate } from '../support/runstate.ts'
import {
  assertRefused,
  createScript,
  createUserState,
  families,
  keyOf,
  ownMembers,
  readText,
  rowsOf,
  shellFamily,
  useRunstate,
  userStateExample,
} from './families.ts'

const INT32_MAX = 2_147_483_647

/** Bodies as they are sent, and what they change of the example. */
const accepted: readonly (readonly [string, string, Readonly<Record<string, unknown>>])[] = [
  ['one count', '{"successDeviceCount":5}', { successDeviceCount: 5 }],
  ['the other count', '{"errorDeviceCount":6}', { errorDeviceCount: 6 }],
  ['the name alone', '{"userPrincipalName":"a@contoso.com"}', { userPrincipalName: 'a@contoso.com' }],
  ['null for the name', '{"userPrincipalName":null}', { userPrincipalName: null }],
  ['an empty name', '{"userPrincipalName":""}', { userPrincipalName: '' }],
  ['a name that is no address', '{"userPrincipalName":" @@ \\n "}', { userPrincipalName: ' @@ \n ' }],
  [
    'a name beyond the first plane',
    '{"userPrincipalName":"\u{1f600}é"}',
    { userPrincipalName: '\u{1f600}é' },
  ],
  [
    'a surrogate pair in escapes',
    '{"userPrincipalName":"\\ud83d\\ude00"}',
    { userPrincipalName: '\u{1f600}' },
  ],
  ['2.0 for a whole number', '{"successDeviceCount":2.0,"errorDeviceCount":3.0}', { errorDeviceCount: 3 }],
  ['1e2 for a whole number', '{"successDeviceCount":1e2}', { successDeviceCount: 100 }],
  ['digits in a string', '{"errorDeviceCount":"2"}', { errorDeviceCount: 2 }],
  ['digits between blanks in a string', '{"errorDeviceCount":" 3 "}', { errorDeviceCount: 3 }],
  ['zero', '{"successDeviceCount":0}', { successDeviceCount: 0 }],
  ['the greatest Int32', `{"successDeviceCount":${INT32_MAX}}`, { successDeviceCount: INT32_MAX }],
  [
    'single-quoted JSON',
    "{'errorDeviceCount':4,'userPrincipalName':'q'}",
    { errorDeviceCount: 4, userPrincipalName: 'q' },
  ],
  ['another id, which is ignored', '{"id":"another","errorDeviceCount":9}', { errorDeviceCount: 9 }],
  ['null for the id, which is ignored', '{"id":null}', {}],
  ['a context', '{"@odata.context":"https://graph.microsoft.com/beta/$metadata#x"}', {}],
  ['the type', '{"@odata.type":"#microsoft.graph.deviceManagementScriptUserState"}', {}],
  ['the type without #', '{"@odata.type":"microsoft.graph.deviceManagementScriptUserState"}', {}],
  ['the type in another case', '{"@odata.type":"#microsoft.graph.DeviceManagementScriptUserState"}', {}],
  ['white space around it', '\r\n\t {"errorDeviceCount": 8 } \r\n', { errorDeviceCount: 8 }],
  ['no member', '{}', {}],
]

const INVALID = 'ModelValidationFailure'

/** Bodies as they are sent, and the code of the refusal where it is known. */
const refused: readonly (readonly [string, string, string?])[] = [
  ['a fraction', '{"successDeviceCount":2.5}', INVALID],
  ['a fraction in a string', '{"successDeviceCount":"2.5"}', INVALID],
  ['2.0 in a string', '{"successDeviceCount":"2.0"}', INVALID],
  ['words in a string', '{"successDeviceCount":"two"}', INVALID],
  ['an empty string for a count', '{"errorDeviceCount":""}', INVALID],
  ['true for a count', '{"successDeviceCount":true}', INVALID],
  ['false for a count', '{"errorDeviceCount":false}', INVALID],
  ['null for a count', '{"successDeviceCount":null}'],
  ['null for the other count', '{"errorDeviceCount":null}'],
  ['a list for a count', '{"successDeviceCount":[2]}'],
  ['an object for a count', '{"successDeviceCount":{"value":2}}'],
  ['a count below zero', '{"successDeviceCount":-1}'],
  ['the other count below zero', '{"errorDeviceCount":-1}'],
  ['a count below zero in a string', '{"errorDeviceCount":"-1"}'],
  ['one more than Int32 holds', '{"successDeviceCount":2147483648}', INVALID],
  ['one more than Int32 holds, in a string', '{"errorDeviceCount":"2147483648"}', INVALID],
  ['one less than Int32 holds', '{"errorDeviceCount":-2147483649}'],
  ['more than a double holds', '{"successDeviceCount":1e400}', INVALID],
  ['a number for the name', '{"userPrincipalName":5}', INVALID],
  ['a Boolean for the name', '{"userPrincipalName":true}', INVALID],
  ['a list for the name', '{"userPrincipalName":["a"]}'],
  ['an object for the name', '{"userPrincipalName":{"a":1}}'],
  ['U+0000 in the name', '{"userPrincipalName":"a\\u0000b"}'],
  ['a high surrogate alone', '{"userPrincipalName":"a\\ud800b"}'],
  ['a low surrogate alone', '{"userPrincipalName":"\\udc00"}'],
  ['surrogates the wrong way round', '{"userPrincipalName":"\\ude00\\ud83d"}'],
  ['an unknown member', '{"deviceCount":1}', INVALID],
  ['an unknown member after a good one', '{"errorDeviceCount":1,"deviceCount":1}', INVALID],
  ['a member in another case', '{"SuccessDeviceCount":1}', INVALID],
  ['a member of a script', '{"displayName":"x"}', INVALID],
  ['a bad member after a good one', '{"errorDeviceCount":1,"successDeviceCount":"x"}', INVALID],
  [
    'a known type that is not this',
    '{"@odata.type":"#microsoft.graph.deviceShellScript","errorDeviceCount":1}',
    INVALID,
  ],
  ['an unknown type', '{"@odata.type":"#microsoft.graph.deviceManagementScriptUserStates"}', INVALID],
  [
    'a type of another namespace',
    '{"@odata.type":"#microsoft.graph2.deviceManagementScriptUserState"}',
    INVALID,
  ],
  ['no body', ''],
  ['white space', ' \r\n '],
  ['a list', '[]'],
  ['a list of one object', '[{"errorDeviceCount":1}]'],
  ['null', 'null'],
  ['a number', '1'],
  ['a string', '"errorDeviceCount"'],
  ['an object that does not end', '{"errorDeviceCount":1'],
  ['an object and more', '{"errorDeviceCount":1} {}'],
  ['a member without a value', '{"errorDeviceCount":}'],
  ['a number that is none', '{"errorDeviceCount":NaN}'],
  ['a string that does not end', '{"userPrincipalName":"a}'],
  ['a member twice', '{"errorDeviceCount":1,"errorDeviceCount":2}'],
  ['a member twice, with the same value', '{"userPrincipalName":"a","userPrincipalName":"a"}'],
  [
    'a type twice',
    '{"@odata.type":"#microsoft.graph.deviceManagementScriptUserState","@odata.type":"#microsoft.graph.deviceManagementScriptUserState"}',
  ],
]

for (const family of families) {
  describe(`PATCH of a user state of ${family.set}`, () => {
    const runstate = useRunstate()

    for (const [name, body, change] of accepted) {
      test(`takes ${name}`, async () => {
        const path = await createUserState(runstate(), family)
        const answer = await runstate().send('PATCH', path, { body })
        assert.equal(answer.status, 200, answer.text)
        const expected = { id: keyOf(path), ...userStateExample, ...change }
        assert.deepEqual(ownMembers(answer.body), expected)
        assert.equal(await readText(runstate(), path), answer.text)
      })
    }

    for (const [name, body, code] of refused) {
      test(`refuses ${name}, and writes nothing`, async () => {
        const path = await createUserState(runstate(), family)
        const before = await readText(runstate(), path)
        assertRefused(await runstate().send('PATCH', path, { body }), 400, code)
        assert.equal(await readText(runstate(), path), before)
      })
    }
  })

  describe(`PATCH of what is not there, below ${family.set}`, () => {
    const runstate = useRunstate()
    const body = { ...userStateExample, successDeviceCount: 99 }

    test('is 404 for an unknown state, and creates none', async () => {
      const path = await createUserState(runstate(), family)
      const states = path.slice(0, path.lastIndexOf('/'))
      const before = await readText(runstate(), states)
      for (const key of [
        'd5a29103-9103-d5a2-0391-a2d50391a2d6',
        'x',
        keyOf(path).toUpperCase().replace('-', ''),
      ]) {
        assertRefused(await runstate().send('PATCH', `${states}/${key}`, { body }), 404, 'ResourceNotFound')
      }
      assert.equal(await readText(runstate(), states), before)
    })

    test('is 404 for an unknown script', async () => {
      const path = await createUserState(runstate(), family)
      const before = await readText(runstate(), path)
      const unknown = `${family.set}/ca9e0ad8-0ad8-ca9e-d80a-9ecad80a9eca/userRunStates/${keyOf(path)}`
      assertRefused(await runstate().send('PATCH', unknown, { body }), 404, 'ResourceNotFound')
      assert.equal(await readText(runstate(), path), before)
    })

    test('is 404 for a state of another script', async () => {
      const path = await createUserState(runstate(), family)
      const before = await readText(runstate(), path)
      const script = await createScript(runstate(), family)
      const stranger = `${script}/userRunStates/${keyOf(path)}`
      assertRefused(await runstate().send('PATCH', stranger, { body }), 404, 'ResourceNotFound')
      assert.equal(await readText(runstate(), path), before)
      assert.deepEqual(rowsOf(await runstate().send('GET', `${script}/userRunStates`)), [])
    })

    test('is 404 for a script of another family', async () => {
      const path = await createUserState(runstate(), family)
      const before = await readText(runstate(), path)
      for (const { set } of families.filter((one) => one !== family)) {
        const stranger = path.replace(family.set, set)
        assertRefused(await runstate().send('PATCH', stranger, { body }), 404, 'ResourceNotFound')
      }
      assert.equal(await readText(runstate(), path), before)
    })

    test('is 404 for a state that was deleted', async () => {
      const path = await createUserState(runstate(), family)
      await runstate().send('DELETE', path)
      assertRefused(await runstate().send('PATCH', path, { body }), 404, 'ResourceNotFound')
      assertRefused(await runstate().send('GET', path), 404, 'ResourceNotFound')
    })
  })

  describe(`PATCH of a user state of ${family.set} that wants no answer`, () => {
    const runstate = useRunstate()

    test('is answered 204 without a body, and is written', async () => {
      const path = await createUserState(runstate(), family)
      const headers = { prefer: 'return=minimal' }
      const answer = await runstate().send('PATCH', path, { headers, body: { errorDeviceCount: 3 } })
      assert.equal(answer.status, 204, answer.text)
      assert.equal(answer.text, '')
      assert.equal(answer.headers.get('content-type'), null)
      const { body } = await runstate().send('GET', path)
      assert.deepEqual(ownMembers(body), { id: keyOf(path), ...userStateExample, errorDeviceCount: 3 })
    })

    test('is refused with a body all the same', async () => {
      const path = await createUserState(runstate(), family)
      const before = await readText(runstate(), path)
      const headers = { prefer: 'return=minimal' }
      assertRefused(await runstate().send('PATCH', path, { headers, body: { errorDeviceCount: 'x' } }), 400)
      assert.equal(await readText(runstate(), path), before)
    })
  })
}

describe('the answer to a PATCH of a user state', () => {
  const runstate = useRunstate()

  test('is the whole entity, whatever was sent', async () => {
    const path = await createUserState(runstate(), shellFamily)
    for (const body of [{}, { errorDeviceCount: 1 }, { userPrincipalName: 'x' }]) {
      const answer = await runstate().send('PATCH', path, { body })
      assert.deepEqual(Object.keys(ownMembers(answer.body)), ['id', ...Object.keys(userStateExample)])
    }
  })
})

describe('the quirk of negative counts', () => {
  for (const profile of ['documented', 'observed'] as const) {
    test(`lets them in when switched, in the ${profile} profile`, async () => {
      await using runstate = await startRunstate({ profile, quirks: { 'negative-counts': 'accepted' } })
      for (const family of families) {
        const path = await createUserState(runstate, family)
        for (const count of [-1, -2_147_483_648]) {
          const answer = await runstate.send('PATCH', path, { body: { successDeviceCount: count } })
          assert.equal(answer.status, 200, answer.text)
          assert.equal(answer.body['successDeviceCount'], count)
        }
        const before = await readText(runstate, path)
        const beyond = { body: { successDeviceCount: -2_147_483_649 } }
        assertRefused(await runstate.send('PATCH', path, beyond), 400)
        assert.equal(await readText(runstate, path), before)
      }
    })
  }

  test('keeps them out in the observed profile as in the documented one', async () => {
    await using runstate = await startRunstate({ profile: 'observed' })
    for (const family of families) {
      const path = await createUserState(runstate, family)
      const before = await readText(runstate, path)
      assertRefused(await runstate.send('PATCH', path, { body: { errorDeviceCount: -1 } }), 400)
      assert.equal(await readText(runstate, path), before)
    }
  })
})
