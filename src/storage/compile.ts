/** Prints plans as SQL. Names come from the model alone; whatever a client sent is a parameter. */
import { unreachable } from '#base/base.ts'
import { type EntityType, KEY } from '#model/model.ts'
import { encodeMembers, positionColumn } from './columns.ts'
import type { Dialect, SqlValue } from './dialect.ts'
import {
  type EntityReference,
  type Plan,
  POSITION,
  type PurgePlan,
  type Scope,
  type SelectPlan,
} from './plan.ts'

/** A statement as a driver takes it. */
export interface Statement {
  readonly text: string
  readonly values: readonly SqlValue[]
}

/** The statement of a plan in a database's dialect. The same shape of plan always prints the same text. */
export function compile(plan: Plan, dialect: Dialect): Statement {
  const values: SqlValue[] = []
  const bind = (value: SqlValue): string => dialect.parameter(values.push(value))
  return { text: print(plan, dialect, bind), values }
}

type Bind = (value: SqlValue) => string

function print(plan: Plan, dialect: Dialect, bind: Bind): string {
  switch (plan.kind) {
    case 'query':
    case 'command':
      return plan.parts
        .map((part, i) => (i === 0 ? part : `${bind(plan.values[i - 1] ?? null)}${part}`))
        .join('')
    case 'select':
      return printSelect(plan, dialect, bind)
    case 'insert': {
      const columns = [...placeOf(plan.type, plan), ...encodeMembers(plan.type, plan.row, dialect)]
      const names = columns.map(([name]) => name).join(', ')
      return `INSERT INTO ${plan.type.table.name} (${names}) VALUES (${columns.map(([, value]) => bind(value)).join(', ')})`
    }
    case 'update': {
      const columns = encodeMembers(plan.type, plan.changes, dialect)
      const assignments = columns.map(([name, value]) => `${name} = ${bind(value)}`).join(', ')
      return `UPDATE ${plan.type.table.name} SET ${assignments} WHERE ${printKey(plan, bind)} RETURNING ${printColumns(plan.type)}`
    }
    case 'delete':
      return `DELETE FROM ${plan.type.table.name} WHERE ${printKey(plan, bind)} RETURNING ${printColumns(plan.type)}`
    case 'purge':
      return printPurge(plan, bind)
    default:
      return unreachable(plan)
  }
}

function printSelect(plan: SelectPlan, dialect: Dialect, bind: Bind): string {
  const { type, within, key, only, after, limit, lock } = plan
  const [tenant, ...place] = scopeConditions(type, within, bind)
  // The guard stands before all that a row can fail: SQLite asks in this order, and ends at the first no.
  const guard = key === undefined && dialect.scanGuard !== undefined ? [dialect.scanGuard] : []
  const conditions = [tenant, ...guard, ...place]
  if (key !== undefined) conditions.push(`${KEY} = ${bind(key)}`)
  if (after !== undefined) conditions.push(`${positionColumn(type)} > ${bind(after)}`)
  const order = key === undefined ? ` ORDER BY ${positionColumn(type)}` : ''
  const count = limit === undefined ? '' : ` LIMIT ${bind(limit)}`
  const tail = lock === undefined ? '' : dialect.lock[lock]
  return `SELECT ${only === 'position' ? printPosition(type) : printColumns(type)} FROM ${type.table.name} WHERE ${conditions.join(' AND ')}${order}${count}${tail}`
}

/** Every column under the name of its property, the position with them. */
function printColumns(type: EntityType): string {
  const columns = type.properties.map(({ name, column }) =>
    column.name === name ? name : `${column.name} AS "${name}"`,
  )
  return [printPosition(type), ...columns].join(', ')
}

function printPosition(type: EntityType): string {
  return `${positionColumn(type)} AS "${POSITION}"`
}

function printKey({ type, within, key }: EntityReference, bind: Bind): string {
  return [...scopeConditions(type, within, bind), `${KEY} = ${bind(key)}`].join(' AND ')
}

/** The tenant first, then the parent by its number, then the family where the table holds several. */
function scopeConditions(
  { table }: EntityType,
  { tenant, parent }: Scope,
  bind: Bind,
): [tenant: string, ...place: string[]] {
  const conditions: [string, ...string[]] = [`tenant = ${bind(tenant)}`]
  if (table.parent !== undefined && parent !== undefined) {
    conditions.push(
      `${table.parent} = (SELECT number FROM ${parent.type.table.name} WHERE ${printKey(parent, bind)})`,
    )
  }
  if (table.family !== undefined) conditions.push(`family = ${bind(table.family)}`)
  return conditions
}

function placeOf(
  { table }: EntityType,
  { tenant, number = null }: { readonly tenant: number; readonly number: number | null | undefined },
): [column: string, value: SqlValue][] {
  const place: [string, SqlValue][] = [['tenant', tenant]]
  if (table.numbered === true) place.push(['number', number])
  if (table.parent !== undefined) place.push([table.parent, number])
  if (table.family !== undefined) place.push(['family', table.family])
  return place
}

function printPurge({ type, tenant, parent, limit }: PurgePlan, bind: Bind): string {
  const { name, parent: column } = type.table
  const place = column === undefined ? 'number' : `${column}, ${KEY}`
  const conditions = [`tenant = ${bind(tenant)}`]
  if (parent !== undefined) conditions.push(`${column} = ${bind(parent)}`)
  const where = conditions.join(' AND ')
  return `DELETE FROM ${name} WHERE ${where} AND (${place}) IN (SELECT ${place} FROM ${name} WHERE ${where} LIMIT ${bind(limit)}) RETURNING 1 AS purged`
}
