/** What whoever runs a server is told of its database, the same of each. Nothing here costs more than to count. */
import type { CacheFigures } from '#base/base.ts'

/** The connections of one kind, and who waits for one. */
export interface PoolFigures {
  readonly busy: number
  readonly idle: number
  /** Requests that wait for a connection, or for the commit that they are to share. */
  readonly waiting: number
}

/** What a database is at, and what it did since it was opened. */
export interface StorageFigures {
  /** Of what writes. Lookups by key share its connections on PostgreSQL. */
  readonly writers: PoolFigures
  /** Of what scans. */
  readonly scanners: PoolFigures
  /** Commits by their size: at index n those that n transactions shared, none where there is nothing. */
  readonly commitSizes: readonly (number | undefined)[]
  /** Statements that were prepared already when they were run, and those that were not; scans are not counted. */
  readonly statements: CacheFigures
}

/** Counts commits by their size. */
export class CommitTally {
  readonly #sizes: (number | undefined)[] = []
  #total = 0

  get total(): number {
    return this.#total
  }

  get sizes(): readonly (number | undefined)[] {
    return this.#sizes
  }

  /** Counts a commit that so many transactions shared. */
  count(transactions: number): void {
    this.#total += 1
    this.#sizes[transactions] = (this.#sizes[transactions] ?? 0) + 1
  }
}
