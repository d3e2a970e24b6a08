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
  readonly lock: { readonly update: string; readonly change: string; readonly share: string }
  /** Has a transaction see one moment throughout; a statement that does nothing where all do. */
  readonly oneMoment: string
  /** A condition that ends a scan at its deadline, where the database cannot be told otherwise. */
  readonly scanGuard: string | undefined
  /** Whether the parts of a `UNION ALL` are read one after another, as they stand, and no further than is asked for. */
  readonly keepsUnionOrder: boolean
  /** How many rows share a counter: more than one where more than one transaction at a time moves it. */
  readonly slots: number
  /** The declared type of a column. */
  readonly columnTypes: Readonly<Record<ColumnKind, string>>
  /** A Boolean as the column keeps it. */
  readonly boolean: { encode(value: boolean): SqlValue; decode(value: SqlValue): boolean }
  /** A parameter in an expression, whose type nothing else may tell. */
  constant(type: 'whole' | 'decimal' | 'text' | 'boolean', parameter: string): string
  /** Text in lower case, as JavaScript's `toLowerCase` has it. */
  fold(text: string): string
  /** Where a text first has a part, from 1; 0 where it has not. */
  position(text: string, part: string): string
  /** A text without the given characters at both ends. */
  trim(text: string, characters: string): string
  /** The type of numbers that are not whole, as JavaScript has them. */
  readonly double: string
  /** A whole number in the widest type of such. */
  widen(value: string): string
  /** What a division of numbers leaves that need not be whole. */
  modulo(value: string, divisor: string): string
  /** The values of a column of kind `json` as rows, and one of them as text. */
  items(values: string, alias: string): string
  item(alias: string): string
  /** A select of the values of a parameter that is a JSON array: of numbers or texts, or of pairs of both. */
  list(type: 'whole' | 'text', parameter: string): string
  pairs(parameter: string): string
}

export const sqlite: Dialect = {
  name: 'sqlite',
  parameter: (n) => `?${n}`,
  lock: { update: '', change: '', share: '' },
  oneMoment: 'SELECT 1 WHERE FALSE',
  scanGuard: 'deadline()',
  keepsUnionOrder: true,
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
  constant: (_, parameter) => parameter,
  fold: (text) => `fold(${text})`,
  position: (text, part) => `instr(${text}, ${part})`,
  trim: (text, characters) => `trim(${text}, ${characters})`,
  double: 'REAL',
  widen: (value) => value,
  modulo: (value, divisor) => `mod(${value}, ${divisor})`,
  items: (values, alias) => `json_each(${values}) AS ${alias}`,
  item: (alias) => `${alias}.value`,
  list: (_, parameter) => `SELECT value FROM json_each(${parameter})`,
  pairs: (parameter) =>
    `SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(${parameter})`,
}

const constantTypes = {
  whole: 'bigint',
  decimal: 'double precision',
  text: 'text',
  boolean: 'boolean',
} as const

export const postgres: Dialect = {
  name: 'postgres',
  parameter: (n) => `$${n}`,
  lock: { update: ' FOR UPDATE', change: ' FOR NO KEY UPDATE', share: ' FOR KEY SHARE' },
  oneMoment: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ',
  scanGuard: undefined,
  keepsUnionOrder: false,
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
  constant: (type, parameter) => `${parameter}::${constantTypes[type]}`,
  fold: (text) => `lower(${text} COLLATE "und-x-icu") COLLATE "C"`,
  position: (text, part) => `strpos(${text}, ${part})`,
  trim: (text, characters) => `btrim(${text}, ${characters})`,
  double: 'double precision',
  widen: (value) => `${value}::bigint`,
  modulo: (value, divisor) => `mod(${value}::numeric, ${divisor}::numeric)`,
  items: (values, alias) => `json_array_elements_text(${values}::json) AS ${alias}(value)`,
  item: (alias) => `${alias}.value COLLATE "C"`,
  list: (type, parameter) =>
    `SELECT value::${constantTypes[type]} FROM json_array_elements_text(${parameter}::json)`,
  pairs: (parameter) => `SELECT (value->>0)::bigint, value->>1 FROM json_array_elements(${parameter}::json)`,
}
