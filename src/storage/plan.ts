/**
 * Queries as data. A plan says what is wanted in terms of the model; how it is said in SQL is the printer's
 * business (compile.ts), so one plan serves both databases. Every plan on entities carries its tenant.
 */

import assert from 'node:assert/strict'
import type { EntityType, Navigation, Timestamp } from '#model/model.ts'
import { type Changes, type Condition, ODataError, type OrderKey, type Rank, type Row } from '#odata/odata.ts'

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
  /** Only those for which it holds. */
  readonly condition?: Condition | undefined
  /** In this order, and then in that of the position; each row with its ranks. */
  readonly order?: readonly OrderKey[]
  /** The ranks of the last row of the page before, its position the last of them. */
  readonly after?: readonly Rank[] | undefined
  /** Rows to pass over. */
  readonly skip?: number
  readonly limit?: number
  /** Adds the number of the row that the rows belong to, as {@link PARENT}. */
  readonly withParent?: boolean
  /** Adds the id of the sibling that the row is linked to, where it is there, as {@link HOLDER}. */
  readonly holder?: { readonly type: EntityType; readonly link: string } | undefined
  /** Counters of a slotted row as they are: without it none is below zero. */
  readonly isExact?: boolean
  /**
   * Keeps the row until the transaction ends: from all others, from being changed, or only from being deleted. What is
   * below it can be written by others but for `update`. With the number of the row above, keeps that from being deleted too.
   */
  readonly lock?: 'update' | 'change' | 'share'
}

/** Counts the rows of a scope, in the column `count`. */
export interface CountPlan {
  readonly kind: 'count'
  readonly type: EntityType
  readonly within: Scope
  readonly condition?: Condition | undefined
}

/** What the rows that a navigation leads to hold of the row that they are reached from. */
export type Holder = number | string | readonly [parent: number, id: string]

/** Reads what a navigation leads to from many rows at once, each with its {@link OF}. */
export interface RelatedPlan {
  readonly kind: 'related'
  readonly tenant: number
  readonly navigation: Navigation
  readonly holders: readonly Holder[]
  readonly condition?: Condition | undefined
  readonly order?: readonly OrderKey[]
  /** Rows to pass over, and to read, of each. */
  readonly skip?: number
  readonly limit: number
  /** Adds how many there are of each, as {@link COUNT}, to at least the first row of each. */
  readonly isCounted?: boolean
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

/** Stores new entities of one collection. */
export interface InsertManyPlan extends Pick<InsertPlan, 'type' | 'tenant' | 'link'> {
  readonly kind: 'insertMany'
  /** Every row has every member. */
  readonly rows: readonly Pick<InsertPlan, 'number' | 'row'>[]
}

/** Asks which entities are there, by their ids, in the column `id`. */
export interface PresentPlan {
  readonly kind: 'present'
  readonly type: EntityType
  readonly within: Scope
  readonly keys: readonly string[]
}

/** Moves the counters of a slotted row by the differences, and its instants where later; the row need not be there. */
export interface AddPlan {
  readonly kind: 'add'
  readonly type: EntityType
  readonly tenant: number
  readonly parent: number
  readonly deltas: Readonly<Record<string, number | Timestamp>>
}

/** Sets members of an entity that is known to be there, below the row with a number; nothing comes back. */
export interface SetPlan {
  readonly kind: 'set'
  readonly type: EntityType
  readonly tenant: number
  readonly parent: number
  /** Absent for a slotted row, of which there is one a parent: members of it that are no counters. */
  readonly key?: string
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

/** A table whose rows are led by their tenant. */
export interface Table {
  readonly name: string
  /** The table of the rows that its rows belong to, and the column with their number. */
  readonly parent: string | undefined
  /** The columns of its primary key after the tenant. */
  readonly key: readonly string[]
  /** Every column but that of the tenant. */
  readonly columns: readonly string[]
}

/** The values of a key after the tenant, in the order of the table's. */
export type TableKey = readonly (string | number)[]

/** Copies a tenant's rows of a table to another tenant. */
export interface CopyPlan {
  readonly kind: 'copy'
  readonly table: Table
  readonly from: number
  readonly to: number
  /** Only the rows after a key and up to another, where they are given; a row comes back for each. */
  readonly piece?: { readonly after: TableKey | undefined; readonly through: TableKey | undefined }
}

/** Reads the key of a tenant's row of a table, so many rows after another key or the beginning. */
export interface KeyPlan {
  readonly kind: 'key'
  readonly table: Table
  readonly tenant: number
  readonly after: TableKey | undefined
  readonly skip: number
}

/** Has all statements of a transaction see the database as it is at one moment; the first of them, or it fails. */
export interface MomentPlan {
  readonly kind: 'moment'
}

/** SQL written by hand, for the tables beside the model; its values are always parameters. */
export interface SqlPlan<Kind extends 'query' | 'command'> {
  readonly kind: Kind
  readonly parts: readonly string[]
  readonly values: readonly (string | number | null)[]
}

/** What reads, and may run outside a transaction. */
export type ReadPlan = SelectPlan | PresentPlan | SqlPlan<'query'>

/** What writes, and runs in a transaction only. */
export type WritePlan =
  | InsertPlan
  | InsertManyPlan
  | AddPlan
  | SetPlan
  | UpdatePlan
  | DeletePlan
  | PurgePlan
  | CopyPlan
  | SqlPlan<'command'>

const reading: ReadonlySet<Plan['kind']> = new Set([
  'select',
  'present',
  'query',
  'count',
  'related',
  'key',
  'moment',
])

/** Whether a plan may change what is stored. */
export function isWrite({ kind }: Plan): boolean {
  return !reading.has(kind)
}

/** Whether the rows of a plan are those that it changed. */
export function saysWhatItChanged({ kind }: Plan): boolean {
  return kind === 'update' || kind === 'delete' || kind === 'purge'
}

export type Plan = ReadPlan | CountPlan | RelatedPlan | KeyPlan | MomentPlan | WritePlan

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

/** The number of the row that a row belongs to. */
export const PARENT = '$parent'

/** The id of the sibling that a row is linked to. */
export const HOLDER = '$holder'

/** What a related row holds of the one it is reached from; beside its {@link PARENT} where that alone does not tell. */
export const OF = '$of'

/** How many rows are related to the same one. */
export const COUNT = '$count'

/** The place of a row among those that are related to the same one, from 1. */
export const PLACE = '$place'

/** The column of what a row stands by in the n-th key of an order, from 0. */
export function rankName(n: number): string {
  return `$${n}`
}

/**
 * What a row stands by in an order of so many keys, its position last.
 *
 * @throws ODataError `BadRequest` where it is a number without end, after which no page can begin.
 */
export function ranksOf(row: Row, keys: number): readonly Rank[] {
  const names = [...Array.from({ length: keys }, (_, i) => rankName(i)), POSITION]
  return names.map((name) => {
    const rank = row[name] ?? null
    assert(typeof rank !== 'object' || rank === null, `${name} is no rank`)
    if (typeof rank === 'number' && !Number.isFinite(rank)) {
      throw new ODataError('BadRequest', 'A number that is computed is too large.')
    }
    return rank
  })
}
