import { Worker } from 'node:worker_threads'
import { limits } from '#base/base.ts'
import type { Statement } from '../compile.ts'
import type { PoolFigures } from '../figures.ts'
import { tooComplex, unavailable } from '../refusals.ts'
import type { Scan } from '../results.ts'
import type { FailedScan, ScanAnswer, ScanOrder, ScanSetup } from './scan.ts'

interface Job {
  readonly statement: Statement
  readonly maxBytes: number
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
  #isClosed = false
  #isHeld = false
  /** Called when none is at a scan. */
  #noteIdle: (() => void) | undefined

  constructor(file: string, options: { readonly size?: number; readonly deadlineMs?: number } = {}) {
    this.#file = file
    this.#size = options.size ?? 2
    this.#deadlineMs = options.deadlineMs ?? limits.scanMs
  }

  get figures(): PoolFigures {
    const idle = this.#all.filter(({ isFree }) => isFree).length
    return { busy: this.#all.length - idle, idle, waiting: this.#queue.length }
  }

  /** @throws ODataError `ServiceUnavailable`; the signal's reason where it aborts, waiting or scanning. */
  async scan(statement: Statement, signal: AbortSignal, maxBytes: number = limits.pageBytes): Promise<Scan> {
    signal.throwIfAborted()
    if (this.#isClosed) throw unavailable(new Error('the storage was closed'))
    const { promise, resolve, reject } = Promise.withResolvers<Scan>()
    const job: Job = { statement, maxBytes, resolve, reject }
    const giveUp = (): void => {
      reject(signal.reason)
      this.#drop(job)
    }
    signal.addEventListener('abort', giveUp)
    try {
      this.#queue.push(job)
      this.#dispatch()
      return await promise
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  /** Runs what no scan may be beside: those under way end first, others wait. One such at a time. */
  async hold(run: () => Promise<void>): Promise<void> {
    this.#isHeld = true
    try {
      if (this.figures.busy > 0) await new Promise<void>((resolve) => (this.#noteIdle = resolve))
      await run()
    } finally {
      this.#isHeld = false
      for (let i = 0; i < this.#size; i += 1) this.#dispatch()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    for (const { reject } of this.#queue.splice(0)) reject(unavailable(new Error('the storage was closed')))
    await Promise.all(this.#all.splice(0).map((reader) => reader.stop()))
    this.#noteIdle?.()
  }

  #dispatch(): void {
    if (this.#isHeld && this.figures.busy === 0) this.#noteIdle?.()
    const job = this.#isHeld ? undefined : this.#queue[0]
    if (job === undefined) return
    try {
      const reader = this.#all.find(({ isFree }) => isFree) ?? this.#start()
      if (reader === undefined) return
      this.#queue.shift()
      reader.run(job)
    } catch (error) {
      this.#drop(job)
      job.reject(unavailable(error))
    }
  }

  #drop(job: Job): void {
    const at = this.#queue.indexOf(job)
    if (at !== -1) this.#queue.splice(at, 1)
    for (const reader of this.#all) reader.cancel(job)
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
    const order: ScanOrder = {
      id: this.#id,
      statement: job.statement,
      deadlineMs: this.#deadlineMs,
      maxBytes: job.maxBytes,
    }
    this.#worker.postMessage(order)
  }

  /** Has the worker give the job up, where it is at it; it is free again when it has. */
  cancel(job: Job): void {
    if (this.#job === job) Atomics.store(this.#cancelled, 0, this.#id)
  }

  async stop(): Promise<void> {
    this.#take()?.reject(unavailable(new Error('the storage was closed')))
    await this.#worker.terminate()
  }

  #settle(answer: ScanAnswer): void {
    const job = this.#take()
    if (job === undefined) return
    if ('rows' in answer) job.resolve(answer)
    else job.reject(reasonOf(answer))
    this.#events.free()
  }

  #fail(error: unknown): void {
    this.#take()?.reject(unavailable(error))
    this.#events.gone()
  }

  #take(): Job | undefined {
    const job = this.#job
    this.#job = undefined
    return job
  }
}

function reasonOf({ failure, reason }: FailedScan): Error {
  const error = new Error(failure)
  if (reason === 'fault') return error
  return reason === 'size' ? tooComplex(error) : unavailable(error)
}
