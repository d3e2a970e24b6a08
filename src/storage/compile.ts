/** Prints plans as SQL. Names come from the model alone; whatever a client sent is a parameter. */
import { unreachable } from '#base/base.ts'
import { type EntityType, KEY } from '#model/model.ts'
import { encodeMembers, memberColumns, positionColumn } from './columns.ts'
import type { Dialect, SqlValue } from './dialect.ts'
import {
  type AddPlan,
  type CountPlan,
  type EntityReference,
  type InsertPlan,
  type Plan,
  POSITION,
  type PurgePlan,
  type Scope,
  type SelectPlan,
  type SetPlan,
  type UpdatePlan,
} from './plan.ts'

const MAX_INT32 = 2_147_483_647

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
    case 'count':
      return printCount(plan, dialect, bind)
    case 'insert':
      return printInsert(plan, dialect, bind)
    case 'add':
      return printAdd(plan, dialect, bind)
    case 'set':
      return `${printChanges(plan, dialect, bind)} WHERE tenant = ${bind(plan.tenant)} AND ${plan.type.table.parent} = ${bind(plan.parent)}`
    case 'update':
      return `${printChanges(plan, dialect, bind)} WHERE ${printKey(plan, bind)} RETURNING ${printColumns(plan.type)}`
    case 'delete':
      return `DELETE FROM ${plan.type.table.name} WHERE ${printKey(plan, bind)} RETURNING ${printColumns(plan.type)}`
    case 'purge':
      return printPurge(plan, bind)
    default:
      return unreachable(plan)
  }
}

function printChanges({ type, changes }: UpdatePlan | SetPlan, dialect: Dialect, bind: Bind): string {
  const columns = encodeMembers(type, changes, dialect)
  return `UPDATE ${type.table.name} SET ${columns.map(([name, value]) => `${name} = ${bind(value)}`).join(', ')}`
}

function printSelect(plan: SelectPlan, dialect: Dialect, bind: Bind): string {
  if (plan.type.table.slotted === true) return printSum(plan, bind)
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

function printCount({ type, within }: CountPlan, { scanGuard }: Dialect, bind: Bind): string {
  const [tenant, ...place] = scopeConditions(type, within, bind)
  const conditions = [tenant, ...(scanGuard === undefined ? [] : [scanGuard]), ...place]
  return `SELECT COUNT(*) AS count FROM ${type.table.name} WHERE ${conditions.join(' AND ')}`
}

/**
 * A slotted row as one: its id from the slot that has it, its counters summed, the latest of its instants. But for the
 * exact sums, nothing is counted below zero or above the largest Edm.Int32.
 */
function printSum({ type, within, isExact = false }: SelectPlan, bind: Bind): string {
  const { name, parent } = type.table
  const columns = slottedColumns(type).map(({ column, name: member, isCounter }) => {
    const sum = `SUM(${column})`
    const count = isExact
      ? sum
      : `CASE WHEN ${sum} < 0 THEN 0 WHEN ${sum} > ${MAX_INT32} THEN ${MAX_INT32} ELSE ${sum} END`
    return `${isCounter ? count : `MAX(${column})`} AS "${member}"`
  })
  return `SELECT ${columns.join(', ')} FROM ${name} WHERE ${scopeConditions(type, within, bind).join(' AND ')} GROUP BY ${parent}`
}

function printInsert({ type, tenant, number, row, link }: InsertPlan, dialect: Dialect, bind: Bind): string {
  const linked: [string, SqlValue][] = link === undefined ? [] : [[link.column, link.id]]
  const columns = [...placeOf(type, { tenant, number }), ...encodeMembers(type, row, dialect), ...linked]
  const names = columns.map(([name]) => name).join(', ')
  return `INSERT INTO ${type.table.name} (${names}) VALUES (${columns.map(([, value]) => bind(value)).join(', ')})`
}

interface SlottedColumn {
  readonly column: string
  readonly name: string
  /** Summed over the slots; of what is no counter the greatest stands for all. */
  readonly isCounter: boolean
}

function slottedColumns({ properties }: EntityType): readonly SlottedColumn[] {
  return properties
    .filter((property) => property.kind === 'primitive')
    .map(({ name, column }) => ({ column: column.name, name, isCounter: column.kind !== 'text' }))
}

/** A slot that is new has no id: the one made with the parent has it. */
function printAdd({ type, tenant, parent, deltas }: AddPlan, dialect: Dialect, bind: Bind): string {
  const { name, parent: parentColumn } = type.table
  const members = slottedColumns(type).filter(({ column }) => column !== KEY)
  const slot = Math.floor(Math.random() * dialect.slots)
  const columns = ['tenant', parentColumn, 'slot', KEY, ...members.map(({ column }) => column)]
  const deltaOf = (member: SlottedColumn) => deltas[member.name] ?? (member.isCounter ? 0 : null)
  const values = [tenant, parent, slot, '', ...members.map(deltaOf)]
  const moves = members.map(({ column, isCounter }) => {
    const [kept, added] = [`${name}.${column}`, `excluded.${column}`]
    const moved = isCounter
      ? `${kept} + ${added}`
      : `CASE WHEN ${kept} IS NULL OR ${added} > ${kept} THEN ${added} ELSE ${kept} END`
    return `${column} = ${moved}`
  })
  return `INSERT INTO ${name} (${columns.join(', ')}) VALUES (${values.map(bind).join(', ')}) ON CONFLICT (tenant, ${parentColumn}, slot) DO UPDATE SET ${moves.join(', ')}`
}

/** Every column under the name of its property, the position with them. */
function printColumns(type: EntityType): string {
  const columns = memberColumns(type).map(({ column, name }) =>
    column === name ? name : `${column} AS "${name}"`,
  )
  return [printPosition(type), ...columns].join(', ')
}

function printPosition(type: EntityType): string {
  return `${positionColumn(type)} AS "${POSITION}"`
}

function printKey({ type, within, key }: EntityReference, bind: Bind): string {
  return [...scopeConditions(type, within, bind), `${KEY} = ${bind(key)}`].join(' AND ')
}

/** The tenant first, then the parent by its number, then what tells the type's rows from others in its table. */
function scopeConditions(
  { table }: EntityType,
  { tenant, parent, link, isShared = false }: Scope,
  bind: Bind,
): [tenant: string, ...place: string[]] {
  const conditions: [string, ...string[]] = [`tenant = ${bind(tenant)}`]
  if (table.parent !== undefined && parent !== undefined) {
    const number = link === undefined ? 'number' : table.parent
    conditions.push(
      `${table.parent} = (SELECT ${number} FROM ${parent.type.table.name} WHERE ${printKey(parent, bind)})`,
    )
    if (link !== undefined) conditions.push(`${link} = ${bind(parent.key)}`)
  }
  if (table.discriminator !== undefined && !isShared) {
    conditions.push(`${table.discriminator.column} = ${bind(table.discriminator.value)}`)
  }
  return conditions
}

function placeOf(
  { table }: EntityType,
  { tenant, number = null }: { readonly tenant: number; readonly number: number | null | undefined },
): [column: string, value: SqlValue][] {
  const place: [string, SqlValue][] = [['tenant', tenant]]
  if (table.numbered === true) place.push(['number', number])
  if (table.parent !== undefined) place.push([table.parent, number])
  if (table.slotted === true) place.push(['slot', 0])
  if (table.discriminator !== undefined) place.push([table.discriminator.column, table.discriminator.value])
  return place
}

function printPurge({ type, tenant, parent, limit }: PurgePlan, bind: Bind): string {
  const { name, parent: column } = type.table
  const place = column === undefined ? positionColumn(type) : `${column}, ${KEY}`
  const conditions = [`tenant = ${bind(tenant)}`]
  if (parent !== undefined) conditions.push(`${column} = ${bind(parent)}`)
  const where = conditions.join(' AND ')
  return `DELETE FROM ${name} WHERE ${where} AND (${place}) IN (SELECT ${place} FROM ${name} WHERE ${where} LIMIT ${bind(limit)}) RETURNING 1 AS purged`
}
