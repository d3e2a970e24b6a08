import type { Clock, HttpRequest, HttpResponse } from '#base/base.ts'
import { GRAPH_APPLICATION } from '#identity/identity.ts'
import { formatError, ODataError } from '#odata/odata.ts'
import type { RequestRecord } from '#service/service.ts'
import { compress } from './compression.ts'
import type { Log } from './log.ts'
import type { Route, RouteOptions } from './routes/route.ts'
import { routes } from './routes/routes.ts'

/** What the edge is made of. */
export interface EdgeOptions extends RouteOptions {
  readonly log: Log
  /** The wall clock, for the errors' dates. */
  readonly clock: Clock
}

/** Answers any request, and never throws. */
export interface Edge {
  answer(request: HttpRequest): Promise<HttpResponse>
  /** The answer to what is refused before it is a request: too large, too late, not HTTP. */
  refuse(error: unknown, request: HttpRequest): HttpResponse
}

/** Makes the edge: finds the route, sends every refusal through one exit, names the request, logs one line. */
export function createEdge(options: EdgeOptions): Edge {
  const finish = (outcome: Finished): HttpResponse => {
    const { request, response, startedAt, record, error } = outcome
    const [path = ''] = request.target.split('?')
    options.log.request({
      ...record,
      id: request.id,
      method: request.method,
      path,
      status: response.status,
      milliseconds: Math.round((performance.now() - startedAt) * 100) / 100,
      ...(error === undefined ? {} : { error }),
    })
    return name(response, request)
  }
  const refuse = (
    error: unknown,
    request: HttpRequest,
    startedAt: number,
    record?: RequestRecord,
  ): HttpResponse => {
    const response = exit(error, request, options.clock)
    return finish({
      request,
      response,
      startedAt,
      record,
      error: response.status >= 500 ? causeOf(error) : undefined,
    })
  }
  return {
    answer: async (request) => {
      const startedAt = performance.now()
      try {
        const { route, match } = find(request)
        const outcome = await route.answer(request, match, options)
        if ('error' in outcome) return refuse(outcome.error, request, startedAt, outcome.record)
        return await compress(finish({ request, startedAt, ...outcome }), request)
      } catch (error) {
        return refuse(error, request, startedAt)
      }
    },
    refuse: (error, request) => refuse(error, request, performance.now()),
  }
}

interface Finished {
  readonly request: HttpRequest
  readonly response: HttpResponse
  readonly startedAt: number
  readonly record?: RequestRecord | undefined
  readonly error?: unknown
}

function find({ target }: HttpRequest): { readonly route: Route; readonly match: readonly string[] } {
  const [path = ''] = target.split('?')
  for (const route of routes) {
    const match = route.pattern.exec(path)
    if (match !== null) return { route, match: match.slice(1) }
  }
  throw new ODataError('ResourceNotFound', 'There is nothing here.')
}

/** The one exit for whatever was thrown: a refusal says its message, an error of ours says nothing of itself. */
function exit(
  error: unknown,
  { id, origin, headers: { 'client-request-id': clientId } }: HttpRequest,
  clock: Clock,
): HttpResponse {
  const refusal =
    error instanceof ODataError
      ? error
      : new ODataError('InternalServerError', 'An internal server error has occurred.')
  const body = formatError(refusal, { at: clock.now(), requestId: id, clientRequestId: clientId ?? id })
  const challenge = refusal.status === 401 ? { 'www-authenticate': formatChallenge(origin) } : {}
  const headers = { 'content-type': 'application/json', ...challenge, ...refusal.headers }
  return { status: refusal.status, headers, body }
}

/** What every 401 must say (RFC 9110 §11.6.1), in the real service's form. */
function formatChallenge(origin: string): string {
  return `Bearer realm="", authorization_uri="${origin}/common/oauth2/authorize", client_id="${GRAPH_APPLICATION}"`
}

/** What the log says of a failure: the cause behind a refusal of ours, or the error itself. */
function causeOf(error: unknown): unknown {
  return error instanceof ODataError ? (error.cause ?? error) : error
}

/** Where Graph would say which of its machines answered. */
const DIAGNOSTIC = JSON.stringify({
  ServerInfo: { DataCenter: 'local', Slice: 'E', Ring: '0', ScaleUnit: '000', RoleInstance: 'runstate' },
})

/**
 * The headers that every answer has: which request it answers, and how caches are to take it. Graph's
 * Strict-Transport-Security is left out: on localhost it would bind every other server of the machine.
 */
function name({ status, headers, body }: HttpResponse, { id, headers: sent }: HttpRequest): HttpResponse {
  const common = {
    'request-id': id,
    'client-request-id': sent['client-request-id'] ?? id,
    'x-ms-ags-diagnostic': DIAGNOSTIC,
    vary: 'Accept-Encoding',
  }
  return { status, headers: { ...headers, ...common }, body }
}
