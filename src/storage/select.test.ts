/** The SQL of what reads many rows: pages with a condition, counts, and what is related to many. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Navigation } from '#model/model.ts'
import { withoutCasts } from '../../test/support/pinned-conditions.ts'
import { noPostgres, startPostgres } from '../../test/support/postgres.ts'
import { filterOf, orderOf, queryRows } from '../../test/support/query-rows.ts'
import { types } from '../../test/support/storage.ts'
import { decodeWithExtras } from './columns.ts'
import { compile } from './compile.ts'
import { postgres, sqlite } from './dialect.ts'
import { loadMigrations } from './migrations.ts'
import { COUNT, OF, PLACE, type Plan } from './plan.ts'
import { Connection } from './sqlite/connection.ts'
import { migrate } from './sqlite/migrate.ts'

/** A plan, its text and its values, and the rows that it gives, the first three columns of each. */
interface Pinned {
  readonly name: string
  readonly plan: Plan
  readonly postgres: string
  /** Where more differs than casts and the deadline. */
  readonly sqlite?: string
  readonly values: readonly unknown[]
  readonly rows: readonly string[]
}

function navigationOf(type: keyof typeof types, name: string): Navigation {
  return types[type].navigations.get(name.toLowerCase()) ?? assert.fail(name)
}

const within = { tenant: 1 }
const below = { tenant: 1, parent: { type: types.shell, within, key: 'Id-a' } }
const script = { kind: 'select', type: types.shell, within, only: 'position', limit: 5 } as const
const related = { kind: 'related', tenant: 1, limit: 1 } as const
const FAMILY = 'deviceShellScripts'
const SCRIPT = `(SELECT number FROM script WHERE tenant = $2 AND family = $3 AND id = $4)`

const USER_STATE = `id AS "$position", id, success_device_count AS "successDeviceCount", error_device_count AS "errorDeviceCount", user_principal_name AS "userPrincipalName"`
const DEVICE_STATE = `id AS "$position", id, run_state AS "runState", result_message AS "resultMessage", last_state_update_date_time AS "lastStateUpdateDateTime", error_code AS "errorCode", error_description AS "errorDescription", managed_device AS "managedDevice"`
const GROUP = 'id AS "$position", id, target_group_id AS "targetGroupId"'
const DEVICE_COLUMNS = [
  ...[
    'user_id',
    'device_name',
    'enrolled_date_time',
    'last_sync_date_time',
    'operating_system',
    'os_version',
  ],
  ...['email_address', 'azure_ad_device_id', 'model', 'manufacturer', 'serial_number', 'user_principal_name'],
  'user_display_name',
]
const DEVICE = `id AS "$position", id, ${DEVICE_COLUMNS.map(named).join(', ')}`
const SUMS = ['success_device_count', 'error_device_count', 'success_user_count', 'error_user_count']
  .map((column) => {
    const sum = `SUM(${column})`
    return `CASE WHEN ${sum} < 0 THEN 0 WHEN ${sum} > 2147483647 THEN 2147483647 ELSE ${sum} END AS "${camelCase(column)}"`
  })
  .join(', ')

function named(column: string): string {
  const name = camelCase(column).replace('azureAd', 'azureAD')
  return name === column ? column : `${column} AS "${name}"`
}

function camelCase(column: string): string {
  return column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

const NUMBERS = 'SELECT value::bigint FROM json_array_elements_text($2::json)'
const NUMBERS_SQLITE = 'SELECT value FROM json_each(?2)'
const OUTER = 'ORDER BY "$parent", "$of", "$place"'

const pinned: readonly Pinned[] = [
  {
    name: 'a page with a condition',
    plan: { ...script, condition: filterOf(types.shell, 'retryCount gt 3 or retryCount lt 0') },
    postgres: `SELECT number AS "$position" FROM script WHERE tenant = $1 AND family = $2 AND ((script.retry_count > $3::bigint OR script.retry_count < $4::bigint)) ORDER BY number LIMIT $5`,
    values: [1, FAMILY, 3n, 0n, 5],
    rows: ['3', '4', '6'],
  },
  {
    name: 'a page that passes rows over',
    plan: { ...script, skip: 4 },
    postgres:
      'SELECT number AS "$position" FROM script WHERE tenant = $1 AND family = $2 ORDER BY number LIMIT $3 OFFSET $4',
    values: [1, FAMILY, 5, 4],
    rows: ['5', '6', '7'],
  },
  {
    name: 'a page whose rows say what they are below',
    plan: { kind: 'select', type: types.groupAssignment, within: below, withParent: true, limit: 5 },
    postgres: `SELECT ${GROUP}, script AS "$parent" FROM assignment WHERE tenant = $1 AND script = ${SCRIPT} AND target_type = $5 ORDER BY id LIMIT $6`,
    values: [1, 1, FAMILY, 'Id-a', 'groupAssignmentTarget', 5],
    rows: ['as1|as1|G1'],
  },
  {
    name: 'a count with a condition',
    plan: { kind: 'count', type: types.shell, within, condition: filterOf(types.shell, 'retryCount gt 3') },
    postgres:
      'SELECT COUNT(*) AS count FROM script WHERE tenant = $1 AND family = $2 AND (script.retry_count > $3::bigint)',
    values: [1, FAMILY, 3n],
    rows: ['2'],
  },
  {
    name: 'the first child of each of many',
    plan: { ...related, navigation: navigationOf('shell', 'userRunStates'), holders: [1, 2, 3] },
    postgres: `SELECT * FROM (SELECT ${USER_STATE}, script AS "$parent", script AS "$of", ROW_NUMBER() OVER (PARTITION BY script ORDER BY id) AS "$place" FROM user_state WHERE tenant = $1 AND script IN (${NUMBERS})) AS related WHERE "$place" > $3::bigint AND "$place" <= $4::bigint ${OUTER}`,
    sqlite: `SELECT * FROM (SELECT ${USER_STATE}, script AS "$parent", script AS "$of", ROW_NUMBER() OVER (PARTITION BY script ORDER BY id) AS "$place" FROM user_state WHERE tenant = ?1 AND deadline() AND script IN (${NUMBERS_SQLITE})) AS related WHERE "$place" > ?3 AND "$place" <= ?4 ${OUTER}`,
    values: [1, '[1,2,3]', 0, 1],
    rows: ['u1|u1|2', 'u3|u3|1'],
  },
  {
    name: 'children in an order, some passed over, all counted: the first is read for its count',
    plan: {
      ...{ ...related, navigation: navigationOf('shell', 'userRunStates'), holders: [1, 2] },
      ...{ condition: filterOf(types.userState, 'errorDeviceCount ge 0'), skip: 1, isCounted: true },
      order: orderOf(types.userState, 'userPrincipalName desc'),
    },
    postgres: `SELECT * FROM (SELECT ${USER_STATE}, script AS "$parent", script AS "$of", user_state.user_principal_name_fold AS "$0", COUNT(*) OVER (PARTITION BY script) AS "$count", ROW_NUMBER() OVER (PARTITION BY script ORDER BY user_state.user_principal_name_fold DESC NULLS LAST, id DESC) AS "$place" FROM user_state WHERE tenant = $1 AND script IN (${NUMBERS}) AND (user_state.error_device_count >= $3::bigint)) AS related WHERE ("$place" = 1 OR "$place" > $4::bigint AND "$place" <= $5::bigint) ${OUTER}`,
    sqlite: `SELECT * FROM (SELECT ${USER_STATE}, script AS "$parent", script AS "$of", user_state.user_principal_name_fold AS "$0", COUNT(*) OVER (PARTITION BY script) AS "$count", ROW_NUMBER() OVER (PARTITION BY script ORDER BY user_state.user_principal_name_fold DESC NULLS LAST, id DESC) AS "$place" FROM user_state WHERE tenant = ?1 AND deadline() AND script IN (${NUMBERS_SQLITE}) AND (user_state.error_device_count >= ?3)) AS related WHERE ("$place" = 1 OR "$place" > ?4 AND "$place" <= ?5) ${OUTER}`,
    values: [1, '[1,2]', 0n, 1, 2],
    rows: ['u1|u1|2', 'u2|u2|0', 'u3|u3|1'],
  },
  {
    name: 'children of one type of several in a table',
    plan: { ...related, navigation: navigationOf('shell', 'groupAssignments'), holders: [1, 3] },
    postgres: `SELECT * FROM (SELECT ${GROUP}, script AS "$parent", script AS "$of", ROW_NUMBER() OVER (PARTITION BY script ORDER BY id) AS "$place" FROM assignment WHERE tenant = $1 AND script IN (${NUMBERS}) AND target_type = $3) AS related WHERE "$place" > $4::bigint AND "$place" <= $5::bigint ${OUTER}`,
    sqlite: `SELECT * FROM (SELECT ${GROUP}, script AS "$parent", script AS "$of", ROW_NUMBER() OVER (PARTITION BY script ORDER BY id) AS "$place" FROM assignment WHERE tenant = ?1 AND deadline() AND script IN (${NUMBERS_SQLITE}) AND target_type = ?3) AS related WHERE "$place" > ?4 AND "$place" <= ?5 ${OUTER}`,
    values: [1, '[1,3]', 'groupAssignmentTarget', 0, 1],
    rows: ['as1|as1|G1'],
  },
  {
    name: 'what lives beside, by a link',
    plan: {
      ...{ ...related, navigation: navigationOf('userState', 'deviceRunStates') },
      holders: [
        [1, 'u1'],
        [2, 'u3'],
        [2, 'u1'],
      ],
    },
    postgres: `SELECT * FROM (SELECT ${DEVICE_STATE}, script AS "$parent", user_state AS "$of", ROW_NUMBER() OVER (PARTITION BY script, user_state ORDER BY id) AS "$place" FROM device_state WHERE tenant = $1 AND (script, user_state) IN (SELECT (value->>0)::bigint, value->>1 FROM json_array_elements($2::json))) AS related WHERE "$place" > $3::bigint AND "$place" <= $4::bigint ${OUTER}`,
    sqlite: `SELECT * FROM (SELECT ${DEVICE_STATE}, script AS "$parent", user_state AS "$of", ROW_NUMBER() OVER (PARTITION BY script, user_state ORDER BY id) AS "$place" FROM device_state WHERE tenant = ?1 AND deadline() AND (script, user_state) IN (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?2))) AS related WHERE "$place" > ?3 AND "$place" <= ?4 ${OUTER}`,
    values: [1, '[[1,"u1"],[2,"u3"],[2,"u1"]]', 0, 1],
    rows: ['d1|d1|1', 'd3|d3|3'],
  },
  {
    name: 'what many refer to',
    plan: { ...related, navigation: navigationOf('deviceState', 'managedDevice'), holders: ['M2', 'M9'] },
    postgres: `SELECT ${DEVICE}, id AS "$of" FROM managed_device WHERE tenant = $1 AND id IN (SELECT value::text FROM json_array_elements_text($2::json))`,
    sqlite: `SELECT ${DEVICE}, id AS "$of" FROM managed_device WHERE tenant = ?1 AND deadline() AND id IN (${NUMBERS_SQLITE})`,
    values: [1, '["M2","M9"]'],
    rows: ['M2|M2|u-1'],
  },
  {
    name: 'the summaries of many, their slots as one',
    plan: { ...related, navigation: navigationOf('shell', 'runSummary'), holders: [1, 2, 3] },
    postgres: `SELECT MAX(id) AS "id", ${SUMS}, script AS "$of" FROM run_summary WHERE tenant = $1 AND script IN (${NUMBERS}) GROUP BY script`,
    sqlite: `SELECT MAX(id) AS "id", ${SUMS}, script AS "$of" FROM run_summary WHERE tenant = ?1 AND deadline() AND script IN (${NUMBERS_SQLITE}) GROUP BY script`,
    values: [1, '[1,2,3]'],
    rows: ['summary|0|1', 'summary|5|0'],
  },
]

/** The text for SQLite where it differs in its casts and its deadline alone. */
function withDeadline(text: string): string {
  return withoutCasts(text).replace('WHERE tenant = ?1', 'WHERE tenant = ?1 AND deadline()')
}

describe('the SQL text of', () => {
  for (const { name, plan, values, ...texts } of pinned) {
    test(`${name} is as pinned in both dialects, with its values`, () => {
      assert.deepEqual(compile(plan, postgres), { text: texts.postgres, values })
      const text = texts.sqlite ?? withDeadline(texts.postgres)
      assert.deepEqual(compile(plan, sqlite), { text, values })
    })
  }
})

test('every pinned statement gives its rows on SQLite, and each with what is to be known of it', (t) => {
  const connection = new Connection(':memory:', { readOnly: false })
  t.after(() => connection.close())
  migrate(connection)
  for (const plan of queryRows) connection.run(plan)
  for (const { name, plan, rows } of pinned) {
    const found = connection.all(compile(plan, sqlite))
    const starts = found.map((row) => Object.values(row).slice(0, 3).map(String).join('|'))
    assert.deepEqual(starts.toSorted(), rows, name)
  }
  const counted = connection.all(compile(pinned[5]?.plan ?? assert.fail(), sqlite))
  const extras = counted.map((row) => decodeWithExtras(types.userState, row, sqlite))
  assert.deepEqual(
    extras.map((row) => [row['id'], row[OF], row[PLACE], row[COUNT]]),
    [
      ['u1', 1, 1, 2],
      ['u2', 1, 2, 2],
      ['u3', 2, 1, 1],
    ],
  )
})

test('every pinned statement is prepared and gives its rows on PostgreSQL', {
  skip: noPostgres,
}, async () => {
  await using database = await startPostgres()
  for (const { sql } of loadMigrations(postgres)) await database.run(sql)
  await database.executeAll(queryRows.map((plan) => compile(plan, postgres)))
  const found = await database.executeAll(pinned.map(({ plan }) => compile(plan, postgres)))
  for (const [i, { name, rows }] of pinned.entries()) {
    const starts = (found[i] ?? []).map((row) => row.split('|').slice(0, 3).join('|'))
    assert.deepEqual(starts.toSorted(), rows, name)
  }
})
