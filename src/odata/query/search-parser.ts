/**
 * Reads `$search`.
 *
 *     or     = and { "OR" and }
 *     and    = not { [ "AND" ] not }
 *     not    = "NOT" not | "(" or ")" | phrase | word
 *     phrase = '"' { any but '"' and "\" | '\"' | "\\" } '"'
 *     word   = any but a space, a tab, a quote and a parenthesis, once or more
 *
 * `AND`, `OR` and `NOT` are operators in upper case only, as OData has it; in any other they are words.
 */
import { limits } from '#base/base.ts'
import type { ODataError } from '../errors.ts'
import { match } from './lexer.ts'
import { syntaxError } from './syntax-error.ts'

/** The tree of a search. Each node has `at`, its place in the decoded text. */
export type Search = { readonly at: number } & (
  | { readonly kind: 'term'; readonly text: string }
  | { readonly kind: 'not'; readonly operand: Search }
  | { readonly kind: 'and' | 'or'; readonly left: Search; readonly right: Search }
)

interface Cursor {
  readonly text: string
  token: Token
  nodes: number
}

interface Token {
  readonly kind: 'AND' | 'OR' | 'NOT' | '(' | ')' | 'term' | 'end'
  /** What a term looks for. */
  readonly text: string
  readonly at: number
  readonly end: number
}

const SPACE = /[ \t]*/y
const PHRASE = /"[^"\\]*(?:\\.[^"\\]*)*"/suy
const WORD = /[^ \t()"]+/y

/**
 * Reads a `$search`.
 *
 * @param text the option's value, decoded.
 * @throws ODataError `BadRequest` with the place, where the text is no search, or passes `limits.filterDepth` or
 *   `limits.filterNodes`.
 */
export function parseSearch(text: string): Search {
  const nothing = text.indexOf('\0')
  if (nothing !== -1) throw syntaxError('The character U+0000 can be in no value', { text, at: nothing })
  const cursor = { text, token: readToken(text, 0), nodes: 0 }
  const search = readOr(cursor, 0)
  if (cursor.token.kind !== 'end') throw unexpected(cursor, 'Syntax error')
  return search
}

function readOr(cursor: Cursor, depth: number): Search {
  let left = readAnd(cursor, depth)
  while (cursor.token.kind === 'OR') {
    const { at } = advance(cursor)
    left = counted(cursor, { kind: 'or', left, right: readAnd(cursor, depth), at })
  }
  return left
}

function readAnd(cursor: Cursor, depth: number): Search {
  let left = readNot(cursor, depth)
  while (cursor.token.kind !== 'OR' && cursor.token.kind !== ')' && cursor.token.kind !== 'end') {
    const { at } = cursor.token.kind === 'AND' ? advance(cursor) : cursor.token
    left = counted(cursor, { kind: 'and', left, right: readNot(cursor, depth), at })
  }
  return left
}

function readNot(cursor: Cursor, depth: number): Search {
  const { kind, text, at } = cursor.token
  if (kind !== 'term' && kind !== 'NOT' && kind !== '(')
    throw unexpected(cursor, 'A word or a phrase was expected')
  if (kind !== 'term' && depth === limits.filterDepth)
    throw unexpected(cursor, `The search is nested deeper than ${depth}`)
  advance(cursor)
  if (kind === 'term') return counted(cursor, { kind, text, at })
  if (kind === 'NOT') return counted(cursor, { kind: 'not', operand: readNot(cursor, depth + 1), at })
  const search = readOr(cursor, depth + 1)
  if (cursor.token.kind !== ')') throw unexpected(cursor, "')' expected")
  advance(cursor)
  return search
}

/** The node itself, once the tree has room for it. */
function counted(cursor: Cursor, node: Search): Search {
  cursor.nodes += 1
  if (cursor.nodes > limits.filterNodes) {
    throw syntaxError(`The search has more than ${limits.filterNodes} operators and terms`, {
      text: cursor.text,
      at: node.at,
    })
  }
  return node
}

/** Moves to the next token, and gives the one that was here. */
function advance(cursor: Cursor): Token {
  const { token } = cursor
  cursor.token = readToken(cursor.text, token.end)
  return token
}

function unexpected({ text, token }: Cursor, what: string): ODataError {
  return syntaxError(what, { text, at: token.at })
}

function readToken(text: string, from: number): Token {
  const at = from + match(SPACE, text, from).length
  const first = text[at]
  if (first === undefined) return { kind: 'end', text: '', at, end: at }
  if (first === '(' || first === ')') return { kind: first, text: first, at, end: at + 1 }
  if (first === '"') return readPhrase(text, at)
  const word = match(WORD, text, at)
  const kind = word === 'AND' || word === 'OR' || word === 'NOT' ? word : 'term'
  return { kind, text: word, at, end: at + word.length }
}

function readPhrase(text: string, at: number): Token {
  const phrase = match(PHRASE, text, at)
  if (phrase === '') throw syntaxError('There is an unterminated phrase', { text, at })
  if (phrase === '""') throw syntaxError('There is an empty phrase', { text, at })
  return {
    ...{ kind: 'term', at, end: at + phrase.length },
    text: phrase.slice(1, -1).replace(/\\(["\\])/g, '$1'),
  }
}
