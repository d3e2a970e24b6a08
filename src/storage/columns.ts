/** Between an entity's values and its columns. */
import { type EntityType, KEY, type Property, type Value } from '#model/model.ts'
import type { Changes, Row } from '#odata/odata.ts'
import type { Dialect, SqlValue } from './dialect.ts'
import { POSITION } from './plan.ts'

/** A row as the driver gives it, columns already under their properties' names. */
export type SqlRow = Readonly<Record<string, SqlValue>>

/** The column that orders the rows of a type and continues its pages: numbers grow with each creation. */
export function positionColumn({ table }: EntityType): string {
  return table.numbered === true ? 'number' : KEY
}

/** Columns and values that set the members, folded ones beside their own. */
export function encodeMembers(
  type: EntityType,
  members: Changes,
  dialect: Dialect,
): [column: string, value: SqlValue][] {
  const columns: [string, SqlValue][] = []
  for (const property of type.properties) {
    const value = members[property.name]
    if (value === undefined) continue
    const { name, foldedName } = property.column
    columns.push([name, encodeValue(property, value, dialect)])
    if (foldedName !== undefined)
      columns.push([foldedName, typeof value === 'string' ? value.toLowerCase() : null])
  }
  return columns
}

function encodeValue({ ordinals, column }: Property, value: Value, dialect: Dialect): SqlValue {
  if (value === null) return null
  if (column.kind === 'json') return JSON.stringify(value)
  if (ordinals !== undefined) return ordinals.get(String(value)) ?? null
  if (typeof value === 'boolean') return dialect.boolean.encode(value)
  return typeof value === 'string' || typeof value === 'number' || value instanceof Uint8Array ? value : null
}

/** The entity in a driver's row, its position with it. */
export function decodeRow(type: EntityType, sqlRow: SqlRow, dialect: Dialect): Row {
  const row: Record<string, Value> = { [POSITION]: plainValue(sqlRow[POSITION] ?? null) }
  for (const property of type.properties) {
    row[property.name] = decodeValue(property, sqlRow[property.name] ?? null, dialect)
  }
  return row
}

function decodeValue({ ordinals, column }: Property, value: SqlValue, dialect: Dialect): Value {
  if (value === null) return null
  if (ordinals !== undefined) return memberOf(ordinals, Number(value))
  if (column.kind === 'boolean') return dialect.boolean.decode(value)
  return column.kind === 'json' ? parseTexts(String(value)) : plainValue(value)
}

/** A driver's value where no entity type says more of it. */
export function plainValue(value: SqlValue): Value {
  return typeof value === 'bigint' ? Number(value) : value
}

function memberOf(ordinals: ReadonlyMap<string, number>, ordinal: number): string | null {
  for (const [name, number] of ordinals) if (number === ordinal) return name
  return null
}

function parseTexts(json: string): readonly string[] {
  const items: unknown = JSON.parse(json)
  return Array.isArray(items) ? items.map(String) : []
}
