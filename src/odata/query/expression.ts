/**
 * The tree of an expression, as its text says it: names are not looked up yet and literals have no value. Each
 * node has `at`, its place in the decoded text of the option, counted from 0 in UTF-16 units; that of a binary
 * node and of an `in` is the place of the operator.
 */
export type Expression = Literal | Path | Count | Unary | Binary | In | Call | Lambda

interface Node {
  readonly at: number
}

/** A literal without its quotes; a number, a date and a GUID as written, `true`, `false` and `null` in lower case. */
export type Literal = PlainLiteral | EnumLiteral

export interface PlainLiteral extends Node {
  readonly kind: 'literal'
  readonly literal: PlainLiteralKind
  readonly text: string
}

/** `microsoft.graph.runState'fail'`. */
export interface EnumLiteral extends Node {
  readonly kind: 'literal'
  readonly literal: 'enum'
  readonly text: string
  /** The name before the quote, with its namespace. */
  readonly enumType: string
}

export type PlainLiteralKind =
  | 'null'
  | 'boolean'
  | 'number'
  | 'string'
  | 'dateTimeOffset'
  | 'date'
  | 'timeOfDay'
  | 'duration'
  | 'guid'

/** `a/b/c`. A segment with a dot is a type; the first may be a lambda's variable or `$it`. */
export interface Path extends Node {
  readonly kind: 'path'
  readonly segments: readonly string[]
}

/** `assignments/$count`, or of those alone that pass the filter. */
export interface Count extends Node {
  readonly kind: 'count'
  readonly path: readonly string[]
  readonly filter: Expression | undefined
}

export interface Unary extends Node {
  readonly kind: 'unary'
  readonly operator: 'not' | 'negate'
  readonly operand: Expression
}

export interface Binary extends Node {
  readonly kind: 'binary'
  readonly operator: BinaryOperator
  readonly left: Expression
  readonly right: Expression
}

export type BinaryOperator =
  | 'or'
  | 'and'
  | 'eq'
  | 'ne'
  | 'gt'
  | 'ge'
  | 'lt'
  | 'le'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'divby'
  | 'mod'

/** `operand in (items)`; there is at least one item. */
export interface In extends Node {
  readonly kind: 'in'
  readonly operand: Expression
  readonly items: readonly Expression[]
}

/** `name(args)`. The name is as written and need not be that of a function. */
export interface Call extends Node {
  readonly kind: 'call'
  readonly name: string
  readonly args: readonly Expression[]
}

/** `path/any(variable:predicate)`. */
export interface Lambda extends Node {
  readonly kind: 'lambda'
  readonly quantifier: 'any' | 'all'
  readonly path: readonly string[]
  /** Absent for `any()`, never for `all`. */
  readonly body: LambdaBody | undefined
}

export interface LambdaBody {
  readonly variable: string
  readonly predicate: Expression
}
