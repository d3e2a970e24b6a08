import { createHash } from 'node:crypto'
import { ODataError } from '../errors.ts'

/** What a row stands by in an order. */
export type Rank = string | number | boolean | null

/** Where a page ended: what its last row stands by, and the query it belongs to. */
export interface SkipToken {
  /** By the keys of the order, the position last. */
  readonly after: readonly Rank[]
  /** A short digest of the query; a token is of no use to another. */
  readonly query: string
}

/** The digest that binds a token to its query. */
export function digestOf(query: string): string {
  return createHash('sha256').update(query).digest('base64url').slice(0, 12)
}

/** Writes a token as `$skiptoken` carries it. */
export function formatSkipToken({ after, query }: SkipToken): string {
  return Buffer.from(JSON.stringify([query, ...after])).toString('base64url')
}

/**
 * Reads a token that {@link formatSkipToken} wrote.
 *
 * @throws ODataError `BadRequest` for any other text.
 */
export function parseSkipToken(text: string): SkipToken {
  const parts = decode(text)
  if (Array.isArray(parts) && parts.length >= 2) {
    const [query, ...after]: unknown[] = parts
    if (typeof query === 'string' && after.every(isRank) && formatSkipToken({ after, query }) === text) {
      return { after, query }
    }
  }
  throw new ODataError(
    'BadRequest',
    "The value of the query option '$skiptoken' is not one that this service gave.",
  )
}

/** A text as it may be stored: no other has a place in an order. */
function isRank(value: unknown): value is Rank {
  if (typeof value === 'string') return !value.includes('\0')
  return value === null || typeof value === 'boolean' || Number.isFinite(value)
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined
  }
}
