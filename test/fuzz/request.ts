import type { ServedOperation } from '#odata/metadata/served.ts'
import type { Body } from './bodies.ts'

/** A request as a client would send it. */
export interface FuzzRequest {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body | undefined
  /** What it was made from, where that is an operation. */
  readonly operation?: ServedOperation
}
