/** The types behind a version of the API: what `$metadata` declares, and what the OpenAPI document has schemas of. */
import { actionsOf, type ComplexType, type EntityType, type Property, type Version } from '#model/model.ts'

/** An enumeration, as the properties of its type know it. */
export interface EnumerationType {
  /** With the namespace. */
  readonly qualifiedName: string
  readonly members: ReadonlyMap<string, number>
}

/** Types by their qualified names, in the order in which the model leads to them. */
export interface Schema {
  readonly entityTypes: ReadonlyMap<string, EntityType>
  readonly complexTypes: ReadonlyMap<string, ComplexType>
  readonly enumerations: ReadonlyMap<string, EnumerationType>
}

/** Every type that can be reached from the singletons of a version, and no other. */
export function schemaOf({ singletons }: Version): Schema {
  const schema: GrowingSchema = { entityTypes: new Map(), complexTypes: new Map(), enumerations: new Map() }
  for (const { navigations } of singletons.values()) {
    for (const { target } of navigations.values()) addEntityType(target, schema)
  }
  return schema
}

interface GrowingSchema extends Schema {
  readonly entityTypes: Map<string, EntityType>
  readonly complexTypes: Map<string, ComplexType>
  readonly enumerations: Map<string, EnumerationType>
}

function addEntityType(type: EntityType, schema: GrowingSchema): void {
  if (schema.entityTypes.has(type.qualifiedName)) return
  schema.entityTypes.set(type.qualifiedName, type)
  for (const property of type.properties) addTypesOf(property, schema)
  for (const { returns } of actionsOf(type)) for (const each of returns) addComplexType(each, schema)
  for (const { target } of type.navigations.values()) addEntityType(target, schema)
}

function addTypesOf(property: Property, schema: GrowingSchema): void {
  if (property.kind !== 'primitive') {
    for (const type of property.types.values()) addComplexType(type, schema)
  } else if (property.ordinals !== undefined && !schema.enumerations.has(property.typeName)) {
    const { typeName: qualifiedName, ordinals: members } = property
    schema.enumerations.set(qualifiedName, { qualifiedName, members })
  }
}

function addComplexType(type: ComplexType, schema: GrowingSchema): void {
  if (schema.complexTypes.has(type.qualifiedName)) return
  schema.complexTypes.set(type.qualifiedName, type)
  for (const member of type.members) addTypesOf(member, schema)
}

/** The members that a complex type has beside its base's. */
export function ownMembers({ base, members }: ComplexType): ComplexType['members'] {
  return members.slice(base?.members.length ?? 0)
}
