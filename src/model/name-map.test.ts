import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { byName, NameMap } from './name-map.ts'

describe('a map of names', () => {
  const map = byName([
    { name: 'userRunStates', n: 1 },
    { name: 'runSummary', n: 2 },
  ])

  test('finds a name in any case, and no other', () => {
    for (const name of ['userRunStates', 'userrunstates', 'USERRUNSTATES', 'UserRunStates']) {
      assert.equal(map.get(name)?.n, 1, name)
      assert(map.has(name), name)
    }
    for (const name of ['userRunState', 'userRunStates ', '', '__proto__', 'constructor']) {
      assert.equal(map.get(name), undefined, name)
      assert(!map.has(name), name)
    }
  })

  test('is gone through in its order, by names in lower case', () => {
    assert.deepEqual([...map.keys()], ['userrunstates', 'runsummary'])
    assert.deepEqual(
      [...map.values()].map(({ n }) => n),
      [1, 2],
    )
    assert.equal(map.size, 2)
  })

  test('may have several names for a thing', () => {
    const thing = {}
    const both = new NameMap([
      ['assign', thing],
      ['microsoft.graph.assign', thing],
    ])
    assert.equal(both.get('Microsoft.Graph.Assign'), thing)
    assert.equal(both.get('assign'), thing)
  })

  test('is refused where two names differ by their case alone', () => {
    assert.throws(() => byName([{ name: 'Ab' }, { name: 'aB' }]), { message: 'aB and Ab have the same name' })
  })
})
