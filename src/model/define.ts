import type { PrimitiveName, PrimitiveValues, Timestamp, Value } from './edm.ts'

/** An enumeration: its members with their numbers, as the CSDL gives them. */
export interface Enumeration {
  readonly name: string
  readonly members: Readonly<Record<string, number>>
}

/** A complex type, with the types that derive from it; `@odata.type` says which one a value has. */
export interface ComplexDeclaration {
  readonly name: string
  readonly description: string
  readonly properties: Readonly<Record<string, PropertyDeclaration>>
  readonly derived?: readonly ComplexDeclaration[]
  /** What tells two values apart in an id: a member, or one text for all; inherited. */
  readonly identity?: { readonly property: string } | { readonly value: string }
}

/** A property as an entity's file declares it. Where a field is absent, the plain case holds. */
export interface PropertyDeclaration {
  readonly type: PrimitiveName | Enumeration | ComplexDeclaration
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
  /** The column, where it is not the property's name in snake case: of rows that another type declares too. */
  readonly column?: string
  /** Null in lists where the profile says so, and there only in the entity itself. */
  readonly lazy?: true
  /** Neither null nor empty in a body where the profile says so. */
  readonly filled?: true
  /** The id of a group: a GUID, and one of the virtual groups a target of its own, where the profile says so. */
  readonly group?: true
  /** Large: the last of the columns, never ordered by. */
  readonly large?: true
}

/** A way from an entity to others. */
export interface NavigationDeclaration {
  /** The name of the entity type it leads to. */
  readonly target: string
  readonly collection?: true
  /** The targets live and die with this entity; a single one is created with it. */
  readonly contained?: true
  /** Contained here, but a plain navigation in the published schema. */
  readonly plain?: true
  /** A column that holds the other's id: of a collection in the targets' rows, of a single target in this row. */
  readonly link?: string
  /** Permissions to read by this way, where they are others than the target's own. */
  readonly permissions?: readonly string[]
}

/** What can be done to an entity by the generic operations, each with a permission of its own. */
export type OperationName = 'list' | 'get' | 'create' | 'update' | 'delete'

/**
 * Permission names that allow an operation, from the least to the most privileged; any one suffices. What has no row
 * cannot be done.
 */
export type PermissionTable = { readonly [O in OperationName]?: readonly string[] }

/** What an action is told in its body: texts, or entities of the kind that a navigation leads to. */
export type ParameterDeclaration =
  | { readonly kind: 'texts' }
  | { readonly kind: 'entities'; readonly navigation: string }

/** Something else that can be done, by a POST to its name, plain or qualified with the namespace. */
export interface ActionDeclaration {
  readonly boundTo: 'entity' | 'collection'
  readonly permissions: readonly string[]
  /** By name; each is a collection. */
  readonly parameters: Readonly<Record<string, ParameterDeclaration>>
  /** What it answers a collection of; nothing where absent. */
  readonly returns?: ComplexDeclaration
}

/** Where the rows of an entity type are kept. */
export interface TableDeclaration {
  readonly name: string
  /** Where several types share a table: what tells this one's rows apart. */
  readonly discriminator?: { readonly column: string; readonly value: string }
  /** Rows have a number of their own, by which children name them. */
  readonly numbered?: true
  /** Rows belong to a numbered row of the table of this name, which is also the name of the column with its number. */
  readonly parent?: string
  /**
   * Counters that many transactions move at once: kept in several rows, a slot each, and summed on reading. Of an
   * instant in them the latest is read.
   */
  readonly slotted?: true
}

/** How the entities of a type move the counters of a sibling, a single entity below the same parent. */
export interface ContributionDeclaration {
  /** The name of the sibling's type. */
  readonly to: string
  /** What one entity counts for, by the sibling's properties; of an instant the latest is kept. */
  readonly measure: (row: Readonly<Record<string, unknown>>) => Readonly<Record<string, number | Timestamp>>
}

/** An entity type, declared once, as data. The order of the properties is their order on the wire. */
export interface EntityDeclaration {
  readonly name: string
  readonly description: string
  readonly table: TableDeclaration
  readonly properties: Readonly<Record<string, PropertyDeclaration>>
  readonly navigations: Readonly<Record<string, NavigationDeclaration>>
  readonly permissions: PermissionTable
  readonly actions?: Readonly<Record<string, ActionDeclaration>>
  readonly contributes?: ContributionDeclaration
  /** The member whose identity, after the parent's id and a colon, makes the id; a new GUID where it has none. */
  readonly idFrom?: string
  /** The properties that recordings have before the others, where their order is another. */
  readonly recordedFirst?: readonly string[]
  /** The entity of the documentation's examples, as its JSON is printed there. */
  readonly example: Readonly<Record<string, unknown>>
}

/** Declares an entity type; gives it back with its literal types kept, from which row and payload follow. */
export function defineEntity<const E extends EntityDeclaration>(declaration: E): E {
  return declaration
}

/** Declares a complex type. */
export function defineComplexType<const C extends ComplexDeclaration>(declaration: C): C {
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
    : P['type'] extends ComplexDeclaration
      ? ComplexValueOf<P['type']>
      : never

/** A value of a complex type or of one that derives from it. */
export type ComplexValueOf<C extends ComplexDeclaration, Inherited = unknown> =
  | { readonly type: C['name']; readonly members: Inherited & MembersOf<C> }
  | (C extends { readonly derived: readonly (infer D)[] }
      ? D extends ComplexDeclaration
        ? ComplexValueOf<D, Inherited & MembersOf<C>>
        : never
      : never)

type MembersOf<C extends ComplexDeclaration> = {
  readonly [N in keyof C['properties']]: ValueOf<C['properties'][N]>
}

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
