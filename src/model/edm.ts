/**
 * The primitive types of OData (EDM) that the model uses: one row a type, with how a value is read from JSON,
 * written to JSON and kept in a column. Reading follows the .NET reader of the real service: a string may stand
 * for a number or a Boolean, never a number for a string.
 */
import {
  formatDuration,
  formatTimestamp,
  parseDate,
  parseDuration,
  parseTimeOfDay,
  parseTimestamp,
  type Timestamp,
} from './edm-time.ts'
import type { Scalar } from './scalar.ts'

export { type Timestamp, timestampOf } from './edm-time.ts'
export type { Scalar } from './scalar.ts'

/** The value of a property in memory. Instants are {@link Timestamp}s, durations ticks, binaries bytes. */
export type Value =
  | string
  | number
  | boolean
  | Uint8Array
  | readonly string[]
  | ComplexValue
  | readonly ComplexValue[]
  | null

/** A value of a complex type: the name of its type, and its members. */
export interface ComplexValue {
  readonly type: string
  readonly members: Readonly<Record<string, Value>>
}

/** Whether a value is one of a complex type. */
export function isComplex(value: Value): value is ComplexValue {
  return typeof value === 'object' && value !== null && 'members' in value
}

/** How a column keeps a value. */
export type ColumnKind = 'text' | 'int16' | 'int32' | 'int64' | 'boolean' | 'binary' | 'json'

/** One primitive type. */
export interface Primitive<V = Value> {
  readonly column: ColumnKind
  /** The value that a JSON scalar stands for, or undefined where it stands for none. */
  parse(scalar: Scalar): V | undefined
  /** The JSON form of a value. */
  format(value: V): string | number | boolean
}

/** The TypeScript type behind each primitive type. */
export interface PrimitiveValues {
  'Edm.String': string
  'Edm.Int32': number
  'Edm.Boolean': boolean
  'Edm.Binary': Uint8Array
  'Edm.DateTimeOffset': Timestamp
  'Edm.Duration': number
  /** As text of fixed width, `2026-11-23`. */
  'Edm.Date': string
  /** As text of fixed width, `18:00:00.0000000`. */
  'Edm.TimeOfDay': string
}

export type PrimitiveName = keyof PrimitiveValues

export const primitives: { readonly [N in PrimitiveName]: Primitive<PrimitiveValues[N]> } = {
  'Edm.String': { column: 'text', parse: parseText, format: (value) => value },
  'Edm.Int32': { column: 'int32', parse: parseInt32, format: (value) => value },
  'Edm.Boolean': { column: 'boolean', parse: parseBoolean, format: (value) => value },
  'Edm.Binary': { column: 'binary', parse: parseBase64, format: formatBase64 },
  'Edm.DateTimeOffset': { column: 'text', parse: parseTimestamp, format: formatTimestamp },
  'Edm.Duration': { column: 'int64', parse: parseDuration, format: formatDuration },
  'Edm.Date': { column: 'text', parse: parseDate, format: (value) => value },
  'Edm.TimeOfDay': { column: 'text', parse: parseTimeOfDay, format: (value) => value },
}

/** A NUL cannot be kept by PostgreSQL and an unpaired surrogate has no UTF-8 form, so neither is a text. */
function parseText({ kind, text }: Scalar): string | undefined {
  return kind === 'string' && text.isWellFormed() && !text.includes('\0') ? text : undefined
}

function parseInt32({ kind, text }: Scalar): number | undefined {
  if (kind === 'boolean' || (kind === 'string' && !/^\s*[+-]?\d+\s*$/.test(text))) return undefined
  const value = Number(text)
  return value === (value | 0) ? value | 0 : undefined
}

function parseBoolean({ kind, text }: Scalar): boolean | undefined {
  const word = text.trim().toLowerCase()
  if (kind === 'number' || (word !== 'true' && word !== 'false')) return undefined
  return word === 'true'
}

function parseBase64({ kind, text }: Scalar): Uint8Array | undefined {
  if (kind !== 'string') return undefined
  const digits = /\s/.test(text) ? text.replace(/\s+/g, '') : text
  if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) return undefined
  return Buffer.from(digits, 'base64')
}

function formatBase64(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
}
