import { Worker } from 'node:worker_threads'
import { limits } from '#base/base.ts'
import type { SqlRow } from '../columns.ts'
import type { Statement } from '../compile.ts'
import { unavailable } from './failure.ts'
import type { ScanAnswer, ScanOrder, ScanSetup } from './scan.ts'

/** The rows of a scan; `isCut` where the limit of bytes ended it. */
export interface Scan {
  readonly rows: readonly SqlRow[]
  readonly isCut: boolean
}

interface Job {
  readonly statement: Statement
  readonly signal: AbortSignal
  readonly resolve: (scan: Scan) => void
  readonly reject: (reason: unknown) => void
}

/**
 * The readers: worker threads, each with a connection of its own that cannot write, started when first needed.
 * A scan holds up no other request, and ends at its deadline or when its request is given up.
 */
export class Readers implements AsyncDisposable {
  readonly #file: string
  readonly #size: number
  readonly #deadlineMs: number
  readonly #all: Reader[] = []
  readonly #queue: Job[] = []

  constructor(file: string, options: { readonly size?: number; readonly deadlineMs?: number } = {}) {
    this.#file = file
    this.#size = options.size ?? 2
    this.#deadlineMs = options.deadlineMs ?? limits.scanMs
  }

  scan(statement: Statement, signal: AbortSignal): Promise<Scan> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ statement, signal, resolve, reject })
      this.#dispatch()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { reject } of this.#queue.splice(0)) reject(unavailable(new Error('the storage was closed')))
    await Promise.all(this.#all.splice(0).map((reader) => reader.stop()))
  }

  #dispatch(): void {
    const job = this.#queue[0]
    if (job === undefined) return
    if (job.signal.aborted) {
      this.#queue.shift()
      job.reject(job.signal.reason)
      this.#dispatch()
      return
    }
    const reader = this.#all.find(({ isFree }) => isFree) ?? this.#start()
    if (reader === undefined) return
    this.#queue.shift()
    reader.run(job)
  }

  #start(): Reader | undefined {
    if (this.#all.length >= this.#size) return undefined
    const reader = new Reader(this.#file, this.#deadlineMs, {
      free: () => this.#dispatch(),
      gone: () => {
        const at = this.#all.indexOf(reader)
        if (at !== -1) this.#all.splice(at, 1)
        this.#dispatch()
      },
    })
    this.#all.push(reader)
    return reader
  }
}

/** One worker and the job it is at. */
class Reader {
  readonly #worker: Worker
  readonly #deadlineMs: number
  readonly #cancelled = new Int32Array(new SharedArrayBuffer(4))
  readonly #events: { readonly free: () => void; readonly gone: () => void }
  #job: Job | undefined
  #id = 0

  constructor(
    file: string,
    deadlineMs: number,
    events: { readonly free: () => void; readonly gone: () => void },
  ) {
    this.#deadlineMs = deadlineMs
    this.#events = events
    const workerData: ScanSetup = { file, cancelled: this.#cancelled }
    this.#worker = new Worker(new URL(import.meta.resolve('#storage/sqlite/reader-worker.ts')), {
      workerData,
    })
    this.#worker.unref()
    this.#worker.on('message', (answer: ScanAnswer) => this.#settle(answer))
    this.#worker.on('error', (error) => this.#fail(error))
    this.#worker.on('exit', () => this.#fail(new Error('the reader has ended')))
  }

  get isFree(): boolean {
    return this.#job === undefined
  }

  run(job: Job): void {
    this.#job = job
    this.#id += 1
    job.signal.addEventListener('abort', this.#cancel)
    const order: ScanOrder = {
      id: this.#id,
      statement: job.statement,
      deadlineMs: this.#deadlineMs,
      maxBytes: limits.pageBytes,
    }
    this.#worker.postMessage(order)
  }

  async stop(): Promise<void> {
    this.#take()?.reject(unavailable(new Error('the storage was closed')))
    await this.#worker.terminate()
  }

  readonly #cancel = (): void => {
    Atomics.store(this.#cancelled, 0, this.#id)
  }

  #settle(answer: ScanAnswer): void {
    const job = this.#take()
    if (job === undefined) return
    if ('rows' in answer) job.resolve(answer)
    else job.reject(job.signal.aborted ? job.signal.reason : unavailable(new Error(answer.failure)))
    this.#events.free()
  }

  #fail(error: unknown): void {
    this.#take()?.reject(unavailable(error))
    this.#events.gone()
  }

  #take(): Job | undefined {
    const job = this.#job
    this.#job = undefined
    job?.signal.removeEventListener('abort', this.#cancel)
    return job
  }
}
