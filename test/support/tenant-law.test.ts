import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { findTenantless } from './tenant-law.ts'

const tables = new Set(['script', 'user_state', 'managed_device'])

const lawful = [
  'SELECT number FROM tenant WHERE tid = $1',
  'SELECT number AS "$position" FROM script WHERE tenant = $1 AND family = $2 ORDER BY number LIMIT $3 FOR UPDATE',
  'SELECT id FROM user_state WHERE tenant = $1 AND script = (SELECT number FROM script WHERE tenant = $2 AND id = $3)',
  'SELECT id FROM script WHERE tenant = $1 AND (EXISTS (SELECT 1 FROM user_state AS v1 WHERE v1.tenant = script.tenant))',
  'SELECT * FROM (SELECT id FROM script WHERE tenant = $1) AS range0 UNION ALL SELECT * FROM (SELECT id FROM script WHERE tenant = $2) AS range1 LIMIT $3',
  "SELECT id FROM script WHERE tenant = $1 AND (id IS NOT DISTINCT FROM ' OR ' OR id = $2)",
  'INSERT INTO user_state (tenant, script, id) VALUES ($1, $2, $3) ON CONFLICT (tenant, script) DO UPDATE SET id = excluded.id',
  'UPDATE script SET id = $1 WHERE tenant = $2 RETURNING id',
  'DELETE FROM user_state WHERE tenant = $1 AND (script, id) IN (SELECT script, id FROM user_state WHERE tenant = $1 LIMIT $2) RETURNING 1',
  'SELECT a.id FROM script AS a, user_state AS b WHERE a.tenant = $1 AND b.tenant = a.tenant',
  'INSERT INTO script (tenant, id) SELECT CAST($1 AS INTEGER), id FROM script WHERE tenant = $2 RETURNING 1',
] as const

const unlawful = [
  'SELECT id FROM script',
  'SELECT id FROM "script"',
  'SELECT id FROM script WHERE family = $1 AND number IN (SELECT script FROM user_state WHERE tenant = $2)',
  'SELECT id FROM user_state WHERE tenant = $1 AND script = (SELECT number FROM script WHERE id = $2)',
  'SELECT id FROM script WHERE tenant = $1 OR id = $2',
  'SELECT id FROM script WHERE (tenant = $1 OR id = $2)',
  'SELECT id FROM script WHERE tenant = tenant',
  'SELECT id FROM script WHERE script.tenant = script.tenant',
  'SELECT id FROM script WHERE tenant = 1',
  'SELECT id FROM script WHERE tenant >= $1',
  'SELECT id FROM script WHERE NOT tenant = $1',
  'SELECT id FROM script WHERE tenant = $1 + 1',
  'SELECT id, tenant = $1 FROM script',
  'SELECT id FROM script WHERE tenant = $1 UNION ALL SELECT id FROM script',
  'SELECT id FROM script AS a WHERE a.tenant = $1 AND EXISTS (SELECT 1 FROM managed_device AS b WHERE a.tenant = $1)',
  'SELECT a.id FROM script AS a, user_state AS b WHERE tenant = $1',
  'SELECT a.id FROM script AS a, user_state AS b WHERE a.tenant = $1',
  'SELECT id FROM script NATURAL JOIN user_state WHERE tenant = $1',
  'WITH s AS (SELECT id FROM script WHERE tenant = $1) SELECT id FROM s',
  'SELECT id FROM script WHERE tenant = $1 AND (id = $2',
  'INSERT INTO script (id, tenant) VALUES ($1, $2)',
  'INSERT INTO script VALUES ($1, $2)',
  'INSERT INTO script (tenant, id) VALUES (1, $2)',
  'INSERT INTO script (tenant, id) SELECT $1, id FROM tenant',
  'INSERT INTO script (tenant, id) SELECT CAST($1 AS INTEGER), id FROM script',
  'INSERT INTO script (id, tenant) SELECT CAST($1 AS INTEGER), id FROM script WHERE tenant = $2',
  'INSERT INTO user_state (tenant, id) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET id = $3',
  'UPDATE script SET tenant = $1',
  'UPDATE script SET id = $1 WHERE id = $2',
  'DELETE FROM script WHERE id = $1',
] as const

describe('the law of tenants', () => {
  for (const sql of lawful) test(`is kept by ${sql}`, () => assert.deepEqual(findTenantless(sql, tables), []))

  for (const sql of unlawful)
    test(`is broken by ${sql}`, () => assert.notDeepEqual(findTenantless(sql, tables), []))
})
