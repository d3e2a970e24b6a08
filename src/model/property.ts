import type { ComplexDeclaration, Enumeration, PropertyDeclaration } from './define.ts'
import { type ColumnKind, type Primitive, primitives, type Scalar, type Value } from './edm.ts'

/** The namespace of every type that is served. */
export const NAMESPACE = 'microsoft.graph'

interface PropertyFacts {
  readonly name: string
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

/** The type that a value of a property has, by the name that the value says; undefined where there is none. */
export function complexTypeNamed({ types }: ComplexProperty, name: unknown): ComplexType | undefined {
  return [...types.values()].find((type) => type.name === name)
}

export type Property = PrimitiveProperty | ComplexProperty

/** A complex type with the members it has, its bases' first. */
export interface ComplexType {
  readonly name: string
  readonly qualifiedName: string
  readonly isDerived: boolean
  readonly members: readonly PrimitiveProperty[]
  readonly identity: ComplexDeclaration['identity']
}

/** Works out a property; its columns begin with the prefix. */
export function createProperty(name: string, declaration: PropertyDeclaration): Property {
  const { type } = declaration
  if (typeof type === 'string' || 'members' in type) return createPrimitive(name, declaration, type)
  const prefix = `${columnOf(name, declaration)}_`
  const types = listTypes(type, prefix, { members: [], identity: undefined, isDerived: false })
  const parts = new Map(
    types.flatMap(({ members }) => members.map((member) => [member.name, member] as const)),
  )
  return {
    kind: 'complex',
    ...factsOf(name, declaration),
    typeName: `${NAMESPACE}.${type.name}`,
    types: new Map(types.map((each) => [each.qualifiedName.toLowerCase(), each])),
    typeColumn: `${prefix}type`,
    parts: [...parts.values()],
  }
}

function factsOf(name: string, declaration: PropertyDeclaration): Omit<PropertyFacts, 'typeName'> {
  return {
    name,
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
    column: {
      name: column,
      kind: collection ? 'json' : primitive.column,
      foldedName: declaration.folded === true ? `${column}_fold` : undefined,
    },
    primitive,
    ordinals: typeof type === 'string' ? undefined : new Map(Object.entries(type.members)),
  }
}

/** A type and all that derive from it, each with what it inherits. */
function listTypes(
  declaration: ComplexDeclaration,
  prefix: string,
  inherited: Pick<ComplexType, 'members' | 'identity' | 'isDerived'>,
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
    isDerived: inherited.isDerived,
    members: [...inherited.members, ...own],
    identity: declaration.identity ?? inherited.identity,
  }
  const below = { members: type.members, identity: type.identity, isDerived: true }
  return [type, ...(declaration.derived ?? []).flatMap((derived) => listTypes(derived, prefix, below))]
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
