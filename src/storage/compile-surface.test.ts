/** The SQL of what the surface adds: counts, counters in slots, links, several types in one table, complex values. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { noPostgres, startPostgres } from '../../test/support/postgres.ts'
import { sampleRow, types } from '../../test/support/storage.ts'
import { compile, type Statement } from './compile.ts'
import { postgres, sqlite } from './dialect.ts'
import { loadMigrations } from './migrations.ts'
import { command, type EntityReference, type Plan, type Scope } from './plan.ts'
import { Connection } from './sqlite/connection.ts'
import { migrate } from './sqlite/migrate.ts'

const root: Scope = { tenant: 1 }
const script: EntityReference = { type: types.management, within: root, key: 'script-1' }
const below: Scope = { tenant: 1, parent: script }
const userState: EntityReference = { type: types.userState, within: below, key: 'u' }
const linked: Scope = { tenant: 1, parent: userState, link: 'user_state' }
const shared: Scope = { tenant: 1, parent: { ...script, within: { ...root, isShared: true } } }

/** A plan, what it prints in each dialect, the values in it, and the rows it gives when all run in this order. */
interface Pinned {
  readonly name: string
  readonly plan: Plan
  readonly sqlite: string
  readonly postgres: string
  readonly values: Statement['values']
  readonly rows: number
}

const deviceStateColumns = `id AS "$position", id, run_state AS "runState", result_message AS "resultMessage",
  last_state_update_date_time AS "lastStateUpdateDateTime", error_code AS "errorCode",
  error_description AS "errorDescription", managed_device AS "managedDevice"`

const assignmentColumns = `id AS "$position", id, target_type AS "target.@type",
  target_device_and_app_management_assignment_filter_id AS "target.deviceAndAppManagementAssignmentFilterId",
  target_device_and_app_management_assignment_filter_type AS "target.deviceAndAppManagementAssignmentFilterType",
  target_group_id AS "target.groupId", target_collection_id AS "target.collectionId"`

/** A sum that is shown: nothing below zero or above the largest Edm.Int32. */
const clamped = (column: string, name: string) =>
  `CASE WHEN SUM(${column}) < 0 THEN 0 WHEN SUM(${column}) > 2147483647 THEN 2147483647 ELSE SUM(${column}) END AS "${name}"`

const summaryColumns = `MAX(id) AS "id",
  ${clamped('success_device_count', 'successDeviceCount')}, ${clamped('error_device_count', 'errorDeviceCount')},
  ${clamped('success_user_count', 'successUserCount')}, ${clamped('error_user_count', 'errorUserCount')}`

/** Statements that differ in their parameters alone are written as for PostgreSQL. */
function inBoth(text: string): Pick<Pinned, 'sqlite' | 'postgres'> {
  return { sqlite: text.replaceAll('$', '?').replaceAll('"?position"', '"$position"'), postgres: text }
}

const pinned: readonly Pinned[] = [
  {
    name: 'the insert of a summary, its first slot',
    plan: insert('summary', {}),
    ...inBoth(`INSERT INTO run_summary (tenant, script, slot, id, success_device_count, error_device_count,
      success_user_count, error_user_count) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`),
    values: [1, 1, 0, 'summary', 1, 1, 1, 1],
    rows: 0,
  },
  {
    name: 'a summary, its slots as one and nothing below zero',
    plan: { kind: 'select', type: types.summary, within: below },
    ...inBoth(`SELECT ${summaryColumns} FROM run_summary WHERE tenant = $1
      AND script = (SELECT number FROM script WHERE tenant = $2 AND family = $3 AND id = $4) GROUP BY script`),
    values: [1, 1, 'deviceManagementScripts', 'script-1'],
    rows: 1,
  },
  {
    name: 'a summary, its counters as they are',
    plan: { kind: 'select', type: types.summary, within: below, isExact: true },
    ...inBoth(`SELECT MAX(id) AS "id", SUM(success_device_count) AS "successDeviceCount",
      SUM(error_device_count) AS "errorDeviceCount", SUM(success_user_count) AS "successUserCount",
      SUM(error_user_count) AS "errorUserCount" FROM run_summary WHERE tenant = $1
      AND script = (SELECT number FROM script WHERE tenant = $2 AND family = $3 AND id = $4) GROUP BY script`),
    values: [1, 1, 'deviceManagementScripts', 'script-1'],
    rows: 1,
  },
  {
    name: 'the insert of a device state below a user state, linked to it',
    plan: { ...insert('deviceState', { id: 'd' }), link: { column: 'user_state', id: 'u' } },
    ...inBoth(`INSERT INTO device_state (tenant, script, id, run_state, result_message,
      last_state_update_date_time, error_code, error_description, error_description_fold, managed_device,
      user_state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`),
    values: [1, 1, 'd', 0, 'Text', 'Text', 1, 'Text', 'text', 'an-id', 'u'],
    rows: 0,
  },
  {
    name: 'one device state below a user state: of the same script, and linked',
    plan: { kind: 'select', type: types.deviceState, within: linked, key: 'd' },
    ...inBoth(`SELECT ${deviceStateColumns} FROM device_state WHERE tenant = $1 AND script = (SELECT script
      FROM user_state WHERE tenant = $2 AND script = (SELECT number FROM script WHERE tenant = $3 AND family = $4
      AND id = $5) AND id = $6) AND user_state = $7 AND id = $8`),
    values: [1, 1, 1, 'deviceManagementScripts', 'script-1', 'u', 'u', 'd'],
    rows: 1,
  },
  {
    name: 'the positions of a page of device states below a user state',
    plan: {
      kind: 'select',
      type: types.deviceState,
      within: linked,
      only: 'position',
      after: ['a'],
      limit: 5,
    },
    sqlite: `SELECT id AS "$position" FROM device_state WHERE tenant = ?1 AND deadline() AND script = (SELECT script
      FROM user_state WHERE tenant = ?2 AND script = (SELECT number FROM script WHERE tenant = ?3 AND family = ?4
      AND id = ?5) AND id = ?6) AND user_state = ?7 AND id > ?8 ORDER BY id LIMIT ?9`,
    postgres: `SELECT id AS "$position" FROM device_state WHERE tenant = $1 AND script = (SELECT script
      FROM user_state WHERE tenant = $2 AND script = (SELECT number FROM script WHERE tenant = $3 AND family = $4
      AND id = $5) AND id = $6) AND user_state = $7 AND id > $8 ORDER BY id LIMIT $9`,
    values: [1, 1, 1, 'deviceManagementScripts', 'script-1', 'u', 'u', 'a', 5],
    rows: 1,
  },
  {
    name: 'an update of a reference',
    plan: {
      ...{ kind: 'update', type: types.deviceState, within: below, key: 'd' },
      changes: { runState: 'fail', managedDevice: 'm' },
    },
    ...inBoth(`UPDATE device_state SET run_state = $1, managed_device = $2 WHERE tenant = $3 AND script =
      (SELECT number FROM script WHERE tenant = $4 AND family = $5 AND id = $6) AND id = $7
      RETURNING ${deviceStateColumns}`),
    values: [2, 'm', 1, 1, 'deviceManagementScripts', 'script-1', 'd'],
    rows: 1,
  },
  {
    name: 'the count of scripts',
    plan: { kind: 'count', type: types.management, within: root },
    sqlite: 'SELECT COUNT(*) AS count FROM script WHERE tenant = ?1 AND deadline() AND family = ?2',
    postgres: 'SELECT COUNT(*) AS count FROM script WHERE tenant = $1 AND family = $2',
    values: [1, 'deviceManagementScripts'],
    rows: 1,
  },
  {
    name: 'the count of device states below a user state',
    plan: { kind: 'count', type: types.deviceState, within: linked },
    sqlite: `SELECT COUNT(*) AS count FROM device_state WHERE tenant = ?1 AND deadline() AND script = (SELECT script
      FROM user_state WHERE tenant = ?2 AND script = (SELECT number FROM script WHERE tenant = ?3 AND family = ?4
      AND id = ?5) AND id = ?6) AND user_state = ?7`,
    postgres: `SELECT COUNT(*) AS count FROM device_state WHERE tenant = $1 AND script = (SELECT script
      FROM user_state WHERE tenant = $2 AND script = (SELECT number FROM script WHERE tenant = $3 AND family = $4
      AND id = $5) AND id = $6) AND user_state = $7`,
    values: [1, 1, 1, 'deviceManagementScripts', 'script-1', 'u', 'u'],
    rows: 1,
  },
  {
    name: 'the insert of an assignment, its target in columns',
    plan: insert('assignment', { id: 'a', target: groupTarget('exclusionGroupAssignmentTarget') }),
    ...inBoth(`INSERT INTO assignment (tenant, script, id, target_type,
      target_device_and_app_management_assignment_filter_id,
      target_device_and_app_management_assignment_filter_type, target_group_id, target_collection_id)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`),
    values: [1, 1, 'a', 'exclusionGroupAssignmentTarget', null, 1, 'g', null],
    rows: 0,
  },
  {
    name: 'the insert of a group assignment, told from others in the same column',
    plan: insert('groupAssignment', { id: 'b', targetGroupId: 'g' }),
    ...inBoth(
      'INSERT INTO assignment (tenant, script, target_type, id, target_group_id) VALUES ($1, $2, $3, $4, $5)',
    ),
    values: [1, 1, 'groupAssignmentTarget', 'b', 'g'],
    rows: 0,
  },
  {
    name: 'one group assignment, of the rows that are one',
    plan: { kind: 'select', type: types.groupAssignment, within: below, key: 'b' },
    ...inBoth(`SELECT id AS "$position", id, target_group_id AS "targetGroupId" FROM assignment WHERE tenant = $1
      AND script = (SELECT number FROM script WHERE tenant = $2 AND family = $3 AND id = $4)
      AND target_type = $5 AND id = $6`),
    values: [1, 1, 'deviceManagementScripts', 'script-1', 'groupAssignmentTarget', 'b'],
    rows: 1,
  },
  {
    name: 'whether a key is free, in rows of every type in the table',
    plan: {
      ...{ kind: 'select', type: types.groupAssignment, only: 'position' },
      ...{ within: { ...below, isShared: true }, key: 'a' },
    },
    ...inBoth(`SELECT id AS "$position" FROM assignment WHERE tenant = $1
      AND script = (SELECT number FROM script WHERE tenant = $2 AND family = $3 AND id = $4) AND id = $5`),
    values: [1, 1, 'deviceManagementScripts', 'script-1', 'a'],
    rows: 1,
  },
  {
    name: 'one assignment below a script of any family',
    plan: { kind: 'select', type: types.assignment, within: shared, key: 'b' },
    ...inBoth(`SELECT ${assignmentColumns} FROM assignment WHERE tenant = $1
      AND script = (SELECT number FROM script WHERE tenant = $2 AND id = $3) AND id = $4`),
    values: [1, 1, 'script-1', 'b'],
    rows: 1,
  },
  {
    name: 'the update of a target: all of its columns',
    plan: {
      ...{ kind: 'update', type: types.assignment, within: below, key: 'a' },
      changes: { target: null },
    },
    ...inBoth(`UPDATE assignment SET target_type = $1, target_device_and_app_management_assignment_filter_id = $2,
      target_device_and_app_management_assignment_filter_type = $3, target_group_id = $4, target_collection_id = $5
      WHERE tenant = $6 AND script = (SELECT number FROM script WHERE tenant = $7 AND family = $8 AND id = $9)
      AND id = $10 RETURNING ${assignmentColumns}`),
    values: [null, null, null, null, null, 1, 1, 'deviceManagementScripts', 'script-1', 'a'],
    rows: 1,
  },
]

function groupTarget(type: string) {
  const members = { deviceAndAppManagementAssignmentFilterId: null, groupId: 'g' }
  return { type, members: { ...members, deviceAndAppManagementAssignmentFilterType: 'include' } }
}

function insert(name: keyof typeof types, members: Parameters<typeof sampleRow>[1]) {
  const type = types[name]
  return {
    kind: 'insert',
    type,
    tenant: 1,
    number: 1,
    row: sampleRow(type, { id: name, ...members }),
  } as const
}

/** What must be there before. */
const given: readonly Plan[] = [
  command`INSERT INTO tenant (tid) VALUES (${'a-tenant'})`,
  insert('management', { id: 'script-1' }),
  insert('userState', { id: 'u' }),
]

/** The text on one line. */
function line(text: string): string {
  return text.replace(/\s+/g, ' ')
}

describe('the SQL text of', () => {
  for (const { name, plan, values, ...texts } of pinned) {
    test(`${name} is as pinned in both dialects, with its values`, () => {
      const [inSqlite, inPostgres] = [compile(plan, sqlite), compile(plan, postgres)]
      assert.equal(line(inSqlite.text), line(texts.sqlite))
      assert.equal(line(inPostgres.text), line(texts.postgres))
      assert.deepEqual([inSqlite.values, inPostgres.values], [values, values])
    })
  }
})

const add: Plan = {
  ...{ kind: 'add', type: types.summary, tenant: 1, parent: 1 },
  deltas: { errorUserCount: -3, successDeviceCount: 2 },
}

const addText = inBoth(`INSERT INTO run_summary (tenant, script, slot, id, success_device_count,
  error_device_count, success_user_count, error_user_count) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
  ON CONFLICT (tenant, script, slot) DO UPDATE SET
  success_device_count = run_summary.success_device_count + excluded.success_device_count,
  error_device_count = run_summary.error_device_count + excluded.error_device_count,
  success_user_count = run_summary.success_user_count + excluded.success_user_count,
  error_user_count = run_summary.error_user_count + excluded.error_user_count`)

describe('the SQL of moving counters', () => {
  for (const dialect of [sqlite, postgres]) {
    test(`is as pinned in ${dialect.name}, whatever moves, and nothing that is not said moves`, () => {
      for (const plan of [add, { ...add, deltas: {} }])
        assert.equal(line(compile(plan, dialect).text), line(addText[dialect.name]))
      const { values } = compile(add, dialect)
      assert.deepEqual(values.toSpliced(2, 1), [1, 1, '', 2, 0, 0, -3])
    })
  }

  test('takes the one slot of SQLite, and any of the sixteen of PostgreSQL', () => {
    const slots = (dialect: typeof sqlite) =>
      new Set(Array.from({ length: 2000 }, () => Number(compile(add, dialect).values[2])))
    assert.deepEqual(slots(sqlite), new Set([0]))
    assert.deepEqual(slots(postgres), new Set(Array.from({ length: 16 }, (_, slot) => slot)))
  })
})

test('every pinned statement runs on SQLite, and counters are moved', (t) => {
  const connection = new Connection(':memory:', { readOnly: false })
  t.after(() => connection.close())
  migrate(connection)
  for (const plan of given) connection.run(plan)
  for (const { name, plan, rows } of pinned) assert.equal(connection.run(plan).length, rows, name)
  for (const _time of [1, 2]) connection.run(add)
  const select: Plan = { kind: 'select', type: types.summary, within: below }
  const [row] = connection.run(select)
  const counts = { successDeviceCount: 5, errorDeviceCount: 1, successUserCount: 1 }
  assert.deepEqual({ ...row }, { $position: null, id: 'summary', ...counts, errorUserCount: 0 })
  const [exact] = connection.run({ ...select, isExact: true })
  assert.deepEqual({ ...exact }, { ...row, errorUserCount: -5 })
})

test('every pinned statement is prepared and runs on PostgreSQL, and counters are moved', {
  skip: noPostgres,
}, async () => {
  await using database = await startPostgres()
  for (const { sql } of loadMigrations(postgres)) await database.run(sql)
  const run = (plan: Plan) => database.execute(compile(plan, postgres))
  for (const plan of given) await run(plan)
  for (const { name, plan, rows } of pinned) assert.equal((await run(plan)).length, rows, name)
  for (const _time of [1, 2]) await run(add)
  const select: Plan = { kind: 'select', type: types.summary, within: below }
  assert.deepEqual(await run(select), ['summary|5|1|1|0'])
  assert.deepEqual(await run({ ...select, isExact: true }), ['summary|5|1|1|-5'])
})
