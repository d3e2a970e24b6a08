import { closeSync, existsSync, openSync } from 'node:fs'
import type { Connection } from './connection.ts'
import { Copier } from './copier.ts'
import { isSyncFailure } from './failure.ts'
import type { PassSetup } from './pass.ts'

/** How the log of a database is put into its file. */
export interface CheckpointOptions {
  readonly file: string
  readonly synchronous: 'NORMAL' | 'OFF'
  /** Called where a sync failed: what was copied may be neither in the file nor, some day, in the log. */
  readonly distrust?: ((cause: unknown) => void) | undefined
  /** Runs what no scan may be beside, once those under way have ended. */
  readonly withoutScans: (run: () => Promise<void>) => Promise<void>
  /** Frames that the log has when they are copied; `BEGIN_FRAMES` where absent. */
  readonly beginFrames?: number
  /** Frames at which scans wait for it; `LONG_FRAMES` where absent. */
  readonly longFrames?: number
}

/** Milliseconds after a commit at which the log is looked at. */
const LOOK_MS = 50
/** The same after a failure, and after each more twice as long, so that a worker that always dies is not started all the time. */
const FAILED_LOOK_MS = { least: 1000, most: 60_000 }
/** Frames of 4 KiB, 32 MB of them: a page that many commits write is copied once, and smaller logs need no worker. */
const BEGIN_FRAMES = 8000
/** Frames at which scans that follow each other closely are made to wait, 256 MB of them. */
const LONG_FRAMES = 64_000
/** Milliseconds before they are made to wait again, should it have been for nothing: an export may read the log as it was. */
const LONG_PAUSE_MS = 10_000
/** Milliseconds that they wait for a commit to begin the log anew. */
const COMMIT_MS = 1000
/** What the writer may copy itself: frames that take about as long as a commit, and no more. */
const REST_FRAMES = 250
/** Passes after which a writer that is faster than they are is left alone until the log is looked at again. */
const MAX_PASSES = 4
const NOT_COPIED_BESIDE =
  'What is written could not be copied into the database file beside the requests, which wait for it now'
/** Before it, a checkpoint of another connection may damage a database that is written meanwhile ("WAL-reset bug"). */
const MIN_SQLITE = [3, 51, 3] as const

/**
 * Copies the log into the file while the writer goes on: a worker thread takes what is there, again and again until little is
 * left; that the writer's connection takes between two commits, and the next commit begins the log at its start, if nobody
 * reads it then. A failure leaves the log as it is, to the next pass or to `wal_autocheckpoint`.
 */
export class Checkpoints implements Disposable {
  readonly #writer: Connection
  readonly #options: CheckpointOptions
  readonly #beginFrames: number
  readonly #longFrames: number
  readonly #isSafe: boolean
  #copier: Copier | undefined
  #descriptor: number | undefined
  #timer: NodeJS.Timeout | undefined
  #isDue = false
  #lookMs = LOOK_MS
  /** When scans may be made to wait again, on the clock of `performance.now`. */
  #nextHoldAt = 0
  #noteCommitted: (() => void) | undefined
  #isStopped = false

  /** @param writer the connection that writes; no transaction of it is open between two turns of the event loop. */
  constructor(writer: Connection, options: CheckpointOptions) {
    this.#writer = writer
    this.#options = options
    this.#beginFrames = options.beginFrames ?? BEGIN_FRAMES
    this.#longFrames = options.longFrames ?? LONG_FRAMES
    const [row] = writer.all({ text: 'SELECT sqlite_version() AS version', values: [] })
    this.#isSafe = isSafeBeside(String(row?.['version']))
  }

  /** To be called after each commit. */
  noteCommit(): void {
    this.#noteCommitted?.()
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
      const { frames } = this.#readLog()
      if (frames >= this.#longFrames && performance.now() >= this.#nextHoldAt) await this.#beginAnew()
      else if (frames >= this.#beginFrames) await this.#copy()
      this.#lookMs = LOOK_MS
    } catch (error) {
      this.#noteFailure(error)
    } finally {
      this.#isDue = false
    }
  }

  /** Said once, until it has worked again. */
  #noteFailure(error: unknown): void {
    if (this.#isStopped) return
    if (isSyncFailure(error)) this.#options.distrust?.(error)
    if (this.#lookMs === LOOK_MS) process.emitWarning(`${NOT_COPIED_BESIDE}: ${String(error)}`)
    const { least, most } = FAILED_LOOK_MS
    this.#lookMs = Math.min(Math.max(2 * this.#lookMs, least), most)
  }

  /** Where one scan always begins before another ends, the log would grow without end: so once they let it begin anew. */
  async #beginAnew(): Promise<void> {
    await this.#options.withoutScans(async () => {
      await this.#copy()
      if (!this.#isStopped) await this.#nextCommit()
    })
    this.#nextHoldAt = performance.now() + LONG_PAUSE_MS
  }

  async #nextCommit(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#noteCommitted = resolve
    const timer = setTimeout(resolve, COMMIT_MS)
    await promise
    clearTimeout(timer)
    this.#noteCommitted = undefined
  }

  async #copy(): Promise<void> {
    if (this.#isStopped) return
    let log = this.#readLog()
    for (let passes = 0; passes < MAX_PASSES && log.rest >= REST_FRAMES; passes += 1) {
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
    return { file, prepare: durabilityPragmas(synchronous), descriptor: this.#descriptor }
  }
}

/** The statements by which a connection syncs as much as is asked for; on macOS only `fullfsync` reaches the disk itself. */
export function durabilityPragmas(synchronous: 'NORMAL' | 'OFF'): string {
  return `PRAGMA synchronous = ${synchronous}; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON`
}

/** How far the log is written, and how far it is in the file. */
interface Log {
  readonly frames: number
  readonly copied: number
  readonly rest: number
}

/** Whether in this version of SQLite another connection may make checkpoints beside the one that writes. */
export function isSafeBeside(version: string): boolean {
  const numbers = version.split('.').map(Number)
  const at = MIN_SQLITE.findIndex((number, i) => number !== numbers[i])
  return at === -1 || (numbers[at] ?? 0) > (MIN_SQLITE[at] ?? 0)
}
