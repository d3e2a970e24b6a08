/** Scripts of the three families: created, listed, got and deleted. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Answer, startRunstate } from '../support/runstate.ts'
import {
  assertRefused,
  createScript,
  createUserState,
  type Family,
  families,
  GUID,
  keyOf,
  ownMembers,
  readText,
  rowsOf,
  SCRIPT_CONTENT,
  useRunstate,
} from './families.ts'

/** What the members look like in JSON, by the types of the model. */
const shapes: Readonly<Record<string, (value: unknown) => boolean>> = {
  id: isText(GUID),
  displayName: isText(/./),
  description: isText(/./),
  scriptContent: isText(/^[A-Za-z0-9+/]+=*$/),
  createdDateTime: isText(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?Z$/),
  lastModifiedDateTime: isText(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?Z$/),
  runAsAccount: isText(/^(system|user)$/),
  fileName: isText(/./),
  roleScopeTagIds: (value) => Array.isArray(value) && value.every(isText(/./)),
  enforceSignatureCheck: (value) => typeof value === 'boolean',
  runAs32Bit: (value) => typeof value === 'boolean',
  executionFrequency: isText(/^P/),
  retryCount: (value) => Number.isInteger(value),
  blockExecutionNotifications: (value) => typeof value === 'boolean',
  customAttributeName: isText(/./),
  customAttributeType: isText(/^(integer|string|dateTime)$/),
}

function isText(pattern: RegExp): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && pattern.test(value)
}

/** Asserts the members' order and types, and that there are no others. */
function assertShape(members: Readonly<Record<string, unknown>>, family: Family): void {
  assert.deepEqual(Object.keys(ownMembers(members)), family.members)
  for (const name of family.members) {
    assert(shapes[name]?.(members[name]), `${name}: ${JSON.stringify(members[name])}`)
  }
}

function contentsOf(answer: Answer): readonly unknown[] {
  return rowsOf(answer).map((row) => row['scriptContent'])
}

for (const family of families) {
  describe(`one of ${family.set}`, () => {
    const clock = { time: Date.UTC(2026, 5, 7, 8, 9, 10, 120), now: () => clock.time }
    const runstate = useRunstate({}, { clock })

    test('has the defaults for what is not sent', async () => {
      const answer = await runstate().send('POST', family.set, { body: family.creation })
      assert.equal(answer.status, 201, answer.text)
      const { id } = answer.body
      assert.match(String(id), GUID)
      const date = '2026-06-07T08:09:10.12Z'
      const dates = { createdDateTime: date, lastModifiedDateTime: date }
      assert.deepEqual(ownMembers(answer.body), { id, ...family.creation, ...family.defaults, ...dates })
    })

    test('keeps all that is sent, with and without its type', async () => {
      for (const type of [undefined, `#microsoft.graph.${family.type}`, `#Microsoft.Graph.${family.type}`]) {
        const body = { '@odata.type': type, ...family.complete }
        const created = await runstate().send('POST', family.set, { body })
        assert.equal(created.status, 201, created.text)
        assert.deepEqual({ ...created.body, ...family.complete }, created.body)
        const got = await readText(runstate(), `${family.set}/${created.body['id']}`)
        assert.equal(got, created.text)
      }
    })

    test('is answered with its type, and its members in the documented order', async () => {
      const created = await runstate().send('POST', family.set, { body: family.complete })
      const got = await runstate().send('GET', `${family.set}/${created.body['id']}`)
      const patched = await runstate().send('PATCH', `${family.set}/${created.body['id']}`, { body: {} })
      for (const { body } of [created, got, patched]) {
        assert.deepEqual(Object.keys(body).slice(0, 2), ['@odata.context', '@odata.type'])
        assert.equal(body['@odata.type'], `#microsoft.graph.${family.type}`)
        assertShape(body, family)
      }
    })

    test('is listed with the others of its family, and of no other family', async () => {
      await using runstate = await startRunstate()
      const ids = []
      for (const one of families) ids.push(keyOf(await createScript(runstate, one)))
      const second = await createScript(runstate, family)
      const answer = await runstate.send('GET', family.set)
      const own = ids[families.indexOf(family)]
      assert.deepEqual(
        rowsOf(answer).map((row) => row['id']),
        [own, keyOf(second)],
      )
      assert.deepEqual(Object.keys(answer.body), ['@odata.context', 'value'])
      for (const row of rowsOf(answer)) {
        assert.deepEqual(Object.keys(row), ['@odata.type', ...family.members])
      }
    })

    test('can be got at the Location that its creation names', async () => {
      const created = await runstate().send('POST', family.set, { body: family.creation })
      const location = new URL(created.headers.get('location') ?? '')
      assert.equal(location.origin, runstate().server.url)
      assert.equal(await readText(runstate(), location.pathname), created.text)
    })

    test('ignores an id and the dates that are sent', async () => {
      const sent = {
        id: family.example['id'],
        createdDateTime: '2001-02-03T04:05:06Z',
        lastModifiedDateTime: null,
      }
      const answer = await runstate().send('POST', family.set, { body: { ...family.creation, ...sent } })
      assert.equal(answer.status, 201, answer.text)
      assert.notEqual(answer.body['id'], sent.id)
      assert.equal(answer.body['createdDateTime'], new Date(clock.time).toISOString().replace('20Z', '2Z'))
      assert.equal(answer.body['lastModifiedDateTime'], answer.body['createdDateTime'])
      assertRefused(await runstate().send('GET', `${family.set}/${sent.id}`), 404, 'ResourceNotFound')
    })

    test('may have the name of another', async () => {
      const first = await createScript(runstate(), family, { displayName: 'Same' })
      const second = await createScript(runstate(), family, { displayName: 'Same' })
      assert.notEqual(first, second)
      for (const path of [first, second]) {
        assert.equal((await runstate().send('GET', path)).body['displayName'], 'Same')
      }
    })

    test('is not created of a body that does not fit', async () => {
      await using runstate = await startRunstate()
      const stranger = families.find((one) => one !== family)?.type
      const bodies = [
        ...['', '[]', 'null', '{', '{"displayName":"a","displayName":"b"}'],
        JSON.stringify({ ...family.creation, unknown: 1 }),
        JSON.stringify({ ...family.creation, DisplayName: 'x' }),
        JSON.stringify({ ...family.creation, displayName: 5 }),
        JSON.stringify({ ...family.creation, runAsAccount: null }),
        JSON.stringify({ ...family.creation, scriptContent: [1, 2] }),
        JSON.stringify({ ...family.creation, '@odata.type': `#microsoft.graph.${stranger}` }),
        JSON.stringify({ ...family.creation, '@odata.type': '#microsoft.graph.script' }),
      ]
      for (const body of bodies) assertRefused(await runstate.send('POST', family.set, { body }), 400)
      assert.deepEqual(rowsOf(await runstate.send('GET', family.set)), [])
    })

    test('is gone once deleted, with its user states, and alone gone', async () => {
      const state = await createUserState(runstate(), family)
      const [set = '', id = ''] = state.split('/')
      const kept = await createUserState(runstate(), family)
      const before = await readText(runstate(), kept)
      const answer = await runstate().send('DELETE', `${set}/${id}`)
      assert.equal(answer.status, 204, answer.text)
      assert.equal(answer.text, '')
      for (const path of [`${set}/${id}`, `${set}/${id}/userRunStates`, state]) {
        assertRefused(await runstate().send('GET', path), 404, 'ResourceNotFound')
      }
      for (const path of [`${set}/${id}`, state]) {
        assertRefused(await runstate().send('PATCH', path, { body: {} }), 404, 'ResourceNotFound')
        assertRefused(await runstate().send('DELETE', path), 404, 'ResourceNotFound')
      }
      const late = await runstate().send('POST', `${set}/${id}/userRunStates`, { body: {} })
      assertRefused(late, 404, 'ResourceNotFound')
      assert.equal(await readText(runstate(), kept), before)
    })

    test('is neither got nor deleted in another family', async () => {
      const path = await createScript(runstate(), family)
      const before = await readText(runstate(), path)
      for (const { set } of families.filter((one) => one !== family)) {
        assertRefused(await runstate().send('GET', `${set}/${keyOf(path)}`), 404, 'ResourceNotFound')
        assertRefused(await runstate().send('DELETE', `${set}/${keyOf(path)}`), 404, 'ResourceNotFound')
      }
      assert.equal(await readText(runstate(), path), before)
    })

    test('is the documentation’s own example in a demo', async () => {
      await using runstate = await startRunstate({ demo: true })
      const answer = await runstate.send('GET', `${family.set}/${family.example['id']}`)
      assert.equal(answer.status, 200, answer.text)
      assert.deepEqual(ownMembers(answer.body), family.example)
      assert.deepEqual(Object.keys(ownMembers(answer.body)), family.members)
    })
  })

  describe(`the profiles of ${family.set}`, () => {
    test('differ in the content of lists, and never in that of one', async () => {
      for (const [config, expected] of [
        [{}, SCRIPT_CONTENT],
        [{ profile: 'observed' }, null],
        [{ quirks: { 'listed-content': 'null' } }, null],
        [{ profile: 'observed', quirks: { 'listed-content': 'present' } }, SCRIPT_CONTENT],
      ] as const) {
        await using runstate = await startRunstate(config)
        const path = await createScript(runstate, family)
        const list = await runstate.send('GET', family.set)
        assert.deepEqual(contentsOf(list), [expected])
        for (const row of rowsOf(list))
          assert.deepEqual(Object.keys(ownMembers(row)).toSorted(), family.members.toSorted())
        for (const [method, sending] of [
          ['GET', {}],
          ['PATCH', { body: {} }],
        ] as const) {
          const { body } = await runstate.send(method, path, sending)
          assert.equal(body['scriptContent'], SCRIPT_CONTENT)
        }
      }
    })

    test('differ in the type', async () => {
      for (const [config, expected] of [
        [{}, `#microsoft.graph.${family.type}`],
        [{ profile: 'observed' }, undefined],
        [{ quirks: { 'type-annotation': 'absent' } }, undefined],
        [
          { profile: 'observed', quirks: { 'type-annotation': 'present' } },
          `#microsoft.graph.${family.type}`,
        ],
      ] as const) {
        await using runstate = await startRunstate(config)
        const created = await runstate.send('POST', family.set, { body: family.creation })
        const list = await runstate.send('GET', family.set)
        assert.equal(created.body['@odata.type'], expected)
        assert.equal(rowsOf(list)[0]?.['@odata.type'], expected)
      }
    })

    test('differ in the status of a deletion', async () => {
      for (const [config, expected] of [
        [{}, 204],
        [{ profile: 'observed' }, 200],
        [{ quirks: { 'delete-status': 200 } }, 200],
        [{ profile: 'observed', quirks: { 'delete-status': 204 } }, 204],
      ] as const) {
        await using runstate = await startRunstate(config)
        const path = await createScript(runstate, family)
        const answer = await runstate.send('DELETE', path)
        assert.equal(answer.status, expected)
        assert.equal(answer.text, '')
        assert.equal(answer.headers.get('content-type'), null)
        assertRefused(await runstate.send('GET', path), 404)
      }
    })
  })
}
