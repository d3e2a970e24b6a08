/** The seam between what asks and the database that answers: a second database is a second implementation of this. */
import type { Rank, Row } from '#odata/odata.ts'
import type { StorageFigures } from './figures.ts'
import type { CountPlan, ReadPlan, RelatedPlan, SelectPlan } from './plan.ts'
import type { Transaction } from './transaction.ts'

/** One page of a collection. */
export interface Page {
  readonly rows: readonly Row[]
  /** The ranks after which the next page begins; absent on the last. */
  readonly next: readonly Rank[] | undefined
}

/** A page asked for: at most `limit` rows and `limits.pageBytes` bytes. */
export type PagePlan = SelectPlan & { readonly limit: number }

/** The database as it was at one moment, whatever is written meanwhile. It is held until it is disposed of. */
export interface Moment extends AsyncDisposable {
  /** As {@link Storage.read}. */
  read(plan: ReadPlan): Promise<readonly Row[]>
  /** A page by position, which an index serves: nothing is scanned, and there is no deadline. */
  page(plan: PagePlan): Promise<Page>
}

/** An open database. */
export interface Storage extends AsyncDisposable {
  /** Runs lookups by key; anything that scans goes through {@link page}. */
  read(plan: ReadPlan): Promise<readonly Row[]>
  /**
   * Reads a page beside the event loop.
   *
   * @throws ODataError `ServiceUnavailable` at the scan's deadline; the signal's reason where it aborts.
   */
  page(plan: PagePlan, signal: AbortSignal): Promise<Page>
  /**
   * Reads what is related to many rows, in one statement, beside the event loop.
   *
   * @throws as {@link page}; ODataError `BadRequest` where it is larger than `limits.expandedBytes`.
   */
  related(plan: RelatedPlan, signal: AbortSignal): Promise<readonly Row[]>
  /** Counts the rows of a scope beside the event loop. @throws as {@link page}. */
  count(counted: Omit<CountPlan, 'kind'>, signal: AbortSignal): Promise<number>
  /** Holds on to what the database has now. @throws ODataError `ServiceUnavailable`. */
  moment(): Promise<Moment>
  /**
   * Runs a transaction, and resolves when it is durable. Only here can anything be written. The body may be run several
   * times, of which the last counts: it changes nothing outside the database.
   *
   * @throws what the body throws, its writes undone; ODataError `ServiceUnavailable` where the database cannot
   *   write: then nothing of it was written.
   */
  transact<T>(body: () => Transaction<T>, signal?: AbortSignal): Promise<T>
  /**
   * Removes what deletions left behind, a bounded number of rows a commit. Resolves when nothing is left, or where
   * that failed: it never rejects, and the next deletion or start goes on.
   */
  purge(): Promise<void>
  /**
   * Copies what is marked, so that each mark has a copy ready for the next reset; else as {@link purge}.
   */
  copyMarks(): Promise<void>
  /**
   * Writes everything that is committed at one moment into a file that is empty, as a SQLite database of the same
   * tables. Requests go on meanwhile. The file is not synced.
   *
   * @throws Error in one sentence, where the file cannot be written or the database cannot be read.
   */
  save(file: string): Promise<void>
  /** Commits since the start. */
  readonly commits: number
  /** What it is at now, and did since the start. */
  figures(): StorageFigures
}
