/** The SQL of orders, and of the ranges in which their pages go on. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { OrderKey, Rank } from '#odata/odata.ts'
import { withoutCasts } from '../../test/support/pinned-conditions.ts'
import { noPostgres, startPostgres } from '../../test/support/postgres.ts'
import { orderOf, queryRows } from '../../test/support/query-rows.ts'
import { types } from '../../test/support/storage.ts'
import { compile } from './compile.ts'
import { postgres, sqlite } from './dialect.ts'
import { loadMigrations } from './migrations.ts'
import type { PagePlan } from './seam.ts'
import { Connection } from './sqlite/connection.ts'
import { migrate } from './sqlite/migrate.ts'

/** A page of scripts in an order: its keys, and the ranges after the ranks, as PostgreSQL has them. */
interface Pinned {
  readonly name: string
  readonly order: string
  readonly after?: readonly Rank[]
  /** The SQL of the keys but for the position, and the ends at which their nulls come. */
  readonly keys: readonly string[]
  readonly ends: readonly string[]
  readonly ranges: readonly string[]
  readonly values: readonly unknown[]
}

const NAME = 'script.display_name_fold'
const ACCOUNT = 'script.run_as_account'
const FILE = 'script.file_name_fold'
const SUM = 'CAST((script.retry_count::bigint + $3::bigint) AS double precision)'
const LENGTH = `length(${NAME})`

const byName = { keys: [NAME], ends: [' NULLS FIRST', ''] }
const byNameDown = { keys: [NAME], ends: [' DESC NULLS LAST', ' DESC'] }

const pinned: readonly Pinned[] = [
  { name: 'no order, first', order: '', keys: [], ends: [''], ranges: [''], values: [] },
  {
    ...{ name: 'no order, later', order: '', after: [3], keys: [], ends: [''] },
    ranges: ['number > $3::bigint'],
    values: [3],
  },
  { name: 'a key that may be null, first', order: 'displayName', ...byName, ranges: [''], values: [] },
  {
    ...{ name: 'a key that may be null, after a value', order: 'displayName', after: ['b', 3], ...byName },
    ranges: [`(${NAME}, number) > ($3, $4::bigint)`],
    values: ['b', 3],
  },
  {
    ...{ name: 'a key that may be null, among the nulls', order: 'displayName', after: [null, 3], ...byName },
    ranges: [`${NAME} IS NULL AND (number > $3::bigint)`, `${NAME} IS NOT NULL`],
    values: [3],
  },
  {
    ...{ name: 'a key that may be null, down, first', order: 'displayName desc', ...byNameDown },
    ranges: [''],
    values: [],
  },
  {
    ...{ name: 'a key that may be null, down, after a value', order: 'displayName desc', after: ['b', 3] },
    ...{ ...byNameDown, ranges: [`(${NAME}, number) < ($3, $4::bigint)`, `${NAME} IS NULL`] },
    values: ['b', 3],
  },
  {
    ...{ name: 'a key that may be null, down, among the nulls', order: 'displayName desc', after: [null, 3] },
    ...{ ...byNameDown, ranges: [`${NAME} IS NULL AND (number < $3::bigint)`] },
    values: [3],
  },
  {
    ...{ name: 'a key that is never null', order: 'runAsAccount', after: [1, 3], keys: [ACCOUNT] },
    ...{ ends: ['', ''], ranges: [`(${ACCOUNT}, number) > ($3::bigint, $4::bigint)`], values: [1, 3] },
  },
  {
    ...{ name: 'a key that is never null, down', order: 'runAsAccount desc', after: [1, 3], keys: [ACCOUNT] },
    ...{ ends: [' DESC', ' DESC'], ranges: [`(${ACCOUNT}, number) < ($3::bigint, $4::bigint)`] },
    values: [1, 3],
  },
  {
    ...{ name: 'two keys in one direction', order: 'runAsAccount desc,id desc', after: [1, 'x', 3] },
    ...{ keys: [ACCOUNT, 'script.id'], ends: [' DESC', ' DESC', ' DESC'], values: [1, 'x', 3] },
    ranges: [`(${ACCOUNT}, script.id, number) < ($3::bigint, $4, $5::bigint)`],
  },
  {
    ...{ name: 'two keys in two directions', order: 'runAsAccount desc,id', after: [1, 'x', 3] },
    ...{ keys: [ACCOUNT, 'script.id'], ends: [' DESC', '', ''], values: [1, 'x', 3] },
    ranges: [
      `${ACCOUNT} <= $3::bigint AND (${ACCOUNT} < $3::bigint OR ((script.id, number) > ($4, $5::bigint)))`,
    ],
  },
  {
    ...{ name: 'a second key that may be null', order: 'runAsAccount,displayName', after: [1, 'b', 3] },
    ...{ keys: [ACCOUNT, NAME], ends: ['', ' NULLS FIRST', ''], values: [1, 'b', 3] },
    ranges: [
      `${ACCOUNT} >= $3::bigint AND (${ACCOUNT} > $3::bigint OR ((${NAME}, number) > ($4, $5::bigint)))`,
    ],
  },
  {
    ...{ name: 'a second key that is null', order: 'runAsAccount,displayName', after: [1, null, 3] },
    ...{ keys: [ACCOUNT, NAME], ends: ['', ' NULLS FIRST', ''], values: [1, 3] },
    ranges: [
      `${ACCOUNT} >= $3::bigint AND (${ACCOUNT} > $3::bigint OR ((${NAME} IS NULL AND (number > $4::bigint)) OR (${NAME} IS NOT NULL)))`,
    ],
  },
  {
    ...{
      name: 'a second key that is null, down',
      order: 'runAsAccount,displayName desc',
      after: [1, null, 3],
    },
    ...{ keys: [ACCOUNT, NAME], ends: ['', ' DESC NULLS LAST', ' DESC'], values: [1, 3] },
    ranges: [
      `${ACCOUNT} >= $3::bigint AND (${ACCOUNT} > $3::bigint OR (${NAME} IS NULL AND (number < $4::bigint)))`,
    ],
  },
  {
    ...{ name: 'two keys that are null', order: 'fileName desc,displayName', after: [null, null, 3] },
    ...{ keys: [FILE, NAME], ends: [' DESC NULLS LAST', ' NULLS FIRST', ''], values: [3] },
    ranges: [`${FILE} IS NULL AND ((${NAME} IS NULL AND (number > $3::bigint)) OR (${NAME} IS NOT NULL))`],
  },
  {
    ...{ name: 'a function', order: 'length(displayName)', after: [2, 3], keys: [LENGTH] },
    ...{ ends: [' NULLS FIRST', ''], ranges: [`(${LENGTH}, number) > ($3::bigint, $4::bigint)`] },
    values: [2, 3],
  },
  {
    ...{ name: 'a sum, as a number of JavaScript', order: 'retryCount add 1', after: [2.5, 3], keys: [SUM] },
    ...{ ends: [' NULLS FIRST', ''], values: [1n, 2.5, 3] },
    ranges: [`(${SUM}, number) > ($4::double precision, $5::bigint)`],
  },
]

function planOf({ order, after }: Pick<Pinned, 'order' | 'after'>): PagePlan {
  const keys: readonly OrderKey[] = order === '' ? [] : orderOf(types.shell, order)
  const place = { within: { tenant: 1 }, only: 'position', limit: 5 } as const
  return { kind: 'select', type: types.shell, ...place, order: keys, after }
}

/** The text for PostgreSQL: a range alone, or one after the other as one page. */
function textOf({ keys, ends, ranges, values }: Pinned): string {
  const ranks = keys.map((key, i) => `, ${key} AS "$${i}"`).join('')
  const orderBy = (names: readonly string[]) =>
    `ORDER BY ${names.map((name, i) => `${name}${ends[i] ?? ''}`).join(', ')}`
  const limit = `LIMIT $${values.length + 3}`
  const selects = ranges.map((range) => {
    const where = `tenant = $1 AND family = $2${range === '' ? '' : ` AND ${range}`}`
    return `SELECT number AS "$position"${ranks} FROM script WHERE ${where} ${orderBy([...keys, 'number'])} ${limit}`
  })
  if (selects.length === 1) return selects.join('')
  const parts = selects.map((select, i) => `SELECT * FROM (${select}) AS range${i}`)
  const outer = orderBy([...keys.map((_, i) => `"$${i}"`), '"$position"'])
  return `SELECT * FROM (${parts.join(' UNION ALL ')}) AS page ${outer} ${limit}`
}

/** For SQLite: without casts, and of two ranges one after the other as they stand. */
function inSqlite(text: string): string {
  const parts = text.replace(
    /^SELECT \* FROM \((SELECT \* FROM \(.*)\) AS page ORDER BY .* (LIMIT \S+)$/,
    '$1 $2',
  )
  const plain = withoutCasts(parts).replaceAll('double precision', 'REAL')
  return plain.replaceAll('tenant = ?1 AND', 'tenant = ?1 AND deadline() AND').replaceAll('"?', '"$')
}

describe('the SQL of', () => {
  for (const page of pinned) {
    test(`a page in ${page.name} is as pinned in both dialects, with its values`, () => {
      const plan = planOf(page)
      const values = [1, 'deviceShellScripts', ...page.values, 5]
      assert.deepEqual(compile(plan, postgres), { text: textOf(page), values })
      assert.deepEqual(compile(plan, sqlite), { text: inSqlite(textOf(page)), values })
    })
  }

  test('a condition in an order has Booleans as each database has them', () => {
    const plan = planOf({ order: "contains(displayName,'a')", after: [true, 3] })
    assert.deepEqual(compile(plan, postgres).values.slice(2), ['a', true, 3, 5])
    assert.deepEqual(compile(plan, sqlite).values.slice(2), ['a', 1, 3, 5])
    assert.match(compile(plan, postgres).text, /IS TRUE\), number\) > \(\$4::boolean, \$5::bigint\)/)
  })
})

/** Orders, and the scripts a to g in each. */
const orders: Readonly<Record<string, string>> = {
  displayName: 'd e a c f b g',
  'displayName desc': 'g b f c a e d',
  'runAsAccount,displayName': 'a c f b g d e',
  'runAsAccount desc,displayName': 'd e a c f b g',
  'runAsAccount desc,displayName desc': 'e d g b f c a',
  'runAsAccount,displayName desc': 'g b f c a e d',
  'description,displayName desc': 'a d b c f g e',
  'description desc,fileName': 'e g f c b a d',
  'fileName,id desc': 'b a c d e f g',
  'blockExecutionNotifications desc,retryCount desc,id desc': 'f c e a g b d',
  'executionFrequency desc': 'g a f e d c b',
  'length(displayName),id': 'd a c b g e f',
  'retryCount mul retryCount,id': 'b g a e f d c',
  'retryCount divby 2 desc': 'c f e a g b d',
  'retryCount mod 0,retryCount': 'd b g a e f c',
  "contains(displayName,'a') desc,displayName": 'e a c f b d g',
  'userRunStates/$count desc,id': 'a b c d e f g',
  'runSummary/successDeviceCount': 'c d e f g b a',
  'runSummary/successDeviceCount desc': 'a b g f e d c',
  'tolower(id) desc': 'g f e d c b a',
  'date(createdDateTime) desc,id': 'g d e f c b a',
  "'x' desc": 'g f e d c b a',
  id: 'a b c d e f g',
}

function letters(positions: readonly unknown[]): string {
  return positions.map((position) => ' abcdefg'.charAt(Number(position))).join(' ')
}

test('the pages of an order, whatever their size, are the order, on both databases', {
  skip: noPostgres,
}, async (t) => {
  const connection = new Connection(':memory:', { readOnly: false })
  t.after(() => connection.close())
  migrate(connection)
  for (const plan of queryRows) connection.run(plan)
  await using database = await startPostgres()
  for (const { sql } of loadMigrations(postgres)) await database.run(sql)
  await database.executeAll(queryRows.map((plan) => compile(plan, postgres)))
  const plans: PagePlan[] = []
  const expected: string[] = []
  for (const [order, whole] of Object.entries(orders)) {
    const first = { ...planOf({ order }), limit: 100 }
    const rows = connection.all(compile(first, sqlite))
    assert.equal(letters(rows.map((row) => row['$position'])), whole, order)
    const ranks = rows.map((row) => first.order?.map(({ term }, i) => rankOf(term.type, row[`$${i}`])))
    for (const [i, row] of rows.entries()) {
      const after = [...(ranks[i] ?? []), Number(row['$position'])]
      const later = { ...first, after, limit: 3 }
      const page = connection.all(compile(later, sqlite)).map((each) => each['$position'])
      assert.equal(letters(page), whole.slice(2 * i + 2, 2 * i + 7), `${order} after ${i}`)
      plans.push(later)
      expected.push(`${order}: ${letters(page)}`)
    }
    plans.push(first)
    expected.push(`${order}: ${whole}`)
  }
  const found = await database.executeAll(plans.map((plan) => compile(plan, postgres)))
  const names = Object.keys(orders).flatMap((order) => Array.from({ length: 8 }, () => order))
  const printed = found.map((rows, i) => `${names[i]}: ${letters(rows.map((row) => row.split('|')[0]))}`)
  assert.deepEqual(printed, expected)
})

/** What SQLite stores of a rank, as a token holds it. */
function rankOf(type: string, value: unknown): Rank {
  if (value === null) return null
  if (type === 'boolean') return Number(value) === 1
  return typeof value === 'string' ? value : Number(value)
}
