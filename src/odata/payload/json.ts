/**
 * Reads JSON as the .NET OData reader does, which is not quite JSON.parse: a member given twice is an error,
 * numbers keep their text, names and strings may stand in single quotes, and a number may begin with its point.
 *
 *     value  = object | array | string | number | "true" | "false" | "null"
 *     object = "{" [ string ":" value { "," string ":" value } ] "}"
 *     array  = "[" [ value { "," value } ] "]"
 *     string = '"' { char | escape } '"' | "'" { char | escape } "'"
 *     number = [ "-" ] ( whole [ "." [ digits ] ] | "." digits ) [ ( "e" | "E" ) [ "+" | "-" ] digits ]
 *     whole  = "0" | digits that do not begin with "0"
 */
import { limits } from '#base/base.ts'
import type { Scalar } from '#model/model.ts'
import { ODataError } from '../errors.ts'

/** A JSON value with its scalars as written. */
export type Json =
  | Scalar
  | { readonly kind: 'null' }
  | { readonly kind: 'array'; readonly items: readonly Json[] }
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, Json> }

const NUMBER = /-?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y
const WORD = /true|false|null/y
const CODE = /^[0-9a-fA-F]{4}$/
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  ...{ '"': '"', "'": "'", '\\': '\\', '/': '/' },
  ...{ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' },
}

/**
 * Reads one JSON value from the bytes of a body.
 *
 * @throws ODataError `BadRequest` with the place, where the bytes are not UTF-8 or not JSON, a member is given
 *   twice, or arrays and objects are nested deeper than `limits.jsonDepth`.
 */
export function parseJson(bytes: Uint8Array): Json {
  return parseJsonText(decode(bytes))
}

/** Reads one JSON value from a text that was decoded before. @throws as {@link parseJson}. */
export function parseJsonText(text: string): Json {
  const cursor = { text, at: 0 }
  const value = readValue(cursor, 0)
  skipSpace(cursor)
  if (cursor.at < cursor.text.length) throw unexpected(cursor)
  return value
}

interface Cursor {
  readonly text: string
  at: number
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw broken('the bytes are not UTF-8')
  }
}

/** Reads the value here; `depth` arrays and objects are open around it. */
function readValue(cursor: Cursor, depth: number): Json {
  skipSpace(cursor)
  const first = cursor.text[cursor.at]
  if (first === '{' || first === '[') {
    if (depth === limits.jsonDepth) throw broken(`nested deeper than ${depth} at position ${cursor.at}`)
    return first === '{' ? readObject(cursor, depth) : readArray(cursor, depth)
  }
  if (first === '"' || first === "'") return { kind: 'string', text: readString(cursor, first) }
  const number = skip(cursor, NUMBER)
  if (number !== '') return { kind: 'number', text: number }
  const word = skip(cursor, WORD)
  if (word === '') throw unexpected(cursor)
  return word === 'null' ? { kind: 'null' } : { kind: 'boolean', text: word }
}

function readObject(cursor: Cursor, depth: number): Json {
  const members = new Map<string, Json>()
  readSequence(cursor, '}', () => {
    const quote = cursor.text[cursor.at]
    if (quote !== '"' && quote !== "'") throw unexpected(cursor)
    const name = readString(cursor, quote)
    if (members.has(name)) throw broken(`the member '${name.slice(0, 100)}' is given twice`)
    skipSpace(cursor)
    expect(cursor, ':')
    members.set(name, readValue(cursor, depth + 1))
  })
  return { kind: 'object', members }
}

function readArray(cursor: Cursor, depth: number): Json {
  const items: Json[] = []
  readSequence(cursor, ']', () => items.push(readValue(cursor, depth + 1)))
  return { kind: 'array', items }
}

/** Reads what stands between the opening mark, where the cursor is, and the closing one. */
function readSequence(cursor: Cursor, close: string, readItem: () => void): void {
  cursor.at += 1
  skipSpace(cursor)
  if (cursor.text[cursor.at] !== close) {
    readItem()
    skipSpace(cursor)
    while (cursor.text[cursor.at] === ',') {
      cursor.at += 1
      skipSpace(cursor)
      readItem()
      skipSpace(cursor)
    }
  }
  expect(cursor, close)
}

function readString(cursor: Cursor, quote: string): string {
  const start = cursor.at + 1
  let end = cursor.text.indexOf(quote, start)
  while (end !== -1 && isEscaped(cursor.text, start, end)) end = cursor.text.indexOf(quote, end + 1)
  if (end === -1) throw broken(`the string at position ${cursor.at} does not end`)
  const raw = cursor.text.slice(start, end)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids just these inside a string.
  if (/[\u0000-\u001f]/.test(raw))
    throw broken(`the string at position ${cursor.at} holds a control character`)
  cursor.at = end + 1
  if (!raw.includes('\\')) return raw
  const text = replaceEscapes(raw)
  if (text === undefined) throw broken(`the string at position ${start - 1} holds an unknown escape`)
  return text
}

/** Undefined where an escape is unknown. A loop, for a callback of `replace` takes four times as long. */
function replaceEscapes(raw: string): string | undefined {
  const parts: string[] = []
  let from = 0
  for (let at = raw.indexOf('\\'); at !== -1; at = raw.indexOf('\\', from)) {
    const code = raw[at + 1] === 'u' ? raw.slice(at + 2, at + 6) : ''
    const char = CODE.test(code)
      ? String.fromCharCode(Number.parseInt(code, 16))
      : SHORT_ESCAPES[raw[at + 1] ?? '']
    if (char === undefined) return undefined
    parts.push(raw.slice(from, at), char)
    from = at + 2 + code.length
  }
  return parts.join('') + raw.slice(from)
}

/** Whether an odd number of backslashes stands before the place. */
function isEscaped(text: string, start: number, at: number): boolean {
  let before = at
  while (before > start && text[before - 1] === '\\') before -= 1
  return (at - before) % 2 === 1
}

/** Moves past white space. Between any two parts there may be some: an expression for each takes ten times as long. */
function skipSpace(cursor: Cursor): void {
  for (let code = cursor.text.charCodeAt(cursor.at); isSpace(code); ) {
    cursor.at += 1
    code = cursor.text.charCodeAt(cursor.at)
  }
}

/** Blank, tab, line feed and carriage return. */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d
}

/** Moves past what the pattern matches here, and gives it back; '' where it does not match. */
function skip(cursor: Cursor, pattern: RegExp): string {
  const start = cursor.at
  pattern.lastIndex = start
  if (!pattern.test(cursor.text)) return ''
  cursor.at = pattern.lastIndex
  return cursor.text.slice(start, cursor.at)
}

function expect(cursor: Cursor, mark: string): void {
  if (cursor.text[cursor.at] !== mark) throw unexpected(cursor)
  cursor.at += 1
}

function unexpected({ text, at }: Cursor): ODataError {
  if (at >= text.length) return broken('it ends too soon')
  const point = text.codePointAt(at) ?? 0
  return broken(`unexpected '${String.fromCodePoint(point)}' at position ${at}`)
}

/** The real service's own sentence, and then the place, which it does not give. */
function broken(reason: string): ODataError {
  return new ODataError(
    'BadRequest',
    `Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format. (${reason})`,
  )
}
