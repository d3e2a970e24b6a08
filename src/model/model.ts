/** The door of the model: everything that is served, and the one place that lists it. */
import assert from 'node:assert/strict'
import type { EntityDeclaration } from './define.ts'
import { deviceCustomAttributeShellScript } from './entities/device-custom-attribute-shell-script.ts'
import { deviceManagementScript } from './entities/device-management-script.ts'
import { deviceManagementScriptUserState } from './entities/device-management-script-user-state.ts'
import { deviceShellScript } from './entities/device-shell-script.ts'
import {
  byLowerName,
  createEntityType,
  createNavigation,
  type EntityType,
  KEY,
  type Navigation,
} from './entity-type.ts'

export type {
  EntityDeclaration,
  OperationName,
  PatchOf,
  PayloadOf,
  PermissionTable,
  RowOf,
} from './define.ts'
export { defineEntity, defineEnumeration } from './define.ts'
export { type ColumnKind, type Scalar, type Timestamp, timestampOf, type Value } from './edm.ts'
export { type EntityType, KEY, NAMESPACE, type Navigation, type Property } from './entity-type.ts'
export {
  deviceCustomAttributeShellScript,
  deviceManagementScript,
  deviceManagementScriptUserState,
  deviceShellScript,
}

/** The date of the published schema (CSDL of Graph beta) that the model follows. */
export const SCHEMA_DATE = '2026-07-31'

/** An entity of which there is one, as `deviceManagement`: nothing but a way to what it contains. */
export interface Singleton {
  readonly name: string
  /** By name in lower case. */
  readonly navigations: ReadonlyMap<string, Navigation>
}

/** A version of the API, the first segment of a path. */
export interface Version {
  readonly name: string
  /** By name in lower case. */
  readonly singletons: ReadonlyMap<string, Singleton>
}

/** All that is served. */
export interface Model {
  /** By name in lower case. */
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
  return { versions: byLowerName(versions), entityTypes }
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
    return { name, navigations: byLowerName(navigations) }
  })
  return byLowerName(singletons)
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
    } else if (property.ordinals !== undefined) {
      assert(property.ordinals.has(String(fallback)), `${path} has a default that its enumeration lacks`)
    }
  }
  for (const { name, target, contained } of type.navigations.values()) {
    assert(!type.propertyNamed.has(name), `${type.name}.${name} is both a property and a navigation`)
    assert(
      !contained || target.table.parent !== undefined,
      `${target.name} is contained but its table names no parent`,
    )
  }
  for (const name of Object.keys(type.example)) {
    assert(type.propertyNamed.has(name), `the example of ${type.name} has a member ${name}, which is unknown`)
  }
}

/** The model that Runstate serves. A new entity set is its file, one line below, and a migration. */
export const model: Model = createModel({
  entityTypes: [
    deviceManagementScript,
    deviceShellScript,
    deviceCustomAttributeShellScript,
    deviceManagementScriptUserState,
  ],
  versions: {
    beta: {
      deviceManagement: {
        deviceManagementScripts: 'deviceManagementScript',
        deviceShellScripts: 'deviceShellScript',
        deviceCustomAttributeShellScripts: 'deviceCustomAttributeShellScript',
      },
    },
    'v1.0': { deviceManagement: {} },
  },
})
