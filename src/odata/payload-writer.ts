/** Writes entities as JSON, members in the model's order. */
import type { Quirks } from '#base/base.ts'
import type { EntityType, Property, Value } from '#model/model.ts'

/** A stored entity: a value for each property, by name. */
export type Row = Readonly<Record<string, Value>>

type JsonScalar = string | number | boolean

/** An entity as it is put into JSON. */
export type EntityJson = Record<string, JsonScalar | null | readonly JsonScalar[]>

/** An entity at the top of an answer. */
export function writeEntity(type: EntityType, row: Row, quirks: Quirks): EntityJson {
  const entity: EntityJson =
    quirks('type-annotation') === 'present' ? { '@odata.type': `#${type.qualifiedName}` } : {}
  for (const property of type.properties)
    entity[property.name] = writeValue(property, row[property.name] ?? null)
  return entity
}

/** An entity in a list. */
export function writeListed(type: EntityType, row: Row, quirks: Quirks): EntityJson {
  const entity = writeEntity(type, row, quirks)
  if (quirks('listed-content') === 'null') {
    for (const { name, large } of type.properties) if (large) entity[name] = null
  }
  return entity
}

function writeValue({ primitive }: Property, value: Value): JsonScalar | null | readonly JsonScalar[] {
  if (value === null) return null
  return Array.isArray(value) ? value.map((item: string) => primitive.format(item)) : primitive.format(value)
}
