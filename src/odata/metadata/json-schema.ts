/** The types of the model as JSON Schema (2020-12, the dialect of OpenAPI 3.1), by the names that Graph's OpenAPI has. */
import {
  type ComplexType,
  type EntityType,
  isCollection,
  type Property,
  type primitives,
} from '#model/model.ts'
import { ownMembers, type Schema } from './schema.ts'

/** A schema, or another object of an OpenAPI document. */
export type JsonSchema = Readonly<Record<string, unknown>>

type JsonSchemas = Readonly<Record<string, JsonSchema>>

/** The JSON form of each primitive type; formats are of the OpenAPI registry. */
const PRIMITIVES: JsonSchemas = {
  'Edm.String': { type: 'string' },
  'Edm.Int32': { type: 'integer', format: 'int32' },
  'Edm.Boolean': { type: 'boolean' },
  'Edm.Binary': { type: 'string', contentEncoding: 'base64' },
  'Edm.DateTimeOffset': { type: 'string', format: 'date-time' },
  'Edm.Duration': { type: 'string', format: 'duration' },
  'Edm.Date': { type: 'string', format: 'date' },
  'Edm.TimeOfDay': { type: 'string', format: 'time-local' },
} satisfies Record<keyof typeof primitives, JsonSchema>

/** A schema for each type, by its qualified name. */
export function jsonSchemas({ entityTypes, complexTypes, enumerations }: Schema): JsonSchemas {
  const entities = [...entityTypes.values()].map((type) => [type.qualifiedName, entitySchema(type)])
  const complexes = [...complexTypes.values()].map((type) => [
    type.qualifiedName,
    complexSchema(type, [...complexTypes.values()]),
  ])
  const enums = [...enumerations.values()].map(({ qualifiedName, members }) => [
    qualifiedName,
    { type: 'string', enum: [...members.keys()] },
  ])
  return Object.fromEntries([...entities, ...complexes, ...enums])
}

/** A reference to the schema of a type. */
export function schemaReference(qualifiedName: string): JsonSchema {
  return { $ref: `#/components/schemas/${qualifiedName}` }
}

/** Read-only members are in answers alone; a binding is in requests alone. */
function entitySchema({
  name: title,
  qualifiedName,
  description,
  properties,
  references,
}: EntityType): JsonSchema {
  const bindings = references.map(({ name, target }) => [
    `${name}@odata.bind`,
    { type: 'string', writeOnly: true, description: `URL of the ${target.name} that it is of.` },
  ])
  const members = { ...annotation(qualifiedName), ...memberSchemas(properties) }
  return {
    title,
    description,
    type: 'object',
    properties: { ...members, ...Object.fromEntries(bindings) },
  }
}

function complexSchema(type: ComplexType, all: readonly ComplexType[]): JsonSchema {
  const { name: title, qualifiedName, description, base } = type
  const properties = { ...annotation(qualifiedName), ...memberSchemas(ownMembers(type)) }
  const own = { title, description, type: 'object', properties }
  if (base !== undefined) return { allOf: [schemaReference(base.qualifiedName), own] }
  const family = all.filter((each) => each === type || isDerived(each, type))
  if (family.length === 1) return own
  const mapping = family.map((each) => [
    `#${each.qualifiedName}`,
    schemaReference(each.qualifiedName)['$ref'],
  ])
  return { ...own, discriminator: { propertyName: '@odata.type', mapping: Object.fromEntries(mapping) } }
}

function isDerived({ base }: ComplexType, from: ComplexType): boolean {
  return base !== undefined && (base.qualifiedName === from.qualifiedName || isDerived(base, from))
}

function annotation(qualifiedName: string): JsonSchema {
  return { '@odata.type': { type: 'string', default: `#${qualifiedName}` } }
}

function memberSchemas(properties: readonly Property[]): JsonSchema {
  return Object.fromEntries(properties.map((property) => [property.name, propertySchema(property)]))
}

/** No defaults: generated clients send them along in an update, where they would undo what is there. */
function propertySchema(property: Property): JsonSchema {
  const { typeName, nullable, description, access } = property
  const single = PRIMITIVES[typeName] ?? schemaReference(typeName)
  const minimum = property.kind === 'primitive' ? property.minimum : undefined
  return {
    ...orNull(isCollection(property) ? { type: 'array', items: single } : single, nullable),
    ...(minimum === undefined ? {} : { minimum }),
    description,
    ...(access === 'readOnly' ? { readOnly: true } : {}),
  }
}

function orNull(schema: JsonSchema, nullable: boolean): JsonSchema {
  if (!nullable) return schema
  return 'type' in schema
    ? { ...schema, type: [schema['type'], 'null'] }
    : { anyOf: [schema, { type: 'null' }] }
}
