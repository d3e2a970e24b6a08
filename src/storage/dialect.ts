/** All in which the two databases differ, as far as a statement shows it. */
import type { ColumnKind } from '#model/model.ts'

/** A value as a driver takes and gives it. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array

/** One database's way of saying things. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres'
  /** The n-th parameter, from 1. */
  parameter(n: number): string
  /** What keeps a selected row to the transaction; nothing where writers are one at a time. */
  readonly lock: { readonly update: string; readonly share: string }
  /** A condition that ends a scan at its deadline, where the database cannot be told otherwise. */
  readonly scanGuard: string | undefined
  /** How many rows share a counter: more than one where more than one transaction at a time moves it. */
  readonly slots: number
  /** The declared type of a column. */
  readonly columnTypes: Readonly<Record<ColumnKind, string>>
  /** A Boolean as the column keeps it. */
  readonly boolean: { encode(value: boolean): SqlValue; decode(value: SqlValue): boolean }
}

export const sqlite: Dialect = {
  name: 'sqlite',
  parameter: (n) => `?${n}`,
  lock: { update: '', share: '' },
  scanGuard: 'deadline()',
  slots: 1,
  columnTypes: {
    text: 'TEXT',
    int16: 'INTEGER',
    int32: 'INTEGER',
    int64: 'INTEGER',
    boolean: 'INTEGER',
    binary: 'BLOB',
    json: 'TEXT',
  },
  boolean: { encode: (value) => (value ? 1 : 0), decode: (value) => Number(value) === 1 },
}

export const postgres: Dialect = {
  name: 'postgres',
  parameter: (n) => `$${n}`,
  lock: { update: ' FOR UPDATE', share: ' FOR KEY SHARE' },
  scanGuard: undefined,
  slots: 16,
  columnTypes: {
    text: 'text',
    int16: 'smallint',
    int32: 'integer',
    int64: 'bigint',
    boolean: 'boolean',
    binary: 'bytea',
    json: 'text',
  },
  boolean: { encode: (value) => value, decode: (value) => value === true },
}
