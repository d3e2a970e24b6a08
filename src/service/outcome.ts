import type { HttpRequest, HttpResponse } from '#base/base.ts'
import type { Principal } from '#identity/identity.ts'
import type { RequestRecord } from './record.ts'

/** A request and what it was answered: all that a log line is made of. */
export interface Answered {
  readonly request: HttpRequest
  readonly response: HttpResponse
  readonly record?: RequestRecord | undefined
  /** What went wrong inside, where something did. */
  readonly error?: unknown
  /** From the request's start to its answer. */
  readonly milliseconds: number
}

/** What was made of a request that went well. */
export interface Served {
  readonly response: HttpResponse
  /** Of a batch, its parts. */
  readonly parts?: readonly Answered[]
}

/** An answer or a refusal, and the record of it. */
export type Outcome =
  | ({ readonly record: RequestRecord } & Served)
  | { readonly record: RequestRecord; readonly error: unknown }

/** Answers requests under a version of the API. Whatever is thrown comes out in the outcome, with the record. */
export type Service = (request: HttpRequest) => Promise<Outcome>

/** A request of somebody known, and the record to be filled. */
export interface Arrival {
  readonly request: HttpRequest
  readonly principal: Principal
  readonly record: RequestRecord
  /** Microseconds since it was last asked. */
  readonly lap: () => number
}
