import assert from 'node:assert/strict'
import type { ComplexDeclaration, Enumeration, PropertyDeclaration } from './define.ts'
import { type ColumnKind, type Primitive, primitives, type Scalar, type Value } from './edm.ts'

/** The namespace of every type that is served. */
export const NAMESPACE = 'microsoft.graph'

interface PropertyFacts {
  readonly name: string
  readonly description: string
  /** The name of its type, without `Collection()`. */
  readonly typeName: string
  readonly nullable: boolean
  readonly access: 'readWrite' | 'readOnly' | 'setOnce'
  readonly default: Value | { readonly from: string }
  readonly stamp: 'created' | 'modified' | undefined
  readonly lazy: boolean
  readonly large: boolean
  readonly orderable: boolean
}

/** A property with a value of a primitive type or an enumeration, or with a collection of them. */
export interface PrimitiveProperty extends PropertyFacts {
  readonly kind: 'primitive'
  readonly collection: boolean
  readonly minimum: number | undefined
  readonly filled: boolean
  readonly group: boolean
  readonly column: {
    readonly name: string
    readonly kind: ColumnKind
    readonly foldedName: string | undefined
  }
  /** How one value is read and written; of a collection, one item. */
  readonly primitive: Primitive
  /** The numbers of an enumeration's members, by which its column keeps them. */
  readonly ordinals: ReadonlyMap<string, number> | undefined
}

/** A property with a value of a complex type: a column for each member of each type, and one for the type's name. */
export interface ComplexProperty extends PropertyFacts {
  readonly kind: 'complex'
  /** The declared type and those that derive from it, by qualified name in lower case. */
  readonly types: ReadonlyMap<string, ComplexType>
  readonly typeColumn: string
  /** Every member of every type, once. */
  readonly parts: readonly PrimitiveProperty[]
}

/** A property with a collection of values of a complex type: one column holds them all. */
export interface ComplexCollectionProperty extends PropertyFacts {
  readonly kind: 'complexCollection'
  /** As of a {@link ComplexProperty}. */
  readonly types: ReadonlyMap<string, ComplexType>
  readonly column: string
}

/** The type that a value of a property has, by the name that the value says; undefined where there is none. */
export function complexTypeNamed(
  { types }: ComplexProperty | ComplexCollectionProperty,
  name: unknown,
): ComplexType | undefined {
  return [...types.values()].find((type) => type.name === name)
}

/** Whether a property has a collection of values. */
export function isCollection(property: Property): boolean {
  return property.kind === 'complexCollection' || (property.kind === 'primitive' && property.collection)
}

export type Property = PrimitiveProperty | ComplexProperty | ComplexCollectionProperty

/** A complex type with the members it has, its bases' first. */
export interface ComplexType {
  readonly name: string
  readonly qualifiedName: string
  readonly description: string
  /** The type that it derives from. */
  readonly base: ComplexType | undefined
  readonly members: readonly PrimitiveProperty[]
  readonly identity: ComplexDeclaration['identity']
}

/** Works out a property; its columns begin with the prefix. */
export function createProperty(name: string, declaration: PropertyDeclaration): Property {
  const { type } = declaration
  if (typeof type === 'string' || 'members' in type) return createPrimitive(name, declaration, type)
  const column = columnOf(name, declaration)
  const all = listTypes(type, `${column}_`)
  const facts = { ...factsOf(name, declaration), typeName: `${NAMESPACE}.${type.name}` }
  const types = new Map(all.map((each) => [each.qualifiedName.toLowerCase(), each]))
  const isJson = all.every(({ members }) => members.every((member) => member.column.kind !== 'binary'))
  assert(!declaration.collection || isJson, `${name} would keep bytes in a column of JSON`)
  if (declaration.collection) return { kind: 'complexCollection', ...facts, types, column }
  return { kind: 'complex', ...facts, types, typeColumn: `${column}_type`, parts: partsOf(name, all) }
}

/** A member that several types have shares a column, so it must be one. */
function partsOf(name: string, types: readonly ComplexType[]): readonly PrimitiveProperty[] {
  const parts = new Map<string, PrimitiveProperty>()
  for (const member of types.flatMap(({ members }) => members)) {
    const known = parts.get(member.name)
    assert(
      known === undefined || known.typeName === member.typeName,
      `${name} has two members ${member.name} of different types`,
    )
    parts.set(member.name, member)
  }
  return [...parts.values()]
}

function factsOf(name: string, declaration: PropertyDeclaration): Omit<PropertyFacts, 'typeName'> {
  return {
    name,
    description: declaration.description,
    nullable: declaration.nullable ?? false,
    access: declaration.access ?? 'readWrite',
    default: declaration.default ?? null,
    stamp: declaration.stamp,
    lazy: declaration.lazy ?? false,
    large: declaration.large ?? false,
    orderable: declaration.orderable ?? false,
  }
}

function createPrimitive(
  name: string,
  declaration: PropertyDeclaration,
  type: keyof typeof primitives | Enumeration,
): PrimitiveProperty {
  const { collection = false } = declaration
  const primitive = typeof type === 'string' ? primitiveNamed(type) : primitiveOf(type)
  const column = columnOf(name, declaration)
  return {
    kind: 'primitive',
    ...factsOf(name, declaration),
    typeName: typeof type === 'string' ? type : `${NAMESPACE}.${type.name}`,
    collection,
    minimum: declaration.minimum,
    filled: declaration.filled ?? false,
    group: declaration.group ?? false,
    column: {
      name: column,
      kind: collection ? 'json' : primitive.column,
      foldedName: declaration.folded === true ? `${column}_fold` : undefined,
    },
    primitive,
    ordinals: typeof type === 'string' ? undefined : new Map(Object.entries(type.members)),
  }
}

/** Works out a complex type and all that derive from it, itself first; of values that no column keeps. */
export function createComplexTypes(declaration: ComplexDeclaration): readonly ComplexType[] {
  return listTypes(declaration, '')
}

/** A type and all that derive from it, each with what it inherits. */
function listTypes(
  declaration: ComplexDeclaration,
  prefix: string,
  base?: ComplexType,
): readonly ComplexType[] {
  const own = Object.entries(declaration.properties).map(([name, property]) => {
    const { type } = property
    if (typeof type !== 'string' && !('members' in type))
      throw new Error(`${name}: a complex type within another is not supported`)
    return createPrimitive(name, { ...property, column: `${prefix}${columnOf(name, property)}` }, type)
  })
  const type: ComplexType = {
    name: declaration.name,
    qualifiedName: `${NAMESPACE}.${declaration.name}`,
    description: declaration.description,
    base,
    members: [...(base?.members ?? []), ...own],
    identity: declaration.identity ?? base?.identity,
  }
  return [type, ...(declaration.derived ?? []).flatMap((derived) => listTypes(derived, prefix, type))]
}

function primitiveNamed(name: keyof typeof primitives): Primitive {
  return primitives[name]
}

/** An enumeration's value is a member's name; its number stands for it too, as .NET's reader allows. */
function primitiveOf({ members }: Enumeration): Primitive {
  const names = new Map(Object.entries(members).map(([name, number]) => [String(number), name]))
  return {
    column: 'int16',
    parse: ({ kind, text }: Scalar) => {
      if (kind === 'boolean') return undefined
      return kind === 'string' && Object.hasOwn(members, text) ? text : names.get(text)
    },
    format: (value) => String(value),
  }
}

function columnOf(name: string, { column }: PropertyDeclaration): string {
  return column ?? snakeCase(name)
}

/** `runAs32Bit` becomes `run_as_32_bit`, `azureADDeviceId` `azure_ad_device_id`. */
function snakeCase(name: string): string {
  return name.replace(/[A-Z]+(?=[A-Z][a-z])|[A-Z]|\d+/g, (part) => `_${part.toLowerCase()}`)
}
