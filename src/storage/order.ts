/**
 * Orders, and where in them a page goes on. A page is found by the ranks of the last row before it and never by
 * counting rows: what is beyond them is a range of the first key, in which the other keys tell the rest. Nulls come
 * first in ascending and last in descending order; a run of them is a range of its own.
 */
import type { OrderKey, Rank, Term } from '#odata/odata.ts'
import { printTerm } from './conditions.ts'
import type { Printing } from './origins.ts'

/** A key of an order as SQL. */
export interface SortKey {
  readonly sql: string
  readonly direction: OrderKey['direction']
  readonly isNullable: boolean
}

/** The keys of an order; last the position, in the direction of the key before, as an index has it. */
export function sortKeys(
  order: readonly OrderKey[],
  position: string,
  printing: Printing,
): readonly SortKey[] {
  const keys = order.map(({ term, direction }) => ({
    sql: printTerm(term, printing),
    direction,
    isNullable: isNullable(term),
  }))
  return [...keys, { sql: position, direction: keys.at(-1)?.direction ?? 'asc', isNullable: false }]
}

function isNullable(term: Term): boolean {
  return term.kind === 'member' ? term.isNullable : term.kind !== 'countOf' && term.kind !== 'truth'
}

/** `ORDER BY …`, by the keys or by what stands for each. */
export function printOrder(
  keys: readonly SortKey[],
  nameOf: (key: SortKey, i: number) => string = ({ sql }) => sql,
): string {
  const items = keys.map((key, i) => {
    const end = key.isNullable ? ` NULLS ${key.direction === 'asc' ? 'FIRST' : 'LAST'}` : ''
    return `${nameOf(key, i)}${key.direction === 'desc' ? ' DESC' : ''}${end}`
  })
  return `ORDER BY ${items.join(', ')}`
}

/** The ranges beyond the ranks of a row, in their order, each as a condition. */
export function printBeyond(
  [key, ...others]: readonly SortKey[],
  [rank = null, ...ranks]: readonly Rank[],
  printing: Printing,
): readonly string[] {
  if (key === undefined) return []
  const { sql, direction } = key
  const rest = printBeyond(others, ranks, printing)
  const within = rest.length > 1 ? `(${rest.map((range) => `(${range})`).join(' OR ')})` : (rest[0] ?? '')
  const isLast = others.length === 0
  if (rank === null) {
    const run = isLast ? [] : [`${sql} IS NULL AND ${within}`]
    return direction === 'asc' ? [...run, `${sql} IS NOT NULL`] : run
  }
  const value = printRank(rank, printing)
  const sign = direction === 'asc' ? '>' : '<'
  const range = isLast
    ? `${sql} ${sign} ${value}`
    : `${sql} ${sign}= ${value} AND (${sql} ${sign} ${value} OR ${within})`
  return direction === 'desc' && key.isNullable ? [range, `${sql} IS NULL`] : [range]
}

function printRank(rank: Exclude<Rank, null>, { dialect, bind }: Printing): string {
  if (typeof rank === 'boolean') return dialect.constant('boolean', bind(dialect.boolean.encode(rank)))
  if (typeof rank === 'string') return bind(rank)
  return Number.isSafeInteger(rank)
    ? dialect.constant('whole', bind(rank))
    : dialect.constant('decimal', bind(rank))
}
