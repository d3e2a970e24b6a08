/** Random well-typed filters: their text, and what they mean, said plainly and without a database. */
import fc from 'fast-check'

/** A row as the evaluator sees it. */
export type Row = Readonly<Record<string, string | number | null>>

/** The value of an expression; text in lower case. */
type Value = string | number | null

/** A term: how it is written and what it is for a row. */
interface Term {
  readonly text: string
  readonly valueOf: (row: Row) => Value
}

/** A condition: how it is written and whether it holds. */
export interface Condition {
  readonly text: string
  readonly holds: (row: Row) => boolean
}

const points = (text: string): readonly string[] => [...text]

/** Texts are put in the order of their code points, as UTF-8 has it. */
export function compareTexts(a: string, b: string): number {
  const [left, right] = [points(a), points(b)]
  for (const [i, point] of left.entries()) {
    const other = right[i]
    if (other === undefined) return 1
    const difference = (point.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** Text as it is compared. */
export function fold(value: Value): Value {
  return typeof value === 'string' ? value.toLowerCase() : value
}

function compare(a: Value, b: Value): number | undefined {
  if (a === null || b === null) return undefined
  return typeof a === 'number' || typeof b === 'number' ? Number(a) - Number(b) : compareTexts(a, b)
}

const textLiteral = (value: string): Term => ({
  text: `'${value.replaceAll("'", "''")}'`,
  valueOf: () => fold(value),
})

const numberLiteral = (value: number): Term => ({ text: String(value), valueOf: () => value })

const member = (name: string): Term => ({ text: name, valueOf: (row) => fold(row[name] ?? null) })

/** A call that is null where an argument is. */
function call(name: string, args: readonly Term[], apply: (...values: (string | number)[]) => Value): Term {
  return {
    text: `${name}(${args.map(({ text }) => text).join(',')})`,
    valueOf: (row) => {
      const values = args.map((arg) => arg.valueOf(row)).filter((value) => value !== null)
      return values.length < args.length ? null : apply(...values)
    },
  }
}

/** What an operator makes of two whole numbers; null where there is nothing to divide by. */
const arithmetic: Readonly<Record<string, (a: number, b: number) => number | null>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => (b === 0 ? null : Math.trunc(a / b)),
  mod: (a, b) => (b === 0 ? null : a % b),
}

/** Where a part of a text stands in it, in code points. */
function indexOf(text: string | number, part: string | number): number {
  const [whole, piece] = [points(String(text)), points(String(part))]
  for (let at = 0; at + piece.length <= whole.length; at += 1) {
    if (piece.every((point, i) => whole[at + i] === point)) return at
  }
  return -1
}

function substring(text: string | number, from: string | number, length: string | number = Infinity): string {
  const start = Math.max(0, Number(from))
  return points(String(text))
    .slice(start, start + Math.max(0, Number(length)))
    .join('')
}

const WHITE_SPACE = /^[\s\u0085]+|[\s\u0085]+$/g

/** The members of a type by what they are compared as, and values that hit and miss them. */
export interface Vocabulary {
  readonly texts: readonly string[]
  readonly numbers: readonly string[]
  readonly words: readonly string[]
  readonly counts: readonly number[]
}

/** Filters over the members of a vocabulary. */
export function anyCondition(vocabulary: Vocabulary): fc.Arbitrary<Condition> {
  const { texts, numbers, words, counts } = vocabulary
  const text = (depth: number): fc.Arbitrary<Term> => {
    const leaf = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...texts).map(member) },
      { weight: 1, arbitrary: fc.constantFrom(...words).map(textLiteral) },
    )
    if (depth === 0) return leaf
    const [inner, count] = [text(depth - 1), number(depth - 1)]
    const unary = (name: string, apply: (value: string) => string) =>
      inner.map((term) => call(name, [term], (value) => apply(String(value))))
    return fc.oneof(
      { weight: 4, arbitrary: leaf },
      { weight: 1, arbitrary: unary('tolower', (value) => value) },
      { weight: 1, arbitrary: unary('toupper', (value) => value) },
      { weight: 1, arbitrary: unary('trim', (value) => value.replace(WHITE_SPACE, '')) },
      fc.tuple(inner, inner).map((pair) => call('concat', pair, (a, b) => `${a}${b}`)),
      fc.tuple(inner, count).map((args) => call('substring', args, substring)),
      fc.tuple(inner, count, count).map((args) => call('substring', args, substring)),
    )
  }
  const number = (depth: number): fc.Arbitrary<Term> => {
    const literal = fc.constantFrom(...counts).map(numberLiteral)
    const leaf = numbers.length === 0 ? literal : fc.oneof(fc.constantFrom(...numbers).map(member), literal)
    if (depth === 0) return leaf
    const [inner, words] = [number(depth - 1), text(depth - 1)]
    const operators = fc.constantFrom(...Object.keys(arithmetic))
    return fc.oneof(
      { weight: 4, arbitrary: leaf },
      words.map((term) => call('length', [term], (value) => points(String(value)).length)),
      fc.tuple(words, words).map((pair) => call('indexof', pair, indexOf)),
      fc.tuple(inner, operators, inner).map(([a, operator, b]) => reckon(a, operator, b)),
      inner.map((term) => ({
        text: `-(${term.text})`,
        valueOf: (row: Row) => reckonValues(0, 'sub', term.valueOf(row)),
      })),
    )
  }
  return conditionsOf(text, number)
}

function reckon(a: Term, operator: string, b: Term): Term {
  return {
    text: `(${a.text} ${operator} ${b.text})`,
    valueOf: (row) => reckonValues(a.valueOf(row), operator, b.valueOf(row)),
  }
}

function reckonValues(a: Value, operator: string, b: Value): Value {
  if (a === null || b === null) return null
  const value = arithmetic[operator]?.(Number(a), Number(b)) ?? null
  return value === null ? null : value + 0
}

const comparisons: Readonly<Record<string, (difference: number) => boolean>> = {
  gt: (difference) => difference > 0,
  ge: (difference) => difference >= 0,
  lt: (difference) => difference < 0,
  le: (difference) => difference <= 0,
}

const NULL: Term = { text: 'null', valueOf: () => null }

function comparison(a: Term, operator: string, b: Term): Condition {
  const holds = (row: Row): boolean => {
    const [left, right] = [a.valueOf(row), b.valueOf(row)]
    if (operator === 'eq') return left === right
    if (operator === 'ne') return left !== right
    const difference = compare(left, right)
    return difference !== undefined && comparisons[operator]?.(difference) === true
  }
  return { text: `${a.text} ${operator} ${b.text}`, holds }
}

type Terms = (depth: number) => fc.Arbitrary<Term>

function conditionsOf(text: Terms, number: Terms): fc.Arbitrary<Condition> {
  const operator = fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le')
  const compared = (terms: Terms) =>
    fc.tuple(terms(2), operator, terms(2)).map(([a, name, b]) => comparison(a, name, b))
  const nulls = fc
    .tuple(fc.oneof(text(2), number(2)), operator)
    .map(([term, name]) => comparison(term, name, NULL))
  const among = (terms: Terms) =>
    fc.tuple(terms(1), fc.array(fc.oneof(terms(0), fc.constant(NULL)), { minLength: 1, maxLength: 4 })).map(
      ([term, items]): Condition => ({
        text: `${term.text} in (${items.map((item) => item.text).join(',')})`,
        holds: (row) => items.some((item) => item.valueOf(row) === term.valueOf(row)),
      }),
    )
  const tests = fc
    .tuple(fc.constantFrom('contains', 'startswith', 'endswith'), text(1), text(1))
    .map(textTest)
  const leaf = fc.oneof(compared(text), compared(number), nulls, among(text), among(number), tests)
  const { tree } = fc.letrec<{ tree: Condition }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc
        .tuple(tie('tree'), fc.constantFrom('and', 'or'), tie('tree'))
        .map(([a, name, b]) => junction(a, name, b)),
      tie('tree').map(({ text, holds }) => ({ text: `not (${text})`, holds: (row: Row) => !holds(row) })),
      fc.tuple(tie('tree'), fc.constantFrom('eq', 'ne'), fc.boolean()).map(([{ text, holds }, name, is]) => ({
        text: `(${text}) ${name} ${is}`,
        holds: (row: Row) => (holds(row) === is) === (name === 'eq'),
      })),
    ),
  }))
  return tree
}

function junction(a: Condition, name: string, b: Condition): Condition {
  const holds = (row: Row): boolean =>
    name === 'and' ? a.holds(row) && b.holds(row) : a.holds(row) || b.holds(row)
  return { text: `(${a.text}) ${name} (${b.text})`, holds }
}

function textTest([name, whole, part]: readonly [string, Term, Term]): Condition {
  const holds = (row: Row): boolean => {
    const [text, piece] = [whole.valueOf(row), part.valueOf(row)]
    if (typeof text !== 'string' || typeof piece !== 'string') return false
    if (name === 'contains') return text.includes(piece)
    return name === 'startswith' ? text.startsWith(piece) : text.endsWith(piece)
  }
  return { text: `${name}(${whole.text},${part.text})`, holds }
}
