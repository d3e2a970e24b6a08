/** Assignments one by one, through the two collections that show the same rows, and what hasPayloadLinks says of them. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Answer, Runstate } from '../support/runstate.ts'
import {
  anotherThan,
  assertRefused,
  createScript,
  families,
  keyOf,
  ownMembers,
  readText,
  rowsOf,
  useRunstate,
} from './families.ts'
import { targetOf } from './surface.ts'

const GROUP = '11111111-0000-4000-8000-000000000001'
const OTHER = '22222222-0000-4000-8000-000000000002'
const LINKS = 'deviceManagementScripts/hasPayloadLinks'

const group = (groupId: string) => ({ target: targetOf('groupAssignmentTarget', { groupId }) })
const exclusion = (groupId: string) => ({ target: targetOf('exclusionGroupAssignmentTarget', { groupId }) })
const devices = { target: targetOf('allDevicesAssignmentTarget') }
const users = { target: targetOf('allLicensedUsersAssignmentTarget') }

async function idsOf(runstate: Runstate, path: string): Promise<readonly unknown[]> {
  return rowsOf(await runstate.send('GET', path))
    .map(({ id }) => id)
    .toSorted()
}

/** Both collections of a script, as text. */
async function readBoth(runstate: Runstate, script: string): Promise<string> {
  return `${await readText(runstate, `${script}/assignments`)}\n${await readText(runstate, `${script}/groupAssignments`)}`
}

async function ask(runstate: Runstate, payloadIds: readonly unknown[]): Promise<Answer> {
  return runstate.send('POST', LINKS, { body: { payloadIds } })
}

/** Asserts that a request changes neither collection. */
async function assertUnchanged(
  runstate: Runstate,
  script: string,
  { method, path, body, status }: { method: string; path: string; body?: unknown; status: number },
): Promise<void> {
  const before = await readBoth(runstate, script)
  const answer = await runstate.send(method, `${script}/${path}`, body === undefined ? {} : { body })
  assertRefused(answer, status)
  assert.equal(await readBoth(runstate, script), before)
}

for (const family of families) {
  describe(`an assignment of ${family.set}`, () => {
    const runstate = useRunstate()

    test('created among the group assignments is among the assignments, and the other way round', async () => {
      const script = await createScript(runstate(), family)
      const [first, second] = [`${keyOf(script)}:${GROUP}`, `${keyOf(script)}:${OTHER}`]
      assert.equal(await runstate().create(`${script}/groupAssignments`, { targetGroupId: GROUP }), first)
      assert.equal(await runstate().create(`${script}/assignments`, group(OTHER)), second)
      for (const path of ['assignments', 'groupAssignments'])
        assert.deepEqual(await idsOf(runstate(), `${script}/${path}`), [first, second])
      const { body } = await runstate().send('GET', `${script}/assignments/${first}`)
      assert.deepEqual(ownMembers(body), {
        id: first,
        target: {
          ...group(GROUP).target,
          deviceAndAppManagementAssignmentFilterId: null,
          deviceAndAppManagementAssignmentFilterType: 'none',
        },
      })
      const legacy = await runstate().send('GET', `${script}/groupAssignments('${second}')`)
      assert.deepEqual(ownMembers(legacy.body), { id: second, targetGroupId: OTHER })
    })

    test('is a group assignment only where its target is exactly a group', async () => {
      const script = await createScript(runstate(), family)
      for (const body of [exclusion(OTHER), devices, users, group(GROUP)])
        await runstate().create(`${script}/assignments`, body)
      const own = `${keyOf(script)}:`
      assert.deepEqual(await idsOf(runstate(), `${script}/groupAssignments`), [`${own}${GROUP}`])
      assert.equal(await readText(runstate(), `${script}/groupAssignments/$count`), '1')
      assert.equal(await readText(runstate(), `${script}/assignments/$count`), '4')
      const hidden = `groupAssignments/${own}${OTHER}`
      assertRefused(await runstate().send('GET', `${script}/${hidden}`), 404, 'ResourceNotFound')
      const body = { targetGroupId: GROUP }
      await assertUnchanged(runstate(), script, { method: 'PATCH', path: hidden, body, status: 404 })
      await assertUnchanged(runstate(), script, { method: 'DELETE', path: hidden, status: 404 })
    })

    test('is gone from both once it is deleted from either', async () => {
      const script = await createScript(runstate(), family)
      for (const path of ['assignments', 'groupAssignments']) {
        await runstate().create(`${script}/assignments`, devices)
        const id = await runstate().create(`${script}/assignments`, group(GROUP))
        assert.equal((await runstate().send('DELETE', `${script}/${path}/${id}`)).status, 204)
        assert.equal((await idsOf(runstate(), `${script}/assignments`)).length, 1)
        assert.deepEqual(await idsOf(runstate(), `${script}/groupAssignments`), [])
        const rest = await idsOf(runstate(), `${script}/assignments`)
        assert.equal((await runstate().send('DELETE', `${script}/assignments/${rest[0]}`)).status, 204)
      }
    })

    for (const [name, first, path, second] of [
      ['the same group', group(GROUP), 'assignments', group(GROUP)],
      ['the same group in the other collection', group(GROUP), 'groupAssignments', { targetGroupId: GROUP }],
      ['an exclusion of an included group', group(GROUP), 'assignments', exclusion(GROUP)],
      ['an inclusion of an excluded group', exclusion(GROUP), 'groupAssignments', { targetGroupId: GROUP }],
      ['all devices again', devices, 'assignments', devices],
      ['all users again', users, 'assignments', users],
    ] as const) {
      test(`is 409 where it is there already: ${name}`, async () => {
        const script = await createScript(runstate(), family)
        await runstate().create(`${script}/assignments`, first)
        await assertUnchanged(runstate(), script, { method: 'POST', path, body: second, status: 409 })
      })
    }

    for (const [path, body] of [
      ['assignments', { target: targetOf('nonsenseTarget') }],
      ['assignments', { target: 'x' }],
      ['assignments', { ...group(GROUP), intent: 'apply' }],
      ['assignments', { target: { ...group(GROUP).target, groupName: 'x' } }],
      ['assignments', { target: targetOf('groupAssignmentTarget', { groupId: 7 }) }],
      ['assignments', { targetGroupId: GROUP }],
      ['assignments', [group(GROUP)]],
      ['groupAssignments', { targetGroupId: 7 }],
      ['groupAssignments', group(GROUP)],
      ['groupAssignments', { targetGroupId: GROUP, '@odata.type': '#microsoft.graph.deviceShellScript' }],
    ] as const) {
      test(`is not created among ${path} of ${JSON.stringify(body)}`, async () => {
        const script = await createScript(runstate(), family)
        await runstate().create(`${script}/assignments`, group(OTHER))
        await assertUnchanged(runstate(), script, { method: 'POST', path, body, status: 400 })
      })
    }

    test('keeps its id and its neighbours when its filter is changed', async () => {
      const script = await createScript(runstate(), family)
      const neighbour = await runstate().create(`${script}/assignments`, devices)
      const id = await runstate().create(`${script}/assignments`, group(GROUP))
      const before = await readText(runstate(), `${script}/assignments/${neighbour}`)
      const target = targetOf('groupAssignmentTarget', {
        groupId: GROUP,
        deviceAndAppManagementAssignmentFilterId: OTHER,
        deviceAndAppManagementAssignmentFilterType: 'exclude',
      })
      const answer = await runstate().send('PATCH', `${script}/assignments/${id}`, { body: { target } })
      assert.equal(answer.status, 200, answer.text)
      assert.deepEqual(ownMembers(answer.body), { id, target })
      assert.equal(await readText(runstate(), `${script}/assignments/${id}`), answer.text)
      assert.equal(await readText(runstate(), `${script}/assignments/${neighbour}`), before)
      const empty = await runstate().send('PATCH', `${script}/assignments/${id}`, { body: {} })
      assert.equal(empty.text, answer.text)
    })

    test('is not changed by a body that does not fit', async () => {
      const script = await createScript(runstate(), family)
      const id = await runstate().create(`${script}/assignments`, group(GROUP))
      for (const [path, body] of [
        ['assignments', { target: targetOf('nonsenseTarget') }],
        ['assignments', { target: { ...group(GROUP).target, nonsense: 1 } }],
        ['assignments', { target: 1 }],
        ['assignments', { nonsense: 1 }],
        ['groupAssignments', { targetGroupId: [] }],
        ['groupAssignments', { target: null }],
      ] as const)
        await assertUnchanged(runstate(), script, {
          method: 'PATCH',
          path: `${path}/${id}`,
          body,
          status: 400,
        })
    })

    test('is neither got, changed nor deleted through another script', async () => {
      const script = await createScript(runstate(), family)
      const id = await runstate().create(`${script}/assignments`, group(GROUP))
      const before = await readBoth(runstate(), script)
      const sibling = await createScript(runstate(), family)
      const relative = `${anotherThan(family).set}/${keyOf(script)}`
      for (const path of [sibling, relative].flatMap((one) => [
        `${one}/assignments`,
        `${one}/groupAssignments`,
      ])) {
        assertRefused(await runstate().send('GET', `${path}/${id}`), 404, 'ResourceNotFound')
        assertRefused(await runstate().send('DELETE', `${path}/${id}`), 404, 'ResourceNotFound')
        assertRefused(await runstate().send('PATCH', `${path}/${id}`, { body: {} }), 404, 'ResourceNotFound')
      }
      assert.equal(await readBoth(runstate(), script), before)
    })
  })

  describe(`hasPayloadLinks of ${family.set}`, () => {
    const runstate = useRunstate()

    test('says of each id whether the script is assigned, in the order of the question', async () => {
      const script = await createScript(runstate(), family)
      const bare = await createScript(runstate(), family)
      const id = await runstate().create(`${script}/assignments`, devices)
      const question = [keyOf(bare), keyOf(script), 'unknown', keyOf(script)]
      const answer = await ask(runstate(), question)
      const rows = rowsOf(answer).map((row) => ({ ...row }))
      assert.deepEqual(
        rows,
        question.map((payloadId) => {
          const hasLink = payloadId === keyOf(script)
          const sources = hasLink ? ['direct'] : []
          return {
            '@odata.type': '#microsoft.graph.hasPayloadLinkResultItem',
            payloadId,
            hasLink,
            error: '',
            sources,
          }
        }),
      )
      await runstate().send('DELETE', `${script}/assignments/${id}`)
      const [row] = rowsOf(await ask(runstate(), [keyOf(script)]))
      assert.equal(row?.['hasLink'], false)
    })
  })
}

describe('hasPayloadLinks', () => {
  const runstate = useRunstate({ demo: true })

  test('takes no id, and 1000, but not one more', async () => {
    assert.deepEqual(rowsOf(await ask(runstate(), [])), [])
    for (const body of [{}, { payloadIds: null }])
      assert.deepEqual(rowsOf(await runstate().send('POST', LINKS, { body })), [])
    const ids = Array.from({ length: 1000 }, (_, i) => `id-${i}`)
    assert.equal(rowsOf(await ask(runstate(), ids)).length, 1000)
    assertRefused(await ask(runstate(), [...ids, 'one more']), 400)
  })

  for (const body of [
    '',
    [],
    { payloadIds: 'x' },
    { payloadIds: [1] },
    { payloadIds: [null] },
    { payloadIds: [[]] },
    { payloadIds: {} },
    { payloadIds: [], nonsense: 1 },
    { payloadids: [] },
    '{"payloadIds":["x"],"payloadIds":[]}',
  ]) {
    test(`is 400 for ${JSON.stringify(body)}`, async () => {
      assertRefused(await runstate().send('POST', LINKS, { body }), 400)
    })
  }

  test('is of the Windows scripts alone, and of no single one', async () => {
    const body = { payloadIds: [] }
    for (const set of ['deviceShellScripts', 'deviceCustomAttributeShellScripts'])
      for (const name of ['hasPayloadLinks', 'microsoft.graph.hasPayloadLinks'])
        assertRefused(await runstate().send('POST', `${set}/${name}`, { body }), 405)
    const one = `deviceManagementScripts/${families[0]?.example['id']}/hasPayloadLinks`
    assertRefused(await runstate().send('POST', one, { body }), 400, 'BadRequest')
    assertRefused(await runstate().send('POST', 'deviceManagementScripts/assign', { body }), 405)
  })
})
