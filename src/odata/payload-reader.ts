/** Reads the body of a creation or an update into typed values, by the model and nothing else. */
import type { Quirks } from '#base/base.ts'
import type { EntityType, Model, Property, Scalar, Value } from '#model/model.ts'
import { ODataError } from './errors.ts'
import { type Json, parseJson } from './json.ts'

/** What a body sets: values by property name, read-only members left out. */
export type Changes = Readonly<Record<string, Value>>

/** How a body is to be read. */
export interface PayloadReading {
  readonly model: Model
  readonly type: EntityType
  /** A `restore` sets read-only members too: of entities that were somewhere before. */
  readonly operation: 'create' | 'update' | 'restore'
  readonly quirks: Quirks
}

/**
 * Reads the body of a request for one entity. Control information (`@odata.…`), the key and read-only members
 * are passed over.
 *
 * @throws ODataError `BadRequest` for what is not a JSON object; `ModelValidationFailure` for an unknown member or
 *   type and for a value that its property cannot take, in the words of the .NET reader where they are known.
 */
export function readPayload(body: Uint8Array, reading: PayloadReading): Changes {
  const json = parseJson(body)
  if (json.kind !== 'object') {
    throw new ODataError('BadRequest', `The body must be one JSON object, and is ${nameOf(json)}.`)
  }
  const changes: Record<string, Value> = {}
  for (const [name, value] of json.members) {
    if (name === '@odata.type') checkType(value, reading)
    if (name.includes('@')) continue
    const property = reading.type.propertyNamed.get(name)
    if (property === undefined) throw unknownMember(name, reading.type)
    if (property.access === 'readOnly' && reading.operation !== 'restore') continue
    if (property.access === 'setOnce' && refusesSetOnce(reading)) {
      throw invalid(`The property '${name}' can be set at creation only.`)
    }
    changes[name] = readValue(property, value, reading.quirks)
  }
  return changes
}

function refusesSetOnce({ operation, quirks }: PayloadReading): boolean {
  return operation === 'update' && quirks('set-once-members') === 'refused'
}

function checkType(json: Json, { model, type }: PayloadReading): void {
  const text = json.kind === 'string' ? json.text : ''
  const name = text.replace(/^#/, '')
  if (name.toLowerCase() === type.qualifiedName.toLowerCase()) return
  for (const { qualifiedName } of model.entityTypes.values()) {
    if (name.toLowerCase() !== qualifiedName.toLowerCase()) continue
    throw invalid(
      `An entry with type '${qualifiedName}' was found, but it is not assignable to the expected type '${type.qualifiedName}'. The type specified in the entry must be equal to either the expected type or a derived type.`,
    )
  }
  throw invalid(
    `A type named '${excerpt(name)}' could not be resolved by the model. When a model is available, each type name must resolve to a valid type.`,
  )
}

function readValue(property: Property, json: Json, quirks: Quirks): Value {
  if (json.kind === 'null') {
    if (!property.nullable)
      throw invalid(`The property '${property.name}' of type '${property.typeName}' must not be null.`)
    return null
  }
  if (property.collection) return readCollection(property, json)
  if (json.kind === 'array' || json.kind === 'object') throw misshapen(property.name, property.typeName, json)
  const value = readScalar(property, json)
  if (isBelowMinimum(value, property) && quirks('negative-counts') === 'refused') {
    throw invalid(`The property '${property.name}' must not be below ${property.minimum}, and is ${value}.`)
  }
  return value
}

function readCollection(property: Property, json: Json): Value {
  const { name, typeName } = property
  if (json.kind !== 'array') throw misshapen(name, `Collection(${typeName})`, json)
  return json.items.map((item) => {
    if (item.kind === 'null') throw invalid(`An item of the property '${name}' must not be null.`)
    if (item.kind === 'array' || item.kind === 'object') throw misshapen(name, typeName, item)
    return String(readScalar(property, item))
  })
}

function readScalar(property: Property, scalar: Scalar): Value {
  const value = property.primitive.parse(scalar)
  if (value !== undefined) return value
  const literal = excerpt(scalar.text)
  if (property.ordinals !== undefined) throw invalid(`Requested value '${literal}' was not found.`)
  throw invalid(`Cannot convert the literal '${literal}' to the expected type '${property.typeName}'.`)
}

function isBelowMinimum(value: Value, { minimum }: Property): boolean {
  return typeof value === 'number' && minimum !== undefined && value < minimum
}

function unknownMember(name: string, type: EntityType): ODataError {
  if (type.navigations.has(name.toLowerCase())) {
    return invalid(
      `The navigation '${excerpt(name)}' cannot be written inside its entity: send it to its own URL.`,
    )
  }
  return invalid(
    `The property '${excerpt(name)}' does not exist on type '${type.qualifiedName}'. Make sure to only use property names that are defined by the type.`,
  )
}

function misshapen(name: string, expected: string, json: Json): ODataError {
  return invalid(`The property '${name}' takes a value of type '${expected}', not ${nameOf(json)}.`)
}

function nameOf({ kind }: Json): string {
  return kind === 'null' ? 'null' : kind === 'array' || kind === 'object' ? `an ${kind}` : `a ${kind}`
}

/** As much of a client's text as an error message repeats. */
function excerpt(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

function invalid(message: string): ODataError {
  return new ODataError('ModelValidationFailure', message)
}
