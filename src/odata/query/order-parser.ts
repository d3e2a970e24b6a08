/**
 * Reads `$orderby`.
 *
 *     orderBy = item { "," item }
 *     item    = expression [ "asc" | "desc" ]
 *
 * The expression is that of filter-parser.ts. The directions are taken in any case.
 */
import type { Expression } from './expression.ts'
import { createExpressionCursor, type ExpressionCursor, readExpression } from './filter-parser.ts'
import { advance, unexpected } from './lexer.ts'

/** One key of an order, the first being the most significant. */
export interface OrderItem {
  readonly expression: Expression
  readonly direction: 'asc' | 'desc'
  /** Where it begins in the decoded text. */
  readonly at: number
}

/**
 * Reads a `$orderby`.
 *
 * @param text the option's value, decoded.
 * @throws ODataError `BadRequest` with the place, where the text is no order, or passes `limits.filterDepth` or,
 *   all items together, `limits.filterNodes`.
 */
export function parseOrderBy(text: string): readonly OrderItem[] {
  const cursor = createExpressionCursor(text)
  const items = [readItem(cursor)]
  while (cursor.token.kind === ',') {
    advance(cursor)
    items.push(readItem(cursor))
  }
  if (cursor.token.kind !== 'end') throw unexpected(cursor)
  return items
}

function readItem(cursor: ExpressionCursor): OrderItem {
  const { at } = cursor.token
  const expression = readExpression(cursor)
  return { expression, direction: readDirection(cursor), at }
}

function readDirection(cursor: ExpressionCursor): OrderItem['direction'] {
  if (cursor.token.kind !== 'name') return 'asc'
  const word = cursor.token.text.toLowerCase()
  if (word !== 'asc' && word !== 'desc') throw unexpected(cursor)
  advance(cursor)
  return word
}
