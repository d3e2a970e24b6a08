/**
 * Queries as data. A plan says what is wanted in terms of the model; how it is said in SQL is the printer's
 * business (compile.ts), so one plan serves both databases. Every plan on entities carries its tenant.
 */

import type { EntityType, Timestamp } from '#model/model.ts'
import type { Changes, Row } from '#odata/odata.ts'

/** Where entities are looked for: in a tenant, and there below one entity or at the root. */
export interface Scope {
  readonly tenant: number
  readonly parent?: EntityReference | undefined
  /** The column in which rows hold the parent's id, where they live beside the parent and not under it. */
  readonly link?: string | undefined
  /** Takes rows of every type that shares the table. */
  readonly isShared?: boolean
}

/** One entity, by its key. */
export interface EntityReference {
  readonly type: EntityType
  readonly within: Scope
  readonly key: string
}

/** Reads one entity, or one page of a collection in the order of its position. */
export interface SelectPlan {
  readonly kind: 'select'
  readonly type: EntityType
  readonly within: Scope
  readonly key?: string | undefined
  /** Leaves the entity's members out: only whether it is there matters, and its position. */
  readonly only?: 'position'
  /** The position of the last row of the page before. */
  readonly after?: string | number | undefined
  readonly limit?: number
  /** Counters of a slotted row as they are: without it none is below zero. */
  readonly isExact?: boolean
  /** Keeps the row until the transaction ends: from being changed, or only from being deleted. */
  readonly lock?: 'update' | 'share'
}

/** Counts the rows of a scope, in the column `count`. */
export interface CountPlan {
  readonly kind: 'count'
  readonly type: EntityType
  readonly within: Scope
}

/** Stores a new entity. */
export interface InsertPlan {
  readonly kind: 'insert'
  readonly type: EntityType
  readonly tenant: number
  /** The row's own number where its table is numbered, its parent's where it has one. */
  readonly number: number | undefined
  readonly row: Row
  /** A further column with the id of the entity that the row is linked to. */
  readonly link?: { readonly column: string; readonly id: string } | undefined
}

/** Moves the counters of a slotted row by the differences, and its instants where later; the row need not be there. */
export interface AddPlan {
  readonly kind: 'add'
  readonly type: EntityType
  readonly tenant: number
  readonly parent: number
  readonly deltas: Readonly<Record<string, number | Timestamp>>
}

/** Sets members of a slotted row that are no counters. */
export interface SetPlan {
  readonly kind: 'set'
  readonly type: EntityType
  readonly tenant: number
  readonly parent: number
  readonly changes: Changes
}

/** Changes members of one entity, and gives back the whole. */
export interface UpdatePlan extends EntityReference {
  readonly kind: 'update'
  readonly changes: Changes
}

/** Removes one entity, and gives it back. */
export interface DeletePlan extends EntityReference {
  readonly kind: 'delete'
}

/** Removes up to `limit` rows of a table: those of a tenant, or of one parent in it. */
export interface PurgePlan {
  readonly kind: 'purge'
  readonly type: EntityType
  readonly tenant: number
  readonly parent?: number | undefined
  readonly limit: number
}

/** SQL written by hand, for the tables beside the model; its values are always parameters. */
export interface SqlPlan<Kind extends 'query' | 'command'> {
  readonly kind: Kind
  readonly parts: readonly string[]
  readonly values: readonly (string | number | null)[]
}

/** What reads, and may run outside a transaction. */
export type ReadPlan = SelectPlan | SqlPlan<'query'>

/** What writes, and runs in a transaction only. */
export type WritePlan =
  | InsertPlan
  | AddPlan
  | SetPlan
  | UpdatePlan
  | DeletePlan
  | PurgePlan
  | SqlPlan<'command'>

export type Plan = ReadPlan | CountPlan | WritePlan

/** A query in SQL: `` query`SELECT … WHERE tid = ${tid}` ``. */
export function query(
  parts: readonly string[],
  ...values: readonly (string | number | null)[]
): SqlPlan<'query'> {
  return { kind: 'query', parts, values }
}

/** A command in SQL, as {@link query}. */
export function command(
  parts: readonly string[],
  ...values: readonly (string | number | null)[]
): SqlPlan<'command'> {
  return { kind: 'command', parts, values }
}

/** The property by which the rows of a type stand in order, and by which a page continues. */
export const POSITION = '$position'
