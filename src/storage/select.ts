/** Prints what reads rows: one of them, a page, their number, or those related to many. */
import { type EntityType, KEY } from '#model/model.ts'
import { positionColumn } from './columns.ts'
import { printCondition } from './conditions.ts'
import { printBeyond, printOrder, sortKeys } from './order.ts'
import type { Printing } from './origins.ts'
import {
  COUNT,
  type CountPlan,
  HOLDER,
  type Holder,
  OF,
  PARENT,
  PLACE,
  POSITION,
  type PresentPlan,
  type RelatedPlan,
  rankName,
  type SelectPlan,
} from './plan.ts'
import { printColumns, printPosition, scanGuards, scopeConditions } from './scope.ts'
import { printSum, printSums } from './slotted.ts'

export function printSelect(plan: SelectPlan, printing: Printing): string {
  const { type, within, key, only, limit, lock, order = [] } = plan
  const { dialect, bind } = printing
  if (type.table.slotted === true) return printSum(plan, bind)
  const hold = lock === undefined || plan.withParent !== true ? '' : dialect.lock.share
  const [tenant, ...place] = scopeConditions(type, within, { bind, hold })
  const columns = only === 'position' ? printPosition(type) : printColumns(type)
  if (key !== undefined) {
    const conditions = [tenant, ...place, `${KEY} = ${bind(key)}`]
    const tail = lock === undefined ? '' : dialect.lock[lock]
    return `SELECT ${columns}${printParent(plan)} FROM ${type.table.name} WHERE ${conditions.join(' AND ')}${tail}`
  }
  const keys = sortKeys(order, positionColumn(type), printing)
  const ranks = order.map((_, i) => `, ${keys[i]?.sql} AS "${rankName(i)}"`).join('')
  // The guard stands before all that a row can fail: SQLite asks in this order, and ends at the first no.
  const conditions = [tenant, ...scanGuards(dialect), ...place, ...printIf(plan.condition, printing)]
  const ranges = plan.after === undefined ? [undefined] : printBeyond(keys, plan.after, printing)
  const size = limit === undefined ? '' : ` LIMIT ${bind(limit)}`
  const offset = plan.skip === undefined || plan.skip === 0 ? '' : ` OFFSET ${bind(plan.skip)}`
  const selects = ranges.map((range) => {
    const where = range === undefined ? conditions : [...conditions, range]
    return `SELECT ${columns}${printParent(plan)}${ranks} FROM ${type.table.name} WHERE ${where.join(' AND ')} ${printOrder(keys)}${size}${offset}`
  })
  if (selects.length === 1) return selects.join('')
  const parts = selects.map((select, i) => `SELECT * FROM (${select}) AS range${i}`).join(' UNION ALL ')
  if (dialect.keepsUnionOrder) return `${parts}${size}`
  const outer = printOrder(keys, (_, i) => `"${i === order.length ? POSITION : rankName(i)}"`)
  return `SELECT * FROM (${parts}) AS page ${outer}${size}`
}

function printParent({ type, withParent = false, holder }: SelectPlan): string {
  const parent = withParent && type.table.parent !== undefined ? `, ${type.table.parent} AS "${PARENT}"` : ''
  return holder === undefined ? parent : `${parent}, ${printHolder(type, holder)} AS "${HOLDER}"`
}

function printHolder({ table }: EntityType, { type, link }: NonNullable<SelectPlan['holder']>): string {
  const isSibling = `holder.tenant = ${table.name}.tenant AND holder.${table.parent} = ${table.name}.${table.parent}`
  return `(SELECT ${KEY} FROM ${type.table.name} AS holder WHERE ${isSibling} AND holder.${KEY} = ${table.name}.${link})`
}

export function printPresent({ type, within, keys }: PresentPlan, { dialect, bind }: Printing): string {
  const where = scopeConditions(type, within, { bind }).join(' AND ')
  return `SELECT ${KEY} FROM ${type.table.name} WHERE ${where} AND ${KEY} IN (${dialect.list('text', bind(JSON.stringify(keys)))})`
}

function printIf(condition: SelectPlan['condition'], printing: Printing): readonly string[] {
  return condition === undefined ? [] : [`(${printCondition(condition, printing)})`]
}

export function printCount({ type, within, condition }: CountPlan, printing: Printing): string {
  const { dialect, bind } = printing
  const [tenant, ...place] = scopeConditions(type, within, { bind })
  const conditions = [tenant, ...scanGuards(dialect), ...place, ...printIf(condition, printing)]
  return `SELECT COUNT(*) AS count FROM ${type.table.name} WHERE ${conditions.join(' AND ')}`
}

/** One statement for all; of each so many, as a window of its rows tells. */
export function printRelated(plan: RelatedPlan, printing: Printing): string {
  const { tenant, navigation, holders, order = [], skip = 0, limit, isCounted } = plan
  const { target: type, link, collection } = navigation
  const { dialect, bind } = printing
  const { parent, discriminator } = type.table
  const base = [`tenant = ${bind(tenant)}`, ...scanGuards(dialect)]
  const isHeld = printHeld(heldBy(plan), holders, printing)
  if (!collection && link === undefined) return printSums(type, [...base, isHeld].join(' AND '))
  if (!collection) {
    return `SELECT ${printColumns(type)}, ${KEY} AS "${OF}" FROM ${type.table.name} WHERE ${[...base, isHeld].join(' AND ')}`
  }
  const of = heldBy(plan).join(', ')
  const keys = sortKeys(order, positionColumn(type), printing)
  const extras = [
    `${parent} AS "${PARENT}"`,
    `${link ?? parent} AS "${OF}"`,
    ...order.map((_, i) => `${keys[i]?.sql} AS "${rankName(i)}"`),
    ...(isCounted === true ? [`COUNT(*) OVER (PARTITION BY ${of}) AS "${COUNT}"`] : []),
    `ROW_NUMBER() OVER (PARTITION BY ${of} ${printOrder(keys)}) AS "${PLACE}"`,
  ]
  const kind = discriminator === undefined ? [] : [`${discriminator.column} = ${bind(discriminator.value)}`]
  const where = [...base, isHeld, ...kind, ...printIf(plan.condition, printing)].join(' AND ')
  const rows = `SELECT ${printColumns(type)}, ${extras.join(', ')} FROM ${type.table.name} WHERE ${where}`
  const window = `"${PLACE}" > ${dialect.constant('whole', bind(skip))} AND "${PLACE}" <= ${dialect.constant('whole', bind(skip + limit))}`
  const wanted = isCounted === true ? `("${PLACE}" = 1 OR ${window})` : window
  return `SELECT * FROM (${rows}) AS related WHERE ${wanted} ORDER BY "${PARENT}", "${OF}", "${PLACE}"`
}

/** The columns by which rows of the target hold on to those they are reached from. */
function heldBy({ navigation: { target, link, collection } }: RelatedPlan): readonly string[] {
  if (!collection && link !== undefined) return [KEY]
  const parent = target.table.parent ?? ''
  return link === undefined ? [parent] : [parent, link]
}

function printHeld(
  columns: readonly string[],
  holders: readonly Holder[],
  { dialect, bind }: Printing,
): string {
  const list = bind(JSON.stringify(holders))
  const [column = ''] = columns
  if (columns.length > 1) return `(${columns.join(', ')}) IN (${dialect.pairs(list)})`
  return `${column} IN (${dialect.list(column === KEY ? 'text' : 'whole', list)})`
}
