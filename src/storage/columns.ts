/** Between an entity's values and its columns. */
import assert from 'node:assert/strict'
import { unreachable } from '#base/base.ts'
import {
  type ComplexProperty,
  type ComplexValue,
  complexTypeNamed,
  type EntityType,
  isComplex,
  KEY,
  type PrimitiveProperty,
  type Property,
  type Value,
} from '#model/model.ts'
import type { Changes, Row } from '#odata/odata.ts'
import type { Dialect, SqlValue } from './dialect.ts'
import { POSITION } from './plan.ts'

/** A row as the driver gives it, columns already under their properties' names. */
export type SqlRow = Readonly<Record<string, SqlValue>>

/** The column that orders the rows of a type and continues its pages: numbers grow with each creation. */
export function positionColumn({ table }: EntityType): string {
  return table.numbered === true ? 'number' : KEY
}

/** Works something out of an entity type once. */
export function oncePerType<T>(workOut: (type: EntityType) => T): (type: EntityType) => T {
  const known = new WeakMap<EntityType, { readonly result: T }>()
  return (type) => {
    const entry = known.get(type) ?? { result: workOut(type) }
    known.set(type, entry)
    return entry.result
  }
}

/** Every column that a type's members have, in order, under the name that a driver's row has it. */
export function memberColumns(
  type: EntityType,
): readonly { readonly column: string; readonly name: string }[] {
  const members = type.properties.flatMap(columnsOf)
  return [...members, ...type.references.map(({ link, name }) => ({ column: link, name }))]
}

function columnsOf(property: Property): readonly { readonly column: string; readonly name: string }[] {
  const { name } = property
  switch (property.kind) {
    case 'primitive':
      return [{ column: property.column.name, name }]
    case 'complexCollection':
      return [{ column: property.column, name }]
    case 'complex': {
      const parts = property.parts.map((part) => ({
        column: part.column.name,
        name: `${name}.${part.name}`,
      }))
      return [{ column: property.typeColumn, name: `${name}${TYPE}` }, ...parts]
    }
    default:
      return unreachable(property)
  }
}

/** Marks the name of a complex value's type in a driver's row. */
const TYPE = '.@type'

/** Columns and values that set the members, folded ones beside their own. */
export function encodeMembers(
  type: EntityType,
  members: Changes,
  dialect: Dialect,
): [column: string, value: SqlValue][] {
  const encoded: [string, SqlValue][] = []
  for (const property of type.properties) {
    const value = members[property.name]
    if (value !== undefined) encoded.push(...encodeMember(property, value, dialect))
  }
  for (const { name, link } of type.references) {
    const id = members[name]
    if (id !== undefined) encoded.push([link, typeof id === 'string' ? id : null])
  }
  return encoded
}

function encodeMember(property: Property, value: Value, dialect: Dialect): [string, SqlValue][] {
  switch (property.kind) {
    case 'primitive':
      return encodePrimitive(property, value, dialect)
    case 'complex':
      return encodeComplex(property, value, dialect)
    case 'complexCollection':
      return [[property.column, value === null ? null : JSON.stringify(value)]]
    default:
      return unreachable(property)
  }
}

function encodePrimitive(property: PrimitiveProperty, value: Value, dialect: Dialect): [string, SqlValue][] {
  const { name, foldedName } = property.column
  const own: [string, SqlValue] = [name, encodeValue(property, value, dialect)]
  return foldedName === undefined
    ? [own]
    : [own, [foldedName, typeof value === 'string' ? value.toLowerCase() : null]]
}

/** Members that the value's type does not have are null. */
function encodeComplex(
  { parts, typeColumn }: ComplexProperty,
  value: Value,
  dialect: Dialect,
): [string, SqlValue][] {
  const { type, members }: ComplexValue | { type: null; members: Readonly<Record<string, Value>> } =
    isComplex(value) ? value : { type: null, members: {} }
  const columns = parts.flatMap((part) => encodePrimitive(part, members[part.name] ?? null, dialect))
  return [[typeColumn, type], ...columns]
}

function encodeValue({ ordinals, column }: PrimitiveProperty, value: Value, dialect: Dialect): SqlValue {
  if (value === null) return null
  if (column.kind === 'json') return JSON.stringify(value)
  if (ordinals !== undefined) return ordinals.get(String(value)) ?? null
  if (typeof value === 'boolean') return dialect.boolean.encode(value)
  return typeof value === 'string' || typeof value === 'number' || value instanceof Uint8Array ? value : null
}

/** The entity in a driver's row, its position and its references with it. */
export function decodeRow(type: EntityType, sqlRow: SqlRow, dialect: Dialect): Record<string, Value> {
  const row: Record<string, Value> = { [POSITION]: plainValue(sqlRow[POSITION] ?? null) }
  for (const property of type.properties) {
    row[property.name] = decodeMember(property, sqlRow, dialect)
  }
  for (const { name } of type.references) row[name] = plainValue(sqlRow[name] ?? null)
  return row
}

/** As {@link decodeRow}, with what the statement adds beside the members: all that begins with a dollar sign. */
export function decodeWithExtras(type: EntityType, sqlRow: SqlRow, dialect: Dialect): Row {
  const row = decodeRow(type, sqlRow, dialect)
  for (const name in sqlRow) if (name.startsWith('$')) row[name] = plainValue(sqlRow[name] ?? null)
  return row
}

function decodeMember(property: Property, sqlRow: SqlRow, dialect: Dialect): Value {
  const column = sqlRow[property.name] ?? null
  switch (property.kind) {
    case 'primitive':
      return decodeValue(property, column, dialect)
    case 'complex':
      return decodeComplex(property, sqlRow, dialect)
    case 'complexCollection':
      return column === null ? null : parseValues(String(column))
    default:
      return unreachable(property)
  }
}

function decodeComplex(property: ComplexProperty, sqlRow: SqlRow, dialect: Dialect): Value {
  const { name } = property
  const type = complexTypeNamed(property, sqlRow[`${name}${TYPE}`])
  if (type === undefined) return null
  const members = type.members.map((member) => [
    member.name,
    decodeValue(member, sqlRow[`${name}.${member.name}`] ?? null, dialect),
  ])
  return { type: type.name, members: Object.fromEntries(members) }
}

function decodeValue({ ordinals, column }: PrimitiveProperty, value: SqlValue, dialect: Dialect): Value {
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

/** What {@link encodeMember} wrote, and nobody else writes the column. */
function parseValues(json: string): readonly ComplexValue[] {
  const items: unknown = JSON.parse(json)
  assert(Array.isArray(items))
  return items
}

function parseTexts(json: string): readonly string[] {
  const items: unknown = JSON.parse(json)
  return Array.isArray(items) ? items.map(String) : []
}
