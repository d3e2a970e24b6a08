import assert from 'node:assert/strict'
import type {
  EntityDeclaration,
  Enumeration,
  NavigationDeclaration,
  PermissionTable,
  PropertyDeclaration,
  TableDeclaration,
} from './define.ts'
import { type ColumnKind, type Primitive, primitives, type Scalar, type Value } from './edm.ts'

/** The namespace of every type that is served. */
export const NAMESPACE = 'microsoft.graph'

/** A property, worked out from its declaration. */
export interface Property {
  readonly name: string
  /** The name of its type, without `Collection()`. */
  readonly typeName: string
  readonly collection: boolean
  readonly nullable: boolean
  readonly access: 'readWrite' | 'readOnly' | 'setOnce'
  readonly default: Value | { readonly from: string }
  readonly stamp: 'created' | 'modified' | undefined
  readonly minimum: number | undefined
  readonly large: boolean
  readonly orderable: boolean
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

/** A navigation; its target is an entity type of the same model. */
export interface Navigation {
  readonly name: string
  readonly target: EntityType
  readonly collection: boolean
  readonly contained: boolean
}

/** An entity type, worked out from its declaration. */
export interface EntityType {
  readonly name: string
  /** With the namespace, as `@odata.type` says it after the `#`. */
  readonly qualifiedName: string
  readonly description: string
  readonly table: TableDeclaration
  readonly properties: readonly Property[]
  readonly propertyNamed: ReadonlyMap<string, Property>
  /** By name in lower case. */
  readonly navigations: ReadonlyMap<string, Navigation>
  readonly permissions: PermissionTable
  readonly example: Readonly<Record<string, unknown>>
}

/** The name of the property that is every entity's key. */
export const KEY = 'id'

/** Works out an entity type. Navigations look their target up by name when it is asked for: types may form a ring. */
export function createEntityType(
  declaration: EntityDeclaration,
  typeNamed: (name: string) => EntityType,
): EntityType {
  const properties = Object.entries(declaration.properties).map(([name, property]) =>
    createProperty(name, property),
  )
  return {
    name: declaration.name,
    qualifiedName: `${NAMESPACE}.${declaration.name}`,
    description: declaration.description,
    table: declaration.table,
    properties,
    propertyNamed: new Map(properties.map((property) => [property.name, property])),
    navigations: byLowerName(
      Object.entries(declaration.navigations).map(([name, navigation]) =>
        createNavigation({ name, ...navigation }, typeNamed),
      ),
    ),
    permissions: declaration.permissions,
    example: declaration.example,
  }
}

/** Works out a navigation. */
export function createNavigation(
  { name, target, collection, contained }: NavigationDeclaration & { readonly name: string },
  typeNamed: (name: string) => EntityType,
): Navigation {
  return {
    name,
    collection: collection ?? false,
    contained: contained ?? false,
    get target() {
      return typeNamed(target)
    },
  }
}

/** Things by their names in lower case, as the segments of a URL are looked up. */
export function byLowerName<T extends { readonly name: string }>(
  things: readonly T[],
): ReadonlyMap<string, T> {
  const map = new Map<string, T>()
  for (const thing of things) {
    const name = thing.name.toLowerCase()
    assert(!map.has(name), `${thing.name} and ${map.get(name)?.name} have the same name`)
    map.set(name, thing)
  }
  return map
}

function createProperty(name: string, declaration: PropertyDeclaration): Property {
  const { type, collection = false, nullable = false } = declaration
  const enumeration = typeof type === 'string' ? undefined : type
  const primitive = typeof type === 'string' ? primitiveNamed(type) : primitiveOf(type)
  const column = snakeCase(name)
  return {
    name,
    typeName: typeof type === 'string' ? type : `${NAMESPACE}.${type.name}`,
    collection,
    nullable,
    access: declaration.access ?? 'readWrite',
    default: declaration.default ?? null,
    stamp: declaration.stamp,
    minimum: declaration.minimum,
    large: declaration.large ?? false,
    orderable: declaration.orderable ?? false,
    column: {
      name: column,
      kind: collection ? 'json' : primitive.column,
      foldedName: declaration.folded === true ? `${column}_fold` : undefined,
    },
    primitive,
    ordinals: enumeration && new Map(Object.entries(enumeration.members)),
  }
}

function primitiveNamed(name: keyof typeof primitives): Primitive {
  return primitives[name]
}

/** An enumeration's value is a member's name; its number stands for it too, as .NET's reader allows. */
function primitiveOf({ members }: Enumeration): Primitive {
  const names = new Map(Object.entries(members).map(([name, number]) => [String(number), name]))
  return {
    column: 'int16',
    parse: ({ kind, text }: Scalar) =>
      kind === 'boolean'
        ? undefined
        : kind === 'string' && Object.hasOwn(members, text)
          ? text
          : names.get(text),
    format: (value) => String(value),
  }
}

/** `runAs32Bit` becomes `run_as_32_bit`. */
function snakeCase(name: string): string {
  return name.replace(/[A-Z]|\d+/g, (part) => `_${part.toLowerCase()}`)
}
