import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { model } from '#model/model.ts'
import { decide, formatRefusal, permissionsOf } from './permissions.ts'
import type { Principal } from './verify.ts'

function principal(kind: Principal['kind'], ...granted: readonly string[]): Principal {
  const tenant = { number: 1, tid: '11111111-1111-4111-8111-111111111111', domain: null, licensed: true }
  return { kind, tenant, name: 'somebody', granted: new Set(granted), isPersonal: false }
}

const accepted = ['Things.Read.All', 'Things.ReadWrite.All']

for (const kind of ['application', 'delegated'] as const) {
  describe(`the permissions of a principal that is ${kind}`, () => {
    test('suffice where one is accepted, and the first accepted is named', () => {
      for (const granted of [accepted, [...accepted].reverse(), ['Other', ...accepted]]) {
        const decision = decide(principal(kind, ...granted), accepted)
        assert.deepEqual(decision, { isAllowed: true, permission: 'Things.Read.All' })
      }
      const write = decide(principal(kind, 'Things.ReadWrite.All'), accepted)
      assert.deepEqual(write, { isAllowed: true, permission: 'Things.ReadWrite.All' })
    })

    test('do not suffice where none is accepted', () => {
      const reason = 'none of Things.Read.All, Things.ReadWrite.All'
      for (const granted of [[], ['Other'], ['things.read.all'], ['Things.Read'], [accepted.join(' ')], ['']])
        assert.deepEqual(decide(principal(kind, ...granted), accepted), { isAllowed: false, reason })
      assert.equal(decide(principal(kind, 'Anything'), []).isAllowed, false)
    })

    test('are told in the refusal, in the documented order', () => {
      const who = kind === 'application' ? 'Application' : 'User'
      assert.equal(
        formatRefusal(principal(kind), accepted),
        `${who} is not authorized to perform this operation. ${who} must have one of the following scopes: Things.Read.All, Things.ReadWrite.All`,
      )
    })

    test('never suffice for a personal account', () => {
      const personal = { ...principal(kind, ...accepted), isPersonal: true }
      assert.deepEqual(decide(personal, accepted), {
        isAllowed: false,
        reason: 'personal accounts are not supported',
      })
      assert.equal(
        formatRefusal(personal, accepted),
        'Personal Microsoft accounts are not supported for this operation.',
      )
    })
  })
}

test('the permissions of the model are those of its operations, each once', () => {
  assert.deepEqual([...permissionsOf(model)].sort(), [
    'DeviceManagementConfiguration.Read.All',
    'DeviceManagementConfiguration.ReadWrite.All',
    'DeviceManagementManagedDevices.Read.All',
    'DeviceManagementManagedDevices.ReadWrite.All',
    'DeviceManagementScripts.Read.All',
    'DeviceManagementScripts.ReadWrite.All',
  ])
})
