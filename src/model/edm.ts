/**
 * The primitive types of OData (EDM) that the model uses: one row a type, with how a value is read from JSON,
 * written to JSON and kept in a column. Reading follows the .NET reader of the real service: a string may stand
 * for a number or a Boolean, never a number for a string.
 */

/** A JSON scalar as it came over the wire; a number keeps its text, so `2.0` and `2` can be told apart. */
export interface Scalar {
  readonly kind: 'string' | 'number' | 'boolean'
  readonly text: string
}

/** The value of a property in memory. Dates are {@link Timestamp}s, durations ticks, binaries bytes. */
export type Value = string | number | boolean | Uint8Array | readonly string[] | ComplexValue | null

/** A value of a complex type: the name of its type, and its members. */
export interface ComplexValue {
  readonly type: string
  readonly members: Readonly<Record<string, Value>>
}

/** Whether a value is one of a complex type. */
export function isComplex(value: Value): value is ComplexValue {
  return typeof value === 'object' && value !== null && 'members' in value
}

/** A UTC instant as text of fixed width, `2026-11-23T18:00:00.0000000Z`, so that text order is time order. */
export type Timestamp = string

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
}

export type PrimitiveName = keyof PrimitiveValues

export const primitives: { readonly [N in PrimitiveName]: Primitive<PrimitiveValues[N]> } = {
  'Edm.String': { column: 'text', parse: parseText, format: (value) => value },
  'Edm.Int32': { column: 'int32', parse: parseInt32, format: (value) => value },
  'Edm.Boolean': { column: 'boolean', parse: parseBoolean, format: (value) => value },
  'Edm.Binary': { column: 'binary', parse: parseBase64, format: formatBase64 },
  'Edm.DateTimeOffset': { column: 'text', parse: parseTimestamp, format: formatTimestamp },
  'Edm.Duration': { column: 'int64', parse: parseDuration, format: formatDuration },
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

const TIMESTAMP = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(?:(:\d{2})(?:\.(\d{1,7})\d*)?)?(Z|[+-]\d{2}:\d{2})$/i

function parseTimestamp({ kind, text }: Scalar): Timestamp | undefined {
  const match = kind === 'string' ? TIMESTAMP.exec(text) : null
  if (match === null) return undefined
  const [, minute = '', second = ':00', fraction = '', zone = ''] = match
  const local = new Date(`${minute}${second}Z`)
  const instant = new Date(`${minute}${second}${zone.toUpperCase()}`)
  const exists =
    !Number.isNaN(local.getTime()) && local.toISOString().startsWith(`${minute}${second}`.toUpperCase())
  if (!exists || !isStorableYear(instant)) return undefined
  return `${instant.toISOString().slice(0, 19)}.${fraction.padEnd(7, '0')}Z`
}

function isStorableYear(instant: Date): boolean {
  const year = instant.getUTCFullYear()
  return year >= 1 && year <= 9999
}

/** Drops the trailing zeros of the fraction, as .NET writes an instant. */
function formatTimestamp(value: Timestamp): string {
  return value.replace(/\.?0*Z$/, 'Z')
}

/** The timestamp of an instant given in milliseconds since 1970. */
export function timestampOf(milliseconds: number): Timestamp {
  return `${new Date(milliseconds).toISOString().slice(0, 23)}0000Z`
}

const DURATION =
  /^(-)?P(?:(\d+)W|(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,7})\d*)?S)?)?)$/

const TICKS = {
  week: 6_048_000_000_000,
  day: 864_000_000_000,
  hour: 36_000_000_000,
  minute: 600_000_000,
  second: 10_000_000,
}

/** Ticks of 100 ns, as .NET's TimeSpan counts; beyond 2^53 ticks (28 years) there is no value. */
function parseDuration({ kind, text }: Scalar): number | undefined {
  const match = kind === 'string' && text !== 'P' && text !== '-P' ? DURATION.exec(text) : null
  if (match === null) return undefined
  const [, sign, weeks = '0', days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = match
  const ticks =
    Number(weeks) * TICKS.week +
    Number(days) * TICKS.day +
    Number(hours) * TICKS.hour +
    Number(minutes) * TICKS.minute +
    Number(seconds) * TICKS.second +
    Number(fraction.padEnd(7, '0'))
  if (!Number.isSafeInteger(ticks)) return undefined
  return sign === undefined || ticks === 0 ? ticks : -ticks
}

/** Writes ticks as .NET does: days first, no weeks, so `PT24H` comes back as `P1D` and nothing as `PT0S`. */
function formatDuration(value: number): string {
  let rest = Math.abs(value)
  const take = (unit: number): number => {
    const count = Math.floor(rest / unit)
    rest -= count * unit
    return count
  }
  const days = take(TICKS.day)
  const hours = take(TICKS.hour)
  const minutes = take(TICKS.minute)
  const seconds = take(TICKS.second)
  const fraction = rest === 0 ? '' : `.${String(rest).padStart(7, '0').replace(/0+$/, '')}`
  const date = days > 0 ? `${days}D` : ''
  const time = `${hours > 0 ? `${hours}H` : ''}${minutes > 0 ? `${minutes}M` : ''}${seconds > 0 || fraction !== '' ? `${seconds}${fraction}S` : ''}`
  if (date === '' && time === '') return 'PT0S'
  return `${value < 0 ? '-' : ''}P${date}${time === '' ? '' : `T${time}`}`
}
