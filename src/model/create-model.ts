import assert from 'node:assert/strict'
import type { EntityDeclaration } from './define.ts'
import { createEntityType, createNavigation, type EntityType, KEY, type Navigation } from './entity-type.ts'
import { byName } from './name-map.ts'

/** An entity of which there is one, as `deviceManagement`: nothing but a way to what it contains. */
export interface Singleton {
  readonly name: string
  /** By name, in any case. */
  readonly navigations: ReadonlyMap<string, Navigation>
}

/** A version of the API, the first segment of a path. */
export interface Version {
  readonly name: string
  /** By name, in any case. */
  readonly singletons: ReadonlyMap<string, Singleton>
}

/** All that is served. */
export interface Model {
  /** By name, in any case. */
  readonly versions: ReadonlyMap<string, Version>
  readonly entityTypes: ReadonlyMap<string, EntityType>
}

/** A model as data: the entity types, and what hangs at the root of each version. */
export interface ModelDeclaration {
  readonly entityTypes: readonly EntityDeclaration[]
  /** Version, singleton, entity set, name of the entity type. */
  readonly versions: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>
}

/**
 * Works out a model and checks it whole: names are unique, every reference has its end, every example and
 * default names what exists. A mistake is ours, so it is an assertion, at start.
 */
export function createModel(declaration: ModelDeclaration): Model {
  const entityTypes = new Map<string, EntityType>()
  const typeNamed = (name: string): EntityType => {
    const type = entityTypes.get(name)
    assert(type, `the entity type ${name} is not declared`)
    return type
  }
  for (const entity of declaration.entityTypes) {
    assert(!entityTypes.has(entity.name), `${entity.name} is declared twice`)
    entityTypes.set(entity.name, createEntityType(entity, typeNamed))
  }
  for (const type of entityTypes.values()) checkEntityType(type)
  for (const type of entityTypes.values()) checkParentTable(type, entityTypes)
  const versions = Object.entries(declaration.versions).map(([name, singletons]) => ({
    name,
    singletons: createSingletons(singletons, typeNamed),
  }))
  return { versions: byName(versions), entityTypes }
}

function createSingletons(
  declarations: Readonly<Record<string, Readonly<Record<string, string>>>>,
  typeNamed: (name: string) => EntityType,
): ReadonlyMap<string, Singleton> {
  const singletons = Object.entries(declarations).map(([name, sets]) => {
    const navigations = Object.entries(sets).map(([set, target]) => {
      assert(
        typeNamed(target).table.parent === undefined,
        `${set} is at the root, but its table names a parent`,
      )
      return createNavigation({ name: set, target, collection: true, contained: true }, typeNamed)
    })
    return { name, navigations: byName(navigations) }
  })
  return byName(singletons)
}

function checkParentTable({ name, table }: EntityType, entityTypes: ReadonlyMap<string, EntityType>): void {
  const parents = [...entityTypes.values()].filter((type) => type.table.name === table.parent)
  assert(
    table.parent === undefined || parents.some((type) => type.table.numbered === true),
    `${name} lives under the table ${table.parent}, which has no numbered rows`,
  )
}

function checkEntityType(type: EntityType): void {
  const key = type.propertyNamed.get(KEY)
  assert(key?.access === 'readOnly' && !key.nullable, `${type.name} has no read-only key`)
  assert(
    type.contributes === undefined || type.table.parent !== undefined,
    `${type.name} moves counters, but its table names no parent that they are below`,
  )
  for (const property of type.properties) {
    const fallback = property.default
    const path = `${type.name}.${property.name}`
    if (typeof fallback === 'object' && fallback !== null && 'from' in fallback) {
      assert(
        type.propertyNamed.has(fallback.from),
        `${path} takes its default from ${fallback.from}, which is unknown`,
      )
    } else if (fallback === null) {
      const isSet = property.nullable || property.stamp !== undefined || property.name === KEY
      assert(isSet, `${path} is not nullable and has no default`)
    } else if (property.kind === 'primitive' && property.ordinals !== undefined) {
      assert(property.ordinals.has(String(fallback)), `${path} has a default that its enumeration lacks`)
    }
  }
  for (const { name, target, contained, link } of type.navigations.values()) {
    assert(!type.propertyNamed.has(name), `${type.name}.${name} is both a property and a navigation`)
    assert(
      contained || link !== undefined,
      `${type.name}.${name} says neither that it contains nor how it is linked`,
    )
    assert(
      !contained || target.table.parent !== undefined,
      `${target.name} is contained but its table names no parent`,
    )
  }
  for (const { name, parameters } of type.actions.values()) {
    for (const parameter of Object.values(parameters)) {
      assert(
        parameter.kind === 'texts' || type.navigations.has(parameter.navigation),
        `${type.name}.${name} takes what a navigation leads to that is unknown`,
      )
    }
  }
  for (const name of Object.keys(type.example)) {
    assert(type.propertyNamed.has(name), `the example of ${type.name} has a member ${name}, which is unknown`)
  }
}
