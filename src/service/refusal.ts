import type { Clock, HttpRequest, HttpResponse } from '#base/base.ts'
import { GRAPH_APPLICATION } from '#identity/identity.ts'
import { formatError, ODataError } from '#odata/odata.ts'

/** The answer to a request that something was thrown in, and what the log is told beside it. */
export interface Refusal {
  readonly response: HttpResponse
  /** What went wrong inside; absent where it is the client's own doing. */
  readonly error?: unknown
}

/**
 * The one exit for whatever was thrown: a refusal says its message, an error of ours says nothing of itself.
 *
 * @param clock the wall clock, for the error's date.
 */
export function refuse(
  error: unknown,
  { id, origin, headers: { 'client-request-id': clientId } }: HttpRequest,
  clock: Clock,
): Refusal {
  const refusal =
    error instanceof ODataError
      ? error
      : new ODataError('InternalServerError', 'An internal server error has occurred.')
  const body = formatError(refusal, { at: clock.now(), requestId: id, clientRequestId: clientId ?? id })
  const challenge = refusal.status === 401 ? { 'www-authenticate': formatChallenge(origin) } : {}
  const headers = { 'content-type': 'application/json', ...challenge, ...refusal.headers }
  const response = { status: refusal.status, headers, body }
  return refusal.status < 500 ? { response } : { response, error: causeOf(error) }
}

/** What every 401 must say (RFC 9110 §11.6.1), in the real service's form. */
function formatChallenge(origin: string): string {
  return `Bearer realm="", authorization_uri="${origin}/common/oauth2/authorize", client_id="${GRAPH_APPLICATION}"`
}

/** What the log says of a failure: the cause behind a refusal of ours, or the error itself. */
export function causeOf(error: unknown): unknown {
  return error instanceof ODataError ? (error.cause ?? error) : error
}
