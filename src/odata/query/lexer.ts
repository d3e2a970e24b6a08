/**
 * Cuts the text of an expression into tokens. What a word is (a path, an operator, a function) the parser knows
 * by where it stands; only `true`, `false`, `null`, `INF` and `NaN` are always literals.
 *
 *     token    = { space } ( literal | name | "-" | "(" | ")" | "," | ":" | "=" )
 *     name     = segment { "/" segment }
 *     segment  = [ "$" ] word { "." word }
 *     word     = ( letter | "_" ) { letter | digit | "_" }
 *     literal  = string | "duration" string | word "." word { "." word } string | "true" | "false" | "null"
 *              | [ "-" ] digits [ "." digits ] [ "e" [ "+" | "-" ] digits ] | "INF" | "-INF" | "NaN"
 *              | guid | date | time | date "T" time ( "Z" | ( "+" | "-" ) hh ":" mm )
 *     string   = "'" { any but "'" | "''" } "'"
 *     date     = yyyy "-" mm "-" dd
 *     time     = hh ":" mm [ ":" ss [ "." digits ] ]
 *     space    = " " | tab
 *
 * After a literal or a name comes a space, one of the marks, or the end. A minus sign and the digits after it are
 * one number.
 */

import type { ODataError } from '../errors.ts'
import type { EnumLiteral, Literal, PlainLiteral, PlainLiteralKind } from './expression.ts'
import { invalidCharacter, type Place, syntaxError } from './syntax-error.ts'

/** One of the characters that stand for themselves. */
export type Mark = '-' | '(' | ')' | ',' | ':' | '='

/** A token with its place, and the place after it. */
export type Token = NameToken | LiteralToken | MarkToken

interface Span {
  readonly at: number
  readonly end: number
}

/** A word, a path or an operator. */
export interface NameToken extends Span {
  readonly kind: 'name'
  readonly text: string
}

interface LiteralToken extends Span {
  readonly kind: 'literal'
  readonly literal: Literal
}

interface MarkToken extends Span {
  readonly kind: Mark | 'end'
}

const SPACE = /[ \t]*/y
const NAME =
  /\$?[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*(?:\/\$?[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*)*/uy

/** In the order in which they are tried: what may begin as another does stands before it. */
const SHAPES = [
  ['guid', /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/iy],
  ['dateTimeOffset', /\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?/iy],
  ['date', /\d{4}-\d\d-\d\d/y],
  ['timeOfDay', /\d\d:\d\d(?::\d\d(?:\.\d+)?)?/y],
  ['number', /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|-INF(?![\p{L}\p{N}_/.])/uy],
] as const satisfies readonly (readonly [PlainLiteralKind, RegExp])[]

const CAN_BEGIN_SHAPE = /[\da-f-]/iy
const HAS_OFFSET = /(?:Z|[+-]\d\d:\d\d)$/i
const DELIMITERS = ' \t(),:='

const OLDER_FORMS: ReadonlyMap<string, string> = new Map([
  ['datetime', '2026-01-01T00:00:00Z'],
  ['datetimeoffset', '2026-01-01T00:00:00Z'],
  ['date', '2026-01-01'],
  ['time', '11:58:36'],
  ['timeofday', '11:58:36'],
  ['guid', '01234567-89ab-cdef-0123-456789abcdef'],
])

type QuotedLiteral = Omit<PlainLiteral, 'text'> | Omit<EnumLiteral, 'text'>

/** Reads tokens one by one, so that a refused text is not cut up to its end. */
export interface Cursor {
  readonly text: string
  /** The token here. */
  token: Token
}

/** A cursor at the first token. */
export function createCursor(text: string): Cursor {
  return { text, token: readToken(text, 0) }
}

/** Moves to the next token. */
export function advance(cursor: Cursor): void {
  cursor.token = readToken(cursor.text, cursor.token.end)
}

/** The refusal of the token here. */
export function unexpected({ text, token }: Cursor, what = 'Syntax error', hint?: string): ODataError {
  return syntaxError(what, { text, at: token.at }, hint)
}

function readToken(text: string, from: number): Token {
  const at = from + match(SPACE, text, from).length
  const first = text[at]
  switch (first) {
    case undefined:
      return { kind: 'end', at, end: at }
    case '(':
    case ')':
    case ',':
    case ':':
    case '=':
      return { kind: first, at, end: at + 1 }
    case "'":
      return readQuoted({ kind: 'literal', literal: 'string', at }, { text, at })
    case '@':
      throw syntaxError('A parameter alias is not supported', { text, at }, 'Write its value in its place.')
    default:
      return readShape(text, at) ?? readWord(text, at)
  }
}

function readShape(text: string, at: number): Token | undefined {
  if (match(CAN_BEGIN_SHAPE, text, at) === '') return undefined
  for (const [kind, shape] of SHAPES) {
    const found = match(shape, text, at)
    if (found === '') continue
    if (kind === 'dateTimeOffset' && !HAS_OFFSET.test(found)) {
      throw syntaxError(
        `Unrecognized 'Edm.DateTimeOffset' literal '${found.slice(0, 100)}'`,
        { text, at },
        "It ends in its offset, 'Z' or '-05:00'; in a URL a '+' is written '%2B'.",
      )
    }
    const end = endOf(text, at + found.length)
    return { kind: 'literal', at, end, literal: { kind: 'literal', literal: kind, text: found, at } }
  }
  return text[at] === '-' ? { kind: '-', at, end: at + 1 } : undefined
}

function readWord(text: string, at: number): Token {
  const name = match(NAME, text, at)
  if (name === '') throw invalidCharacter({ text, at })
  const next = at + name.length
  if (text[next] === "'") return readPrefixed(name, { text, at })
  if (text[next] === '/' || text[next] === '.')
    throw syntaxError('An identifier was expected', { text, at: next + 1 })
  const end = endOf(text, next)
  const literal = constantOf(name)
  if (literal === undefined) return { kind: 'name', text: name, at, end }
  return {
    ...{ kind: 'literal', at, end },
    literal: { kind: 'literal', literal, text: literal === 'number' ? name : name.toLowerCase(), at },
  }
}

function constantOf(name: string): 'null' | 'boolean' | 'number' | undefined {
  if (name === 'INF' || name === 'NaN') return 'number'
  const lower = name.toLowerCase()
  if (lower === 'null') return 'null'
  return lower === 'true' || lower === 'false' ? 'boolean' : undefined
}

/** A name and a string without a space between. */
function readPrefixed(name: string, { text, at }: Place): Token {
  const string = { text, at: at + name.length }
  const prefix = name.toLowerCase()
  if (prefix === 'duration') return readQuoted({ kind: 'literal', literal: 'duration', at }, string)
  if (name.includes('.') && !name.includes('/'))
    return readQuoted({ kind: 'literal', literal: 'enum', enumType: name, at }, string)
  const form = OLDER_FORMS.get(prefix)
  const hint =
    form === undefined
      ? "Only duration'PT5M' and the full name of an enumeration, as in microsoft.graph.runState'fail', stand before a quote."
      : `Write it without prefix and quotes, as ${form}.`
  throw syntaxError(`Unrecognized literal prefix '${name.slice(0, 100)}'`, { text, at }, hint)
}

/** Reads the string at the place, and gives the literal it makes. */
function readQuoted(literal: QuotedLiteral, { text, at }: Place): Token {
  let close = text.indexOf("'", at + 1)
  while (close !== -1 && text[close + 1] === "'") close = text.indexOf("'", close + 2)
  if (close === -1) throw syntaxError('There is an unterminated string literal', { text, at })
  const value = text.slice(at + 1, close).replaceAll("''", "'")
  return {
    kind: 'literal',
    at: literal.at,
    end: endOf(text, close + 1),
    literal: { ...literal, text: value },
  }
}

/** The end itself, where a word may end there. */
function endOf(text: string, end: number): number {
  if (end < text.length && !DELIMITERS.includes(text.charAt(end))) throw invalidCharacter({ text, at: end })
  return end
}

/** What the sticky pattern matches at the place; '' where it does not. */
export function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}
