import type { HttpRequest, HttpResponse } from '#base/base.ts'
import type { Identity, Mark, MarkName } from '#identity/identity.ts'
import { ODataError } from '#odata/odata.ts'
import type { Transfer } from '#operations/operations.ts'
import type { Answered, RequestRecord, Service } from '#service/service.ts'
import type { Metrics } from '../metrics.ts'
import type { OpenExports } from '../open-exports.ts'

/** What the page at `/` tells of this very server. */
export interface HomeFacts {
  /** The HTTPS origin: some clients take no other. */
  readonly url: string
  readonly tenant: string
  readonly clientId: string
  /** The development secret; undefined where the server has one of its own. */
  readonly clientSecret: string | undefined
  readonly profile: string
  readonly cloud: string
  /** The CA's certificate; undefined where the server does not listen. */
  readonly ca: string | undefined
}

/** What of a server its command line may have done. */
export interface Administration {
  mark(mark: Partial<Mark>): Promise<Mark>
  marks(): Promise<readonly Mark[]>
  removeMark(mark: MarkName): Promise<void>
  reset(tenant?: string): Promise<void>
  resetTo(mark: MarkName): Promise<void>
  /** The way in and out of a tenant, by its id or domain; of the server's own where none is named. */
  transfer(tenant?: string): Promise<Transfer>
  save(file: string, options: { readonly isReplaced: boolean }): Promise<void>
}

/** What the routes need. */
export interface RouteOptions {
  readonly service: Service
  readonly identity: Identity
  /** What the control plane asks for. */
  readonly secret: string
  readonly administration: () => Administration
  /** What is being exported. */
  readonly exports: OpenExports
  /** What is counted; undefined where nothing is. */
  readonly metrics?: Metrics | undefined
  /** Whether the database answers. */
  readonly isReady: () => Promise<boolean>
  /** What the page at `/` tells. */
  readonly home: () => HomeFacts
}

/** What a route came to. */
export type RouteOutcome =
  | {
      readonly response: HttpResponse
      readonly record?: RequestRecord
      /** Of a batch, what it was made of. */
      readonly parts?: readonly Answered[]
    }
  | { readonly error: unknown; readonly record: RequestRecord }

/** A family of paths, and who answers them. */
export interface Route {
  /** What its paths look like; the groups are given to `answer`. */
  readonly pattern: RegExp
  answer(request: HttpRequest, groups: readonly string[], options: RouteOptions): Promise<RouteOutcome>
}

/** An answer in JSON that is not an OData payload. */
export function jsonResponse(body: unknown): HttpResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-cache' },
    body: JSON.stringify(body),
  }
}

/** @throws ODataError `MethodNotAllowed` for any method but the one, and HEAD where that is GET. */
export function assertMethod({ method }: HttpRequest, allowed: 'GET' | 'POST'): void {
  if (method === allowed || (allowed === 'GET' && method === 'HEAD')) return
  throw new ODataError(
    'MethodNotAllowed',
    `The method ${method} is not allowed here; allowed is ${allowed}.`,
    {
      headers: { allow: allowed },
    },
  )
}
