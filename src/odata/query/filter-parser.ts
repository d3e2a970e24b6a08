/**
 * Reads the expression of a `$filter` into a tree: precedence climbing over the tokens of lexer.ts. From the
 * loosest operator to the tightest; those of one line are read from left to right:
 *
 *     or         = and { "or" and }
 *     and        = equality { "and" equality }
 *     equality   = comparison { ( "eq" | "ne" ) comparison }
 *     comparison = sum { ( "gt" | "ge" | "lt" | "le" ) sum | "in" list }
 *     sum        = product { ( "add" | "sub" ) product }
 *     product    = unary { ( "mul" | "div" | "divby" | "mod" ) unary }
 *     unary      = "-" unary | "not" equality | "(" or ")" | literal | path | count | call | lambda
 *     list       = "(" or { "," or } ")"
 *     path       = ( segment | "$it" ) { "/" segment }
 *     count      = path "/$count" [ "(" "$filter" "=" or ")" ]
 *     call       = path "(" [ or { "," or } ] ")"
 *     lambda     = path "/any" "(" [ word ":" or ] ")" | path "/all" "(" word ":" or ")"
 *
 * OData's own grammar binds `not` tighter than `eq`, so that `not a eq 1` would compare the negation of `a` with 1,
 * which is of use to nobody; it is read as `not (a eq 1)`, which is what people mean who write it. Operators,
 * `any`, `all` and `$count` are taken in any case. A word where an operand is due is a name, so that a property
 * may be called `eq`, but not `not`.
 */
import { limits } from '#base/base.ts'
import type { BinaryOperator, Expression, Lambda, LambdaBody, Unary } from './expression.ts'
import { advance, type Cursor, createCursor, type Mark, type NameToken, unexpected } from './lexer.ts'
import { type Place, syntaxError } from './syntax-error.ts'

/** How tightly the operators bind. */
const binding: Readonly<Record<BinaryOperator | 'in', number>> = {
  ...{ or: 1, and: 2 },
  ...{ eq: 3, ne: 3 },
  ...{ gt: 4, ge: 4, lt: 4, le: 4, in: 4 },
  ...{ add: 5, sub: 5 },
  ...{ mul: 6, div: 6, divby: 6, mod: 6 },
}

/** A cursor over expressions, which counts the nodes it made. */
export interface ExpressionCursor extends Cursor {
  nodes: number
}

/**
 * Reads a `$filter`.
 *
 * @param text the option's value, decoded.
 * @throws ODataError `BadRequest` with the place, where the text is no expression, or passes `limits.filterDepth`
 *   or `limits.filterNodes`.
 */
export function parseFilter(text: string): Expression {
  const cursor = createExpressionCursor(text)
  const expression = readExpression(cursor)
  if (cursor.token.kind !== 'end') throw unexpected(cursor)
  return expression
}

/** A cursor at the first token of the text of an option. */
export function createExpressionCursor(text: string): ExpressionCursor {
  return { ...createCursor(text), nodes: 0 }
}

/** Reads an expression as far as it goes. */
export function readExpression(cursor: ExpressionCursor): Expression {
  return readOperators(cursor, 0, binding.or)
}

/** Reads operands and the operators between them that bind at least as tightly as `floor`. */
function readOperators(cursor: ExpressionCursor, depth: number, floor: number): Expression {
  let left = readOperand(cursor, depth)
  for (;;) {
    const operator = operatorAt(cursor)
    if (operator === undefined || binding[operator] < floor) return left
    const { at } = cursor.token
    advance(cursor)
    if (operator === 'in') {
      left = counted(cursor, { kind: 'in', operand: left, items: readItems(cursor, depth), at })
    } else {
      const right = readOperators(cursor, depth, binding[operator] + 1)
      left = counted(cursor, { kind: 'binary', operator, left, right, at })
    }
  }
}

function operatorAt(cursor: ExpressionCursor): BinaryOperator | 'in' | undefined {
  if (cursor.token.kind !== 'name') return undefined
  const word = cursor.token.text.toLowerCase()
  if (word === 'has')
    throw unexpected(cursor, "The operator 'has' is not supported", 'No enumeration here has flags: use eq.')
  return isOperator(word) ? word : undefined
}

function isOperator(word: string): word is BinaryOperator | 'in' {
  return Object.hasOwn(binding, word)
}

function readOperand(cursor: ExpressionCursor, depth: number): Expression {
  const { token } = cursor
  switch (token.kind) {
    case 'literal':
      advance(cursor)
      return counted(cursor, token.literal)
    case '(':
      return readGroup(cursor, depth)
    case '-':
      return readUnary(cursor, 'negate', depth)
    case 'name':
      return token.text.toLowerCase() === 'not'
        ? readUnary(cursor, 'not', depth)
        : readName(cursor, token, depth)
    default:
      throw unexpected(cursor, 'Expression expected')
  }
}

function readUnary(cursor: ExpressionCursor, operator: Unary['operator'], depth: number): Expression {
  const { at } = cursor.token
  const inner = deeper(cursor, depth)
  advance(cursor)
  const operand = operator === 'not' ? readOperators(cursor, inner, binding.eq) : readOperand(cursor, inner)
  return counted(cursor, { kind: 'unary', operator, operand, at })
}

/** Reads what stands in parentheses. */
function readGroup(cursor: ExpressionCursor, depth: number): Expression {
  const inner = deeper(cursor, depth)
  take(cursor, '(', "'(' expected")
  const expression = readOperators(cursor, inner, binding.or)
  take(cursor, ')', "')' or operator expected")
  return expression
}

/** Reads the items after `in`. */
function readItems(cursor: ExpressionCursor, depth: number): readonly Expression[] {
  const { token } = cursor
  const items = readList(cursor, depth)
  if (items.length === 0) throw syntaxError("An empty list after 'in'", { text: cursor.text, at: token.at })
  return items
}

function readList(cursor: ExpressionCursor, depth: number): readonly Expression[] {
  const inner = deeper(cursor, depth)
  take(cursor, '(', "'(' expected")
  const items: Expression[] = []
  if (cursor.token.kind !== ')') {
    items.push(readOperators(cursor, inner, binding.or))
    while (cursor.token.kind === ',') {
      advance(cursor)
      items.push(readOperators(cursor, inner, binding.or))
    }
  }
  take(cursor, ')', "')' or ',' expected")
  return items
}

/** Reads what begins with a name: a path, a count, a call or a lambda. */
function readName(cursor: ExpressionCursor, { text, at }: NameToken, depth: number): Expression {
  const segments = text.split('/')
  const above = segments.slice(0, -1)
  const last = segments.at(-1)?.toLowerCase()
  advance(cursor)
  const opens = cursor.token.kind === '('
  if (last === '$count' && above.length > 0) {
    const path = checked(above, { text: cursor.text, at })
    const filter = opens ? readCountFilter(cursor, depth) : undefined
    return counted(cursor, { kind: 'count', path, filter, at })
  }
  if ((last === 'any' || last === 'all') && above.length > 0 && opens) {
    const path = checked(above, { text: cursor.text, at })
    const body = readLambdaBody(cursor, last, depth)
    return counted(cursor, { kind: 'lambda', quantifier: last, path, body, at })
  }
  const path = checked(segments, { text: cursor.text, at })
  if (!opens) return counted(cursor, { kind: 'path', segments: path, at })
  return counted(cursor, { kind: 'call', name: text, args: readList(cursor, depth), at })
}

/** The segments themselves; of those with a `$` only `$it` may stand in a path, and only as the first. */
function checked(segments: readonly string[], { text, at }: Place): readonly string[] {
  const wrong = segments.findIndex(
    (segment, index) => segment.startsWith('$') && (index > 0 || segment.toLowerCase() !== '$it'),
  )
  if (wrong === -1) return segments
  const before = segments.slice(0, wrong).reduce((length, segment) => length + segment.length + 1, 0)
  throw syntaxError(`The segment '${segments[wrong]?.slice(0, 100)}' is not supported`, {
    text,
    at: at + before,
  })
}

/** Reads `($filter=…)`, all that may stand in the parentheses after `$count` here. */
function readCountFilter(cursor: ExpressionCursor, depth: number): Expression {
  const inner = deeper(cursor, depth)
  advance(cursor)
  const { token } = cursor
  if (token.kind !== 'name' || !/^\$?filter$/i.test(token.text))
    throw unexpected(cursor, "'$filter' expected")
  advance(cursor)
  take(cursor, '=', "'=' expected")
  const filter = readOperators(cursor, inner, binding.or)
  take(cursor, ')', "')' or operator expected")
  return filter
}

function readLambdaBody(
  cursor: ExpressionCursor,
  quantifier: Lambda['quantifier'],
  depth: number,
): LambdaBody | undefined {
  const inner = deeper(cursor, depth)
  advance(cursor)
  const { token } = cursor
  if (token.kind === ')' && quantifier === 'any') {
    advance(cursor)
    return undefined
  }
  if (token.kind !== 'name' || /[./$]/.test(token.text))
    throw unexpected(cursor, 'A variable was expected', `As in ${quantifier}(x:x eq 'a').`)
  advance(cursor)
  take(cursor, ':', "':' expected")
  const predicate = readOperators(cursor, inner, binding.or)
  take(cursor, ')', "')' or operator expected")
  return { variable: token.text, predicate }
}

/** Moves past the mark, which must stand here. */
function take(cursor: ExpressionCursor, mark: Mark, expected: string): void {
  if (cursor.token.kind !== mark) throw unexpected(cursor, expected)
  advance(cursor)
}

/** The depth inside the token here. */
function deeper({ text, token }: ExpressionCursor, depth: number): number {
  if (depth === limits.filterDepth)
    throw syntaxError(`The expression is nested deeper than ${depth}`, { text, at: token.at })
  return depth + 1
}

/** The node itself, once the tree has room for it. */
function counted(cursor: ExpressionCursor, node: Expression): Expression {
  cursor.nodes += 1
  if (cursor.nodes > limits.filterNodes) {
    throw syntaxError(`The expression has more than ${limits.filterNodes} operators and operands`, {
      text: cursor.text,
      at: node.at,
    })
  }
  return node
}
