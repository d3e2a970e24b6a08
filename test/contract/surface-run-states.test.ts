/** Run states of devices, by their two paths, the devices they are of, and what of user states follows from them. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Runstate, startRunstate } from '../support/runstate.ts'
import {
  anotherThan,
  assertRefused,
  createScript,
  families,
  GUID,
  keyOf,
  ownMembers,
  readText,
  rowsOf,
  shellFamily,
  useRunstate,
  windowsFamily,
} from './families.ts'
import { deviceState } from './surface.ts'

type Members = Readonly<Record<string, unknown>>

const UNKNOWN = '00000000-0000-4000-8000-000000000000'

const report: Members = deviceState.creation

/** The ways a client may write the URL of a device. */
const bindings: readonly (readonly [string, (id: string) => string])[] = [
  ['as a segment', (id) => `https://graph.microsoft.com/beta/deviceManagement/managedDevices/${id}`],
  ['in parentheses', (id) => `https://graph.microsoft.com/beta/deviceManagement/managedDevices('${id}')`],
  ['on this host', (id) => `https://localhost/beta/deviceManagement/managedDevices/${id}`],
]

const bindTo = (id: string): Members => ({
  'managedDevice@odata.bind': `https://graph.microsoft.com/beta/deviceManagement/managedDevices/${id}`,
})

function createDevice(runstate: Runstate, deviceName = 'LAPTOP-1'): Promise<string> {
  return runstate.create('managedDevices', { deviceName })
}

/** A script's device states by both paths, its user states and its summary, as text. */
async function readAll(runstate: Runstate, script: string): Promise<string> {
  const texts = []
  for (const path of ['deviceRunStates', 'userRunStates', 'runSummary'])
    texts.push(await readText(runstate, `${script}/${path}`))
  return texts.join('\n')
}

/** Asserts that a creation was refused and nothing is other than before. */
async function assertNotCreated(
  runstate: Runstate,
  script: string,
  { body, status, path = 'deviceRunStates' }: { body: unknown; status: number; path?: string },
): Promise<void> {
  const before = await readAll(runstate, script)
  assertRefused(await runstate.send('POST', `${script}/${path}`, { body }), status)
  assert.equal(await readAll(runstate, script), before)
}

/** Bodies that neither create nor change a device state. */
const refused: readonly (readonly [string, string])[] = [
  ['an unknown member', '{"exitCode":1}'],
  ['a member in another case', '{"runstate":"fail"}'],
  ['an unknown run state', '{"runState":"error"}'],
  ['an ordinal that is none', '{"runState":6}'],
  ['null for the run state', '{"runState":null}'],
  ['null for the error code', '{"errorCode":null}'],
  ['null for the time', '{"lastStateUpdateDateTime":null}'],
  ['a fraction for the error code', '{"errorCode":2.5}'],
  ['more than Int32 holds', '{"errorCode":2147483648}'],
  ['a number for the message', '{"resultMessage":1}'],
  ['a list for the message', '{"resultMessage":["x"]}'],
  ['U+0000 in the message', '{"resultMessage":"\\u0000"}'],
  ['text that is no time', '{"lastStateUpdateDateTime":"yesterday"}'],
  ['a time without a zone', '{"lastStateUpdateDateTime":"2026-08-28T19:19:56"}'],
  ['another type', '{"@odata.type":"#microsoft.graph.deviceManagementScriptUserState"}'],
  ['a list', '[]'],
  ['no body', ''],
  ['broken JSON', '{"runState":'],
]

for (const family of families) {
  describe(`a device run state of ${family.set}`, () => {
    const runstate = useRunstate()

    test('has a new id where no device is named, and no device then', async () => {
      const states = `${await createScript(runstate(), family)}/deviceRunStates`
      const id = await runstate().create(states, report)
      assert.match(id, GUID)
      assertRefused(await runstate().send('GET', `${states}/${id}/managedDevice`), 404, 'ResourceNotFound')
      const { body } = await runstate().send('GET', `${states}/${id}`)
      assert.deepEqual(ownMembers(body), { id, ...report })
    })

    for (const [name, bind] of bindings) {
      test(`has the script and the device for an id where one is named ${name}`, async () => {
        const script = await createScript(runstate(), family)
        const device = await createDevice(runstate())
        const body = { ...report, 'managedDevice@odata.bind': bind(device) }
        const id = await runstate().create(`${script}/deviceRunStates`, body)
        assert.equal(id, `${keyOf(script)}:${device}`)
        const answer = await runstate().send('GET', `${script}/deviceRunStates/${id}/managedDevice`)
        assert.equal(answer.status, 200, answer.text)
        assert.equal(answer.body['id'], device)
        assert.equal(answer.body['deviceName'], 'LAPTOP-1')
        const state = await runstate().send('GET', `${script}/deviceRunStates('${id}')`)
        assert.deepEqual(ownMembers(state.body), { id, ...report })
      })
    }

    test('is one for a device: 409 for another, by either path', async () => {
      const script = await createScript(runstate(), family)
      const user = await runstate().create(`${script}/userRunStates`, {})
      const body = { ...report, ...bindTo(await createDevice(runstate())) }
      await runstate().create(`${script}/deviceRunStates`, body)
      await assertNotCreated(runstate(), script, { body, status: 409 })
      await assertNotCreated(runstate(), script, {
        ...{ body, status: 409, path: `userRunStates/${user}/deviceRunStates` },
      })
      const other = await createScript(runstate(), family)
      await runstate().create(`${other}/deviceRunStates`, body)
    })

    for (const [name, bind] of [
      ['a device that is not there', bindTo(UNKNOWN)['managedDevice@odata.bind']],
      ['no device', 'https://graph.microsoft.com/beta/deviceManagement/managedDevices'],
      ['something else', `https://graph.microsoft.com/beta/deviceManagement/deviceShellScripts/${UNKNOWN}`],
      ['text that is no URL', 'x'],
      ['nothing', ''],
      ['a number', 1],
      ['a list', [bindTo(UNKNOWN)['managedDevice@odata.bind']]],
    ] as const) {
      test(`is not created where its binding names ${name}`, async () => {
        const script = await createScript(runstate(), family)
        const body = { ...report, 'managedDevice@odata.bind': bind }
        await assertNotCreated(runstate(), script, { body, status: 400 })
      })
    }

    for (const [name, body] of refused) {
      test(`is neither created nor changed with ${name}`, async () => {
        const script = await createScript(runstate(), family)
        const id = await runstate().create(`${script}/deviceRunStates`, report)
        await assertNotCreated(runstate(), script, { body, status: 400 })
        const before = await readAll(runstate(), script)
        assertRefused(await runstate().send('PATCH', `${script}/deviceRunStates/${id}`, { body }), 400)
        assert.equal(await readAll(runstate(), script), before)
      })
    }

    test('takes every run state, by name and by number, and answers with the name', async () => {
      const states = `${await createScript(runstate(), family)}/deviceRunStates`
      const names = ['unknown', 'success', 'fail', 'scriptError', 'pending', 'notApplicable']
      const id = await runstate().create(states, {})
      for (const [ordinal, name] of names.entries()) {
        for (const runState of [name, ordinal]) {
          const answer = await runstate().send('PATCH', `${states}/${id}`, { body: { runState } })
          assert.equal(answer.status, 200, answer.text)
          assert.equal(answer.body['runState'], name)
        }
        const created = await runstate().send('POST', states, { body: { runState: ordinal } })
        assert.equal(created.body['runState'], name)
      }
    })

    test('changes only what is sent, and not its id', async () => {
      const states = `${await createScript(runstate(), family)}/deviceRunStates`
      const id = await runstate().create(states, report)
      const body = { id: UNKNOWN, errorDescription: 'why', errorCode: -5 }
      const answer = await runstate().send('PATCH', `${states}/${id}`, { body })
      assert.deepEqual(ownMembers(answer.body), { ...report, ...body, id })
      assert.equal(await readText(runstate(), `${states}/${id}`), answer.text)
      assert.equal(await readText(runstate(), `${states}/$count`), '1')
    })

    test('of a user is the same row by both paths', async () => {
      const script = await createScript(runstate(), family)
      const [user, other] = [
        await runstate().create(`${script}/userRunStates`, { userPrincipalName: 'one@contoso.com' }),
        await runstate().create(`${script}/userRunStates`, { userPrincipalName: 'two@contoso.com' }),
      ]
      const own = `${script}/userRunStates/${user}/deviceRunStates`
      const id = await runstate().create(own, report)
      const alone = await runstate().create(`${script}/deviceRunStates`, report)
      assert.deepEqual(
        rowsOf(await runstate().send('GET', own)).map((row) => row['id']),
        [id],
      )
      const all = rowsOf(await runstate().send('GET', `${script}/deviceRunStates`)).map((row) => row['id'])
      assert.deepEqual(all.toSorted(), [id, alone].toSorted())
      const changed = await runstate().send('PATCH', `${own}/${id}`, {
        body: { resultMessage: 'by the user' },
      })
      const seen = await runstate().send('GET', `${script}/deviceRunStates/${id}`)
      assert.deepEqual(ownMembers(seen.body), ownMembers(changed.body))
      for (const stranger of [`${own}/${alone}`, `${script}/userRunStates/${other}/deviceRunStates/${id}`]) {
        assertRefused(await runstate().send('GET', stranger), 404, 'ResourceNotFound')
        assertRefused(await runstate().send('DELETE', stranger), 404, 'ResourceNotFound')
        assertRefused(await runstate().send('PATCH', stranger, { body: {} }), 404, 'ResourceNotFound')
      }
      assert.equal(await readText(runstate(), `${script}/userRunStates/${other}/deviceRunStates/$count`), '0')
      assert.equal((await runstate().send('DELETE', `${script}/deviceRunStates/${id}`)).status, 204)
      assert.deepEqual(rowsOf(await runstate().send('GET', own)), [])
    })

    test('of a user is deleted by its path, and outlives the user’s state', async () => {
      const script = await createScript(runstate(), family)
      const user = await runstate().create(`${script}/userRunStates`, {})
      const own = `${script}/userRunStates/${user}/deviceRunStates`
      const body = { ...report, ...bindTo(await createDevice(runstate())) }
      const [bound, gone] = [await runstate().create(own, body), await runstate().create(own, report)]
      assert.equal((await runstate().send('GET', `${own}/${bound}/managedDevice`)).status, 200)
      assert.equal((await runstate().send('DELETE', `${own}/${gone}`)).status, 204)
      assertRefused(
        await runstate().send('GET', `${script}/deviceRunStates/${gone}`),
        404,
        'ResourceNotFound',
      )
      assert.equal((await runstate().send('DELETE', `${script}/userRunStates/${user}`)).status, 204)
      assert.equal((await runstate().send('GET', `${script}/deviceRunStates/${bound}`)).status, 200)
      assert.equal(
        (await runstate().send('GET', `${script}/deviceRunStates/${bound}/managedDevice`)).status,
        200,
      )
      assertRefused(await runstate().send('GET', own), 404, 'ResourceNotFound')
      assertRefused(await runstate().send('POST', own, { body: report }), 404, 'ResourceNotFound')
      assertRefused(await runstate().send('GET', `${own}/${bound}`), 404, 'ResourceNotFound')
    })

    test('is neither got, changed nor deleted through another script', async () => {
      const script = await createScript(runstate(), family)
      const id = await runstate().create(`${script}/deviceRunStates`, report)
      const before = await readAll(runstate(), script)
      const relative = `${anotherThan(family).set}/${keyOf(script)}`
      for (const path of [await createScript(runstate(), family), relative, `${family.set}/${UNKNOWN}`]) {
        const stranger = `${path}/deviceRunStates/${id}`
        assertRefused(await runstate().send('GET', stranger), 404, 'ResourceNotFound')
        assertRefused(await runstate().send('GET', `${stranger}/managedDevice`), 404, 'ResourceNotFound')
        assertRefused(await runstate().send('DELETE', stranger), 404, 'ResourceNotFound')
        assertRefused(await runstate().send('PATCH', stranger, { body: { errorCode: 1 } }), 404)
      }
      assert.equal(await readAll(runstate(), script), before)
    })

    test('is gone with its script', async () => {
      const script = await createScript(runstate(), family)
      const id = await runstate().create(`${script}/deviceRunStates`, report)
      await runstate().send('DELETE', script)
      for (const path of ['deviceRunStates', `deviceRunStates/${id}`, 'deviceRunStates/$count', 'runSummary'])
        assertRefused(await runstate().send('GET', `${script}/${path}`), 404, 'ResourceNotFound')
    })
  })
}

describe('a managed device', () => {
  const runstate = useRunstate()

  test('is listed, counted and got once it is created', async () => {
    const before = Number(await readText(runstate(), 'managedDevices/$count'))
    const created = await runstate().send('POST', 'managedDevices', {
      body: { deviceName: 'MAC-7', userPrincipalName: 'one@contoso.com', osVersion: '15.1' },
    })
    assert.equal(created.status, 201, created.text)
    const { id } = created.body
    assert.match(String(id), GUID)
    assert.equal(Number(await readText(runstate(), 'managedDevices/$count')), before + 1)
    assert.equal(await readText(runstate(), `managedDevices/${id}`), created.text)
    assert.equal(await readText(runstate(), `managedDevices('${id}')`), created.text)
    const ids = rowsOf(await runstate().send('GET', 'managedDevices')).map((row) => row['id'])
    assert(ids.includes(id))
    assertRefused(await runstate().send('GET', `managedDevices/${UNKNOWN}`), 404, 'ResourceNotFound')
  })

  for (const body of [
    { nonsense: 1 },
    { deviceName: 1 },
    [],
    '',
    { '@odata.type': '#microsoft.graph.deviceShellScript' },
  ]) {
    test(`is not created of ${JSON.stringify(body)}`, async () => {
      const before = await readText(runstate(), 'managedDevices')
      assertRefused(await runstate().send('POST', 'managedDevices', { body }), 400)
      assert.equal(await readText(runstate(), 'managedDevices'), before)
    })
  }
})

test('where navigations are shared, run states are reached through any family, one row all the same', async () => {
  await using runstate = await startRunstate({ quirks: { 'shared-navigations': 'shared' } })
  const script = await createScript(runstate, shellFamily)
  const through = `${windowsFamily.set}/${keyOf(script)}`
  const id = await runstate.create(`${through}/deviceRunStates`, report)
  const own = await runstate.send('GET', `${script}/deviceRunStates/${id}`)
  const other = await runstate.send('GET', `${through}/deviceRunStates/${id}`)
  assert.deepEqual(ownMembers(own.body), ownMembers(other.body))
  assert.equal(
    (await runstate.send('PATCH', `${through}/runSummary`, { body: { errorUserCount: 3 } })).status,
    200,
  )
  const { body } = await runstate.send('GET', `${script}/runSummary`)
  assert.equal(body['errorUserCount'], 3)
  assertRefused(await runstate.send('GET', `${windowsFamily.set}/${UNKNOWN}/deviceRunStates`), 404)
})
