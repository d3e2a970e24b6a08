/** How a database refuses, whichever it is. */
import { ODataError } from '#odata/odata.ts'

/** The refusal for a database that cannot serve now: full, locked, unreadable, or too slow. The cause is logged. */
export function unavailable(cause: unknown): ODataError {
  return new ODataError(
    'ServiceUnavailable',
    'The service is temporarily unavailable and nothing was changed. Please try again.',
    {
      headers: { 'retry-after': '5' },
      cause,
    },
  )
}

/** The refusal where the database was lost while a transaction was committed: nobody here knows how that ended. */
export function uncertain(cause: unknown): ODataError {
  return new ODataError(
    'ServiceUnavailable',
    'The database was lost while it stored this: read whether it did before trying again.',
    { headers: { 'retry-after': '5' }, cause },
  )
}

/** The refusal of a statement that is too large: only the client's expressions make it so. */
export function tooComplex(cause: unknown): ODataError {
  return new ODataError('BadRequest', 'The expressions of the query options are too complex.', { cause })
}
