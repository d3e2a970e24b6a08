import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compile } from './compile.ts'
import { postgres, sqlite } from './dialect.ts'
import type { CopyPlan, KeyPlan, Table } from './plan.ts'

const child: Table = { name: 'child', parent: 'top', key: ['top', 'id'], columns: ['top', 'id', 'text'] }
const top: Table = { name: 'top', parent: undefined, key: ['number'], columns: ['number', 'id'] }

const pinned: readonly (readonly [title: string, plan: CopyPlan | KeyPlan, text: string, values: unknown])[] =
  [
    [
      'all rows of a table that hangs below none',
      { kind: 'copy', table: top, from: 1, to: 2 },
      'INSERT INTO top (tenant, number, id) SELECT CAST($1 AS INTEGER), number, id FROM top WHERE tenant = $2',
      [2, 1],
    ],
    [
      'a piece of a table, without what waits for its purge, and a row for each',
      { kind: 'copy', table: child, from: 1, to: 2, piece: { after: [3, 'a'], through: [4, 'b'] } },
      'INSERT INTO child (tenant, top, id, text) SELECT CAST($1 AS INTEGER), top, id, text FROM child WHERE tenant = $2 AND top NOT IN (SELECT parent FROM purge WHERE tenant = $3 AND parent_table = $4) AND (top, id) > ($5, $6) AND (top, id) <= ($7, $8) RETURNING 1 AS copied',
      [2, 1, 1, 'top', 3, 'a', 4, 'b'],
    ],
    [
      'the rest of a table from its beginning',
      { kind: 'copy', table: top, from: 1, to: 2, piece: { after: undefined, through: undefined } },
      'INSERT INTO top (tenant, number, id) SELECT CAST($1 AS INTEGER), number, id FROM top WHERE tenant = $2 RETURNING 1 AS copied',
      [2, 1],
    ],
    [
      'the key some rows after another',
      { kind: 'key', table: child, tenant: 1, after: [3, 'a'], skip: 9 },
      'SELECT top, id FROM child WHERE tenant = $1 AND (top, id) > ($2, $3) ORDER BY top, id LIMIT 1 OFFSET $4',
      [1, 3, 'a', 9],
    ],
    [
      'the key some rows after the beginning',
      { kind: 'key', table: top, tenant: 1, after: undefined, skip: 0 },
      'SELECT number FROM top WHERE tenant = $1 ORDER BY number LIMIT 1 OFFSET $2',
      [1, 0],
    ],
  ]

describe('the copying of rows is printed', () => {
  for (const [title, plan, text, values] of pinned) {
    test(`for ${title}`, () => {
      assert.deepEqual(compile(plan, postgres), { text, values })
      assert.deepEqual(compile(plan, sqlite), { text: text.replaceAll('$', '?'), values })
    })
  }

  test('in a transaction that sees one moment, which on SQLite each does', () => {
    assert.equal(
      compile({ kind: 'moment' }, postgres).text,
      'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ',
    )
    assert.equal(compile({ kind: 'moment' }, sqlite).text, 'SELECT 1 WHERE FALSE')
  })
})
