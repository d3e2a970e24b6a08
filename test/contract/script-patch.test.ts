/** PATCH of a script: the same rules as of a user state, and its dates. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startRunstate } from '../support/runstate.ts'
import {
  anotherThan,
  assertRefused,
  createScript,
  customAttributeFamily,
  families,
  keyOf,
  ownMembers,
  readText,
  useRunstate,
} from './families.ts'

const INVALID = 'ModelValidationFailure'

/** Bodies as they are sent, and the code of the refusal where it is known. */
const refused: readonly (readonly [string, string, string?])[] = [
  ['an unknown member', '{"description":"x","runSchedule":null}', INVALID],
  ['a member in another case', '{"DisplayName":"x"}', INVALID],
  ['a member of a user state', '{"userPrincipalName":"x"}', INVALID],
  ['a number for a string', '{"description":5}', INVALID],
  ['a number in a list of strings', '{"roleScopeTagIds":[0]}', INVALID],
  ['null for an enumeration', '{"description":"x","runAsAccount":null}'],
  ['an unknown member of an enumeration', '{"description":"x","runAsAccount":"nobody"}'],
  ['a Boolean for an enumeration', '{"runAsAccount":true}'],
  ['content that is not base64', '{"description":"x","scriptContent":"#!/bin/sh"}', INVALID],
  ['bytes in a list for content', '{"scriptContent":[35,33]}', INVALID],
  ['a string for a list', '{"roleScopeTagIds":"0"}'],
  ['U+0000 in a string', '{"description":"\\u0000"}'],
  ['U+0000 in a list', '{"roleScopeTagIds":["0","\\u0000"]}'],
  ['an unpaired surrogate', '{"fileName":"\\ud800.ps1"}'],
  [
    'a known type that is not this',
    '{"@odata.type":"#microsoft.graph.deviceManagementScriptUserState"}',
    INVALID,
  ],
  ['an unknown type', '{"@odata.type":"#microsoft.graph.script"}', INVALID],
  ['a member twice', '{"description":"x","description":"y"}'],
  ['a list', '[{"description":"x"}]'],
  ['no body', ''],
  ['broken JSON', '{"description":"x"'],
]

for (const family of families) {
  describe(`PATCH of one of ${family.set}`, () => {
    const clock = { time: Date.UTC(2026, 0, 2, 3, 4, 5, 678), now: () => clock.time }
    const runstate = useRunstate({}, { clock })

    for (const [name, body, code] of refused) {
      test(`refuses ${name}, and writes nothing`, async () => {
        const path = await createScript(runstate(), family)
        const before = await readText(runstate(), path)
        clock.time += 60_000
        assertRefused(await runstate().send('PATCH', path, { body }), 400, code)
        assert.equal(await readText(runstate(), path), before)
      })
    }

    test('refuses what only another family has, and writes nothing', async () => {
      const path = await createScript(runstate(), family)
      const before = await readText(runstate(), path)
      const strangers = families
        .flatMap(({ complete }) => Object.entries(complete))
        .filter(([name]) => !family.members.includes(name))
      assert.notEqual(strangers.length, 0)
      for (const [name, value] of strangers) {
        assertRefused(await runstate().send('PATCH', path, { body: { [name]: value } }), 400, INVALID)
      }
      const body = { '@odata.type': `#microsoft.graph.${anotherThan(family).type}`, description: 'x' }
      assertRefused(await runstate().send('PATCH', path, { body }), 400, INVALID)
      assert.equal(await readText(runstate(), path), before)
    })

    test('changes each member that can be written, and no other', async () => {
      const path = await createScript(runstate(), family)
      for (const [name, value] of Object.entries(family.complete)) {
        const before = await runstate().send('GET', path)
        const answer = await runstate().send('PATCH', path, { body: { [name]: value } })
        assert.equal(answer.status, 200, `${name}: ${answer.text}`)
        const { lastModifiedDateTime } = answer.body
        assert.deepEqual(
          ownMembers(answer.body),
          { ...ownMembers(before.body), [name]: value, lastModifiedDateTime },
          name,
        )
        assert.equal(await readText(runstate(), path), answer.text)
      }
    })

    test('takes all members at once, with and without the type', async () => {
      for (const type of [
        undefined,
        `#microsoft.graph.${family.type}`,
        `microsoft.graph.${family.type.toUpperCase()}`,
      ]) {
        const path = await createScript(runstate(), family)
        const body = { '@odata.type': type, ...family.complete }
        const answer = await runstate().send('PATCH', path, { body })
        assert.equal(answer.status, 200, answer.text)
        assert.deepEqual({ ...answer.body, ...family.complete }, answer.body)
      }
    })

    test('ignores the key and what is read-only', async () => {
      const path = await createScript(runstate(), family)
      const { body: before } = await runstate().send('GET', path)
      clock.time += 1000
      const ignored = {
        id: 'x',
        createdDateTime: '2001-01-01T00:00:00Z',
        lastModifiedDateTime: '2001-01-01T00:00:00Z',
      }
      const answer = await runstate().send('PATCH', path, { body: { ...ignored, description: 'y' } })
      assert.equal(answer.status, 200, answer.text)
      const lastModifiedDateTime = new Date(clock.time).toISOString()
      assert.deepEqual(ownMembers(answer.body), {
        ...ownMembers(before),
        description: 'y',
        lastModifiedDateTime,
      })
      assertRefused(await runstate().send('GET', `${family.set}/x`), 404)
    })

    test('moves lastModifiedDateTime, and leaves createdDateTime', async () => {
      clock.time = Date.UTC(2026, 2, 3, 4, 5, 6, 700)
      const path = await createScript(runstate(), family)
      clock.time = Date.UTC(2026, 2, 3, 4, 5, 7)
      const { body } = await runstate().send('PATCH', path, { body: { description: 'z' } })
      assert.equal(body['createdDateTime'], '2026-03-03T04:05:06.7Z')
      assert.equal(body['lastModifiedDateTime'], '2026-03-03T04:05:07Z')
    })

    test('answers {} with the entity unchanged, its dates too', async () => {
      const path = await createScript(runstate(), family)
      const before = await readText(runstate(), path)
      clock.time += 3_600_000
      const answer = await runstate().send('PATCH', path, { body: {} })
      assert.equal(answer.status, 200)
      assert.equal(answer.text, before)
      assert.equal(await readText(runstate(), path), before)
    })

    test('moves nothing of a script when one of its user states is changed', async () => {
      const path = await createScript(runstate(), family)
      const before = await readText(runstate(), path)
      const state = await runstate().create(`${path}/userRunStates`, {})
      clock.time += 1000
      await runstate().send('PATCH', `${path}/userRunStates/${state}`, { body: { errorDeviceCount: 1 } })
      assert.equal(await readText(runstate(), path), before)
    })

    test('is 404 for an unknown script and for a script of another family', async () => {
      const path = await createScript(runstate(), family)
      const before = await readText(runstate(), path)
      const strangers = families.filter((one) => one !== family).map(({ set }) => `${set}/${keyOf(path)}`)
      for (const stranger of [
        ...strangers,
        `${family.set}/unknown`,
        `${family.set}/${keyOf(path).toUpperCase()}x`,
      ]) {
        const answer = await runstate().send('PATCH', stranger, { body: { description: 'x' } })
        assertRefused(answer, 404, 'ResourceNotFound')
      }
      assert.equal(await readText(runstate(), path), before)
      assertRefused(await runstate().send('GET', `${family.set}/unknown`), 404)
    })

    test('answers 204 without a body where only the change is wanted', async () => {
      const path = await createScript(runstate(), family)
      const headers = { prefer: 'return=minimal' }
      const answer = await runstate().send('PATCH', path, { headers, body: { description: 'brief' } })
      assert.equal(answer.status, 204, answer.text)
      assert.equal(answer.text, '')
      assert.equal((await runstate().send('GET', path)).body['description'], 'brief')
    })
  })
}

describe('the members of a custom attribute that are set once', () => {
  const once = { customAttributeName: 'New', customAttributeType: 'integer', displayName: 'New' }

  for (const [name, config] of [
    ['the observed profile', { profile: 'observed' }],
    ['the documented profile with that row switched', { quirks: { 'set-once-members': 'refused' } }],
  ] as const) {
    test(`are refused in ${name}, and nothing is written`, async () => {
      await using runstate = await startRunstate(config)
      const path = await createScript(runstate, customAttributeFamily)
      const before = await readText(runstate, path)
      for (const [member, value] of Object.entries(once)) {
        const body = { description: 'x', [member]: value }
        assertRefused(await runstate.send('PATCH', path, { body }), 400)
      }
      assert.equal(await readText(runstate, path), before)
      const answer = await runstate.send('PATCH', path, { body: { description: 'x' } })
      assert.equal(answer.status, 200, answer.text)
    })
  }

  for (const [name, config] of [
    ['the documented profile', {}],
    [
      'the observed profile with that row switched',
      { profile: 'observed', quirks: { 'set-once-members': 'writable' } },
    ],
  ] as const) {
    test(`are written in ${name}`, async () => {
      await using runstate = await startRunstate(config)
      const path = await createScript(runstate, customAttributeFamily)
      const answer = await runstate.send('PATCH', path, { body: once })
      assert.equal(answer.status, 200, answer.text)
      assert.deepEqual({ ...answer.body, ...once }, answer.body)
    })
  }

  test('are no concern of the other families in the observed profile', async () => {
    await using runstate = await startRunstate({ profile: 'observed' })
    for (const family of families.filter((one) => one !== customAttributeFamily)) {
      const path = await createScript(runstate, family)
      const answer = await runstate.send('PATCH', path, { body: { displayName: 'New' } })
      assert.equal(answer.status, 200, answer.text)
      assert.equal(answer.body['displayName'], 'New')
    }
  })
})
