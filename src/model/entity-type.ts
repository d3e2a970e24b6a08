import type {
  ActionDeclaration,
  ContributionDeclaration,
  EntityDeclaration,
  NavigationDeclaration,
  OperationName,
  PermissionTable,
  TableDeclaration,
} from './define.ts'
import { byName, NameMap } from './name-map.ts'
import { type ComplexType, createComplexTypes, createProperty, NAMESPACE, type Property } from './property.ts'

/** A navigation; its target is an entity type of the same model. */
export interface Navigation {
  readonly name: string
  readonly target: EntityType
  readonly collection: boolean
  readonly contained: boolean
  /** Whether the published schema has it as a plain navigation, though it contains. */
  readonly plain: boolean
  readonly link: string | undefined
  readonly permissions: readonly string[] | undefined
}

/** An action, with the name that it has in a path. */
export interface Action extends Omit<ActionDeclaration, 'returns'> {
  readonly name: string
  /** The type of what it answers a collection of, then those that derive from it; none where it answers nothing. */
  readonly returns: readonly ComplexType[]
}

/** How entities of a type move the counters of another. */
export interface Contribution {
  readonly to: EntityType
  readonly measure: ContributionDeclaration['measure']
}

/** An entity type, worked out from its declaration. */
export interface EntityType {
  readonly name: string
  /** With the namespace, as `@odata.type` says it after the `#`. */
  readonly qualifiedName: string
  readonly description: string
  readonly table: TableDeclaration
  readonly properties: readonly Property[]
  /** The same in the order of recordings. */
  readonly recordedProperties: readonly Property[]
  readonly propertyNamed: ReadonlyMap<string, Property>
  /** By name, in any case. */
  readonly navigations: ReadonlyMap<string, Navigation>
  /** Navigations to one entity whose id is in this one's row. */
  readonly references: readonly (Navigation & { readonly link: string })[]
  readonly permissions: PermissionTable
  /** By name in any case, plain and qualified. */
  readonly actions: ReadonlyMap<string, Action>
  readonly contributes: Contribution | undefined
  readonly idFrom: string | undefined
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
  const { recordedFirst = [] } = declaration
  const isFirst = ({ name }: Property): boolean => recordedFirst.includes(name)
  const navigations = Object.entries(declaration.navigations).map(([name, navigation]) =>
    createNavigation({ name, ...navigation }, typeNamed),
  )
  return {
    name: declaration.name,
    qualifiedName: `${NAMESPACE}.${declaration.name}`,
    description: declaration.description,
    table: declaration.table,
    properties,
    recordedProperties: [...properties.filter(isFirst), ...properties.filter((each) => !isFirst(each))],
    propertyNamed: new Map(properties.map((property) => [property.name, property])),
    navigations: byName(navigations),
    references: navigations.filter(isReference),
    permissions: declaration.permissions,
    actions: new NameMap(
      Object.entries(declaration.actions ?? {}).flatMap(([name, action]) => namesOf(name, action)),
    ),
    contributes: declaration.contributes && createContribution(declaration.contributes, typeNamed),
    idFrom: declaration.idFrom,
    example: declaration.example,
  }
}

/** Works out a navigation. */
export function createNavigation(
  {
    name,
    target,
    collection,
    contained,
    plain,
    link,
    permissions,
  }: NavigationDeclaration & { readonly name: string },
  typeNamed: (name: string) => EntityType,
): Navigation {
  let resolved: EntityType | undefined
  return {
    name,
    collection: collection ?? false,
    contained: contained ?? false,
    plain: plain ?? false,
    link,
    permissions,
    get target() {
      resolved ??= typeNamed(target)
      return resolved
    },
  }
}

function createContribution(
  { to, measure }: ContributionDeclaration,
  typeNamed: (name: string) => EntityType,
): Contribution {
  return {
    measure,
    get to() {
      return typeNamed(to)
    },
  }
}

function isReference(navigation: Navigation): navigation is Navigation & { readonly link: string } {
  return !navigation.collection && navigation.link !== undefined
}

function namesOf(name: string, declaration: ActionDeclaration): readonly [string, Action][] {
  const returns = declaration.returns === undefined ? [] : createComplexTypes(declaration.returns)
  const action = { name, ...declaration, returns }
  return [name, `${NAMESPACE}.${name}`].map((each): [string, Action] => [each, action])
}

/**
 * The permissions that allow an operation by a navigation: its own to read, where it has them, and then no other
 * operation; else those of its target. Undefined where nobody may.
 */
export function permissionsFor(
  { target, permissions }: Navigation,
  name: OperationName,
): readonly string[] | undefined {
  if (permissions === undefined) return target.permissions[name]
  return name === 'list' || name === 'get' ? permissions : undefined
}

/** The actions of a type, each once: they are known by two names. */
export function actionsOf({ actions }: EntityType): ReadonlySet<Action> {
  return new Set(actions.values())
}

/** The entity types that the parameters of an action are collections of, by parameter; undefined for texts. */
export function parameterTypes(
  { parameters }: Action,
  { navigations }: EntityType,
): ReadonlyMap<string, EntityType | undefined> {
  return new Map(
    Object.entries(parameters).map(([name, parameter]) => [
      name,
      parameter.kind === 'texts' ? undefined : navigations.get(parameter.navigation)?.target,
    ]),
  )
}
