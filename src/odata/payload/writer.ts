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
import type { MetadataLevel } from '../accept.ts'
import { entityAnnotations, linkAnnotations, typeAnnotation } from './full-metadata.ts'

/** A stored entity: a value for each property, by name. */
export type Row = Readonly<Record<string, Value>>

type JsonScalar = string | number | boolean | null

type JsonObject = Readonly<Record<string, JsonScalar | readonly JsonScalar[]>>

/** What a member of an entity can be in JSON. */
export type JsonMember =
  | JsonScalar
  | readonly JsonScalar[]
  | JsonObject
  | readonly (JsonObject | null)[]
  | EntityJson
  | readonly EntityJson[]

/** An entity as it is put into JSON. */
export interface EntityJson {
  [member: string]: JsonMember
}

/** How an entity is to be written. */
export interface PayloadWriting {
  readonly quirks: Quirks
  readonly metadata: MetadataLevel
  /** The names of the members that are wanted; all of them where absent. */
  readonly select?: readonly string[] | undefined
  /** The context URL, of an entity that is the whole answer; absent where no metadata is wanted, and inside another. */
  readonly context?: string | undefined
  /** Of the entity, for full metadata. */
  readonly url: string
  /** What is expanded, after the properties. */
  readonly expanded?: EntityJson | undefined
}

/** An entity at the top of an answer. */
export function writeEntity(type: EntityType, row: Row, writing: PayloadWriting): EntityJson {
  const { quirks, metadata, select, context, url, expanded } = writing
  const isFull = metadata === 'full'
  const isAnnotated = isFull || (metadata === 'minimal' && quirks('type-annotation') === 'present')
  const entity: EntityJson = context === undefined ? {} : { '@odata.context': context }
  if (isAnnotated) entity['@odata.type'] = `#${type.qualifiedName}`
  if (isFull) Object.assign(entity, entityAnnotations(url))
  for (const property of quirks('member-order') === 'recorded' ? type.recordedProperties : type.properties) {
    if (select !== undefined && !select.includes(property.name)) continue
    if (isFull) Object.assign(entity, typeAnnotation(property))
    entity[property.name] = writeMember(property, row[property.name] ?? null, { isAnnotated, metadata })
  }
  if (isFull && select === undefined) Object.assign(entity, linkAnnotations(type, url))
  return expanded === undefined ? entity : Object.assign(entity, expanded)
}

/** An entity in a list. */
export function writeListed(type: EntityType, row: Row, writing: PayloadWriting): EntityJson {
  const entity = writeEntity(type, row, writing)
  if (writing.quirks('listed-content') === 'null') {
    for (const { name, lazy } of type.properties) if (lazy && name in entity) entity[name] = null
  }
  return entity
}

interface Annotating {
  /** Whether a value of a declared type says so too. */
  readonly isAnnotated: boolean
  readonly metadata: MetadataLevel
}

function writeMember(property: Property, value: Value, annotating: Annotating): JsonMember {
  switch (property.kind) {
    case 'primitive':
      return writeValue(property, value)
    case 'complex':
      return writeComplex(property, value, annotating)
    case 'complexCollection':
      return Array.isArray(value) ? value.map((item) => writeComplex(property, item, annotating)) : null
    default:
      return unreachable(property)
  }
}

/** A derived type says which it is, for without that the value could not be read; but not where no metadata is wanted. */
function writeComplex(
  property: ComplexProperty | ComplexCollectionProperty,
  value: Value,
  { isAnnotated, metadata }: Annotating,
): JsonObject | null {
  if (!isComplex(value)) return null
  const type = complexTypeNamed(property, value.type)
  if (type === undefined) return null
  const isSaid = metadata !== 'none' && (type.base !== undefined || isAnnotated)
  const annotation = isSaid ? [['@odata.type', `#${type.qualifiedName}`] as const] : []
  const members = type.members.flatMap((member) => [
    ...(metadata === 'full' ? Object.entries(typeAnnotation(member)) : []),
    [member.name, writeValue(member, value.members[member.name] ?? null)] as const,
  ])
  return Object.fromEntries([...annotation, ...members])
}

function writeValue({ primitive }: PrimitiveProperty, value: Value): JsonScalar | readonly JsonScalar[] {
  if (value === null) return null
  return Array.isArray(value) ? value.map((item: string) => primitive.format(item)) : primitive.format(value)
}
