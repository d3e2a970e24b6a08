/** Where rows are looked for, and what of them is read. */
import { type EntityType, KEY } from '#model/model.ts'
import { memberColumns, oncePerType, positionColumn } from './columns.ts'
import type { Dialect, SqlValue } from './dialect.ts'
import { type EntityReference, POSITION, type Scope } from './plan.ts'

/** Makes a value a parameter. */
export type Bind = (value: SqlValue) => string

/** Every column under the name of its property, the position with them. */
export const printColumns = oncePerType((type) => {
  const columns = memberColumns(type).map(({ column, name }) =>
    column === name ? name : `${column} AS "${name}"`,
  )
  return [printPosition(type), ...columns].join(', ')
})

export function printPosition(type: EntityType): string {
  return `${positionColumn(type)} AS "${POSITION}"`
}

/** How conditions are printed. */
interface Conditioning {
  readonly bind: Bind
  /** The lock by which the numbered row above is kept, where it is. */
  readonly hold?: string
}

export function printKey({ type, within, key }: EntityReference, conditioning: Conditioning): string {
  const conditions = scopeConditions(type, within, conditioning)
  return [...conditions, `${KEY} = ${conditioning.bind(key)}`].join(' AND ')
}

/** The tenant first, then the parent by its number, then what tells the type's rows from others in its table. */
export function scopeConditions(
  { table }: EntityType,
  { tenant, parent, link, isShared = false }: Scope,
  { bind, hold = '' }: Conditioning,
): [tenant: string, ...place: string[]] {
  const conditions: [string, ...string[]] = [`tenant = ${bind(tenant)}`]
  if (table.parent !== undefined && parent !== undefined) {
    const [number, tail] = link === undefined ? ['number', hold] : [table.parent, '']
    const where = printKey(parent, { bind, hold })
    conditions.push(
      `${table.parent} = (SELECT ${number} FROM ${parent.type.table.name} WHERE ${where}${tail})`,
    )
    if (link !== undefined) conditions.push(`${link} = ${bind(parent.key)}`)
  }
  if (table.discriminator !== undefined && !isShared) {
    conditions.push(`${table.discriminator.column} = ${bind(table.discriminator.value)}`)
  }
  return conditions
}

/** Adds the values of {@link printKey}, in the order of its parameters. */
export function addKeyValues({ type: { table }, within, key }: EntityReference, values: SqlValue[]): void {
  const { tenant, parent, link, isShared = false } = within
  values.push(tenant)
  if (table.parent !== undefined && parent !== undefined) {
    addKeyValues(parent, values)
    if (link !== undefined) values.push(parent.key)
  }
  if (table.discriminator !== undefined && !isShared) values.push(table.discriminator.value)
  values.push(key)
}

/** Adds all that the text of {@link printKey} depends on. */
export function addKeyShape({ type, within }: EntityReference, shape: unknown[]): void {
  const { parent, link, isShared = false } = within
  shape.push(type, isShared, link)
  if (parent !== undefined) addKeyShape(parent, shape)
}

/** What ends a scan at its deadline, among the conditions of its rows. */
export function scanGuards({ scanGuard }: Dialect): readonly string[] {
  return scanGuard === undefined ? [] : [scanGuard]
}
