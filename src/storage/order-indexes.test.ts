/** Every order that the model lists as served by an index is: no page of it sorts, and none reads all that is before. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type EntityType, model, type PrimitiveProperty } from '#model/model.ts'
import type { Rank } from '#odata/odata.ts'
import { noPostgres, startPostgres } from '../../test/support/postgres.ts'
import { filterOf, orderOf } from '../../test/support/query-rows.ts'
import { types } from '../../test/support/storage.ts'
import { compile } from './compile.ts'
import { postgres, sqlite } from './dialect.ts'
import { loadMigrations } from './migrations.ts'
import type { Scope } from './plan.ts'
import type { PagePlan } from './seam.ts'
import { Connection } from './sqlite/connection.ts'
import { migrate } from './sqlite/migrate.ts'

interface Orderable {
  readonly type: EntityType
  readonly property: PrimitiveProperty
  readonly index: string
}

const orderables = [...model.entityTypes.values()].flatMap((type) =>
  type.properties.flatMap((property): Orderable[] =>
    property.kind === 'primitive' && property.orderable
      ? [{ type, property, index: `${type.table.name}_by_${property.column.name}` }]
      : [],
  ),
)

/** Where a collection of the type is: below a script, where it is below one. */
function scopeOf({ table }: EntityType): Scope {
  const root = { tenant: 1 }
  if (table.parent === undefined) return root
  const type = table.parent === 'health_script' ? types.health : types.management
  return { tenant: 1, parent: { type, within: root, key: 'script-1' } }
}

function sampleRank({ ordinals, column }: PrimitiveProperty): Rank {
  return ordinals === undefined && column.kind === 'text' ? 'm' : 1
}

function literalOf({ ordinals, typeName }: PrimitiveProperty): string {
  const [member] = ordinals?.keys() ?? []
  if (member !== undefined) return `'${member}'`
  if (typeName === 'Edm.Int32') return '1'
  return typeName === 'Edm.DateTimeOffset' ? '2026-11-23T00:00:00Z' : "'m'"
}

/** The pages that are asked for, by what they are. */
function pagesOf({ type, property }: Orderable): Readonly<Record<string, PagePlan>> {
  const page = { kind: 'select', type, within: scopeOf(type), limit: 100 } as const
  const position = type.table.numbered === true ? 7 : 'x'
  const ranks: Readonly<Record<string, Rank>> = property.nullable
    ? { 'after a value': sampleRank(property), 'among the nulls': null }
    : { 'after a value': sampleRank(property) }
  const pages: Record<string, PagePlan> = {}
  for (const direction of ['', ' desc']) {
    const order = orderOf(type, `${property.name}${direction}`)
    pages[`${property.name}${direction}, first`] = { ...page, order }
    for (const [place, rank] of Object.entries(ranks))
      pages[`${property.name}${direction}, ${place}`] = { ...page, order, after: [rank, position] }
    if (property.typeName === 'Edm.String') {
      const condition = filterOf(type, `startswith(${property.name},'m')`)
      pages[`startswith and ${property.name}${direction}, first`] = { ...page, order, condition }
      const after = [sampleRank(property), position]
      pages[`startswith and ${property.name}${direction}, later`] = { ...page, order, condition, after }
    }
  }
  return { ...pages, ...equalities({ type, property }) }
}

function equalities({ type, property }: Pick<Orderable, 'type' | 'property'>): Record<string, PagePlan> {
  const page = { kind: 'select', type, within: scopeOf(type), limit: 100 } as const
  const equal = filterOf(type, `${property.name} eq ${literalOf(property)}`)
  return { [`${property.name} eq`]: { ...page, condition: equal } }
}

/** A page that is asked for, and the plan of each database to read it. */
interface Asked {
  readonly name: string
  readonly index: string
  readonly table: string
  /** The condition by which the index is entered where the page before ended. */
  readonly entry: RegExp | undefined
  readonly plan: PagePlan
}

const asked = orderables.flatMap((orderable) =>
  Object.entries(pagesOf(orderable)).map(([name, plan]): Asked => {
    const { type, index } = orderable
    const isLater = plan.after !== undefined && plan.condition === undefined
    const position = type.table.numbered === true ? 'number' : 'id'
    const entry = isLater ? new RegExp(`\\b${position}\\)? ?[<>]`) : undefined
    return { name: `${type.name}: ${name}`, index, table: type.table.name, entry, plan }
  }),
)

test('the model lists these orders, and no other', () => {
  const names = orderables.map(({ type, property }) => `${type.table.name}.${property.name}`)
  assert.deepEqual(
    [...new Set(names)],
    [
      ...['script.displayName', 'script.runAsAccount', 'script.fileName'],
      ...['device_state.runState', 'device_state.lastStateUpdateDateTime'],
      ...['user_state.errorDeviceCount', 'user_state.userPrincipalName'],
      ...['health_script.displayName', 'health_script.runAsAccount'],
      ...['health_device_state.detectionState', 'health_device_state.lastStateUpdateDateTime'],
    ],
  )
})

describe('SQLite reads by its index, and sorts nothing,', () => {
  const connection = new Connection(':memory:', { readOnly: false })
  migrate(connection)
  for (const { name, index, table, entry, plan } of asked) {
    test(name, () => {
      const { text, values } = compile(plan, sqlite)
      const steps = connection.all({ text: `EXPLAIN QUERY PLAN ${text}`, values })
      const details = steps.map(({ detail }) => String(detail))
      const reads = details.filter((detail) => new RegExp(`(SCAN|SEARCH) ${table}\\b`).test(detail))
      const ranges = details.filter((detail) => /^SCAN range\d$/.test(detail)).length
      assert.equal(reads.length, Math.max(ranges, 1), details.join('\n'))
      for (const read of reads) assert.match(read, new RegExp(`^SEARCH ${table} USING INDEX ${index} `))
      if (entry !== undefined) assert.match(details.join('\n'), entry)
      assert.doesNotMatch(details.join('\n'), /TEMP B-TREE/)
    })
  }
})

test('PostgreSQL reads every page by its index, and sorts nothing', { skip: noPostgres }, async () => {
  await using database = await startPostgres()
  for (const { sql } of loadMigrations(postgres)) await database.run(sql)
  const statements = asked.map(({ plan }) => compile(plan, postgres))
  const plans = await database.explainAll(statements, 'SET enable_seqscan = off; SET enable_sort = off')
  assert.equal(plans.length, asked.length)
  for (const [i, { name, index, table, entry }] of asked.entries()) {
    const lines = plans[i] ?? []
    const explained = `${name}\n${lines.join('\n')}`
    const reads = lines.filter((line) => new RegExp(` on ${table}\\b`).test(line))
    assert(reads.length > 0, explained)
    for (const read of reads)
      assert.match(read, new RegExp(`Index Scan (Backward )?using ${index} on ${table}`), explained)
    assert(!lines.some((line) => /\bSort\b(?! Key)|Seq Scan/.test(line)), explained)
    if (entry !== undefined) assert.match(explained, entry)
  }
})
