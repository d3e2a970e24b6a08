import { type Clock, type HttpRequest, type HttpResponse, limits, splitTarget } from '#base/base.ts'
import { type Answered, type RequestRecord, refuse } from '#service/service.ts'
import { compress } from './compression.ts'
import type { Log } from './log.ts'
import type { RequestLine } from './request-line.ts'
import type { RouteOptions } from './routes/route.ts'
import { routeOf } from './routes/routes.ts'

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
export function createEdge({ log, clock, ...options }: EdgeOptions): Edge {
  const finish = (answered: Answered): HttpResponse => {
    log.request(lineOf(answered))
    return name(answered.response, answered.request)
  }
  const exit = (error: unknown, { request, startedAt, record }: Exiting): HttpResponse =>
    finish({ ...refuse(error, request, clock), request, record, milliseconds: since(startedAt) })
  return {
    answer: async (request) => {
      const startedAt = performance.now()
      try {
        const { route, groups } = routeOf(splitTarget(request.target).path)
        const outcome = await route.answer(request, groups, options)
        if ('error' in outcome) return exit(outcome.error, { request, startedAt, record: outcome.record })
        const { response, record, parts = [] } = outcome
        for (const part of parts) log.request(lineOf(part))
        const milliseconds = since(startedAt)
        const sent = compress(finish({ request, response, record, milliseconds }), request)
        return sent instanceof Promise ? await sent : sent
      } catch (error) {
        return exit(error, { request, startedAt })
      }
    },
    refuse: (error, request) => exit(error, { request, startedAt: performance.now() }),
  }
}

interface Exiting {
  readonly request: HttpRequest
  readonly startedAt: number
  readonly record?: RequestRecord
}

function since(startedAt: number): number {
  return performance.now() - startedAt
}

/** A path in a batch may be as long as the batch: the line has as much of it as a URL may be long. */
function lineOf({ request, response, record, error, milliseconds }: Answered): RequestLine {
  return {
    id: request.id,
    method: request.method,
    path: splitTarget(request.target).path.slice(0, limits.urlBytes),
    status: response.status,
    milliseconds: Math.round(milliseconds * 100) / 100,
    record,
    error,
  }
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
  const named = {
    ...headers,
    'request-id': id,
    'client-request-id': sent['client-request-id'] ?? id,
    'x-ms-ags-diagnostic': DIAGNOSTIC,
    vary: 'Accept-Encoding',
  }
  return { status, headers: named, body }
}
