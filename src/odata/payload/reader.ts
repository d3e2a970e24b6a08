/** Reads bodies into typed values, by the model and nothing else. */
import type { Quirks } from '#base/base.ts'
import { type EntityType, KEY, type Model } from '#model/model.ts'
import { ODataError } from '../errors.ts'
import { type Json, parseJson } from './json.ts'
import {
  type Changes,
  checkType,
  excerpt,
  invalid,
  nameOf,
  readMember,
  readText,
  unknownProperty,
} from './values.ts'

/** How a body is to be read. */
export interface PayloadReading {
  readonly model: Model
  readonly type: EntityType
  /** A `restore` sets read-only members too: of entities that were somewhere before. */
  readonly operation: 'create' | 'update' | 'restore'
  readonly quirks: Quirks
  /** Passes over members that the type does not have. */
  readonly ignoresUnknown?: boolean
}

/**
 * Reads the body of a request for one entity. Control information (`@odata.…`, `#action`), the key and read-only members
 * are passed over; `…@odata.bind` sets a reference, by its navigation's name, to the id that its URL ends in.
 *
 * @throws ODataError `BadRequest` for what is not a JSON object; `ModelValidationFailure` for an unknown member or
 *   type and for a value that its property cannot take, in the words of the .NET reader where they are known; where the
 *   profile says so `InternalServerError` for an id, `UnknownError` for empty content, `BadRequest` for a group's id.
 */
export function readPayload(body: Uint8Array, reading: PayloadReading): Changes {
  const json = parseJson(body)
  if (reading.operation === 'create' && reading.quirks('id-in-creation') === 'refused') assertNoKey(json)
  return readEntity(json, reading)
}

/** Clients send `null` or `""` for no id; where the real service meets one, it fails. */
function assertNoKey(json: Json): void {
  const key = json.kind === 'object' ? json.members.get(KEY) : undefined
  if (key === undefined || key.kind === 'null' || (key.kind === 'string' && key.text === '')) return
  throw new ODataError('InternalServerError', `A new entity is given its id: leave '${KEY}' out of the body.`)
}

/**
 * Reads the body of an action: parameters that are collections of entities, each of its own type.
 *
 * @param types the types of the entities, by parameter.
 * @returns by parameter; without those that the body does not have, or has as null.
 * @throws as {@link readPayload}.
 */
export function readEntityParameters(
  body: Uint8Array,
  types: ReadonlyMap<string, EntityType>,
  reading: Pick<PayloadReading, 'model' | 'quirks'>,
): ReadonlyMap<string, readonly Changes[]> {
  const parameters = new Map<string, readonly Changes[]>()
  for (const [name, json] of parameterEntries(body)) {
    const type = types.get(name)
    if (type === undefined) throw invalid(`The action has no parameter '${excerpt(name)}'.`)
    if (json.kind === 'null') continue
    const items = itemsOf(name, json)
    parameters.set(
      name,
      items.map((item) => readEntity(item, { ...reading, type, operation: 'create' })),
    )
  }
  return parameters
}

/**
 * Reads the body of an action whose only parameter is a collection of texts.
 *
 * @throws as {@link readPayload}.
 */
export function readTextsParameter(body: Uint8Array, parameter: string): readonly string[] {
  const texts: string[] = []
  for (const [name, json] of parameterEntries(body)) {
    if (name !== parameter) throw invalid(`The action has no parameter '${excerpt(name)}'.`)
    for (const item of json.kind === 'null' ? [] : itemsOf(name, json)) {
      if (item.kind !== 'string') throw invalid(`The parameter '${name}' takes texts, not ${nameOf(item)}.`)
      texts.push(readText(item))
    }
  }
  return texts
}

/** Reads an entity out of JSON that has been read, as {@link readPayload} does. */
export function readEntity(json: Json, reading: PayloadReading): Changes {
  const changes: Record<string, Changes[string]> = {}
  for (const [name, value] of membersOf(json)) {
    if (name === '@odata.type') checkType(value, reading)
    const bound = boundReference(name, value, reading.type)
    if (bound !== undefined) changes[bound.name] = bound.id
    if (name.includes('@') || name.startsWith('#')) continue
    const property = reading.type.propertyNamed.get(name)
    if (property === undefined && reading.ignoresUnknown === true) continue
    if (property === undefined) throw unknownMember(name, reading.type)
    if (property.access === 'readOnly' && reading.operation !== 'restore') continue
    if (property.access === 'setOnce' && refusesSetOnce(reading)) {
      throw invalid(`The property '${name}' can be set at creation only.`)
    }
    changes[name] = readMember(property, value, reading)
  }
  return changes
}

/** The id at the end of a binding's URL, `…/managedDevices('id')` or `…/managedDevices/id`. */
function boundReference(
  name: string,
  json: Json,
  { references }: EntityType,
): { readonly name: string; readonly id: string } | undefined {
  const reference = references.find((each) => name === `${each.name}@odata.bind`)
  if (reference === undefined) return undefined
  const url = json.kind === 'string' ? json.text : ''
  const [, quoted, segment] = /(?:\('((?:[^']|'')+)'\)|\/([^/()']+))\/?$/.exec(url) ?? []
  const id = quoted?.replaceAll("''", "'") ?? segment
  if (id === undefined) throw invalid(`The value of '${name}' is not the URL of a ${reference.target.name}.`)
  return { name: reference.name, id }
}

function refusesSetOnce({ operation, quirks }: PayloadReading): boolean {
  return operation === 'update' && quirks('set-once-members') === 'refused'
}

function membersOf(json: Json): Iterable<readonly [string, Json]> {
  if (json.kind === 'object') return json.members
  throw new ODataError('BadRequest', `The body must be one JSON object, and is ${nameOf(json)}.`)
}

function* parameterEntries(body: Uint8Array): Iterable<readonly [string, Json]> {
  for (const entry of membersOf(parseJson(body))) if (!entry[0].includes('@')) yield entry
}

function itemsOf(name: string, json: Json): readonly Json[] {
  if (json.kind === 'array') return json.items
  throw invalid(`The parameter '${name}' takes a collection, not ${nameOf(json)}.`)
}

function unknownMember(name: string, type: EntityType): ODataError {
  if (type.navigations.has(name)) {
    return invalid(
      `The navigation '${excerpt(name)}' cannot be written inside its entity: send it to its own URL.`,
    )
  }
  return unknownProperty(name, type)
}
