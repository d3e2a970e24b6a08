import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type BoundExpression,
  type RefusedExpression,
  testExpressions,
} from '../../../test/support/shown-conditions.ts'
import { shiftInstant } from './bind-literal.ts'

const bound: readonly BoundExpression[] = [
  ['retryCount le -3', '(le script.retry_count:number -3:number)'],
  ["runAsAccount eq 'user'", '(eq script.run_as_account:enumeration 1:enumeration)'],
  ["runAsAccount eq '1'", '(eq script.run_as_account:enumeration 1:enumeration)'],
  ["'user' eq runAsAccount", '(eq 1:enumeration script.run_as_account:enumeration)'],
  [
    "runAsAccount eq microsoft.graph.runAsAccountType'user'",
    '(eq script.run_as_account:enumeration 1:enumeration)',
  ],
  [
    'createdDateTime ge 2026-01-01',
    "(ge script.created_date_time:instant '2026-01-01T00:00:00.0000000Z':instant)",
  ],
  [
    '2026-01-01 le createdDateTime',
    "(le '2026-01-01T00:00:00.0000000Z':instant script.created_date_time:instant)",
  ],
  [
    'createdDateTime lt 2026-01-01T02:00:00+02:00',
    "(lt script.created_date_time:instant '2026-01-01T00:00:00.0000000Z':instant)",
  ],
  [
    'createdDateTime gt now()',
    "(gt script.created_date_time:instant '2026-11-23T12:00:00.0000000Z':instant)",
  ],
  [
    "createdDateTime gt now() sub duration'P1D'",
    "(gt script.created_date_time:instant '2026-11-22T12:00:00.0000000Z':instant)",
  ],
  [
    "createdDateTime gt 2026-01-01T00:00:00Z add duration'PT0.0000001S'",
    "(gt script.created_date_time:instant '2026-01-01T00:00:00.0000001Z':instant)",
  ],
  ["executionFrequency eq duration'PT1H'", '(eq script.execution_frequency:duration 36000000000:duration)'],
  [
    "executionFrequency add duration'PT1S' gt -duration'PT1H'",
    '(gt (add script.execution_frequency:duration 10000000:duration):duration -36000000000:duration)',
  ],
  [
    "runAsAccount in ('user', 'system')",
    '(in script.run_as_account:enumeration 1:enumeration 0:enumeration)',
  ],
  [
    'createdDateTime in (2026-01-01)',
    "(in script.created_date_time:instant '2026-01-01T00:00:00.0000000Z':instant)",
  ],
  [
    'id in (00000000-0000-0000-0000-000000000000)',
    "(in script.id=:text '00000000-0000-0000-0000-000000000000':text)",
  ],
]

const refused: readonly RefusedExpression[] = [
  [
    "retryCount add duration'PT1S' eq 1",
    "A binary operator with incompatible types was detected. Found operand types 'Edm.Int32' and 'Edm.Duration' for operator kind 'Add'",
    11,
  ],
  [
    "createdDateTime add duration'PT1S' gt now()",
    'Durations are added to now() and to literals only, within the years 1 to 9999,',
    16,
  ],
  [
    'now() add executionFrequency gt now()',
    'Durations are added to now() and to literals only, within the years 1 to 9999,',
    6,
  ],
  [
    "0001-01-01T00:00:00Z sub duration'PT1S' lt now()",
    'Durations are added to now() and to literals only, within the years 1 to 9999,',
    21,
  ],
  ["runAsAccount eq 'nobody'", "The string 'nobody' is not a valid enumeration type constant", 16],
  ["runAsAccount eq '7'", "The string '7' is not a valid enumeration type constant", 16],
  [
    "displayName eq microsoft.graph.runAsAccountType'user'",
    "The string 'user' is not a valid enumeration type constant",
    15,
  ],
  [
    "runAsAccount eq microsoft.graph.runState'success'",
    "The string 'success' is not a valid enumeration type constant",
    16,
  ],
  [
    'runAsAccount eq 1',
    "A binary operator with incompatible types was detected. Found operand types 'an enumeration' and 'Edm.Int32' for operator kind 'Equal'",
    13,
  ],
  ['createdDateTime eq 2026-02-30', "Unrecognized 'Edm.Date' literal '2026-02-30'", 19],
  [
    'createdDateTime eq 2026-01-01T25:00:00Z',
    "Unrecognized 'Edm.DateTimeOffset' literal '2026-01-01T25:00:00Z'",
    19,
  ],
  ["executionFrequency eq duration'P1Y'", "Unrecognized 'Edm.Duration' literal 'P1Y'", 22],
  ['retryCount eq 1e999', "Unrecognized 'a number' literal '1e999'", 14],
  ['time(createdDateTime) eq 25:00:00', "Unrecognized 'Edm.TimeOfDay' literal '25:00:00'", 25],
]

testExpressions(bound, refused)

describe('an instant is moved', () => {
  const moves: readonly (readonly [instant: string, ticks: number, moved: string | undefined])[] = [
    ['2026-01-01T00:00:00.0000000Z', 0, '2026-01-01T00:00:00.0000000Z'],
    ['2026-01-01T00:00:00.0000000Z', -1, '2025-12-31T23:59:59.9999999Z'],
    ['2026-01-01T00:00:00.0009999Z', 1, '2026-01-01T00:00:00.0010000Z'],
    ['2024-02-28T12:00:00.0000001Z', 864_000_000_000, '2024-02-29T12:00:00.0000001Z'],
    ['1969-12-31T23:59:59.9999999Z', 1, '1970-01-01T00:00:00.0000000Z'],
    ['0001-01-01T00:00:00.0000000Z', -1, undefined],
    ['0001-01-01T00:00:00.0000001Z', -1, '0001-01-01T00:00:00.0000000Z'],
    ['9999-12-31T23:59:59.9999999Z', 1, undefined],
    ['2026-01-01T00:00:00.0000000Z', 9e18, undefined],
    ['2026-01-01T00:00:00.0000000Z', -1e18, undefined],
  ]
  for (const [instant, ticks, moved] of moves)
    test(`from ${instant} by ${ticks} ticks to ${moved ?? 'none'}`, () =>
      assert.equal(shiftInstant(instant, ticks), moved))

  test('and back to where it was', () => {
    const instant = '2026-11-23T12:00:00.1234567Z'
    fc.assert(
      fc.property(fc.integer({ min: -1e16, max: 1e16 }), (ticks) => {
        assert.equal(shiftInstant(shiftInstant(instant, ticks) ?? '', -ticks), instant)
      }),
    )
  })
})
