import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type EntityType, model, type Value } from '#model/model.ts'
import { noPostgres, startPostgres } from '../../test/support/postgres.ts'
import { sampleRow, types } from '../../test/support/storage.ts'
import { compile } from './compile.ts'
import { postgres, sqlite } from './dialect.ts'
import { loadMigrations } from './migrations.ts'
import { command, type EntityReference, type Plan, query, type Scope } from './plan.ts'
import { Connection } from './sqlite/connection.ts'
import { migrate } from './sqlite/migrate.ts'

const root: Scope = { tenant: 1 }
const script: EntityReference = { type: types.management, within: root, key: 'script-1' }
const state: EntityReference = { type: types.userState, within: { tenant: 1, parent: script }, key: 'b' }

/** A plan, what it prints in each dialect, and how many rows it gives when all are run in this order. */
interface Pinned {
  readonly name: string
  readonly plan: Plan
  readonly sqlite: string
  readonly postgres: string
  readonly rows: number
}

const pinned: readonly Pinned[] = [
  {
    name: 'a command by hand',
    plan: command`INSERT INTO tenant (tid, domain) VALUES (${'a-tenant'}, ${null}) RETURNING number`,
    sqlite: 'INSERT INTO tenant (tid, domain) VALUES (?1, ?2) RETURNING number',
    postgres: 'INSERT INTO tenant (tid, domain) VALUES ($1, $2) RETURNING number',
    rows: 1,
  },
  {
    name: 'a query by hand',
    plan: query`SELECT number FROM tenant WHERE tid = ${'a-tenant'} AND number = ${1}`,
    sqlite: 'SELECT number FROM tenant WHERE tid = ?1 AND number = ?2',
    postgres: 'SELECT number FROM tenant WHERE tid = $1 AND number = $2',
    rows: 1,
  },
  {
    name: 'the insert of a script',
    plan: insertScript(types.management, 1),
    sqlite: `INSERT INTO script (tenant, number, family, id, display_name, display_name_fold, description,
      description_fold, script_content, created_date_time, last_modified_date_time, run_as_account,
      enforce_signature_check, file_name, file_name_fold, role_scope_tag_ids, run_as_32_bit)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)`,
    postgres: `INSERT INTO script (tenant, number, family, id, display_name, display_name_fold, description,
      description_fold, script_content, created_date_time, last_modified_date_time, run_as_account,
      enforce_signature_check, file_name, file_name_fold, role_scope_tag_ids, run_as_32_bit)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
    rows: 0,
  },
  {
    name: 'the insert of a script of another family',
    plan: insertScript(types.shell, 2),
    sqlite: `INSERT INTO script (tenant, number, family, execution_frequency, retry_count,
      block_execution_notifications, id, display_name, display_name_fold, description, description_fold,
      script_content, created_date_time, last_modified_date_time, run_as_account, file_name, file_name_fold,
      role_scope_tag_ids) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)`,
    postgres: `INSERT INTO script (tenant, number, family, execution_frequency, retry_count,
      block_execution_notifications, id, display_name, display_name_fold, description, description_fold,
      script_content, created_date_time, last_modified_date_time, run_as_account, file_name, file_name_fold,
      role_scope_tag_ids) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
    rows: 0,
  },
  {
    name: 'the insert of a user state',
    plan: insertState('a'),
    sqlite: `INSERT INTO user_state (tenant, script, id, success_device_count, error_device_count,
      user_principal_name, user_principal_name_fold) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
    postgres: `INSERT INTO user_state (tenant, script, id, success_device_count, error_device_count,
      user_principal_name, user_principal_name_fold) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    rows: 0,
  },
  {
    name: 'the insert of some of its members',
    plan: { kind: 'insert', type: types.userState, tenant: 1, number: 1, row: { ...counts(0, 0), id: 'b' } },
    sqlite:
      'INSERT INTO user_state (tenant, script, id, success_device_count, error_device_count) VALUES (?1, ?2, ?3, ?4, ?5)',
    postgres:
      'INSERT INTO user_state (tenant, script, id, success_device_count, error_device_count) VALUES ($1, $2, $3, $4, $5)',
    rows: 0,
  },
  {
    name: 'one script',
    plan: { kind: 'select', ...script },
    sqlite: `SELECT number AS "$position", id, display_name AS "displayName", description,
      script_content AS "scriptContent", created_date_time AS "createdDateTime",
      last_modified_date_time AS "lastModifiedDateTime", run_as_account AS "runAsAccount",
      enforce_signature_check AS "enforceSignatureCheck", file_name AS "fileName",
      role_scope_tag_ids AS "roleScopeTagIds", run_as_32_bit AS "runAs32Bit"
      FROM script WHERE tenant = ?1 AND family = ?2 AND id = ?3`,
    postgres: `SELECT number AS "$position", id, display_name AS "displayName", description,
      script_content AS "scriptContent", created_date_time AS "createdDateTime",
      last_modified_date_time AS "lastModifiedDateTime", run_as_account AS "runAsAccount",
      enforce_signature_check AS "enforceSignatureCheck", file_name AS "fileName",
      role_scope_tag_ids AS "roleScopeTagIds", run_as_32_bit AS "runAs32Bit"
      FROM script WHERE tenant = $1 AND family = $2 AND id = $3`,
    rows: 1,
  },
  {
    name: 'one user state',
    plan: { kind: 'select', ...state },
    sqlite: `SELECT id AS "$position", id, success_device_count AS "successDeviceCount",
      error_device_count AS "errorDeviceCount", user_principal_name AS "userPrincipalName" FROM user_state
      WHERE tenant = ?1 AND script = (SELECT number FROM script WHERE tenant = ?2 AND family = ?3 AND id = ?4)
      AND id = ?5`,
    postgres: `SELECT id AS "$position", id, success_device_count AS "successDeviceCount",
      error_device_count AS "errorDeviceCount", user_principal_name AS "userPrincipalName" FROM user_state
      WHERE tenant = $1 AND script = (SELECT number FROM script WHERE tenant = $2 AND family = $3 AND id = $4)
      AND id = $5`,
    rows: 1,
  },
  {
    name: 'one user state, kept from being changed',
    plan: { kind: 'select', ...state, lock: 'update' },
    sqlite: `SELECT id AS "$position", id, success_device_count AS "successDeviceCount",
      error_device_count AS "errorDeviceCount", user_principal_name AS "userPrincipalName" FROM user_state
      WHERE tenant = ?1 AND script = (SELECT number FROM script WHERE tenant = ?2 AND family = ?3 AND id = ?4)
      AND id = ?5`,
    postgres: `SELECT id AS "$position", id, success_device_count AS "successDeviceCount",
      error_device_count AS "errorDeviceCount", user_principal_name AS "userPrincipalName" FROM user_state
      WHERE tenant = $1 AND script = (SELECT number FROM script WHERE tenant = $2 AND family = $3 AND id = $4)
      AND id = $5 FOR UPDATE`,
    rows: 1,
  },
  {
    name: 'one user state with the number of its script, both kept',
    plan: { kind: 'select', ...state, lock: 'update', withParent: true },
    sqlite: `SELECT id AS "$position", id, success_device_count AS "successDeviceCount",
      error_device_count AS "errorDeviceCount", user_principal_name AS "userPrincipalName", script AS "$parent"
      FROM user_state WHERE tenant = ?1 AND script = (SELECT number FROM script WHERE tenant = ?2 AND family = ?3
      AND id = ?4) AND id = ?5`,
    postgres: `SELECT id AS "$position", id, success_device_count AS "successDeviceCount",
      error_device_count AS "errorDeviceCount", user_principal_name AS "userPrincipalName", script AS "$parent"
      FROM user_state WHERE tenant = $1 AND script = (SELECT number FROM script WHERE tenant = $2 AND family = $3
      AND id = $4 FOR KEY SHARE) AND id = $5 FOR UPDATE`,
    rows: 1,
  },
  {
    name: 'the position of a script, kept from being deleted',
    plan: { kind: 'select', ...script, only: 'position', lock: 'share' },
    sqlite: 'SELECT number AS "$position" FROM script WHERE tenant = ?1 AND family = ?2 AND id = ?3',
    postgres:
      'SELECT number AS "$position" FROM script WHERE tenant = $1 AND family = $2 AND id = $3 FOR KEY SHARE',
    rows: 1,
  },
  {
    name: 'the first page of scripts, by their positions',
    plan: { kind: 'select', type: types.management, within: root, only: 'position', limit: 9 },
    sqlite:
      'SELECT number AS "$position" FROM script WHERE tenant = ?1 AND deadline() AND family = ?2 ORDER BY number LIMIT ?3',
    postgres:
      'SELECT number AS "$position" FROM script WHERE tenant = $1 AND family = $2 ORDER BY number LIMIT $3',
    rows: 1,
  },
  {
    name: 'a later page of scripts',
    plan: { kind: 'select', type: types.management, within: root, only: 'position', after: [0], limit: 9 },
    sqlite:
      'SELECT number AS "$position" FROM script WHERE tenant = ?1 AND deadline() AND family = ?2 AND number > ?3 ORDER BY number LIMIT ?4',
    postgres:
      'SELECT number AS "$position" FROM script WHERE tenant = $1 AND family = $2 AND number > $3::bigint ORDER BY number LIMIT $4',
    rows: 1,
  },
  {
    name: 'a later page of user states',
    plan: { kind: 'select', type: types.userState, within: state.within, after: ['a'], limit: 9 },
    sqlite: `SELECT id AS "$position", id, success_device_count AS "successDeviceCount",
      error_device_count AS "errorDeviceCount", user_principal_name AS "userPrincipalName" FROM user_state
      WHERE tenant = ?1 AND deadline()
      AND script = (SELECT number FROM script WHERE tenant = ?2 AND family = ?3 AND id = ?4)
      AND id > ?5 ORDER BY id LIMIT ?6`,
    postgres: `SELECT id AS "$position", id, success_device_count AS "successDeviceCount",
      error_device_count AS "errorDeviceCount", user_principal_name AS "userPrincipalName" FROM user_state
      WHERE tenant = $1 AND script = (SELECT number FROM script WHERE tenant = $2 AND family = $3 AND id = $4)
      AND id > $5 ORDER BY id LIMIT $6`,
    rows: 1,
  },
  {
    name: 'an update of a user state',
    plan: { kind: 'update', ...state, changes: { userPrincipalName: 'Alex', ...counts(3, 1) } },
    sqlite: `UPDATE user_state SET success_device_count = ?1, error_device_count = ?2, user_principal_name = ?3,
      user_principal_name_fold = ?4
      WHERE tenant = ?5 AND script = (SELECT number FROM script WHERE tenant = ?6 AND family = ?7 AND id = ?8)
      AND id = ?9 RETURNING id AS "$position", id, success_device_count AS "successDeviceCount",
      error_device_count AS "errorDeviceCount", user_principal_name AS "userPrincipalName"`,
    postgres: `UPDATE user_state SET success_device_count = $1, error_device_count = $2, user_principal_name = $3,
      user_principal_name_fold = $4
      WHERE tenant = $5 AND script = (SELECT number FROM script WHERE tenant = $6 AND family = $7 AND id = $8)
      AND id = $9 RETURNING id AS "$position", id, success_device_count AS "successDeviceCount",
      error_device_count AS "errorDeviceCount", user_principal_name AS "userPrincipalName"`,
    rows: 1,
  },
  {
    name: 'a change of a user state that is known to be there',
    plan: {
      ...{ kind: 'set', type: types.userState, tenant: 1, parent: 1, key: 'b' },
      changes: { userPrincipalName: 'Alex' },
    },
    sqlite: `UPDATE user_state SET user_principal_name = ?1, user_principal_name_fold = ?2
      WHERE tenant = ?3 AND script = ?4 AND id = ?5`,
    postgres: `UPDATE user_state SET user_principal_name = $1, user_principal_name_fold = $2
      WHERE tenant = $3 AND script = $4 AND id = $5`,
    rows: 0,
  },
  {
    name: 'the deletion of a user state',
    plan: { kind: 'delete', ...state },
    sqlite: `DELETE FROM user_state
      WHERE tenant = ?1 AND script = (SELECT number FROM script WHERE tenant = ?2 AND family = ?3 AND id = ?4)
      AND id = ?5 RETURNING id AS "$position", id, success_device_count AS "successDeviceCount",
      error_device_count AS "errorDeviceCount", user_principal_name AS "userPrincipalName"`,
    postgres: `DELETE FROM user_state
      WHERE tenant = $1 AND script = (SELECT number FROM script WHERE tenant = $2 AND family = $3 AND id = $4)
      AND id = $5 RETURNING id AS "$position", id, success_device_count AS "successDeviceCount",
      error_device_count AS "errorDeviceCount", user_principal_name AS "userPrincipalName"`,
    rows: 1,
  },
  {
    name: 'the purge of what a script left',
    plan: { kind: 'purge', type: types.userState, tenant: 1, parent: 1, limit: 1000 },
    sqlite: `DELETE FROM user_state WHERE tenant = ?1 AND script = ?2 AND (script, id) IN
      (SELECT script, id FROM user_state WHERE tenant = ?1 AND script = ?2 LIMIT ?3) RETURNING 1 AS purged`,
    postgres: `DELETE FROM user_state WHERE tenant = $1 AND script = $2 AND (script, id) IN
      (SELECT script, id FROM user_state WHERE tenant = $1 AND script = $2 LIMIT $3) RETURNING 1 AS purged`,
    rows: 1,
  },
  {
    name: 'the purge of what a tenant left',
    plan: { kind: 'purge', type: types.shell, tenant: 1, limit: 1 },
    sqlite: `DELETE FROM script WHERE tenant = ?1 AND (number) IN
      (SELECT number FROM script WHERE tenant = ?1 LIMIT ?2) RETURNING 1 AS purged`,
    postgres: `DELETE FROM script WHERE tenant = $1 AND (number) IN
      (SELECT number FROM script WHERE tenant = $1 LIMIT $2) RETURNING 1 AS purged`,
    rows: 1,
  },
]

function counts(success: number, error: number): Readonly<Record<string, Value>> {
  return { successDeviceCount: success, errorDeviceCount: error }
}

function insertScript(type: EntityType, number: number): Plan {
  return { kind: 'insert', type, tenant: 1, number, row: sampleRow(type, { id: `script-${number}` }) }
}

function insertState(id: string): Plan {
  const type = types.userState
  return { kind: 'insert', type, tenant: 1, number: 1, row: sampleRow(type, { id }) }
}

/** The text on one line. */
function line(text: string): string {
  return text.replace(/\s+/g, ' ')
}

describe('the SQL text of', () => {
  for (const { name, plan, ...texts } of pinned) {
    test(`${name} is as pinned in both dialects`, () => {
      assert.equal(line(compile(plan, sqlite).text), line(texts.sqlite))
      assert.equal(line(compile(plan, postgres).text), line(texts.postgres))
    })
  }

  test('an insert of each type has its place, then every member', () => {
    for (const type of [types.shell, types.attribute]) {
      const plan: Plan = { kind: 'insert', type, tenant: 1, number: 1, row: sampleRow(type, {}) }
      const [, columns = ''] = /\(tenant, number, family, ([^)]*)\)/.exec(compile(plan, sqlite).text) ?? []
      const expected = type.properties.flatMap((property) => {
        assert(property.kind === 'primitive')
        return [property.column.name, property.column.foldedName ?? []].flat()
      })
      assert.deepEqual(columns.split(', '), expected)
    }
  })
})

/** Below a user state, by a link. */
function linkedScope(above: EntityReference): Scope {
  const parent = { type: types.userState, within: { tenant: 7, parent: above }, key: 'u' }
  return { tenant: 7, parent, link: 'user_state' }
}

/** Every kind of plan, in every form, for every entity type. */
function* everyPlan(): Generator<Plan> {
  for (const type of model.entityTypes.values()) {
    const parent = type.table.parent === undefined ? undefined : { ...script, within: { tenant: 7 } }
    const reference = { type, within: { tenant: 7, parent }, key: 'a' }
    const page = { kind: 'select', type, within: reference.within } as const
    for (const lock of ['update', 'share'] as const) yield { kind: 'select', ...reference, lock }
    yield { kind: 'select', ...reference, lock: 'update', withParent: true }
    if (parent !== undefined) {
      yield { kind: 'select', ...reference, within: linkedScope(parent), lock: 'update', withParent: true }
    }
    yield { kind: 'select', ...reference }
    yield page
    yield { ...page, only: 'position' }
    yield { ...page, after: [1], limit: 2 }
    yield { kind: 'insert', type, tenant: 7, number: 1, row: sampleRow(type, {}) }
    yield { kind: 'update', ...reference, changes: sampleRow(type, {}) }
    yield { kind: 'delete', ...reference }
    yield { kind: 'count', type, within: reference.within }
    yield { kind: 'count', type, within: { ...reference.within, isShared: true } }
    if (parent !== undefined) yield { ...page, within: linkedScope(parent) }
    if (type.table.slotted === true) yield { kind: 'add', type, tenant: 7, parent: 1, deltas: {} }
    yield { kind: 'purge', type, tenant: 7, limit: 1 }
    if (parent !== undefined) yield { kind: 'purge', type, tenant: 7, parent: 1, limit: 1 }
  }
}

for (const dialect of [sqlite, postgres]) {
  test(`every statement on entities leads with the tenant in ${dialect.name}, in subqueries too`, () => {
    for (const plan of everyPlan()) {
      const { text, values } = compile(plan, dialect)
      const conditions = [...text.matchAll(/\b(?:WHERE tenant = [?$]|WHERE |INTO \w+ \()([\w$]*)/g)]
      assert(conditions.length > 0, text)
      for (const [condition, rest] of conditions) {
        if (condition.startsWith('INTO')) assert.deepEqual([rest, values[0]], ['tenant', 7], text)
        else assert.equal(values[Number(rest) - 1], 7, text)
      }
    }
  })
}

test('what a client sent is never in the text', () => {
  const hostile = "'; DROP TABLE script; --"
  const members = { ...counts(1, 1), id: hostile, userPrincipalName: hostile }
  const within = { tenant: 1, parent: { ...script, key: hostile } }
  const reference = { type: types.userState, within, key: hostile }
  const plans: readonly Plan[] = [
    { kind: 'select', ...reference },
    { kind: 'select', type: types.userState, within, after: [hostile], limit: 1 },
    { kind: 'insert', type: types.userState, tenant: 1, number: 1, row: members },
    { kind: 'update', ...reference, changes: members },
    { kind: 'delete', ...reference },
    query`SELECT 1 WHERE 1 = ${hostile}`,
  ]
  for (const plan of plans) {
    const { text, values } = compile(plan, sqlite)
    assert(!text.includes('DROP'), text)
    assert(values.includes(hostile))
  }
})

test('every pinned statement runs on SQLite', (t) => {
  const connection = new Connection(':memory:', { readOnly: false })
  t.after(() => connection.close())
  migrate(connection)
  for (const { name, plan, rows } of pinned) assert.equal(connection.run(plan).length, rows, name)
})

test('every pinned statement is prepared and runs on PostgreSQL', { skip: noPostgres }, async () => {
  await using database = await startPostgres()
  for (const { sql } of loadMigrations(postgres)) await database.run(sql)
  for (const { name, plan, rows } of pinned) {
    assert.equal((await database.execute(compile(plan, postgres))).length, rows, name)
  }
})
