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

/** SQLite's primary result code for a broken constraint: the database works, the statement was wrong. */
const SQLITE_CONSTRAINT = 19

/** Whether an error says that the database itself failed, and not that a statement was refused. */
export function isDatabaseFailure(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return false
  return (error.errcode & 0xff) !== SQLITE_CONSTRAINT
}
