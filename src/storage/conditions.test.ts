/** The SQL of comparisons, functions and sums. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printFilter, testConditions } from '../../test/support/pinned-conditions.ts'
import { types } from '../../test/support/storage.ts'
import { sqlite } from './dialect.ts'

const WHITE_SPACE = ' \t\n\v\f\r\u0085\u00a0\u2028\u2029\u3000'

testConditions([
  {
    ...{ name: 'a comparison of folded text', filter: "displayName eq 'A'" },
    postgres: 'script.display_name_fold = $1::text',
    values: ['a'],
  },
  {
    ...{ name: 'a comparison of ids', filter: "id gt 'A'" },
    postgres: 'script.id > $1::text',
    values: ['A'],
  },
  {
    ...{ name: 'an inequality, which nulls meet', filter: "displayName ne 'A'" },
    postgres: 'script.display_name_fold IS DISTINCT FROM $1::text',
    values: ['a'],
  },
  {
    ...{ name: 'two members, of which both may be null', filter: 'displayName eq description' },
    postgres: 'script.display_name_fold IS NOT DISTINCT FROM script.description_fold',
    values: [],
  },
  {
    ...{ name: 'an order of two members', filter: 'displayName le description' },
    postgres: 'script.display_name_fold <= script.description_fold',
    values: [],
  },
  {
    ...{ name: 'a test for null', filter: 'displayName eq null' },
    postgres: 'script.display_name_fold IS NULL',
    values: [],
  },
  {
    ...{ name: 'a test for a value', filter: 'null ne displayName' },
    postgres: 'script.display_name_fold IS NOT NULL',
    values: [],
  },
  {
    ...{ name: 'an order with null', filter: 'displayName lt null' },
    postgres: '1 = 0',
    values: [],
  },
  {
    ...{ name: 'a Boolean alone', filter: 'blockExecutionNotifications' },
    postgres: 'script.block_execution_notifications = $1::boolean',
    values: [true],
  },
  {
    ...{ name: 'a condition as a value', filter: "(displayName eq 'A') eq false" },
    postgres: '((script.display_name_fold = $1::text) IS TRUE) = $2::boolean',
    values: ['a', false],
  },
  {
    ...{ name: 'an enumeration', filter: "runAsAccount eq 'user'" },
    postgres: 'script.run_as_account = $1::bigint',
    values: [1n],
  },
  {
    ...{ name: 'a whole number', filter: 'retryCount ge 3' },
    postgres: 'script.retry_count >= $1::bigint',
    values: [3n],
  },
  {
    ...{ name: 'a fraction', filter: 'retryCount ge 2.5' },
    postgres: 'script.retry_count >= $1::double precision',
    values: [2.5],
  },
  {
    ...{ name: 'an instant', filter: 'createdDateTime lt 2026-01-01' },
    postgres: 'script.created_date_time < $1::text',
    values: ['2026-01-01T00:00:00.0000000Z'],
  },
  {
    ...{ name: 'a duration', filter: "executionFrequency eq duration'PT1S'" },
    postgres: 'script.execution_frequency = $1::bigint',
    values: [10000000n],
  },
  {
    ...{ name: 'a negation', filter: "not (displayName eq 'A')" },
    postgres: '(script.display_name_fold = $1::text) IS NOT TRUE',
    values: ['a'],
  },
  {
    ...{
      name: 'five in a row, in halves',
      filter: "id eq '1' or id eq '2' or id eq '3' or id eq '4' or id eq '5'",
    },
    postgres:
      '(((script.id = $1::text OR script.id = $2::text) OR script.id = $3::text) OR (script.id = $4::text OR script.id = $5::text))',
    values: ['1', '2', '3', '4', '5'],
  },
  {
    ...{ name: 'an or within an and', filter: "(id eq '1' or id eq '2') and id eq '3'" },
    postgres: '((script.id = $1::text OR script.id = $2::text) AND script.id = $3::text)',
    values: ['1', '2', '3'],
  },
  {
    ...{ name: 'a list', filter: "displayName in ('A', 'B')" },
    postgres: 'script.display_name_fold IN ($1::text, $2::text)',
    values: ['a', 'b'],
  },
  {
    ...{ name: 'a list with null', filter: "displayName in ('A', null)" },
    postgres: '(script.display_name_fold IN ($1::text) OR script.display_name_fold IS NULL)',
    values: ['a'],
  },
  {
    ...{ name: 'a list of null alone', filter: 'displayName in (null)' },
    postgres: 'script.display_name_fold IS NULL',
    values: [],
  },
  {
    ...{ name: 'a list with a member', filter: "displayName in ('A', description)" },
    postgres:
      '(script.display_name_fold IN ($1::text) OR script.display_name_fold IS NOT DISTINCT FROM script.description_fold)',
    values: ['a'],
  },
  {
    ...{ name: 'contains', filter: "contains(displayName,'A')" },
    postgres: 'strpos(script.display_name_fold, $1::text) > 0',
    sqlite: 'instr(script.display_name_fold, ?1) > 0',
    values: ['a'],
  },
  {
    ...{ name: 'endswith', filter: "endswith(displayName,'A')" },
    postgres:
      'substr(script.display_name_fold, length(script.display_name_fold) - length($1::text) + 1) = $1::text',
    values: ['a'],
  },
  {
    ...{ name: 'endswith of what is reckoned', filter: "endswith(trim(displayName),'A')" },
    postgres:
      '(SELECT substr(given.g0, length(given.g0) - length(given.g1) + 1) = given.g1 FROM (SELECT btrim(script.display_name_fold, $1::text) AS g0, $2::text AS g1 LIMIT 1) AS given)',
    sqlite:
      '(SELECT substr(given.g0, length(given.g0) - length(given.g1) + 1) = given.g1 FROM (SELECT trim(script.display_name_fold, ?1) AS g0, ?2 AS g1 LIMIT 1) AS given)',
    values: [WHITE_SPACE, 'a'],
  },
  {
    ...{ name: 'startswith of a member, as a range', filter: "startswith(displayName,'AB')" },
    postgres: '(script.display_name_fold >= $1::text AND script.display_name_fold < $2::text)',
    values: ['ab', 'ac'],
  },
  {
    ...{ name: 'startswith of an id, in its case', filter: "startswith(id,'AZ')" },
    postgres: '(script.id >= $1::text AND script.id < $2::text)',
    values: ['AZ', 'A['],
  },
  {
    ...{ name: 'startswith nothing', filter: "startswith(displayName,'')" },
    postgres: 'script.display_name_fold >= $1::text',
    values: [''],
  },
  {
    ...{ name: 'startswith of a member with a member', filter: 'startswith(displayName,description)' },
    postgres: 'strpos(script.display_name_fold, script.description_fold) = 1',
    sqlite: 'instr(script.display_name_fold, script.description_fold) = 1',
    values: [],
  },
  {
    ...{ name: 'startswith with a literal', filter: "startswith('A',displayName)" },
    postgres: 'strpos($1::text, script.display_name_fold) = 1',
    sqlite: 'instr(?1, script.display_name_fold) = 1',
    values: ['a'],
  },
  {
    ...{ name: 'length', filter: 'length(displayName) gt 1' },
    postgres: 'length(script.display_name_fold) > $1::bigint',
    values: [1n],
  },
  {
    ...{ name: 'indexof', filter: "indexof(displayName,'A') eq 0" },
    postgres: '(strpos(script.display_name_fold, $1::text) - 1) = $2::bigint',
    sqlite: '(instr(script.display_name_fold, ?1) - 1) = ?2',
    values: ['a', 0n],
  },
  {
    ...{ name: 'substring to the end', filter: "substring(displayName,1) eq 'A'" },
    postgres:
      'substr(script.display_name_fold, CAST(CASE WHEN $1::bigint < 0 THEN 1 WHEN $1::bigint > 1000000000 THEN 1000000000 ELSE $1::bigint + 1 END AS INTEGER)) = $2::text',
    values: [1n, 'a'],
  },
  {
    ...{ name: 'substring of a length', filter: "substring(displayName,1,2) eq 'A'" },
    postgres:
      'substr(script.display_name_fold, CAST(CASE WHEN $1::bigint < 0 THEN 1 WHEN $1::bigint > 1000000000 THEN 1000000000 ELSE $1::bigint + 1 END AS INTEGER), CAST(CASE WHEN $2::bigint < 0 THEN 0 WHEN $2::bigint > 1000000000 THEN 1000000000 ELSE $2::bigint END AS INTEGER)) = $3::text',
    values: [1n, 2n, 'a'],
  },
  {
    ...{ name: 'trim', filter: "trim(displayName) eq 'A'" },
    postgres: 'btrim(script.display_name_fold, $1::text) = $2::text',
    sqlite: 'trim(script.display_name_fold, ?1) = ?2',
    values: [WHITE_SPACE, 'a'],
  },
  {
    ...{ name: 'concat', filter: "concat(id,'A') eq 'B'" },
    postgres: '(script.id || $1::text) = $2::text',
    values: ['A', 'B'],
  },
  {
    ...{ name: 'tolower of an id', filter: "tolower(id) eq 'A'" },
    postgres: 'lower(script.id COLLATE "und-x-icu") COLLATE "C" = $1::text',
    sqlite: 'fold(script.id) = ?1',
    values: ['a'],
  },
  {
    ...{ name: 'the year', filter: 'year(createdDateTime) eq 2026' },
    postgres: 'CAST(substr(script.created_date_time, 1, 4) AS INTEGER) = $1::bigint',
    values: [2026n],
  },
  {
    ...{ name: 'the second', filter: 'second(createdDateTime) eq 1' },
    postgres: 'CAST(substr(script.created_date_time, 18, 2) AS INTEGER) = $1::bigint',
    values: [1n],
  },
  {
    ...{ name: 'the date', filter: 'date(createdDateTime) eq 2026-01-01' },
    postgres: 'substr(script.created_date_time, 1, 10) = $1::text',
    values: ['2026-01-01'],
  },
  {
    ...{ name: 'the time', filter: 'time(createdDateTime) eq 01:02:03' },
    postgres: 'substr(script.created_date_time, 12, 16) = $1::text',
    values: ['01:02:03.0000000'],
  },
  {
    ...{ name: 'a sum', filter: 'retryCount add 1 gt 2' },
    postgres: '(script.retry_count::bigint + $1::bigint) > $2::bigint',
    values: [1n, 2n],
  },
  {
    ...{ name: 'a difference of a product', filter: 'retryCount mul retryCount sub 1 gt 2' },
    postgres: '((script.retry_count::bigint * script.retry_count::bigint) - $1::bigint) > $2::bigint',
    values: [1n, 2n],
  },
  {
    ...{ name: 'a negative', filter: '-retryCount gt 2' },
    postgres: '($1::bigint - script.retry_count::bigint) > $2::bigint',
    values: [0n, 2n],
  },
  {
    ...{ name: 'a division of whole numbers', filter: 'retryCount div 2 eq 1' },
    postgres: '(script.retry_count::bigint / NULLIF($1::bigint, 0)) = $2::bigint',
    values: [2n, 1n],
  },
  {
    ...{ name: 'a division with a fraction', filter: 'retryCount divby 2 eq 1' },
    postgres: '(CAST(script.retry_count::bigint AS double precision) / NULLIF($1::bigint, 0)) = $2::bigint',
    sqlite: '(CAST(script.retry_count AS REAL) / NULLIF(?1, 0)) = ?2',
    values: [2n, 1n],
  },
  {
    ...{ name: 'what a division of whole numbers leaves', filter: 'retryCount mod 2 eq 1' },
    postgres: '(script.retry_count::bigint % NULLIF($1::bigint, 0)) = $2::bigint',
    values: [2n, 1n],
  },
  {
    ...{ name: 'what a division with a fraction leaves', filter: 'retryCount mod 1.5 eq 1' },
    postgres:
      'mod(script.retry_count::bigint::numeric, NULLIF($1::double precision, 0)::numeric) = $2::bigint',
    sqlite: 'mod(script.retry_count, NULLIF(?1, 0)) = ?2',
    values: [1.5, 1n],
  },
  {
    ...{ name: 'a large text', filter: "resultMessage eq 'A'", type: types.deviceState },
    postgres: 'lower(device_state.result_message COLLATE "und-x-icu") COLLATE "C" = $1::text',
    sqlite: 'fold(device_state.result_message) = ?1',
    values: ['a'],
  },
  {
    ...{
      name: 'the minute of a time of the day',
      filter: 'minute(runSchedule/time) eq 1',
      type: types.healthAssignment,
    },
    postgres: 'CAST(substr(health_assignment.run_schedule_time, 4, 2) AS INTEGER) = $1::bigint',
    values: [1n],
  },
])

test('many in a row are no deeper than their halves', () => {
  const filter = Array.from({ length: 500 }, (_, i) => `id eq '${i}'`).join(' or ')
  let [depth, deepest] = [0, 0]
  for (const letter of printFilter(filter, sqlite).text) {
    depth += Number(letter === '(') - Number(letter === ')')
    deepest = Math.max(deepest, depth)
  }
  assert.deepEqual([depth, deepest], [0, 9])
})

test('a prefix ends before the next text that does not begin with it', () => {
  const ends: Readonly<Record<string, readonly string[]>> = {
    a: ['a', 'b'],
    'A\u{1F600}': ['a\u{1F600}', 'a\u{1F601}'],
    '\ud7ff': ['\ud7ff', '\ue000'],
    'z\u{10FFFF}\u{10FFFF}': ['z\u{10FFFF}\u{10FFFF}', '{'],
    '\u{10FFFF}': ['\u{10FFFF}'],
  }
  for (const [prefix, values] of Object.entries(ends))
    assert.deepEqual(printFilter(`startswith(displayName,'${prefix}')`, sqlite).values, values)
})
