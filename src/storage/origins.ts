/** The rows that the names in a condition are of, and how rows lie to those that they are reached from. */
import { type EntityType, KEY, type Navigation } from '#model/model.ts'
import type { Origin } from '#odata/odata.ts'
import type { Dialect } from './dialect.ts'
import type { Bind } from './scope.ts'

/** What printing needs to know. */
export interface Printing {
  readonly dialect: Dialect
  readonly bind: Bind
}

/** A row by the name that it has in a statement. */
export interface RowName {
  readonly type: EntityType
  readonly alias: string
}

/** The alias of the rows that a variable stands for. */
export function aliasOf(depth: number): string {
  return `v${depth}`
}

/** The row where an origin begins: the outermost one has the name of its table. */
export function rowOf({ depth, type }: Origin): RowName {
  return { type, alias: depth === 0 ? type.table.name : aliasOf(depth) }
}

/**
 * Something of the row that an origin names: of that row itself, or of the one that its single navigations lead to, of
 * which there may be none.
 */
export function printAt(
  origin: Origin,
  printing: Printing,
  print: (row: string, type: EntityType) => string,
): string {
  const step = (row: RowName, via: readonly Navigation[]): string => {
    const [navigation, ...rest] = via
    if (navigation === undefined) return print(row.alias, row.type)
    const next = { type: navigation.target, alias: `${row.alias}_${navigation.name.toLowerCase()}` }
    const conditions = printLink(navigation, { from: row, to: next.alias }, printing)
    return `(SELECT ${step(next, rest)} FROM ${next.type.table.name} AS ${next.alias} WHERE ${conditions.join(' AND ')})`
  }
  return step(rowOf(origin), origin.via)
}

/** The conditions under which a row is one of those that a navigation leads to from another. */
export function printLink(
  { target, link, collection }: Navigation,
  { from, to }: { readonly from: RowName; readonly to: string },
  { bind }: Printing,
): readonly string[] {
  const { parent, discriminator } = target.table
  const conditions = [`${to}.tenant = ${from.alias}.tenant`]
  if (link === undefined) conditions.push(`${to}.${parent} = ${from.alias}.number`)
  else if (collection) {
    conditions.push(`${to}.${parent} = ${from.alias}.${parent}`, `${to}.${link} = ${from.alias}.${KEY}`)
  } else conditions.push(`${to}.${KEY} = ${from.alias}.${link}`)
  if (discriminator !== undefined)
    conditions.push(`${to}.${discriminator.column} = ${bind(discriminator.value)}`)
  return conditions
}
