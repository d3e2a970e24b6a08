import { createHash } from 'node:crypto'
import { ODataError } from './errors.ts'

/** Where a page ended: the position of its last row, and the query it belongs to. */
export interface SkipToken {
  /** The position of the last row in the order of the pages. */
  readonly after: string | number
  /** A short digest of the query; a token is of no use to another. */
  readonly query: string
}

/** The digest that binds a token to its query. */
export function digestOf(query: string): string {
  return createHash('sha256').update(query).digest('base64url').slice(0, 12)
}

/** Writes a token as `$skiptoken` carries it. */
export function formatSkipToken({ after, query }: SkipToken): string {
  return Buffer.from(JSON.stringify([query, after])).toString('base64url')
}

/**
 * Reads a token that {@link formatSkipToken} wrote.
 *
 * @throws ODataError `BadRequest` for any other text.
 */
export function parseSkipToken(text: string): SkipToken {
  const parts = decode(text)
  if (Array.isArray(parts) && parts.length === 2) {
    const [query, after] = parts
    const isToken = typeof query === 'string' && (typeof after === 'string' || Number.isSafeInteger(after))
    if (isToken && formatSkipToken({ after, query }) === text) return { after, query }
  }
  throw new ODataError(
    'BadRequest',
    "The value of the query option '$skiptoken' is not one that this service gave.",
  )
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined
  }
}
