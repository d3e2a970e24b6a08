/** The SQL of a summary with an instant among its counters: the latest is kept, and it can be set to any. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { noPostgres, startPostgres } from '../../test/support/postgres.ts'
import { sampleRow, types } from '../../test/support/storage.ts'
import { compile, type Statement } from './compile.ts'
import { postgres, sqlite } from './dialect.ts'
import { loadMigrations } from './migrations.ts'
import { command, type Plan, type Scope } from './plan.ts'
import { Connection } from './sqlite/connection.ts'
import { migrate } from './sqlite/migrate.ts'

const place = { type: types.healthSummary, tenant: 1, parent: 1 } as const
const within: Scope = {
  tenant: 1,
  parent: { type: types.health, within: { tenant: 1 }, key: 'script-1' },
}
const select: Plan = { kind: 'select', type: types.healthSummary, within }

const [EARLY, MIDDLE, LATE] = [
  '2026-01-01T00:00:00.0000000Z',
  '2026-06-01T00:00:00.0000000Z',
  '2026-11-23T18:00:00.0000001Z',
] as const

/** The counters, in the order of the model; the instant stands before the last. */
const counters = [
  ...['no_issue_detected_device_count', 'issue_detected_device_count', 'detection_script_error_device_count'],
  ...['detection_script_pending_device_count', 'detection_script_not_applicable_device_count'],
  ...['issue_remediated_device_count', 'remediation_skipped_device_count', 'issue_reoccurred_device_count'],
  ...['remediation_script_error_device_count', 'issue_remediated_cumulative_device_count'],
]
const INSTANT = 'last_script_run_date_time'
const columns = counters.toSpliced(-1, 0, INSTANT)

function camelCase(column: string): string {
  return column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

const moves = columns.map((column) => {
  const [kept, added] = [`health_run_summary.${column}`, `excluded.${column}`]
  return column === INSTANT
    ? `${column} = CASE WHEN ${kept} IS NULL OR ${added} > ${kept} THEN ${added} ELSE ${kept} END`
    : `${column} = ${kept} + ${added}`
})

const sums = columns.map((column) => {
  if (column === INSTANT) return `MAX(${column}) AS "${camelCase(column)}"`
  const sum = `SUM(${column})`
  return `CASE WHEN ${sum} < 0 THEN 0 WHEN ${sum} > 2147483647 THEN 2147483647 ELSE ${sum} END AS "${camelCase(column)}"`
})

const scope =
  'WHERE tenant = $1 AND health_script = (SELECT number FROM health_script WHERE tenant = $2 AND id = $3) GROUP BY health_script'

const add: Plan = {
  ...{ kind: 'add', ...place },
  deltas: { issueDetectedDeviceCount: 2, noIssueDetectedDeviceCount: -1, lastScriptRunDateTime: LATE },
}

interface Pinned {
  readonly name: string
  readonly plan: Plan
  readonly text: string
  /** But for the slot. */
  readonly values: Statement['values']
}

const insertion = ['tenant', 'health_script', 'slot', 'id', ...columns]
const parameters = insertion.map((_, i) => `$${i + 1}`)

/** Texts as for PostgreSQL; they differ in their parameters alone. */
const pinned: readonly Pinned[] = [
  {
    name: 'moving counters and an instant',
    plan: add,
    text: `INSERT INTO health_run_summary (${insertion.join(', ')}) VALUES (${parameters.join(', ')}) ON CONFLICT (tenant, health_script, slot) DO UPDATE SET ${moves.join(', ')}`,
    values: [1, 1, '', -1, 2, 0, 0, 0, 0, 0, 0, 0, LATE, 0],
  },
  {
    name: 'moving counters alone: no instant is null',
    plan: { ...add, deltas: { issueRemediatedCumulativeDeviceCount: 1 } },
    text: `INSERT INTO health_run_summary (${insertion.join(', ')}) VALUES (${parameters.join(', ')}) ON CONFLICT (tenant, health_script, slot) DO UPDATE SET ${moves.join(', ')}`,
    values: [1, 1, '', 0, 0, 0, 0, 0, 0, 0, 0, 0, null, 1],
  },
  {
    name: 'setting the instant, in every slot',
    plan: { ...{ kind: 'set', ...place }, changes: { lastScriptRunDateTime: EARLY } },
    text: `UPDATE health_run_summary SET ${INSTANT} = $1 WHERE tenant = $2 AND health_script = $3`,
    values: [EARLY, 1, 1],
  },
  {
    name: 'setting the instant to null',
    plan: { ...{ kind: 'set', ...place }, changes: { lastScriptRunDateTime: null } },
    text: `UPDATE health_run_summary SET ${INSTANT} = $1 WHERE tenant = $2 AND health_script = $3`,
    values: [null, 1, 1],
  },
  {
    name: 'reading the sums and the latest instant',
    plan: select,
    text: `SELECT MAX(id) AS "id", ${sums.join(', ')} FROM health_run_summary ${scope}`,
    values: [1, 1, 'script-1'],
  },
  {
    name: 'reading the exact sums and the latest instant',
    plan: { ...select, isExact: true },
    text: `SELECT MAX(id) AS "id", ${columns.map((column) => `${column === INSTANT ? 'MAX' : 'SUM'}(${column}) AS "${camelCase(column)}"`).join(', ')} FROM health_run_summary ${scope}`,
    values: [1, 1, 'script-1'],
  },
]

describe('the SQL text of', () => {
  for (const { name, plan, text, values } of pinned) {
    test(`${name} is as pinned in both dialects, with its values`, () => {
      const [inSqlite, inPostgres] = [compile(plan, sqlite), compile(plan, postgres)]
      assert.equal(inSqlite.text, text.replaceAll('$', '?'))
      assert.equal(inPostgres.text, text)
      for (const { values: bound } of [inSqlite, inPostgres])
        assert.deepEqual(plan.kind === 'add' ? bound.toSpliced(2, 1) : bound, values)
    })
  }
})

/** Plans in their order, each with the instant and three counters that are read after it. */
const story: readonly (readonly [Plan, instant: string | null, counts: readonly number[]])[] = [
  [{ ...add, deltas: {} }, null, [0, 0, 0]],
  [{ ...add, deltas: { lastScriptRunDateTime: MIDDLE } }, MIDDLE, [0, 0, 0]],
  [{ ...add, deltas: { lastScriptRunDateTime: EARLY, noIssueDetectedDeviceCount: 3 } }, MIDDLE, [3, 0, 0]],
  [add, LATE, [2, 2, 0]],
  [{ ...add, deltas: { noIssueDetectedDeviceCount: -5 } }, LATE, [0, 2, 0]],
  [{ kind: 'set', ...place, changes: { lastScriptRunDateTime: EARLY } }, EARLY, [0, 2, 0]],
  [{ ...add, deltas: { noIssueDetectedDeviceCount: 4 } }, EARLY, [1, 2, 0]],
  [{ ...add, deltas: { lastScriptRunDateTime: MIDDLE } }, MIDDLE, [1, 2, 0]],
  [{ kind: 'set', ...place, changes: { lastScriptRunDateTime: null } }, null, [1, 2, 0]],
  [{ ...add, deltas: { lastScriptRunDateTime: EARLY } }, EARLY, [1, 2, 0]],
  [
    {
      ...add,
      deltas: { noIssueDetectedDeviceCount: 2_147_483_647, issueDetectedDeviceCount: 2_147_483_645 },
    },
    EARLY,
    [2_147_483_647, 2_147_483_647, 0],
  ],
  [{ ...add, deltas: { noIssueDetectedDeviceCount: -2 } }, EARLY, [2_147_483_646, 2_147_483_647, 0]],
]

const script = sampleRow(types.health, { id: 'script-1' })
const summary = {
  ...Object.fromEntries(counters.map((column) => [camelCase(column), 0])),
  ...{ id: 'summary', lastScriptRunDateTime: null },
}

/** What must be there before: the script and its summary, of which nothing was counted. */
const given: readonly Plan[] = [
  command`INSERT INTO tenant (tid) VALUES (${'a-tenant'})`,
  { kind: 'insert', type: types.health, tenant: 1, number: 1, row: script },
  { kind: 'insert', type: types.healthSummary, tenant: 1, number: 1, row: summary },
]

test('a summary has the latest instant and the sums on SQLite, whatever moves and sets it', (t) => {
  const connection = new Connection(':memory:', { readOnly: false })
  t.after(() => connection.close())
  migrate(connection)
  for (const plan of given) connection.run(plan)
  for (const [i, [plan, instant, [noIssue, issue, skipped]]] of story.entries()) {
    connection.run(plan)
    const [row] = connection.run(select)
    assert.deepEqual(
      { ...row },
      {
        ...{ $position: null, ...summary, lastScriptRunDateTime: instant },
        ...{ noIssueDetectedDeviceCount: noIssue, issueDetectedDeviceCount: issue },
        remediationSkippedDeviceCount: skipped,
      },
      `step ${i}`,
    )
  }
  const [exact] = connection.run({ ...select, isExact: true })
  assert.equal(exact?.['noIssueDetectedDeviceCount'], 2_147_483_646)
})

test('a summary has the latest instant and the sums on PostgreSQL, in however many slots', {
  skip: noPostgres,
}, async () => {
  await using database = await startPostgres()
  for (const { sql } of loadMigrations(postgres)) await database.run(sql)
  const run = (plan: Plan) => database.execute(compile(plan, postgres))
  for (const plan of given) await run(plan)
  for (const [i, [plan, instant, [noIssue, issue, skipped]]] of story.entries()) {
    await run(plan)
    const expected = ['summary', noIssue, issue, 0, 0, 0, 0, skipped, 0, 0, instant ?? '', 0]
    assert.deepEqual(await run(select), [expected.join('|')], `step ${i}`)
  }
})
