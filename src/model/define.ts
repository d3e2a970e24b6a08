import type { PrimitiveName, PrimitiveValues, Value } from './edm.ts'

/** An enumeration: its members with their numbers, as the CSDL gives them. */
export interface Enumeration {
  readonly name: string
  readonly members: Readonly<Record<string, number>>
}

/** A property as an entity's file declares it. Where a field is absent, the plain case holds. */
export interface PropertyDeclaration {
  readonly type: PrimitiveName | Enumeration
  readonly description: string
  /** A collection of the type. */
  readonly collection?: true
  /** May be null. */
  readonly nullable?: true
  /** `readOnly`: set by the service, ignored in a body. `setOnce`: settable at creation only. */
  readonly access?: 'readOnly' | 'setOnce'
  /** The value at creation where the body has none; null where nullable and not said. */
  readonly default?: Value | { readonly from: string }
  /** Set by the service from the domain's clock, at creation or at each change. */
  readonly stamp?: 'created' | 'modified'
  /** The smallest number allowed. */
  readonly minimum?: number
  /** Compared without regard to case: a second column holds the text in lower case. */
  readonly folded?: true
  /** An index serves an order by this property. */
  readonly orderable?: true
  /** Large: the last of the columns, left out of lists where the profile says so, never ordered by. */
  readonly large?: true
}

/** A way from an entity to others. */
export interface NavigationDeclaration {
  /** The name of the entity type it leads to. */
  readonly target: string
  readonly collection?: true
  /** The targets live and die with this entity. */
  readonly contained?: true
}

/** What can be done to an entity by the generic operations, each with a permission of its own. */
export type OperationName = 'list' | 'get' | 'create' | 'update' | 'delete'

/** Permission names that allow an operation, from the least to the most privileged; any one suffices. */
export type PermissionTable = { readonly [O in OperationName]: readonly string[] }

/** Where the rows of an entity type are kept. */
export interface TableDeclaration {
  readonly name: string
  /** Several entity types share the table and its id space; a column tells their rows apart by this value. */
  readonly family?: string
  /** Rows have a number of their own, by which children name them. */
  readonly numbered?: true
  /** Rows belong to a numbered row of the table of this name, which is also the name of the column with its number. */
  readonly parent?: string
}

/** An entity type, declared once, as data. The order of the properties is their order on the wire. */
export interface EntityDeclaration {
  readonly name: string
  readonly description: string
  readonly table: TableDeclaration
  readonly properties: Readonly<Record<string, PropertyDeclaration>>
  readonly navigations: Readonly<Record<string, NavigationDeclaration>>
  readonly permissions: PermissionTable
  /** The entity of the documentation's examples, as its JSON is printed there. */
  readonly example: Readonly<Record<string, unknown>>
}

/** Declares an entity type; gives it back with its literal types kept, from which row and payload follow. */
export function defineEntity<const E extends EntityDeclaration>(declaration: E): E {
  return declaration
}

/** Declares an enumeration. */
export function defineEnumeration<const E extends Enumeration>(declaration: E): E {
  return declaration
}

type SingleValue<P extends PropertyDeclaration> = P['type'] extends PrimitiveName
  ? PrimitiveValues[P['type']]
  : P['type'] extends Enumeration
    ? keyof P['type']['members'] & string
    : never

type ValueOf<P extends PropertyDeclaration> =
  | (P extends { readonly collection: true } ? readonly SingleValue<P>[] : SingleValue<P>)
  | (P extends { readonly nullable: true } ? null : never)

type Properties<E extends EntityDeclaration> = E['properties']

type Settable<E extends EntityDeclaration, Closed extends string> = {
  [N in keyof Properties<E>]: Properties<E>[N] extends { readonly access: Closed } ? never : N
}[keyof Properties<E>]

/** A stored entity: every property, as values in memory. */
export type RowOf<E extends EntityDeclaration> = {
  readonly [N in keyof Properties<E>]: ValueOf<Properties<E>[N]>
}

/** What a creation may set. */
export type PayloadOf<E extends EntityDeclaration> = {
  readonly [N in Settable<E, 'readOnly'>]?: ValueOf<Properties<E>[N]>
}

/** What an update may change. */
export type PatchOf<E extends EntityDeclaration> = {
  readonly [N in Settable<E, 'readOnly' | 'setOnce'>]?: ValueOf<Properties<E>[N]>
}
