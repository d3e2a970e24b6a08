/** What a reader and its worker say to each other. */
import type { SqlRow } from '../columns.ts'
import type { Statement } from '../compile.ts'

/** What a worker is started with. */
export interface ScanSetup {
  readonly file: string
  /** Holds the id of the order that is to be given up. */
  readonly cancelled: Int32Array<SharedArrayBuffer>
}

/** One scan. */
export interface ScanOrder {
  readonly id: number
  readonly statement: Statement
  readonly deadlineMs: number
  /** A row that would pass this many bytes is left out, unless it is the first. */
  readonly maxBytes: number
}

/** Its rows, or why there are none. */
export type ScanAnswer =
  | { readonly id: number; readonly rows: readonly SqlRow[]; readonly isCut: boolean }
  | FailedScan

/** A statement too large, one that is none, which is a fault of ours, or a database that cannot serve now. */
export interface FailedScan {
  readonly id: number
  readonly failure: string
  readonly reason: 'size' | 'fault' | 'database'
}
