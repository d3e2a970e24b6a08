/** Who may expand what: the root's permission for what is contained, one of its own for a device; and no other tenant's. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { ServerConfig } from '#server.ts'
import { errorOf, type Runstate, startRunstate } from '../support/runstate.ts'
import {
  createDevice,
  createDeviceState,
  createFullScript,
  expandedIn,
  type FullScript,
  read,
  singleIn,
} from './expansions.ts'
import { assertRefused, families, rowsOf, shellFamily, useRunstate } from './families.ts'
import { ids, SET } from './health.ts'

const SCRIPTS = ['DeviceManagementScripts.Read.All', 'DeviceManagementScripts.ReadWrite.All'] as const
const CONFIGURATION = [
  'DeviceManagementConfiguration.Read.All',
  'DeviceManagementConfiguration.ReadWrite.All',
] as const
const DEVICES = [
  'DeviceManagementManagedDevices.Read.All',
  'DeviceManagementManagedDevices.ReadWrite.All',
] as const
const everything = [...SCRIPTS, ...CONFIGURATION, ...DEVICES]

const user = 'admin@contoso.com'

/** Tokens with these permissions: an application's, and a user's. */
async function tokensOf(runstate: Runstate, names: readonly string[]): Promise<readonly string[]> {
  return [await runstate.token({ roles: names }), await runstate.token({ scopes: names, user })]
}

async function assertAllowed(runstate: Runstate, url: string, names: readonly string[]): Promise<void> {
  for (const token of await tokensOf(runstate, names)) {
    const { status, text } = await runstate.send('GET', url, { token })
    assert.equal(status, 200, `${url} with ${names}: ${text}`)
  }
}

async function assertForbidden(
  runstate: Runstate,
  url: string,
  { names, wanted }: { readonly names: readonly string[]; readonly wanted: readonly string[] },
): Promise<void> {
  for (const token of await tokensOf(runstate, names)) {
    const answer = await runstate.send('GET', url, { token })
    assertRefused(answer, 403, 'Forbidden')
    assert(errorOf(answer).message.includes(wanted.join(', ')), answer.text)
  }
}

const contained =
  'assignments,groupAssignments,runSummary,deviceRunStates,userRunStates($expand=deviceRunStates)'

/** Ways to a device from a script. */
const toDevices = [
  'deviceRunStates($expand=managedDevice)',
  'assignments,deviceRunStates($select=id;$expand=managedDevice($select=id))',
  'userRunStates($expand=deviceRunStates($expand=managedDevice))',
]

for (const family of families) {
  describe(`who may expand ${family.set}`, () => {
    const runstate = useRunstate({ demo: true })
    const script = `${family.set}/${family.example['id']}`

    for (const url of [family.set, script]) {
      test(`is who may read it, for all that it contains: ${url}`, async () => {
        for (const name of SCRIPTS) await assertAllowed(runstate(), `${url}?$expand=${contained}`, [name])
        for (const name of [...CONFIGURATION, ...DEVICES]) {
          await assertForbidden(runstate(), `${url}?$expand=${contained}`, { names: [name], wanted: SCRIPTS })
        }
      })

      for (const expand of toDevices) {
        test(`is who may read it and devices below it: ${url}?$expand=${expand}`, async () => {
          for (const name of SCRIPTS) {
            await assertForbidden(runstate(), `${url}?$expand=${expand}`, {
              names: SCRIPTS,
              wanted: [...CONFIGURATION, ...DEVICES],
            })
            for (const other of [...CONFIGURATION, ...DEVICES])
              await assertAllowed(runstate(), `${url}?$expand=${expand}`, [name, other])
          }
          for (const other of [...CONFIGURATION, ...DEVICES])
            await assertForbidden(runstate(), `${url}?$expand=${expand}`, { names: [other], wanted: SCRIPTS })
        })
      }
    }

    test('a device in its states is who may read these', async () => {
      const states = `${script}/deviceRunStates`
      const state = '39440cba-0cba-3944-ba0c-4439ba0c4439'
      const users = `${script}/userRunStates`
      for (const url of [
        `${states}?$expand=managedDevice`,
        `${states}/${state}?$expand=managedDevice`,
        `${users}?$expand=deviceRunStates($expand=managedDevice)`,
        `${users}/d5a29103-9103-d5a2-0391-a2d50391a2d5/deviceRunStates?$expand=managedDevice`,
      ]) {
        for (const name of [...CONFIGURATION, ...DEVICES]) await assertAllowed(runstate(), url, [name])
        const wanted = [...CONFIGURATION, ...DEVICES]
        await assertForbidden(runstate(), url, { names: SCRIPTS, wanted })
      }
    })
  })
}

describe('who may expand devices of health scripts', () => {
  const runstate = useRunstate({ demo: true })

  test('is who may read the script and its states', async () => {
    for (const url of [SET, `${SET}/${ids.script}`]) {
      const expand = `${url}?$expand=deviceRunStates($expand=managedDevice)`
      for (const other of CONFIGURATION) await assertAllowed(runstate(), expand, [SCRIPTS[0], other])
      const names = [...SCRIPTS, ...DEVICES]
      await assertForbidden(runstate(), expand, { names, wanted: CONFIGURATION })
      await assertAllowed(runstate(), `${url}?$expand=assignments,runSummary,deviceRunStates`, [SCRIPTS[0]])
    }
  })
})

describe('who may expand where script permissions count below a script', () => {
  for (const config of [
    { profile: 'observed' },
    { quirks: { 'script-permissions-below': 'accepted' } },
  ] satisfies readonly ServerConfig[]) {
    test(`is who may read the same by its own URL: ${JSON.stringify(config)}`, async () => {
      await using runstate = await startRunstate({ ...config, demo: true })
      for (const family of families) {
        const script = `${family.set}/${family.example['id']}`
        const states = `${script}/deviceRunStates`
        for (const name of SCRIPTS) {
          const own = `${states}/39440cba-0cba-3944-ba0c-4439ba0c4439/managedDevice`
          await assertAllowed(runstate, own, [name])
          await assertAllowed(runstate, `${states}?$expand=managedDevice`, [name])
          for (const expand of toDevices) await assertAllowed(runstate, `${script}?$expand=${expand}`, [name])
        }
        const names = ['DeviceManagementManagedDevices.PrivilegedOperations.All']
        const wanted = [...CONFIGURATION, ...DEVICES, ...SCRIPTS]
        await assertForbidden(runstate, `${states}?$expand=managedDevice`, { names, wanted })
      }
    })
  }
})

test('a permission is asked for before what is expanded is read, and the refusal of it tells nothing', async () => {
  await using runstate = await startRunstate({ demo: true })
  for (const url of [
    `deviceShellScripts/none?$expand=${toDevices[0]}`,
    `deviceShellScripts?$expand=${toDevices[0]}`,
  ]) {
    const token = await runstate.token({ roles: SCRIPTS })
    const answer = await runstate.send('GET', url, { token })
    assertRefused(answer, 403, 'Forbidden')
    assert.doesNotMatch(answer.text, /705c034c|Device Name/)
  }
})

describe('what is expanded is of the own tenant', () => {
  const NEIGHBOUR = '11111111-2222-4333-8444-555555555555'
  const runstate = useRunstate()
  let [ours, theirs]: readonly (FullScript | undefined)[] = []
  let token = ''

  before(async () => {
    await runstate().server.putTenant({ tid: NEIGHBOUR })
    token = await runstate().token({ tenant: NEIGHBOUR, roles: everything })
    const send: Runstate['send'] = (method, path, sending = {}) =>
      runstate().send(method, path, { token, ...sending })
    const create: Runstate['create'] = async (path, body) =>
      String((await send('POST', path, { body })).body['id'])
    ours = await createFullScript(runstate(), shellFamily, 'ours')
    theirs = await createFullScript({ ...runstate(), send, create }, shellFamily, 'theirs')
  })

  test('on lists and on one, at every depth', async () => {
    const query =
      '$expand=assignments,deviceRunStates,userRunStates($expand=deviceRunStates($expand=managedDevice))'
    for (const [name, seen, sending] of [
      ['ours', ours, {}],
      ['theirs', theirs, { token }],
    ] as const) {
      assert(seen !== undefined)
      const list = await runstate().send('GET', `deviceShellScripts?${query}`, sending)
      const one = await runstate().send('GET', `${seen.path}?${query}`, sending)
      assert.equal(rowsOf(list).length, 1)
      for (const row of [...rowsOf(list), one.body]) {
        assert.equal(row['displayName'], name)
        assert.equal(expandedIn(row, 'assignments').length, 3)
        assert.equal(expandedIn(row, 'deviceRunStates').length, 5)
        const states = expandedIn(row, 'userRunStates').flatMap((each) => expandedIn(each, 'deviceRunStates'))
        const devices = states.map((state) => singleIn(state, 'managedDevice')['id'])
        assert.deepEqual(devices.toSorted(), seen.devices.toSorted())
      }
      const other = seen === ours ? 'theirs' : 'ours'
      for (const { text } of [list, one]) assert(!text.includes(other))
    }
  })

  test('and nothing of another is bound or found', async () => {
    assert(ours !== undefined && theirs !== undefined)
    const answer = await runstate().send('GET', `${theirs.path}?$expand=assignments`)
    assertRefused(answer, 404, 'ResourceNotFound')
  })
})

describe('what is expanded is of its own script', () => {
  test('where scripts of every family have children with the same ids', async () => {
    await using runstate = await startRunstate({ demo: true })
    const expand =
      '$expand=assignments,groupAssignments,runSummary,deviceRunStates,userRunStates($expand=deviceRunStates)'
    for (const family of families) {
      const script = `${family.set}/${family.example['id']}`
      const state = `${script}/deviceRunStates/39440cba-0cba-3944-ba0c-4439ba0c4439`
      const userState = `${script}/userRunStates/d5a29103-9103-d5a2-0391-a2d50391a2d5`
      const name = family.set
      await runstate.send('PATCH', state, { body: { resultMessage: name } })
      await runstate.send('PATCH', userState, { body: { userPrincipalName: name } })
    }
    for (const family of families) {
      for (const url of [family.set, `${family.set}/${family.example['id']}`]) {
        const { body } = await read(runstate, `${url}?${expand}`)
        const [row = body] = Array.isArray(body['value']) ? body['value'] : []
        const users = expandedIn(row, 'userRunStates')
        assert.deepEqual(
          users.map(({ userPrincipalName }) => userPrincipalName),
          [family.set],
        )
        for (const states of [expandedIn(row, 'deviceRunStates'), expandedIn(users[0], 'deviceRunStates')])
          assert.deepEqual(
            states.map(({ resultMessage }) => resultMessage),
            [family.set],
          )
        assert.equal(expandedIn(row, 'assignments').length, 2)
        assert.equal(expandedIn(row, 'groupAssignments').length, 1)
      }
    }
  })

  test('where the same device is in states of several scripts and users', async () => {
    await using runstate = await startRunstate()
    const device = await createDevice(runstate, 'SHARED')
    const scripts = [0, 1].map(() => runstate.create('deviceShellScripts', shellFamily.creation))
    for (const script of await Promise.all(scripts)) {
      const states = `deviceShellScripts/${script}/deviceRunStates`
      await createDeviceState(runstate, states, { device, resultMessage: script })
      await createDeviceState(runstate, states, { resultMessage: script })
    }
    const headers = { accept: 'application/json;odata.metadata=full' }
    const url = 'deviceShellScripts?$expand=deviceRunStates($expand=managedDevice)'
    for (const script of rowsOf(await runstate.send('GET', url, { headers }))) {
      const states = expandedIn(script, 'deviceRunStates')
      assert.equal(states.length, 2)
      for (const state of states) {
        assert.equal(state['resultMessage'], script['id'])
        const isBound = state['id'] === `${script['id']}:${device}`
        if (!isBound) assert.equal(state['managedDevice'], null)
        else {
          const shown = singleIn(state, 'managedDevice')
          assert.equal(shown['deviceName'], 'SHARED')
          assert.equal(shown['@odata.id'], state['managedDevice@odata.navigationLink'])
        }
      }
    }
  })
})
