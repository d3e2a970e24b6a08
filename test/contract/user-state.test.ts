/** User states: created, listed, got and deleted, on all three families. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startRunstate } from '../support/runstate.ts'
import {
  assertRefused,
  createScript,
  createUserState,
  families,
  GUID,
  keyOf,
  ownMembers,
  readText,
  rowsOf,
  USER_STATE_ID,
  USER_STATE_TYPE,
  useRunstate,
  userStateExample,
  userStateMembers,
  writtenMembers,
} from './families.ts'

/** Bodies that create nothing. */
const refused: readonly (readonly [string, string])[] = [
  ['an unknown member', '{"deviceCount":1}'],
  ['a member in another case', '{"userprincipalname":"x"}'],
  ['a count below zero', '{"successDeviceCount":-1}'],
  ['a fraction', '{"errorDeviceCount":0.5}'],
  ['more than Int32 holds', '{"errorDeviceCount":2147483648}'],
  ['null for a count', '{"successDeviceCount":null}'],
  ['a number for the name', '{"userPrincipalName":1}'],
  ['U+0000 in the name', '{"userPrincipalName":"\\u0000"}'],
  ['an unpaired surrogate in the name', '{"userPrincipalName":"\\udfff"}'],
  ['another type', '{"@odata.type":"#microsoft.graph.deviceManagementScript"}'],
  ['an unknown type', '{"@odata.type":"#microsoft.graph.state"}'],
  ['no body', ''],
  ['a list', '[{}]'],
  ['broken JSON', '{'],
  ['a member twice', '{"errorDeviceCount":1,"errorDeviceCount":1}'],
]

/** Names that are no addresses: the name is free text. */
const names = ['', 'User Principal Name value', 'no at sign', '@', 'ä\u{1f600}\t\n"\\', 'x'.repeat(5000)]

for (const family of families) {
  describe(`a user state of ${family.set}`, () => {
    const runstate = useRunstate()

    test('has counts of 0 and no name where nothing is sent', async () => {
      const states = `${await createScript(runstate(), family)}/userRunStates`
      const answer = await runstate().send('POST', states, { body: {} })
      assert.equal(answer.status, 201, answer.text)
      assert.match(String(answer.body['id']), GUID)
      const expected = { successDeviceCount: 0, errorDeviceCount: 0, userPrincipalName: null }
      assert.deepEqual(ownMembers(answer.body), { id: answer.body['id'], ...expected })
    })

    test('is answered with its type, and its members in the documented order', async () => {
      const states = `${await createScript(runstate(), family)}/userRunStates`
      const created = await runstate().send('POST', states, { body: userStateExample })
      const got = await runstate().send('GET', `${states}/${created.body['id']}`)
      for (const { text, body } of [created, got]) {
        const order = ['@odata.context', '@odata.type', ...userStateMembers]
        assert.deepEqual(
          writtenMembers(text).map(([name]) => name),
          order,
        )
        assert.equal(body['@odata.type'], USER_STATE_TYPE)
      }
      assert.equal(got.text, created.text)
    })

    test('can be got at the Location that its creation names', async () => {
      const states = `${await createScript(runstate(), family)}/userRunStates`
      const created = await runstate().send('POST', states, { body: userStateExample })
      const location = new URL(created.headers.get('location') ?? '')
      assert.equal(location.origin, runstate().server.url)
      const got = await runstate().send('GET', location.pathname)
      assert.equal(got.status, 200, got.text)
      assert.deepEqual(got.body, created.body)
    })

    test('ignores an id and annotations that are sent', async () => {
      const states = `${await createScript(runstate(), family)}/userRunStates`
      for (const id of [USER_STATE_ID, '', null]) {
        const body = { '@odata.type': USER_STATE_TYPE, '@odata.context': 'x', id, ...userStateExample }
        const answer = await runstate().send('POST', states, { body })
        assert.equal(answer.status, 201, answer.text)
        assert.match(String(answer.body['id']), GUID)
        assert.notEqual(answer.body['id'], USER_STATE_ID)
      }
      assert.equal(rowsOf(await runstate().send('GET', states)).length, 3)
      assertRefused(await runstate().send('GET', `${states}/${USER_STATE_ID}`), 404, 'ResourceNotFound')
    })

    test('keeps any text for a name', async () => {
      const states = `${await createScript(runstate(), family)}/userRunStates`
      for (const userPrincipalName of [...names, null]) {
        const id = await runstate().create(states, { userPrincipalName })
        const { body } = await runstate().send('GET', `${states}/${id}`)
        assert.equal(body['userPrincipalName'], userPrincipalName)
      }
    })

    for (const [name, body] of refused) {
      test(`is not created with ${name}`, async () => {
        const states = `${await createScript(runstate(), family)}/userRunStates`
        assertRefused(await runstate().send('POST', states, { body }), 400)
        assert.deepEqual(rowsOf(await runstate().send('GET', states)), [])
      })
    }

    test('is listed with the others of its script, and of no other script', async () => {
      const script = await createScript(runstate(), family)
      const other = await createUserState(runstate(), family)
      const created = []
      for (const errorDeviceCount of [1, 2, 3]) {
        const { body } = await runstate().send('POST', `${script}/userRunStates`, {
          body: { errorDeviceCount },
        })
        const { '@odata.context': context, ...members } = body
        assert.notEqual(context, undefined)
        created.push(members)
      }
      const rows = rowsOf(await runstate().send('GET', `${script}/userRunStates`))
      assert.deepEqual(new Set(rows), new Set(created))
      assert.equal(rowsOf(await runstate().send('GET', other.slice(0, other.lastIndexOf('/')))).length, 1)
    })

    test('is gone once deleted, and alone gone', async () => {
      const path = await createUserState(runstate(), family)
      const states = path.slice(0, path.lastIndexOf('/'))
      const kept = await runstate().create(states, {})
      const answer = await runstate().send('DELETE', path)
      assert.equal(answer.status, 204, answer.text)
      assert.equal(answer.text, '')
      for (const method of ['GET', 'PATCH', 'DELETE']) {
        const sending = method === 'PATCH' ? { body: {} } : {}
        assertRefused(await runstate().send(method, path, sending), 404, 'ResourceNotFound')
      }
      const ids = rowsOf(await runstate().send('GET', states)).map((row) => row['id'])
      assert.deepEqual(ids, [kept])
    })

    test('is neither got nor deleted through another script', async () => {
      const path = await createUserState(runstate(), family)
      const before = await readText(runstate(), path)
      const stranger = `${await createScript(runstate(), family)}/userRunStates/${keyOf(path)}`
      assertRefused(await runstate().send('GET', stranger), 404, 'ResourceNotFound')
      assertRefused(await runstate().send('DELETE', stranger), 404, 'ResourceNotFound')
      assert.equal(await readText(runstate(), path), before)
    })

    test('is 404 below a script that is not there', async () => {
      const states = `${family.set}/00000000-0000-4000-8000-000000000000/userRunStates`
      assertRefused(await runstate().send('GET', states), 404, 'ResourceNotFound')
      assertRefused(await runstate().send('POST', states, { body: {} }), 404, 'ResourceNotFound')
      assertRefused(await runstate().send('GET', `${states}/x`), 404, 'ResourceNotFound')
      assertRefused(await runstate().send('DELETE', `${states}/x`), 404, 'ResourceNotFound')
    })

    test('answers with the media type and version of OData', async () => {
      const path = await createUserState(runstate(), family)
      const states = path.slice(0, path.lastIndexOf('/'))
      const answers = [
        await runstate().send('GET', path),
        await runstate().send('GET', states),
        await runstate().send('PATCH', path, { body: {} }),
        await runstate().send('POST', states, { body: {} }),
      ]
      for (const { headers } of answers) {
        assert.match(headers.get('content-type') ?? '', /^application\/json;odata\.metadata=minimal;/)
        assert.equal(headers.get('odata-version'), '4.0')
      }
    })
  })
}

describe('a user state where a row of the profile is switched', () => {
  for (const [name, config] of [
    ['the observed profile', { profile: 'observed' }],
    ['the documented profile with that row switched', { quirks: { 'delete-status': 200 } }],
  ] as const) {
    test(`is deleted with an empty, untyped 200 in ${name}`, async () => {
      await using runstate = await startRunstate(config)
      const path = await createUserState(runstate, families[0] ?? assert.fail())
      const answer = await runstate.send('DELETE', path)
      assert.equal(answer.status, 200)
      assert.equal(answer.text, '')
      assert.equal(answer.headers.get('content-type'), null)
      assertRefused(await runstate.send('GET', path), 404)
    })
  }

  for (const [name, config] of [
    ['the observed profile', { profile: 'observed' }],
    ['the documented profile with that row switched', { quirks: { 'type-annotation': 'absent' } }],
  ] as const) {
    test(`carries no type in ${name}`, async () => {
      await using runstate = await startRunstate(config)
      const path = await createUserState(runstate, families[1] ?? assert.fail())
      const answer = await runstate.send('GET', path)
      assert.deepEqual(
        writtenMembers(answer.text).map(([member]) => member),
        ['@odata.context', ...userStateMembers],
      )
      const [row = {}] = rowsOf(await runstate.send('GET', path.slice(0, path.lastIndexOf('/'))))
      assert.deepEqual(Object.keys(row), [...userStateMembers])
    })
  }

  test('keeps the rest of the observed profile when one row is switched back', async () => {
    await using runstate = await startRunstate({ profile: 'observed', quirks: { 'delete-status': 204 } })
    const path = await createUserState(runstate, families[2] ?? assert.fail())
    assert.equal('@odata.type' in (await runstate.send('GET', path)).body, false)
    assert.equal((await runstate.send('DELETE', path)).status, 204)
  })
})
