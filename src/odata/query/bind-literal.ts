/** Gives the literals of expressions their values, and reckons with those that are known beforehand. */
import { type PrimitiveName, primitives, type Timestamp } from '#model/model.ts'
import type { ODataError } from '../errors.ts'
import type { Scope } from './bind-path.ts'
import type { Constant, Term, TermType } from './condition.ts'
import type { Literal, PlainLiteral, PlainLiteralKind } from './expression.ts'
import { type Place, syntaxError } from './syntax-error.ts'

/**
 * The value of a literal.
 *
 * @param beside what it is compared with: a text beside an enumeration names a member of it.
 * @throws ODataError `BadRequest` where it stands for no value of its type.
 */
export function bindLiteral(literal: Literal, scope: Scope, beside?: Term): Constant {
  const place = { text: scope.text, at: literal.at }
  if (literal.literal === 'enum' || (literal.literal === 'string' && beside?.type === 'enumeration')) {
    const typeName = literal.literal === 'enum' ? literal.enumType : undefined
    return bindEnumeration({ text: literal.text, typeName }, beside, place)
  }
  return bindPlain(literal, place)
}

interface EnumerationText {
  readonly text: string
  /** The type that the literal names, where it names one. */
  readonly typeName: string | undefined
}

function bindEnumeration(
  { text, typeName }: EnumerationText,
  beside: Term | undefined,
  place: Place,
): Constant {
  const typed = beside !== undefined && 'ordinals' in beside ? beside : undefined
  const isOfType = typeName === undefined || typeName.toLowerCase() === typed?.typeName.toLowerCase()
  const ordinals = isOfType ? typed?.ordinals : undefined
  const ordinal = ordinals?.get(text) ?? (ordinals && byNumber(text, ordinals))
  if (ordinal === undefined) {
    throw syntaxError(`The string '${text.slice(0, 100)}' is not a valid enumeration type constant`, place)
  }
  return { kind: 'constant', type: 'enumeration', value: ordinal }
}

function byNumber(text: string, ordinals: ReadonlyMap<string, number>): number | undefined {
  return [...ordinals.values()].find((ordinal) => String(ordinal) === text)
}

/** The literals whose text is read as that of a JSON string of the type is. */
const scalarTypes = {
  string: ['text', 'Edm.String'],
  dateTimeOffset: ['instant', 'Edm.DateTimeOffset'],
  date: ['date', 'Edm.Date'],
  timeOfDay: ['timeOfDay', 'Edm.TimeOfDay'],
  duration: ['duration', 'Edm.Duration'],
} as const satisfies Partial<Record<PlainLiteralKind, readonly [TermType, PrimitiveName]>>

function bindPlain({ literal, text }: PlainLiteral, place: Place): Constant {
  switch (literal) {
    case 'null':
      return { kind: 'constant', type: 'null', value: null }
    case 'boolean':
      return { kind: 'constant', type: 'boolean', value: text === 'true' }
    case 'guid':
      return { kind: 'constant', type: 'text', value: text }
    case 'number': {
      const value = Number(text)
      if (!Number.isFinite(value)) throw unrecognized(text, 'a number', place)
      return { kind: 'constant', type: 'number', value }
    }
    default: {
      const [type, typeName] = scalarTypes[literal]
      const value = primitives[typeName].parse({ kind: 'string', text })
      if (value === undefined) throw unrecognized(text, typeName, place)
      return { kind: 'constant', type, value }
    }
  }
}

function unrecognized(text: string, typeName: string, place: Place): ODataError {
  return syntaxError(`Unrecognized '${typeName}' literal '${text.slice(0, 100)}'`, place)
}

const TICKS_PER_MILLISECOND = 10_000n

/** The instant that is a number of ticks (of 100 ns) away from another; undefined where it is in no year from 1 to 9999. */
export function shiftInstant(instant: Timestamp, ticks: number): Timestamp | undefined {
  const milliseconds = BigInt(Date.parse(`${instant.slice(0, 23)}Z`))
  const shifted = milliseconds * TICKS_PER_MILLISECOND + BigInt(instant.slice(23, 27)) + BigInt(ticks)
  const rest = ((shifted % TICKS_PER_MILLISECOND) + TICKS_PER_MILLISECOND) % TICKS_PER_MILLISECOND
  const date = new Date(Number((shifted - rest) / TICKS_PER_MILLISECOND))
  const year = Number.isNaN(date.getTime()) ? 0 : date.getUTCFullYear()
  if (year < 1 || year > 9999) return undefined
  return `${date.toISOString().slice(0, 23)}${String(rest).padStart(4, '0')}Z`
}
