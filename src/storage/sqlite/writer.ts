import { limits } from '#base/base.ts'
import type { Row } from '#odata/odata.ts'
import { CommitTally, type PoolFigures } from '../figures.ts'
import { isWrite, type Plan, saysWhatItChanged } from '../plan.ts'
import { unavailable, uncertain } from '../refusals.ts'
import type { Transaction } from '../transaction.ts'
import { answerAll, refusal, refuseAll } from './answering.ts'
import type { Connection } from './connection.ts'
import type { LogSync } from './log-sync.ts'

/** What a writer is made with, beside its connection. */
export interface WriterOptions {
  /** What has its commits reach the disk; absent where nothing waits for that. */
  readonly log?: LogSync | undefined
  /** Called after each commit, before it is answered. */
  readonly committed?: () => void
}

interface Job {
  /** Runs the body; gives what to do when it is durable. */
  readonly run: () => () => void
  readonly reject: (reason: unknown) => void
  readonly signal: AbortSignal | undefined
}

/**
 * The one writer. The transactions that arrive in one turn of the event loop share a commit, and are answered when it is on
 * the disk; the next commit does not wait for that. Of those that fail nothing is kept, and of the others all: where one has
 * to be undone after it has written, all are run once more, a savepoint each. Savepoints keep copies of the pages that are
 * changed, so there are none before.
 */
export class Writer {
  readonly #connection: Connection
  readonly #log: LogSync | undefined
  readonly #committed: (() => void) | undefined
  readonly #queue: Job[] = []
  readonly #tally = new CommitTally()
  /** Whether the body that runs has come to a plan that writes. */
  #hasWritten = false
  #isClosed = false

  constructor(connection: Connection, { log, committed }: WriterOptions = {}) {
    this.#connection = connection
    this.#log = log
    this.#committed = committed
  }

  get commits(): number {
    return this.#tally.total
  }

  get commitSizes(): CommitTally['sizes'] {
    return this.#tally.sizes
  }

  /** Its one connection is busy while a commit is due. */
  get figures(): PoolFigures {
    const waiting = this.#queue.length
    const busy = Math.min(1, waiting)
    return { busy, idle: 1 - busy, waiting }
  }

  transact<T>(body: () => Transaction<T>, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw unavailable(new Error('the storage was closed'))
      const run = () => {
        const result = this.#drive(body())
        return () => resolve(result)
      }
      if (this.#queue.push({ run, reject, signal }) === 1) setImmediate(() => this.#flush())
    })
  }

  /** Runs what is queued, and takes no more. */
  close(): void {
    this.#isClosed = true
    while (this.#queue.length > 0) this.#flush()
  }

  #drive<T>(body: Transaction<T>): T {
    this.#hasWritten = false
    let step = body.next()
    while (step.done !== true) {
      const rows = this.#run(step.value)
      step = body.next(rows)
    }
    return step.value
  }

  /** A statement that failed may have written; one that says which rows it changed, and changed none, has not. */
  #run(plan: Plan): readonly Row[] {
    const hadWritten = this.#hasWritten
    if (isWrite(plan)) this.#hasWritten = true
    const rows = this.#connection.run(plan)
    if (rows.length === 0 && saysWhatItChanged(plan)) this.#hasWritten = hadWritten
    return rows
  }

  #flush(): void {
    const jobs = this.#queue.splice(0, limits.commitRequests)
    if (jobs.length === 0) return
    if (this.#queue.length > 0) setImmediate(() => this.#flush())
    const settled = this.#commit(jobs)
    if (settled === undefined) return
    this.#committed?.()
    answerAll(settled, this.#log?.noteCommit(), (cause) => refuseAll(jobs, uncertain(cause)))
  }

  /** Gives what to do when the commit is durable; undefined where it failed, of which all were told. */
  #commit(jobs: readonly Job[]): readonly (() => void)[] | undefined {
    try {
      if (this.#log?.failure !== undefined) throw this.#log.failure
      this.#connection.repeat('BEGIN IMMEDIATE')
      const settled = this.#runTogether(jobs) ?? jobs.map((job) => this.#runApart(job))
      this.#connection.repeat('COMMIT')
      this.#tally.count(jobs.length)
      return settled
    } catch (cause) {
      if (this.#connection.isTransaction) this.#connection.repeat('ROLLBACK')
      refuseAll(jobs, unavailable(cause))
      return undefined
    }
  }

  /** Undefined where one of several has to be undone: then none has run, in a new transaction. */
  #runTogether(jobs: readonly Job[]): readonly (() => void)[] | undefined {
    const settled: (() => void)[] = []
    for (const job of jobs) {
      try {
        settled.push(runUnlessAborted(job))
      } catch (error) {
        if (!this.#connection.isTransaction) throw error
        if (this.#hasWritten) {
          this.#connection.repeat('ROLLBACK')
          this.#connection.repeat('BEGIN IMMEDIATE')
          if (jobs.length > 1) return undefined
        }
        settled.push(refusal(job, error))
      }
    }
    return settled
  }

  /** A body that fails is undone alone, unless SQLite has already undone all: then the whole batch has failed. */
  #runApart(job: Job): () => void {
    this.#connection.repeat('SAVEPOINT request')
    try {
      const settle = runUnlessAborted(job)
      this.#connection.repeat('RELEASE request')
      return settle
    } catch (error) {
      if (!this.#connection.isTransaction) throw error
      this.#connection.repeat('ROLLBACK TO request')
      this.#connection.repeat('RELEASE request')
      return refusal(job, error)
    }
  }
}

function runUnlessAborted({ run, reject, signal }: Job): () => void {
  return signal?.aborted === true ? () => reject(signal.reason) : run()
}
