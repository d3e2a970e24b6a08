import { closeSync, fdatasync, openSync } from 'node:fs'

const DISTRUSTED = 'The disk could not keep what was written: see to it, and start the server again.'

/** Has what was written by a descriptor reach the disk. */
export type Sync = (descriptor: number, done: (error: Error | null) => void) => void

/**
 * Has what is committed reach the disk while the event loop goes on: SQLite syncs its log itself only where that begins
 * anew (`synchronous=NORMAL`). One sync is under way at a time; commits that come meanwhile share the next.
 */
export class LogSync implements Disposable {
  readonly #descriptor: number
  readonly #sync: Sync
  #current: PromiseWithResolvers<void> | undefined
  /** Of what was committed since the current sync began. */
  #next: PromiseWithResolvers<void> | undefined
  #failure: Error | undefined

  /** @param file the database's; a connection to it has read it already, and so has made the log. */
  constructor(file: string, sync: Sync = fdatasync) {
    this.#descriptor = openSync(`${file}-wal`, 'r+')
    this.#sync = sync
    // What an earlier process left in it may still be there, for somebody who reads it.
    this.noteCommit().catch(() => undefined)
  }

  /** Why the disk is not to be trusted any more: after a sync that failed nobody knows what it has. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /**
   * Resolves when the last commit is on the disk; undefined where it is already.
   *
   * @throws Error where the disk failed, now or before.
   */
  get pending(): Promise<void> | undefined {
    const pending = (this.#next ?? this.#current)?.promise
    return pending === undefined && this.#failure !== undefined ? Promise.reject(this.#failure) : pending
  }

  /** To be called after each commit; resolves when it is on the disk. @throws as {@link pending}. */
  noteCommit(): Promise<void> {
    this.#next ??= Promise.withResolvers()
    const { promise } = this.#next
    if (this.#current === undefined) this.#begin()
    return promise
  }

  /** To be called where another sync of the database failed. */
  distrust(cause: unknown): void {
    this.#failure ??= new Error(DISTRUSTED, { cause })
  }

  /** To be called when no commit is {@link pending}. */
  [Symbol.dispose](): void {
    closeSync(this.#descriptor)
  }

  #begin(): void {
    this.#current = this.#next
    this.#next = undefined
    if (this.#current !== undefined) this.#sync(this.#descriptor, (error) => this.#end(error))
  }

  /** The disk goes on before anybody is answered. */
  #end(error: Error | null): void {
    const ended = this.#current
    if (error !== null) this.distrust(error)
    this.#begin()
    if (this.#failure === undefined) ended?.resolve()
    else ended?.reject(this.#failure)
  }
}
