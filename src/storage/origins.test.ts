import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Navigation } from '#model/model.ts'
import { types } from '../../test/support/storage.ts'
import { postgres, type SqlValue, sqlite } from './dialect.ts'
import { aliasOf, printAt, printLink, rowOf } from './origins.ts'

function navigationOf(type: keyof typeof types, name: string): Navigation {
  return types[type].navigations.get(name.toLowerCase()) ?? assert.fail(name)
}

describe('the row of an origin', () => {
  test('is that of its table where it is the outermost, and else that of a variable', () => {
    assert.deepEqual(rowOf({ depth: 0, type: types.shell, via: [] }), { type: types.shell, alias: 'script' })
    assert.deepEqual(rowOf({ depth: 2, type: types.shell, via: [] }), { type: types.shell, alias: 'v2' })
    assert.equal(aliasOf(3), 'v3')
  })
})

describe('what an origin names', () => {
  const at = (type: keyof typeof types, depth: number, via: readonly string[]): string => {
    const values: SqlValue[] = []
    const bind = (value: SqlValue): string => sqlite.parameter(values.push(value))
    const steps = via.map((name) => navigationOf(type, name))
    const origin = { depth, type: types[type], via: steps }
    return printAt(origin, { dialect: sqlite, bind }, (row, { table }) => `${row}[${table.name}]`)
  }

  test('is in its own row', () => {
    assert.equal(at('shell', 0, []), 'script[script]')
    assert.equal(at('userState', 1, []), 'v1[user_state]')
  })

  test('is in the row that the one of its table refers to', () => {
    assert.equal(
      at('deviceState', 0, ['managedDevice']),
      '(SELECT device_state_manageddevice[managed_device] FROM managed_device AS device_state_manageddevice WHERE device_state_manageddevice.tenant = device_state.tenant AND device_state_manageddevice.id = device_state.managed_device)',
    )
  })

  test('is in the single row below that of a variable', () => {
    assert.equal(
      at('shell', 1, ['runSummary']),
      '(SELECT v1_runsummary[run_summary] FROM run_summary AS v1_runsummary WHERE v1_runsummary.tenant = v1.tenant AND v1_runsummary.script = v1.number)',
    )
  })
})

describe('a row is linked to that above', () => {
  const links: readonly (readonly [type: keyof typeof types, name: string, conditions: readonly string[]])[] =
    [
      ['shell', 'userRunStates', ['b.tenant = a.tenant', 'b.script = a.number']],
      ['health', 'deviceRunStates', ['b.tenant = a.tenant', 'b.health_script = a.number']],
      ['shell', 'runSummary', ['b.tenant = a.tenant', 'b.script = a.number']],
      ['shell', 'groupAssignments', ['b.tenant = a.tenant', 'b.script = a.number', 'b.target_type = $1']],
      ['userState', 'deviceRunStates', ['b.tenant = a.tenant', 'b.script = a.script', 'b.user_state = a.id']],
      ['deviceState', 'managedDevice', ['b.tenant = a.tenant', 'b.id = a.managed_device']],
    ]
  for (const [type, name, conditions] of links) {
    test(`by ${conditions.join(' and ')}: ${type}/${name}`, () => {
      const place = { from: { type: types[type], alias: 'a' }, to: 'b' }
      const printing = { dialect: postgres, bind: () => '$1' }
      assert.deepEqual(printLink(navigationOf(type, name), place, printing), conditions)
    })
  }
})
