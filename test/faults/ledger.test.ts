import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Ledger, type Step } from './ledger.ts'

function step(values: Readonly<Record<string, string | undefined>>, after?: Step): Step {
  return { values: new Map(Object.entries(values)), after }
}

/** What a server has, by name. */
function found(values: Readonly<Record<string, string>>) {
  return new Map(Object.entries(values).map(([name, value]) => [name, { value, path: name }]))
}

function acknowledged(values: Readonly<Record<string, string>>): Ledger {
  const ledger = new Ledger()
  const first = step(values)
  ledger.begin(first)
  ledger.acknowledge(first)
  return ledger
}

const none = { lost: [], violations: [], unknown: 0, landed: 0 }

describe('the ledger', () => {
  test('is content where all is as it was acknowledged', () => {
    assert.deepEqual(acknowledged({ a: '1', b: '2' }).settle(found({ a: '1', b: '2' })), none)
  })

  for (const [title, values] of [
    ['is gone', {}],
    ['has an older value', { a: '0' }],
    ['has company that nobody wrote', { a: '1', b: '1' }],
  ] as const) {
    test(`finds a loss where what was acknowledged ${title}`, () => {
      assert.equal(acknowledged({ a: '1' }).settle(found({ ...values })).lost.length, 1)
    })
  }

  test('finds a loss where what was deleted is back', () => {
    const ledger = acknowledged({ a: '1' })
    ledger.acknowledge(step({ a: undefined }))
    assert.equal(ledger.settle(found({ a: '1' })).lost.length, 1)
  })

  test('allows a step in flight to have been done, or not', () => {
    for (const [a, landed] of [
      ['1', 0],
      ['2', 1],
    ] as const) {
      const ledger = acknowledged({ a: '1' })
      ledger.begin(step({ a: '2' }))
      assert.deepEqual(ledger.settle(found({ a })), { ...none, unknown: 1, landed })
    }
  })

  test('allows no other value to what is in flight', () => {
    const ledger = acknowledged({ a: '1' })
    ledger.begin(step({ a: '2' }))
    assert.equal(ledger.settle(found({ a: '3' })).violations.length, 1)
  })

  test('finds a step that was done by half', () => {
    const ledger = acknowledged({ a: '1', b: '1' })
    ledger.begin(step({ a: undefined, b: undefined }))
    assert.deepEqual(ledger.settle(found({ b: '1' })).violations, [
      'done by half: a = undefined; b = undefined',
    ])
  })

  test('finds a step that was done before the one it depends on', () => {
    const ledger = acknowledged({ a: '1', b: '1' })
    const first = step({ a: '2' })
    for (const each of [first, step({ b: '2' }, first)]) ledger.begin(each)
    assert.deepEqual(ledger.settle(found({ a: '1', b: '2' })).violations, [
      'done before what it depends on: b = 2',
    ])
  })

  test('goes on from what it found', () => {
    const ledger = acknowledged({ a: '1' })
    ledger.begin(step({ a: '2' }))
    ledger.settle(found({ a: '2' }))
    assert.deepEqual(ledger.settle(found({ a: '2' })), none)
  })
})
