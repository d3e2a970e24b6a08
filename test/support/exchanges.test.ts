import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compareRecordings, type Exchange, formatExchanges } from './exchanges.ts'

const span = { since: Date.UTC(2026, 0, 1), until: Date.UTC(2026, 0, 2) }
const a = '00000000-0000-4000-8000-00000000000a'
const b = '00000000-0000-4000-8000-00000000000b'
const c = '00000000-0000-4000-8000-00000000000c'

/** Exchanges one after another. */
function inTurn(...texts: readonly (readonly [request: string, answer: string])[]): readonly Exchange[] {
  return texts.map(([request, answer], i) => {
    return { test: 'a test', server: 1, request, answer, begins: 2 * i, ends: 2 * i + 1 }
  })
}

function differences(one: readonly Exchange[], other: readonly Exchange[]): number {
  return compareRecordings(formatExchanges(one, span), formatExchanges(other, span)).length
}

describe('two recordings', () => {
  test('are the same where ids, times of the run, ports and tokens are others in the same places', () => {
    const one = [
      ['POST', `${a} 2026-01-01T10:00:00.123Z "date":"2026-01-01T10:00:00" localhost:4000`],
      ['GET ?$skiptoken=abc', `${a.toUpperCase()} ${b} skiptoken=def`],
    ] as const
    const other = [
      ['POST', `${c} 2026-01-01T11:00:00Z "date":"2026-01-01T11:11:11" localhost:5000`],
      ['GET ?$skiptoken=xyz', `${c} ${a} skiptoken=uvw`],
    ] as const
    assert.equal(differences(inTurn(...one), inTurn(...other)), 0)
  })

  for (const [what, one, other] of [
    ['an id that is another’s', `${a} ${b} ${a}`, `${a} ${b} ${b}`],
    ['two ids in place of one', `${a} ${a}`, `${a} ${b}`],
    [
      'a time of the run in place of another',
      '2026-01-01T10:00:00Z 2026-01-01T10:00:00Z',
      '2026-01-01T10:00:00Z 2026-01-01T10:00:01Z',
    ],
    ['a time that a test gave', '2025-01-01T10:00:00.1234567Z', '2025-01-01T10:00:00.123456Z'],
    [
      'a date of an error that is not of the run',
      '"date":"2026-01-01T10:00:00"',
      '"date":"2025-01-01T10:00:00"',
    ],
    ['a token in place of none', 'skiptoken=abc', 'skiptoken='],
    ['the order of two rows', 'first second', 'second first'],
    ['a space', '{"a":1}', '{"a": 1}'],
  ] as const) {
    test(`differ by ${what}`, () => {
      assert.equal(differences(inTurn(['GET', one]), inTurn(['GET', other])), 1)
    })
  }

  test('differ by an exchange that one lacks', () => {
    assert.notEqual(differences(inTurn(['GET', 'a']), inTurn(['GET', 'a'], ['GET', 'b'])), 0)
    assert.notEqual(differences(inTurn(), inTurn(['GET', 'a'])), 0)
  })

  test('are the same where requests that were under way together ended or began in another order', () => {
    const together = (...answers: readonly string[]): readonly Exchange[] =>
      answers.map((answer, i) => {
        return { test: 'a test', server: 1, request: 'POST', answer, begins: i, ends: 10 - i }
      })
    assert.equal(differences(together(`201 ${a}`, `409 ${b}`), together(`409 ${c}`, `201 ${a}`)), 0)
    assert.notEqual(differences(together(`201 ${a}`, `409 ${b}`), together(`201 ${a}`, `201 ${b}`)), 0)
    assert.notEqual(differences(inTurn(['GET', '1'], ['GET', '2']), inTurn(['GET', '2'], ['GET', '1'])), 0)
  })
})
