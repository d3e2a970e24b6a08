/** Writes entities as JSON, members in the model's order. */
import type { Quirks } from '#base/base.ts'
import {
  type ComplexProperty,
  complexTypeNamed,
  type EntityType,
  isComplex,
  type PrimitiveProperty,
  type Value,
} from '#model/model.ts'

/** A stored entity: a value for each property, by name. */
export type Row = Readonly<Record<string, Value>>

type JsonScalar = string | number | boolean | null

type JsonMember =
  | JsonScalar
  | readonly JsonScalar[]
  | Readonly<Record<string, JsonScalar | readonly JsonScalar[]>>

/** An entity as it is put into JSON. */
export type EntityJson = Record<string, JsonMember>

/** How an entity is to be written. */
export interface PayloadWriting {
  readonly quirks: Quirks
  /** The names of the members that are wanted; all of them where absent. */
  readonly select?: readonly string[] | undefined
}

/** An entity at the top of an answer. */
export function writeEntity(type: EntityType, row: Row, { quirks, select }: PayloadWriting): EntityJson {
  const isAnnotated = quirks('type-annotation') === 'present'
  const entity: EntityJson = isAnnotated ? { '@odata.type': `#${type.qualifiedName}` } : {}
  for (const property of type.properties) {
    if (select !== undefined && !select.includes(property.name)) continue
    const value = row[property.name] ?? null
    entity[property.name] =
      property.kind === 'primitive' ? writeValue(property, value) : writeComplex(property, value, isAnnotated)
  }
  return entity
}

/** An entity in a list. */
export function writeListed(type: EntityType, row: Row, writing: PayloadWriting): EntityJson {
  const entity = writeEntity(type, row, writing)
  if (writing.quirks('listed-content') === 'null') {
    for (const { name, lazy } of type.properties) if (lazy && name in entity) entity[name] = null
  }
  return entity
}

/** A derived type always says which it is: without that the value could not be read. */
function writeComplex(property: ComplexProperty, value: Value, isAnnotated: boolean): JsonMember {
  if (!isComplex(value)) return null
  const type = complexTypeNamed(property, value.type)
  if (type === undefined) return null
  const annotation = type.isDerived || isAnnotated ? [['@odata.type', `#${type.qualifiedName}`] as const] : []
  const members = type.members.map(
    (member) => [member.name, writeValue(member, value.members[member.name] ?? null)] as const,
  )
  return Object.fromEntries([...annotation, ...members])
}

function writeValue({ primitive }: PrimitiveProperty, value: Value): JsonScalar | readonly JsonScalar[] {
  if (value === null) return null
  return Array.isArray(value) ? value.map((item: string) => primitive.format(item)) : primitive.format(value)
}
