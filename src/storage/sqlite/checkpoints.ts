import { closeSync, existsSync, openSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { Connection } from './connection.ts'

/** What the worker is started with. */
export interface PassSetup {
  readonly file: string
  /** Statements that make its connection as careful as the one that writes. */
  readonly prepare: string
  /** Of the file, for a sync; absent where nothing is synced. */
  readonly descriptor: number | undefined
}

export type PassOrder = 'pass' | 'end'

/** Empty where the pass was made, if perhaps not to the end of the log. */
export interface PassAnswer {
  readonly failure?: string
}

/** How the log of a database is put into its file. */
export interface CheckpointOptions {
  readonly file: string
  readonly synchronous: 'FULL' | 'OFF'
  /** Frames of 4 KiB that the log has when they are copied; `BEGIN_FRAMES` where absent. */
  readonly beginFrames?: number
}

/** Milliseconds after a commit at which the log is looked at. */
const LOOK_MS = 50
/** The same after a failure, so that a worker that always dies is not started all the time. */
const FAILED_LOOK_MS = 1000
/** Frames of 4 KiB, 32 MB of them: a page that many commits write is copied once, and smaller logs need no worker. */
const BEGIN_FRAMES = 8000
/** What the writer may copy itself: frames that take about as long as a commit, and no more. */
const REST_FRAMES = 250
/** Passes after which a writer that is faster than they are is left alone until the log is looked at again. */
const MOST_PASSES = 4
/** Before it, a checkpoint of another connection may damage a database that is written meanwhile ("WAL-reset bug"). */
const LEAST_SQLITE = [3, 51, 3] as const

/**
 * Copies the log into the file while the writer goes on: a worker thread takes what is there, again and again until little is
 * left; that the writer's connection takes between two commits, and the next commit begins the log at its start. A failure
 * leaves the log as it is, to the next pass or to `wal_autocheckpoint`.
 */
export class Checkpoints implements Disposable {
  readonly #writer: Connection
  readonly #options: CheckpointOptions
  readonly #beginFrames: number
  readonly #isSafe: boolean
  #copier: Copier | undefined
  #descriptor: number | undefined
  #timer: NodeJS.Timeout | undefined
  #isDue = false
  #lookMs = LOOK_MS
  #isStopped = false

  /** @param writer the connection that writes; no transaction of it is open between two turns of the event loop. */
  constructor(writer: Connection, options: CheckpointOptions) {
    this.#writer = writer
    this.#options = options
    this.#beginFrames = options.beginFrames ?? BEGIN_FRAMES
    const [row] = writer.all({ text: 'SELECT sqlite_version() AS version', values: [] })
    this.#isSafe = isSafeBeside(String(row?.['version']))
  }

  /** To be called after each commit. */
  noteCommit(): void {
    if (this.#isDue || this.#isStopped || !this.#isSafe) return
    this.#isDue = true
    this.#timer = setTimeout(() => void this.#look(), this.#lookMs)
    this.#timer.unref()
  }

  /** Lets a pass that runs end, and the worker with it: before the writer's connection closes, which puts the log away. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#copier?.end()
  }

  /**
   * To be called when the connections are closed: with any descriptor of a file that it closes, a process loses all its locks on
   * that file (POSIX). A log that is still there belongs to a connection that is open; then this one stays too.
   */
  [Symbol.dispose](): void {
    if (this.#descriptor === undefined || existsSync(`${this.#options.file}-wal`)) return
    closeSync(this.#descriptor)
    this.#descriptor = undefined
  }

  async #look(): Promise<void> {
    try {
      if (this.#readLog().frames >= this.#beginFrames) await this.#copy()
      this.#lookMs = LOOK_MS
    } catch {
      this.#lookMs = FAILED_LOOK_MS
    } finally {
      this.#isDue = false
    }
  }

  async #copy(): Promise<void> {
    let log = this.#readLog()
    for (let passes = 0; passes < MOST_PASSES && log.rest >= REST_FRAMES; passes += 1) {
      const { copied } = log
      await this.#pass()
      if (this.#isStopped) return
      log = this.#readLog()
      // A reader sees the log as it was, and nothing later goes into the file before it ends.
      if (log.copied === copied) return
    }
    if (log.rest < REST_FRAMES) this.#writer.all({ text: 'PRAGMA wal_checkpoint(PASSIVE)', values: [] })
  }

  #readLog(): Log {
    const [row] = this.#writer.all({ text: 'PRAGMA wal_checkpoint(NOOP)', values: [] })
    const [frames, copied] = [Number(row?.['log']), Number(row?.['checkpointed'])]
    return { frames, copied, rest: frames - copied }
  }

  async #pass(): Promise<void> {
    if (this.#copier === undefined || this.#copier.hasEnded) this.#copier = new Copier(this.#setup())
    await this.#copier.pass()
  }

  #setup(): PassSetup {
    const { file, synchronous } = this.#options
    if (synchronous !== 'OFF') this.#descriptor ??= openSync(file, 'r+')
    return { file, prepare: carefulness(synchronous), descriptor: this.#descriptor }
  }
}

/** The statements by which a connection writes as safely as is asked for; on macOS only `fullfsync` reaches the disk itself. */
export function carefulness(synchronous: 'FULL' | 'OFF'): string {
  return `PRAGMA synchronous = ${synchronous}; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON`
}

/** How far the log is written, and how far it is in the file. */
interface Log {
  readonly frames: number
  readonly copied: number
  readonly rest: number
}

/** The worker and the pass it is at. */
class Copier {
  readonly #worker: Worker
  readonly #ended = Promise.withResolvers<void>()
  #pass: PromiseWithResolvers<void> | undefined
  #hasEnded = false

  constructor(workerData: PassSetup) {
    this.#worker = new Worker(new URL(import.meta.resolve('#storage/sqlite/checkpoint-worker.ts')), {
      workerData,
    })
    this.#worker.unref()
    this.#worker.on('message', ({ failure }: PassAnswer) => {
      if (failure === undefined) this.#pass?.resolve()
      else this.#pass?.reject(new Error(failure))
    })
    this.#worker.on('error', (error) => this.#pass?.reject(error))
    this.#worker.on('exit', () => {
      this.#hasEnded = true
      this.#pass?.reject(new Error('the worker of the checkpoints has ended'))
      this.#ended.resolve()
    })
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  async pass(): Promise<void> {
    this.#pass = Promise.withResolvers()
    this.#worker.postMessage('pass' satisfies PassOrder)
    await this.#pass.promise
  }

  async end(): Promise<void> {
    this.#worker.ref()
    this.#worker.postMessage('end' satisfies PassOrder)
    await this.#ended.promise
  }
}

/** Whether in this version of SQLite another connection may make checkpoints beside the one that writes. */
export function isSafeBeside(version: string): boolean {
  const numbers = version.split('.').map(Number)
  const at = LEAST_SQLITE.findIndex((number, i) => number !== numbers[i])
  return at === -1 || (numbers[at] ?? 0) > (LEAST_SQLITE[at] ?? 0)
}
