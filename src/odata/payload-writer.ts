/** Writes entities as JSON, members in the model's order. */
import { type Quirks, unreachable } from '#base/base.ts'
import {
  type ComplexCollectionProperty,
  type ComplexProperty,
  complexTypeNamed,
  type EntityType,
  isComplex,
  type PrimitiveProperty,
  type Property,
  type Value,
} from '#model/model.ts'

/** A stored entity: a value for each property, by name. */
export type Row = Readonly<Record<string, Value>>

type JsonScalar = string | number | boolean | null

type JsonObject = Readonly<Record<string, JsonScalar | readonly JsonScalar[]>>

type JsonMember = JsonScalar | readonly JsonScalar[] | JsonObject | readonly (JsonObject | null)[]

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
  for (const property of quirks('member-order') === 'recorded' ? type.recordedProperties : type.properties) {
    if (select !== undefined && !select.includes(property.name)) continue
    const value = row[property.name] ?? null
    entity[property.name] = writeMember(property, value, isAnnotated)
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

function writeMember(property: Property, value: Value, isAnnotated: boolean): JsonMember {
  switch (property.kind) {
    case 'primitive':
      return writeValue(property, value)
    case 'complex':
      return writeComplex(property, value, isAnnotated)
    case 'complexCollection':
      return Array.isArray(value) ? value.map((item) => writeComplex(property, item, isAnnotated)) : null
    default:
      return unreachable(property)
  }
}

/** A derived type always says which it is: without that the value could not be read. */
function writeComplex(
  property: ComplexProperty | ComplexCollectionProperty,
  value: Value,
  isAnnotated: boolean,
): JsonObject | null {
  if (!isComplex(value)) return null
  const type = complexTypeNamed(property, value.type)
  if (type === undefined) return null
  const annotation =
    type.base !== undefined || isAnnotated ? [['@odata.type', `#${type.qualifiedName}`] as const] : []
  const members = type.members.map(
    (member) => [member.name, writeValue(member, value.members[member.name] ?? null)] as const,
  )
  return Object.fromEntries([...annotation, ...members])
}

function writeValue({ primitive }: PrimitiveProperty, value: Value): JsonScalar | readonly JsonScalar[] {
  if (value === null) return null
  return Array.isArray(value) ? value.map((item: string) => primitive.format(item)) : primitive.format(value)
}
