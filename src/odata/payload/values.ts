/** Reads the values of members out of JSON: of primitive types, of enumerations, of collections, of complex types. */
import { isGuid, type Quirks } from '#base/base.ts'
import {
  type ComplexCollectionProperty,
  type ComplexProperty,
  type ComplexType,
  type ComplexValue,
  type EntityType,
  type Model,
  type PrimitiveProperty,
  type Property,
  primitives,
  type Scalar,
  type Value,
} from '#model/model.ts'
import { ODataError } from '../errors.ts'
import type { Json } from './json.ts'

/** What a body sets: values by property name, read-only members left out. */
export type Changes = Readonly<Record<string, Value>>

interface ValueReading {
  readonly quirks: Quirks
}

/** The value of a member. @throws ODataError `ModelValidationFailure` where the property cannot take it. */
export function readMember(property: Property, json: Json, reading: ValueReading): Value {
  if (json.kind === 'null') {
    assertFilled(property, null, reading)
    if (property.nullable) return null
    throw invalid(`The property '${property.name}' of type '${property.typeName}' must not be null.`)
  }
  if (property.kind === 'complex') return readComplex(property, json, reading)
  if (property.kind === 'complexCollection') {
    return itemsOf(property, json).map((item) => readComplex(property, item, reading))
  }
  if (property.collection) return readCollection(property, json)
  if (json.kind === 'array' || json.kind === 'object') throw misshapen(property.name, property.typeName, json)
  const value = readScalar(property, json)
  if (isBelowMinimum(value, property) && reading.quirks('negative-counts') === 'refused') {
    throw invalid(`The property '${property.name}' must not be below ${property.minimum}, and is ${value}.`)
  }
  assertFilled(property, value, reading)
  if (property.group && !isGuid(String(value)) && reading.quirks('group-ids') === 'guid') {
    throw new ODataError('BadRequest', `The id of a group is a GUID, not '${excerpt(String(value))}'.`, {
      isOfService: true,
    })
  }
  return value
}

/** In the real service's words, in which the member begins with a capital. */
function assertFilled(property: Property, value: Value, { quirks }: ValueReading): void {
  if (property.kind !== 'primitive' || !property.filled || quirks('empty-content') === 'accepted') return
  if (value !== null && !(value instanceof Uint8Array && value.length === 0)) return
  const name = `${property.name.slice(0, 1).toUpperCase()}${property.name.slice(1)}`
  throw new ODataError('UnknownError', `${name} must not be null or empty`)
}

/** A value of the type that its `@odata.type` names, or of the declared one; members that are not said have their defaults. */
function readComplex(
  property: ComplexProperty | ComplexCollectionProperty,
  json: Json,
  reading: ValueReading,
): ComplexValue {
  if (json.kind !== 'object') throw misshapen(property.name, property.typeName, json)
  const type = complexTypeOf(property, json.members.get('@odata.type'))
  const members: Record<string, Value> = {}
  for (const { name, default: fallback } of type.members) members[name] = isPlain(fallback) ? fallback : null
  for (const [name, value] of json.members) {
    if (name.includes('@')) continue
    const member = type.members.find((each) => each.name === name)
    if (member === undefined) throw unknownProperty(name, type)
    members[name] = readMember(member, value, reading)
  }
  const read = { type: type.name, members }
  return reading.quirks('virtual-groups') === 'normalised' ? (virtualTarget(read, property) ?? read) : read
}

/** The type that a group of this id stands for, with what it has of the value. Leaving out a virtual group stays as it is. */
function virtualTarget(
  { type: name, members }: ComplexValue,
  { types }: ComplexProperty | ComplexCollectionProperty,
): ComplexValue | undefined {
  const all = [...types.values()]
  const type = all.find((each) => each.name === name)
  const group = type?.members.find((member) => member.group)
  if (type === undefined || group === undefined || type.base?.identity === type.identity) return undefined
  const id = String(members[group.name]).toLowerCase()
  const virtual = all.find(({ identity }) => identity && 'value' in identity && identity.value === id)
  if (virtual === undefined) return undefined
  return {
    type: virtual.name,
    members: Object.fromEntries(virtual.members.map((member) => [member.name, members[member.name] ?? null])),
  }
}

function complexTypeOf(
  { types, typeName }: ComplexProperty | ComplexCollectionProperty,
  json: Json | undefined,
): ComplexType {
  const name = json === undefined ? typeName : typeNameIn(json)
  const type = types.get(name.toLowerCase())
  if (type === undefined) throw unresolved(name)
  return type
}

function isPlain(fallback: Property['default']): fallback is Value {
  return typeof fallback !== 'object' || fallback === null || !('from' in fallback)
}

/** Checks the `@odata.type` of an entity: with or without its `#`, in any case. */
export function checkType(
  json: Json,
  { model, type }: { readonly model: Model; readonly type: EntityType },
): void {
  const name = typeNameIn(json)
  if (name.toLowerCase() === type.qualifiedName.toLowerCase()) return
  for (const { qualifiedName } of model.entityTypes.values()) {
    if (name.toLowerCase() !== qualifiedName.toLowerCase()) continue
    throw invalid(
      `An entry with type '${qualifiedName}' was found, but it is not assignable to the expected type '${type.qualifiedName}'. The type specified in the entry must be equal to either the expected type or a derived type.`,
    )
  }
  throw unresolved(name)
}

function typeNameIn(json: Json): string {
  return json.kind === 'string' ? json.text.replace(/^#/, '') : ''
}

function readCollection(property: PrimitiveProperty, json: Json): Value {
  const { name, typeName } = property
  return itemsOf(property, json).map((item) => {
    if (item.kind === 'array' || item.kind === 'object') throw misshapen(name, typeName, item)
    return String(readScalar(property, item))
  })
}

function itemsOf({ name, typeName }: Property, json: Json): readonly Exclude<Json, { kind: 'null' }>[] {
  if (json.kind !== 'array') throw misshapen(name, `Collection(${typeName})`, json)
  return json.items.map((item) => {
    if (item.kind === 'null') throw invalid(`An item of the property '${name}' must not be null.`)
    return item
  })
}

function readScalar(property: PrimitiveProperty, scalar: Scalar): Value {
  const value = property.primitive.parse(scalar)
  if (value !== undefined) return value
  if (property.ordinals === undefined) throw inconvertible(scalar.text, property.typeName)
  throw invalid(`Requested value '${excerpt(scalar.text)}' was not found.`)
}

/** A text that can be kept and sent: a client's may have a NUL or half of a surrogate pair. */
export function readText(scalar: Scalar): string {
  const text = primitives['Edm.String'].parse(scalar)
  if (text !== undefined) return text
  throw inconvertible(scalar.text, 'Edm.String')
}

function inconvertible(text: string, typeName: string): ODataError {
  return invalid(`Cannot convert the literal '${excerpt(text)}' to the expected type '${typeName}'.`)
}

function isBelowMinimum(value: Value, { minimum }: PrimitiveProperty): boolean {
  return typeof value === 'number' && minimum !== undefined && value < minimum
}

function misshapen(name: string, expected: string, json: Json): ODataError {
  return invalid(`The property '${name}' takes a value of type '${expected}', not ${nameOf(json)}.`)
}

/** The refusal of a member that a type does not have, in the .NET reader's words. */
export function unknownProperty(
  name: string,
  { qualifiedName }: { readonly qualifiedName: string },
): ODataError {
  return invalid(
    `The property '${excerpt(name)}' does not exist on type '${qualifiedName}'. Make sure to only use property names that are defined by the type.`,
  )
}

function unresolved(name: string): ODataError {
  return invalid(
    `A type named '${excerpt(name)}' could not be resolved by the model. When a model is available, each type name must resolve to a valid type.`,
  )
}

/** What a value is, for a sentence. */
export function nameOf({ kind }: Json): string {
  return kind === 'null' ? 'null' : kind === 'array' || kind === 'object' ? `an ${kind}` : `a ${kind}`
}

/** As much of a client's text as an error message repeats. */
export function excerpt(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

export function invalid(message: string): ODataError {
  return new ODataError('ModelValidationFailure', message)
}
