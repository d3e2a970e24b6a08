import type { CacheFigures } from '#base/base.ts'
import type { Row } from '#odata/odata.ts'
import type { ReadPlan } from '../plan.ts'
import { unavailable } from '../refusals.ts'
import { answerAll, refusal, refuseAll } from './answering.ts'
import { Connection } from './connection.ts'
import type { LogSync } from './log-sync.ts'

/** What is kept of the file: of a hundred thousand states all, of more what leads to them. */
const CACHE_KIB = 16 * 1024

interface Job {
  readonly plan: ReadPlan
  readonly resolve: (rows: readonly Row[]) => void
  readonly reject: (reason: unknown) => void
}

/**
 * What is found by its key, on the event loop. The lookups of one turn share a snapshot, as writes share a commit: a
 * transaction's locks cost as much as the reading, and answers that leave together wake their client once. They leave when
 * all that they may tell of is on the disk.
 */
export class Lookups {
  readonly #connection: Connection
  readonly #log: LogSync | undefined
  #queue: Job[] = []
  #isClosed = false

  /** @param log absent where nothing waits for the disk. */
  constructor(file: string, log?: LogSync) {
    this.#log = log
    this.#connection = new Connection(file, { readOnly: true })
    this.#connection.execute(`PRAGMA cache_size = -${CACHE_KIB}`)
  }

  get figures(): CacheFigures {
    return this.#connection.figures
  }

  /** @throws ODataError `ServiceUnavailable` where the database cannot be read. */
  find(plan: ReadPlan): Promise<readonly Row[]> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw unavailable(new Error('the storage was closed'))
      if (this.#queue.push({ plan, resolve, reject }) === 1) setImmediate(() => this.#flush())
    })
  }

  /** Finds what is asked for already, and takes no more. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#flush()
    this.#connection.close()
  }

  /** What was written before a lookup was asked for is in its snapshot: that begins with the first statement. */
  #flush(): void {
    const jobs = this.#queue
    this.#queue = []
    if (jobs.length === 0) return
    const isShared = jobs.length > 1
    try {
      if (isShared) this.#connection.repeat('BEGIN')
      const answers = jobs.map((job) => this.#find(job))
      if (this.#connection.isTransaction) this.#connection.repeat('COMMIT')
      answerAll(answers, this.#log?.pending, (cause) => refuseAll(jobs, unavailable(cause)))
    } catch (cause) {
      if (this.#connection.isTransaction) this.#connection.repeat('ROLLBACK')
      refuseAll(jobs, unavailable(cause))
    }
  }

  /** A lookup that fails fails alone. */
  #find(job: Job): () => void {
    try {
      const rows = this.#connection.run(job.plan)
      return () => job.resolve(rows)
    } catch (error) {
      return refusal(job, error)
    }
  }
}
