/** Tables of conditions with the SQL that each is printed as, and the tests of such a table. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { EntityType } from '#model/model.ts'
import { compile, type Statement } from '#storage/compile.ts'
import { printCondition } from '#storage/conditions.ts'
import { type Dialect, postgres, type SqlValue, sqlite } from '#storage/dialect.ts'
import { loadMigrations } from '#storage/migrations.ts'
import type { Plan } from '#storage/plan.ts'
import { Connection } from '#storage/sqlite/connection.ts'
import { migrate } from '#storage/sqlite/migrate.ts'
import { noPostgres, startPostgres } from './postgres.ts'
import { filterOf, queryRows } from './query-rows.ts'
import { types } from './storage.ts'

/** A condition, the text that it is printed as, and the values in it. */
export interface PinnedCondition {
  readonly name: string
  readonly filter: string
  /** A kind of script where absent. */
  readonly type?: EntityType
  readonly postgres: string
  /** Where it is more than the same without casts. */
  readonly sqlite?: string
  readonly values: readonly SqlValue[]
}

/** The SQL of a filter. */
export function printFilter(filter: string, dialect: Dialect, type: EntityType = types.shell): Statement {
  const values: SqlValue[] = []
  const bind = (value: SqlValue): string => dialect.parameter(values.push(value))
  return { text: printCondition(filterOf(type, filter), { dialect, bind }), values }
}

/** A text for PostgreSQL as SQLite has it, where they differ in casts and parameters alone. */
export function withoutCasts(text: string): string {
  return text.replaceAll(/::(?:text|bigint|boolean|double precision)/g, '').replaceAll(/\$(?=\d)/g, '?')
}

/** Tests that each is printed so in both dialects, and runs on both databases. */
export function testConditions(pinned: readonly PinnedCondition[]): void {
  describe('the SQL of', () => {
    for (const { name, filter, type, values, ...texts } of pinned) {
      test(`${name} is as pinned in both dialects, with its values`, () => {
        const numbers = values.map((value) => (typeof value === 'boolean' ? Number(value) : value))
        const text = texts.sqlite ?? withoutCasts(texts.postgres)
        assert.deepEqual(printFilter(filter, sqlite, type), { text, values: numbers })
        assert.deepEqual(printFilter(filter, postgres, type), { text: texts.postgres, values })
      })
    }
  })

  const plans = pinned.map(({ filter, type = types.shell }): Plan => {
    const place = { within: { tenant: 1 }, only: 'position' } as const
    return { kind: 'select', type, ...place, condition: filterOf(type, filter) }
  })

  test('every pinned condition runs on SQLite', (t) => {
    const connection = new Connection(':memory:', { readOnly: false })
    t.after(() => connection.close())
    migrate(connection)
    for (const plan of [...queryRows, ...plans]) connection.run(plan)
  })

  test('every pinned condition is prepared and runs on PostgreSQL', { skip: noPostgres }, async () => {
    await using database = await startPostgres()
    for (const { sql } of loadMigrations(postgres)) await database.run(sql)
    const statements = [...queryRows, ...plans].map((plan) => compile(plan, postgres))
    assert.equal((await database.executeAll(statements)).length, statements.length)
  })
}
