/**
 * Reads the items of `$expand` and `$select`. The options inside an item stay text, for the parser of each.
 *
 *     expand  = item { "," item }
 *     item    = word [ "(" option { ";" option } [ ";" ] ")" ]
 *     option  = [ "$" ] letters "=" value
 *     value   = { quoted | "(" inside ")" | any but ";" and ")" }
 *     inside  = { quoted | "(" inside ")" | any but ")" }
 *     quoted  = "'" { any but "'" } "'" | '"' { any but '"' and "\" | "\" any } '"'
 *     select  = chosen { "," chosen }
 *     chosen  = "*" | segment { "/" segment }
 *     segment = word { "." word }
 *
 * A doubled apostrophe in a string is read as the end of one string and the start of the next, which cuts at the
 * same places. Spaces and tabs may stand around every part.
 */
import { limits } from '#base/base.ts'
import type { ODataError } from '../errors.ts'
import { match } from './lexer.ts'
import { type Place, syntaxError } from './syntax-error.ts'

/** A navigation to expand. */
export interface ExpandItem {
  readonly name: string
  /** Where the name begins in the decoded text. */
  readonly at: number
  /** What stands in its parentheses, in that order, each name once. */
  readonly options: readonly ExpandOption[]
}

/** An option of one expanded navigation. */
export interface ExpandOption {
  /** In lower case and with its `$`; it need not be the name of an option. */
  readonly name: string
  /** The value, without the spaces around it. */
  readonly text: string
  /** Where the value begins in the decoded text that holds it. */
  readonly at: number
}

/** A property to select. */
export interface SelectItem {
  /** `['*']`, or the names between the slashes. */
  readonly segments: readonly string[]
  /** Where it begins in the decoded text. */
  readonly at: number
}

interface Cursor {
  readonly text: string
  at: number
}

/** What the parsers of the texts inside will take at most, so that a text of parentheses alone ends early. */
const NESTING = limits.filterDepth + limits.expandDepth

const SPACE = /[ \t]*/y
const TERM = /[^ \t,();]*/y
const OPTION_NAME = /\$?[a-z]+/iy
const VALUE_PART = /[^'"();]+|'[^']*'|"[^"\\]*(?:\\.[^"\\]*)*"/suy
const WORD = /^[\p{L}_][\p{L}\p{N}_]*$/u
const SEGMENT = /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*$/u

/**
 * Reads a `$expand`, one level of it: the text of a nested `$expand` is read by a call of its own.
 *
 * @param text the option's value, decoded.
 * @throws ODataError `BadRequest` with the place, where the text is no list of navigations, or holds what is not
 *   supported: `*`, `$ref`, `$count`, `$levels` and paths.
 */
export function parseExpand(text: string): readonly ExpandItem[] {
  return readList(text, readItem)
}

/**
 * Reads a `$select`.
 *
 * @param text the option's value, decoded.
 * @throws ODataError `BadRequest` with the place, where the text is no list of names and paths.
 */
export function parseSelect(text: string): readonly SelectItem[] {
  return readList(text, readSelectItem)
}

/** Reads items with commas between, to the end of the text. */
function readList<T>(text: string, read: (cursor: Cursor) => T): readonly T[] {
  const cursor = { text, at: 0 }
  const items = [read(cursor)]
  while (text[cursor.at] === ',') {
    cursor.at += 1
    items.push(read(cursor))
  }
  if (cursor.at < text.length) throw syntaxError('Syntax error', cursor)
  return items
}

function readItem(cursor: Cursor): ExpandItem {
  skip(cursor, SPACE)
  const { at } = cursor
  const name = skip(cursor, TERM)
  assertNavigation(name, { text: cursor.text, at })
  skip(cursor, SPACE)
  const options = cursor.text[cursor.at] === '(' ? readOptions(cursor, name) : []
  skip(cursor, SPACE)
  return { name, at, options }
}

function assertNavigation(name: string, place: Place): void {
  if (WORD.test(name)) return
  if (name === '*')
    throw syntaxError("Expanding '*' is not supported", place, 'Name each navigation, as in a,b.')
  const [first = '', ...rest] = name.split('/')
  if (rest.length === 0) throw invalidTerm(name, place)
  if (rest.some((segment) => segment.startsWith('$')))
    throw syntaxError(
      `Expanding '${name.slice(0, 100)}' is not supported`,
      place,
      'Expand the navigation alone.',
    )
  throw syntaxError(
    `Expanding the path '${name.slice(0, 100)}' is not supported`,
    place,
    `Expand one level within the other, as in ${first.slice(0, 100)}($expand=…).`,
  )
}

/** Reads the parentheses after the name. */
function readOptions(cursor: Cursor, navigation: string): readonly ExpandOption[] {
  const open = cursor.at
  const options = new Map<string, ExpandOption>()
  while (cursor.text[cursor.at] !== ')') {
    cursor.at += 1
    skip(cursor, SPACE)
    if (cursor.text[cursor.at] === ')') break
    const nameAt = cursor.at
    const option = readOption(cursor)
    if (options.has(option.name)) {
      const place = { text: cursor.text, at: nameAt }
      throw syntaxError(`The query option '${option.name.slice(0, 100)}' is given twice`, place)
    }
    options.set(option.name, option)
  }
  if (options.size === 0) {
    const what = `Missing expand option on navigation property '${navigation.slice(0, 100)}'`
    throw syntaxError(what, { text: cursor.text, at: open }, 'Leave out the empty parentheses.')
  }
  cursor.at += 1
  return [...options.values()]
}

/** Reads an option up to the semicolon or the parenthesis that ends it. */
function readOption(cursor: Cursor): ExpandOption {
  const { at: nameAt } = cursor
  const written = skip(cursor, OPTION_NAME).toLowerCase()
  if (written === '') throw syntaxError('The name of a query option was expected', cursor)
  const name = written.startsWith('$') ? written : `$${written}`
  if (name === '$levels')
    throw syntaxError(
      "The query option '$levels' is not supported",
      { text: cursor.text, at: nameAt },
      'Write each level with its own $expand.',
    )
  skip(cursor, SPACE)
  if (cursor.text[cursor.at] !== '=') throw syntaxError("'=' expected", cursor)
  cursor.at += 1
  skip(cursor, SPACE)
  const { at } = cursor
  skipValue(cursor)
  return { name, text: cursor.text.slice(at, cursor.at).trimEnd(), at }
}

/** Moves to the semicolon or the parenthesis after a value. */
function skipValue(cursor: Cursor): void {
  let depth = 0
  for (;;) {
    if (skip(cursor, VALUE_PART) !== '') continue
    const mark = cursor.text[cursor.at]
    if (mark === undefined) throw syntaxError("')' or ';' expected", cursor)
    if (mark === "'" || mark === '"') throw syntaxError('There is an unterminated string literal', cursor)
    if (depth === 0 && mark !== '(') return
    if (mark === '(') depth += 1
    if (mark === ')') depth -= 1
    if (depth > NESTING) throw syntaxError(`The text is nested deeper than ${NESTING}`, cursor)
    cursor.at += 1
  }
}

function readSelectItem(cursor: Cursor): SelectItem {
  skip(cursor, SPACE)
  const { text, at } = cursor
  const term = skip(cursor, TERM)
  skip(cursor, SPACE)
  if (term === '*') return { segments: ['*'], at }
  const segments = term.split('/')
  const system = segments.find((segment) => segment.startsWith('$'))
  if (system !== undefined)
    throw syntaxError(`Found system token '${system.slice(0, 100)}' in a $select expression`, { text, at })
  if (!segments.every((segment) => SEGMENT.test(segment))) throw invalidTerm(term, { text, at })
  return { segments, at }
}

function invalidTerm(term: string, place: Place): ODataError {
  return syntaxError(`Term '${term.slice(0, 100)}' is not valid in a $select or $expand expression`, place)
}

/** Moves past what the pattern matches here, and gives it back; '' where it does not match. */
function skip(cursor: Cursor, pattern: RegExp): string {
  const found = match(pattern, cursor.text, cursor.at)
  cursor.at += found.length
  return found
}
