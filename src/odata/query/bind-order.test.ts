/** What orders and searches are bound to, and the limits of both. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { limits } from '#base/base.ts'
import { filterOf, NOW, orderOf } from '../../../test/support/query-rows.ts'
import { type RefusedExpression, showCondition, showTerm } from '../../../test/support/shown-conditions.ts'
import { types } from '../../../test/support/storage.ts'
import { bindSearch } from './bind.ts'
import { parseSearch } from './search-parser.ts'

const orders: readonly (readonly [order: string, keys: string])[] = [
  ['displayName', 'script.display_name?:text asc'],
  ['displayName desc,id', 'script.display_name?:text desc, script.id=:text asc'],
  ['length(displayName) desc', '(length script.display_name?:text):number desc'],
  ["contains(displayName,'a')", "(truth (contains script.display_name?:text 'a':text)) asc"],
  ['userRunStates/$count', '(count script/userRunStates v1) asc'],
  ['runSummary/errorDeviceCount', 'script/runSummary.error_device_count?:number asc'],
  ['retryCount add 1', '(add script.retry_count:number 1:number):number asc'],
  ['createdDateTime asc', 'script.created_date_time:instant asc'],
  ["'a'", "'a':text asc"],
]

const refused: readonly RefusedExpression[] = [
  ['scriptContent', 'Nothing is ordered by what stands', 0],
  [
    'length(scriptContent)',
    "No function signature for the function with name 'length' matches the specified arguments. The function signatures considered are: length(Edm.String),",
    0,
  ],
  ['null', 'Nothing is ordered by what stands', 0],
  ['roleScopeTagIds', "'roleScopeTagIds' is a collection, and is read with any, all or $count only,", 0],
  ['userRunStates', "'userRunStates' is a collection, and is read with any, all or $count only,", 0],
  ['nonsense', "Could not find a property named 'nonsense' on type 'microsoft.graph.deviceShellScript'", 0],
  [
    'id,nonsense',
    "Could not find a property named 'nonsense' on type 'microsoft.graph.deviceShellScript'",
    3,
  ],
  ['resultMessage', 'Nothing is ordered by what stands', 0, 'deviceState'],
  ['length(resultMessage)', 'Nothing is ordered by what stands', 0, 'deviceState'],
  ['target', 'Nothing is ordered by what stands', 0, 'assignment'],
  [
    'managedDevice',
    "The path leads to an entity of the type 'microsoft.graph.managedDevice', which has no value to compare,",
    0,
    'deviceState',
  ],
  ['tolower(resultMessage) desc', 'Nothing is ordered by what stands', 0, 'deviceState'],
]

describe('an order', () => {
  for (const [order, shown] of orders) {
    test(`by ${order}`, () => {
      const keys = orderOf(types.shell, order)
      assert.equal(keys.map(({ term, direction }) => `${showTerm(term)} ${direction}`).join(', '), shown)
    })
  }

  for (const [order, what, at, type = 'shell'] of refused) {
    test(`by ${order} is refused, with the place`, () => {
      const message = `${what} at position ${at} in '${order}'.`
      assert.throws(() => orderOf(types[type], order), { code: 'BadRequest', message })
    })
  }

  test('has as many keys as the limit, and no more', () => {
    const keys = (count: number) => Array.from({ length: count }, () => 'id').join(',')
    assert.equal(orderOf(types.shell, keys(limits.orderKeys)).length, limits.orderKeys)
    assert.throws(() => orderOf(types.shell, keys(limits.orderKeys + 1)), {
      code: 'BadRequest',
      message: new RegExp(`^More than ${limits.orderKeys} keys of an order at position 96 in `),
    })
  })
})

test('sums follow each other as many times as the limit, and no more', () => {
  const sums = (count: number) => `retryCount${' add 1'.repeat(count)} gt 1`
  filterOf(types.shell, sums(limits.filterDepth))
  assert.throws(() => filterOf(types.shell, sums(limits.filterDepth + 1)), {
    code: 'BadRequest',
    message: /^More than 100 sums and products follow each other at position 611 in /,
  })
})

describe('a search', () => {
  const member = (text: string) =>
    `(or (contains script.display_name?:text '${text}':text) (contains script.description?:text '${text}':text))`
  const searches: Readonly<Record<string, string>> = {
    a: member('a'),
    '"a b"': member('a b'),
    'a b': `(and ${member('a')} ${member('b')})`,
    'a AND NOT b': `(and ${member('a')} (not ${member('b')}))`,
    'a OR b': `(or ${member('a')} ${member('b')})`,
  }
  for (const [search, shown] of Object.entries(searches)) {
    test(`for ${search}`, () => {
      const condition = bindSearch(parseSearch(search), { text: search, type: types.shell, now: NOW })
      assert.equal(showCondition(condition), shown)
    })
  }

  test('of entities without a name or a description is refused', () => {
    const search = () => bindSearch(parseSearch('a'), { text: 'a', type: types.userState, now: NOW })
    assert.throws(search, {
      code: 'BadRequest',
      message: `Entities of the type 'microsoft.graph.deviceManagementScriptUserState' are not searched: $search at position 0 in 'a'.`,
    })
  })
})
