import { setImmediate as nextTurn } from 'node:timers/promises'
import { ODataError } from '#odata/odata.ts'

/** Work on an open database that nobody waits for: one pass at a time, each until nothing is left to do. */
export class BackgroundWork {
  readonly #step: () => Promise<boolean>
  readonly #complaint: string
  #last: Promise<void> = Promise.resolve()

  /**
   * @param step does the next piece, one commit's worth; false where nothing is left.
   * @param complaint what is said of a step that failed by a mistake of ours.
   */
  constructor(step: () => Promise<boolean>, complaint: string) {
    this.#step = step
    this.#complaint = complaint
  }

  /** Resolves when this pass has ended, and all before it; it never rejects. */
  run(): Promise<void> {
    this.#last = this.#last.then(() => this.#runAll())
    return this.#last
  }

  /** Resolves when no pass is under way. */
  async settled(): Promise<void> {
    await this.#last
  }

  /** What is left after a failure is taken up again by the next pass; a mistake of ours is said. */
  async #runAll(): Promise<void> {
    try {
      while (await this.#step()) await nextTurn()
    } catch (error) {
      if (error instanceof ODataError) return
      process.emitWarning(`${this.#complaint}: ${String(error)}`)
    }
  }
}

/** Of the purge. */
export const NOT_REMOVED = 'What deletions left behind could not be removed'

/** Of the copies of marks. */
export const NOT_COPIED = 'What is marked could not be copied for the next reset'
