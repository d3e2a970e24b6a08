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
    sql: printKey(term, printing),
    direction,
    isNullable: isNullable(term),
  }))
  return [...keys, { sql: position, direction: keys.at(-1)?.direction ?? 'asc', isNullable: false }]
}

/** What is reckoned is put in the order of numbers that a token can hold: those of JavaScript. */
function printKey(term: Term, printing: Printing): string {
  const sql = printTerm(term, printing)
  return term.kind === 'arithmetic' ? `CAST(${sql} AS ${printing.dialect.double})` : sql
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
  keys: readonly SortKey[],
  ranks: readonly Rank[],
  printing: Printing,
): readonly string[] {
  const [key, ...others] = keys
  const [rank = null, ...beyond] = ranks
  if (key === undefined) return []
  const { sql, direction, isNullable } = key
  const isAscending = direction === 'asc'
  if (rank === null) {
    const run = others.length === 0 ? [] : [`${sql} IS NULL AND ${printWithin(others, beyond, printing)}`]
    return isAscending ? [...run, `${sql} IS NOT NULL`] : run
  }
  const range = isOneRange(keys, ranks)
    ? printRange(keys, ranks, printing)
    : printStep(keys, [rank, ...beyond], printing)
  return isNullable && !isAscending ? [range, `${sql} IS NULL`] : [range]
}

/** Whether an index with these keys holds what is beyond in one piece. */
function isOneRange([first, ...others]: readonly SortKey[], ranks: readonly Rank[]): boolean {
  return (
    ranks.every((rank) => rank !== null) &&
    others.every(({ direction, isNullable }) => !isNullable && direction === first?.direction)
  )
}

function printRange(keys: readonly SortKey[], ranks: readonly Rank[], printing: Printing): string {
  const sign = keys[0]?.direction === 'desc' ? '<' : '>'
  const names = keys.map(({ sql }) => sql).join(', ')
  const values = ranks.map((rank) => printRank(rank, printing)).join(', ')
  return keys.length === 1 ? `${names} ${sign} ${values}` : `(${names}) ${sign} (${values})`
}

/** The range of the first key, and in it the other keys where the first is the same. */
function printStep(
  [key, ...others]: readonly SortKey[],
  [rank = null, ...beyond]: readonly Rank[],
  printing: Printing,
): string {
  const sign = key?.direction === 'desc' ? '<' : '>'
  const value = printRank(rank, printing)
  const within = printWithin(others, beyond, printing)
  return `${key?.sql} ${sign}= ${value} AND (${key?.sql} ${sign} ${value} OR ${within})`
}

/** What is beyond, as one condition. */
function printWithin(keys: readonly SortKey[], ranks: readonly Rank[], printing: Printing): string {
  const ranges = printBeyond(keys, ranks, printing).map((range) => `(${range})`)
  return ranges.length > 1 ? `(${ranges.join(' OR ')})` : ranges.join('')
}

function printRank(rank: Rank, { dialect, bind }: Printing): string {
  if (rank === null) return 'NULL'
  if (typeof rank === 'boolean') return dialect.constant('boolean', bind(dialect.boolean.encode(rank)))
  if (typeof rank === 'string') return bind(rank)
  return Number.isSafeInteger(rank)
    ? dialect.constant('whole', bind(rank))
    : dialect.constant('decimal', bind(rank))
}
