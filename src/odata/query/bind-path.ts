/** Finds what the names in an expression stand for: members of rows, variables, collections. Names are read in any case. */
import type {
  ComplexProperty,
  ComplexType,
  EntityType,
  Navigation,
  PrimitiveProperty,
  Property,
  Timestamp,
} from '#model/model.ts'
import type { ODataError } from '../errors.ts'
import type { Collection, Item, Member, Origin, TermType } from './condition.ts'
import { type Place, syntaxError } from './syntax-error.ts'

/** What is known where an expression stands. */
export interface Scope {
  /** The text of the option, for errors. */
  readonly text: string
  /** The entity that `$it` and names without a variable are of. */
  readonly root: { readonly depth: number; readonly type: EntityType }
  /** By name, which is exact. */
  readonly variables: ReadonlyMap<string, Variable>
  /** How many variables are around. */
  readonly depth: number
  /** What `now()` is. */
  readonly now: Timestamp
}

/** What a variable of `any` or `all` stands for: an entity, or a value. */
export type Variable =
  | { readonly kind: 'entity'; readonly depth: number; readonly type: EntityType }
  | { readonly kind: 'value'; readonly item: Item }

/** What a path leads to. */
export type Destination =
  | { readonly kind: 'term'; readonly term: Member | Item }
  | { readonly kind: 'collection'; readonly of: Collection }

/** @throws ODataError `BadRequest` naming the segment that leads nowhere, and the type it was looked for on. */
export function resolvePath(segments: readonly string[], at: number, scope: Scope): Destination {
  const place = { text: scope.text, at, depth: scope.depth + 1 }
  const [first = '', ...others] = segments
  const variable = scope.variables.get(first)
  if (variable?.kind === 'value') {
    if (others.length > 0) throw noMember(others[0] ?? '', 'a value that has no members', place)
    return { kind: 'term', term: variable.item }
  }
  const isRow = variable !== undefined || first === '$it'
  const { depth, type } = variable ?? scope.root
  const origin: Origin = { depth, type, via: [] }
  return walk(origin, isRow ? others : segments, place)
}

/** Where a path stands, and what variable a collection at its end would have. */
interface Standing extends Place {
  readonly depth: number
}

function walk(start: Origin, segments: readonly string[], place: Standing): Destination {
  let origin = start
  for (const [i, segment] of segments.entries()) {
    const rest = segments.slice(i + 1)
    const type = typeOf(origin)
    if (segment.toLowerCase() === type.qualifiedName.toLowerCase()) continue
    const property = type.properties.find(({ name }) => isNamed(name, segment))
    if (property !== undefined) return endIn(property, { origin, rest, place })
    const navigation = type.navigations.get(segment)
    if (navigation === undefined) throw noMember(segment, `type '${type.qualifiedName}'`, place)
    if (navigation.collection) {
      if (rest.length > 0) throw manyThere(navigation, place)
      return { kind: 'collection', of: { kind: 'entities', origin, depth: place.depth, navigation } }
    }
    origin = { ...origin, via: [...origin.via, navigation] }
  }
  throw syntaxError(
    `The path leads to an entity of the type '${typeOf(origin).qualifiedName}', which has no value to compare,`,
    place,
  )
}

interface Ending {
  readonly origin: Origin
  /** What follows the property's name. */
  readonly rest: readonly string[]
  readonly place: Standing
}

function endIn(property: Property, { origin, rest, place }: Ending): Destination {
  if (property.kind === 'complexCollection') {
    throw syntaxError(
      `The property '${property.name}' is a collection of complex values, which is not searched,`,
      place,
    )
  }
  if (property.kind === 'complex')
    return { kind: 'term', term: endInComplex(property, { origin, rest, place }) }
  const [beyond] = rest
  if (beyond !== undefined) throw noMember(beyond, `type '${property.typeName}'`, place)
  if (property.collection)
    return { kind: 'collection', of: { kind: 'values', origin, depth: place.depth, property } }
  return { kind: 'term', term: createMember(property, origin) }
}

/** A member of any of the types may be asked for without a cast; it is null in values of the other types. */
function endInComplex(property: ComplexProperty, { origin, rest, place }: Ending): Member {
  const [first, ...others] = rest
  const cast = first === undefined ? undefined : property.types.get(first.toLowerCase())
  const [name, beyond] = cast === undefined ? rest : others
  const typeName = cast?.qualifiedName ?? property.typeName
  const among =
    cast === undefined ? undefined : { column: property.typeColumn, names: namesBelow(cast, property) }
  if (name === undefined) {
    const { nullable: isNullable, typeColumn: column } = property
    const facts = {
      typeName,
      foldedColumn: undefined,
      isExact: true,
      isLarge: false,
      ordinals: undefined,
    }
    return { kind: 'member', type: 'complex', origin, column, isNullable, among, ...facts }
  }
  const part = property.parts.find((each) => isNamed(each.name, name))
  const isKnown = part !== undefined && (cast === undefined || cast.members.includes(part))
  if (!isKnown) throw noMember(name, `type '${typeName}'`, place)
  if (beyond !== undefined) throw noMember(beyond, `type '${part.typeName}'`, place)
  return { ...createMember(part, origin), isNullable: true, among }
}

/** A type's name, and those of the types that derive from it. */
function namesBelow(cast: ComplexType, { types }: ComplexProperty): readonly string[] {
  const derives = (type: ComplexType | undefined): boolean =>
    type !== undefined && (type === cast || derives(type.base))
  return [...types.values()].filter(derives).map(({ name }) => name)
}

/** A property as a term. Texts that are not folded are ids; but for the large ones. */
export function createMember(property: PrimitiveProperty, origin: Origin): Member {
  const { column, large: isLarge, nullable: isNullable, typeName, ordinals } = property
  return {
    kind: 'member',
    type: termTypeOf(property),
    origin,
    column: column.name,
    foldedColumn: column.foldedName,
    isExact: column.foldedName === undefined && !isLarge,
    isLarge,
    isNullable: isNullable || origin.via.length > 0,
    typeName,
    ordinals,
    among: undefined,
  }
}

const termTypes: Readonly<Record<string, TermType>> = {
  'Edm.String': 'text',
  'Edm.Int32': 'number',
  'Edm.Boolean': 'boolean',
  'Edm.Binary': 'binary',
  'Edm.DateTimeOffset': 'instant',
  'Edm.Duration': 'duration',
  'Edm.Date': 'date',
  'Edm.TimeOfDay': 'timeOfDay',
}

/** How values of a property are compared. */
export function termTypeOf({ typeName }: PrimitiveProperty): TermType {
  return termTypes[typeName] ?? 'enumeration'
}

function typeOf({ type, via }: Origin): EntityType {
  return via.at(-1)?.target ?? type
}

function isNamed(name: string, segment: string): boolean {
  return name.toLowerCase() === segment.toLowerCase()
}

function noMember(name: string, where: string, { text, at }: Place): ODataError {
  return syntaxError(`Could not find a property named '${name.slice(0, 100)}' on ${where}`, { text, at })
}

function manyThere({ name }: Navigation, place: Place): ODataError {
  return syntaxError(
    `The navigation '${name}' leads to many, and is read with any, all or $count only,`,
    place,
  )
}
