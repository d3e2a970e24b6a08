/**
 * Deletions in two parts: the entity goes at once, what hung below it goes later, a bounded number of rows a
 * commit. A row of the table `purge` remembers what is left to do, through a restart too. Numbers are never used
 * twice, so nothing new can inherit what an old number left behind.
 */
import { limits } from '#base/base.ts'
import type { EntityType, Model } from '#model/model.ts'
import type { Row } from '#odata/odata.ts'
import { command, type EntityReference, POSITION, query } from './plan.ts'
import { all, one, type Transaction } from './transaction.ts'

/** The entity types whose rows belong to rows of this one. */
function childrenOf({ entityTypes }: Model, { table }: EntityType): readonly EntityType[] {
  return [...entityTypes.values()].filter((type) => type.table.parent === table.name)
}

/** Removes an entity, and leaves what is below it to the purge. Gives what was removed; undefined where nothing was. */
export function* removeEntity(model: Model, entity: EntityReference): Transaction<Row | undefined> {
  const row = yield* one({ kind: 'delete', ...entity })
  if (row !== undefined && childrenOf(model, entity.type).length > 0) {
    const { tenant } = entity.within
    yield* all(command`INSERT INTO purge (tenant, parent_table, parent)
      VALUES (${tenant}, ${entity.type.table.name}, ${Number(row[POSITION])})`)
  }
  return row
}

/** Takes a tenant's name away, and leaves all its rows to the purge. */
export function* discardTenant(tenant: number): Transaction<void> {
  yield* all(command`UPDATE tenant SET tid = NULL, domain = NULL WHERE number = ${tenant}`)
  yield* all(command`INSERT INTO purge (tenant, parent_table, parent) VALUES (${tenant}, '', 0)`)
}

/** Does the next piece of what is left to purge, one commit's worth. False where nothing is left. */
export function* purgeSome(model: Model): Transaction<boolean> {
  const task = yield* one(
    query`SELECT tenant, parent_table, parent FROM purge ORDER BY tenant, parent LIMIT 1`,
  )
  if (task === undefined) return false
  const tenant = Number(task['tenant'])
  const parent = task['parent_table'] === '' ? undefined : Number(task['parent'])
  let limit: number = limits.purgeRows
  for (const type of tablesOf(model, task)) {
    if (limit > 0) limit -= (yield* all({ kind: 'purge', type, tenant, parent, limit })).length
  }
  if (limit < limits.purgeRows) return true
  yield* all(command`DELETE FROM purge
    WHERE tenant = ${tenant} AND parent_table = ${String(task['parent_table'])} AND parent = ${Number(task['parent'])}`)
  if (parent === undefined) {
    yield* all(command`DELETE FROM purge WHERE tenant = ${tenant}`)
    yield* all(command`DELETE FROM import_progress WHERE tenant = ${tenant}`)
    yield* all(command`DELETE FROM tenant WHERE number = ${tenant}`)
  }
  return true
}

/** One entity type for each table that a task reaches, children before what they belong to. */
function tablesOf({ entityTypes }: Model, task: Row): readonly EntityType[] {
  const reached = [...entityTypes.values()].filter(({ table }) =>
    task['parent_table'] === '' ? true : table.parent === task['parent_table'],
  )
  const tables = new Map(reached.map((type) => [type.table.name, type]))
  return [...tables.values()].sort(
    (a, b) => Number(b.table.parent !== undefined) - Number(a.table.parent !== undefined),
  )
}
