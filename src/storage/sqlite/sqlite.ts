import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { limits } from '#base/base.ts'
import type { Model } from '#model/model.ts'
import type { Row } from '#odata/odata.ts'
import { BackgroundWork, NOT_COPIED, NOT_REMOVED } from '../background-work.ts'
import { compile } from '../compile.ts'
import { sqlite } from '../dialect.ts'
import type { StorageFigures } from '../figures.ts'
import { copySome } from '../marks.ts'
import type { CountPlan, ReadPlan, RelatedPlan } from '../plan.ts'
import { purgeSome } from '../purge.ts'
import { unavailable } from '../refusals.ts'
import { pageOf, relatedOf, type Scan } from '../results.ts'
import type { Moment, Page, PagePlan, Storage } from '../seam.ts'
import type { Transaction } from '../transaction.ts'
import { Checkpoints, durabilityPragmas } from './checkpoints.ts'
import { Connection } from './connection.ts'
import { unopenable } from './failure.ts'
import { LogSync, type Sync } from './log-sync.ts'
import { Lookups } from './lookups.ts'
import { migrate } from './migrate.ts'
import { SqliteMoment } from './moment.ts'
import { Readers } from './readers.ts'
import { saveFile } from './save.ts'
import { Writer } from './writer.ts'

/** How the embedded database is opened. */
export interface SqliteOptions {
  readonly model: Model
  /** The database's file; absent for one that lives as long as the process. */
  readonly file?: string | undefined
  /** Milliseconds that a scan may take; `limits.scanMs` where absent. */
  readonly scanMs?: number
  /** Has the log reach the disk; `fdatasync` where absent. */
  readonly sync?: Sync
}

/**
 * Opens the file, brings its tables up to date, and goes on with what an earlier run left to do in the background.
 *
 * @throws Error in one sentence, where the file is damaged, held by another program, or cannot be written.
 */
export async function openSqlite(options: SqliteOptions): Promise<Storage> {
  const memory = options.file === undefined ? temporaryFolder() : undefined
  const named = options.file ?? path.join(memory?.folder ?? '', 'runstate.db')
  let connection: Connection | undefined
  try {
    connection = new Connection(named, { readOnly: false })
    // Where it is a link, SQLite keeps the log beside what that leads to.
    const file = realpathSync(named)
    const synchronous = memory === undefined ? 'NORMAL' : 'OFF'
    prepareForWriting(connection, synchronous)
    migrate(connection)
    const log = memory === undefined ? openLog(connection, file, options.sync) : undefined
    const readers = new Readers(file, options.scanMs === undefined ? {} : { deadlineMs: options.scanMs })
    const withoutScans = (run: () => Promise<void>): Promise<void> => readers.hold(run)
    const distrust = (cause: unknown): void => log?.distrust(cause)
    const checkpoints = new Checkpoints(connection, { file, synchronous, withoutScans, distrust })
    const parts = { ...options, file, readers, checkpoints, log }
    const storage = new SqliteStorage(parts, connection, memory?.remove)
    void storage.purge()
    void storage.copyMarks()
    return storage
  } catch (error) {
    connection?.close()
    memory?.remove()
    throw unopenable(named, error)
  }
}

/**
 * What an earlier process left in the log is put into the file first: where a sync had failed, the system may hold what the
 * disk does not have, and what came behind it in the log would be lost with it.
 */
function openLog(connection: Connection, file: string, sync: Sync | undefined): LogSync {
  connection.execute('PRAGMA wal_checkpoint(TRUNCATE)')
  return new LogSync(file, sync)
}

/**
 * Pages of 4 KiB that the log holds, 64 MB of them, before a commit copies them into the file itself, while all wait: only where
 * the checkpoints beside the writer were not made, or were too slow, or a reader held them up.
 */
const CHECKPOINT_PAGES = 16_000
/** What the writer keeps of the file: the pages of an index that an import's batch changes, so that none is written twice. */
const CACHE_KIB = 64 * 1024

const NO_LOG =
  'SQLite cannot write ahead to a log on the file system of the data folder: choose another with --data.'

/** Where it is NORMAL, {@link LogSync} has each commit on the disk before it is answered. */
function prepareForWriting(connection: Connection, synchronous: 'NORMAL' | 'OFF'): void {
  const [mode] = connection.all({ text: 'PRAGMA journal_mode = WAL', values: [] })
  if (mode?.['journal_mode'] !== 'wal') throw new Error(NO_LOG)
  connection.execute(durabilityPragmas(synchronous))
  connection.execute(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  connection.execute('PRAGMA foreign_keys = ON')
  connection.execute(`PRAGMA cache_size = -${CACHE_KIB}`)
}

interface TemporaryFolder {
  readonly folder: string
  readonly remove: () => void
}

const temporaryFolders = new Set<string>()

/** A folder that goes when it is removed, or at the latest with the process. */
function temporaryFolder(): TemporaryFolder {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'runstate-'))
  if (temporaryFolders.size === 0) process.once('exit', removeTemporaryFolders)
  temporaryFolders.add(folder)
  const remove = (): void => {
    temporaryFolders.delete(folder)
    rmSync(folder, { recursive: true, force: true })
    if (temporaryFolders.size === 0) process.off('exit', removeTemporaryFolders)
  }
  return { folder, remove }
}

function removeTemporaryFolders(): void {
  for (const folder of temporaryFolders) rmSync(folder, { recursive: true, force: true })
}

/** What a storage is put together from, beside the connection that writes. */
interface SqliteParts extends SqliteOptions {
  readonly file: string
  readonly readers: Readers
  readonly checkpoints: Checkpoints
  readonly log: LogSync | undefined
}

class SqliteStorage implements Storage {
  readonly #file: string
  readonly #connection: Connection
  readonly #lookups: Lookups
  readonly #checkpoints: Checkpoints
  readonly #log: LogSync | undefined
  readonly #writer: Writer
  readonly #readers: Readers
  readonly #removeFolder: (() => void) | undefined
  readonly #purge: BackgroundWork
  readonly #copying: BackgroundWork
  #isClosing = false

  constructor(options: SqliteParts, connection: Connection, removeFolder: (() => void) | undefined) {
    this.#file = options.file
    this.#connection = connection
    const { model, log, checkpoints } = options
    this.#log = log
    this.#lookups = new Lookups(options.file, log)
    this.#checkpoints = checkpoints
    this.#writer = new Writer(connection, { log, committed: () => checkpoints.noteCommit() })
    this.#purge = new BackgroundWork(() => this.#writer.transact(() => purgeSome(model)), NOT_REMOVED)
    this.#copying = new BackgroundWork(() => this.#writer.transact(() => copySome(model)), NOT_COPIED)
    this.#readers = options.readers
    this.#removeFolder = removeFolder
  }

  async save(target: string): Promise<void> {
    await this.#onDisk(saveFile({ file: this.#file, target }))
  }

  get commits(): number {
    return this.#writer.commits
  }

  figures(): StorageFigures {
    const [writing, reading] = [this.#connection.figures, this.#lookups.figures]
    return {
      writers: this.#writer.figures,
      scanners: this.#readers.figures,
      commitSizes: this.#writer.commitSizes,
      statements: { hits: writing.hits + reading.hits, misses: writing.misses + reading.misses },
    }
  }

  read(plan: ReadPlan): Promise<readonly Row[]> {
    return this.#lookups.find(plan)
  }

  async page(plan: PagePlan, signal: AbortSignal): Promise<Page> {
    const statement = compile({ ...plan, limit: plan.limit + 1 }, sqlite)
    return pageOf(plan, await this.#scan(statement, signal), sqlite)
  }

  async related(plan: RelatedPlan, signal: AbortSignal): Promise<readonly Row[]> {
    const scan = await this.#scan(compile(plan, sqlite), signal, limits.expandedBytes)
    return relatedOf(plan, scan, sqlite)
  }

  async count(counted: Omit<CountPlan, 'kind'>, signal: AbortSignal): Promise<number> {
    const { rows } = await this.#scan(compile({ kind: 'count', ...counted }, sqlite), signal)
    return Number(rows[0]?.['count'])
  }

  transact<T>(body: () => Transaction<T>, signal?: AbortSignal): Promise<T> {
    return this.#writer.transact(body, signal)
  }

  async moment(): Promise<Moment> {
    if (this.#isClosing) throw unavailable(new Error('the storage was closed'))
    const moment = new SqliteMoment(this.#file, this.#log)
    try {
      return await this.#onDisk(moment)
    } catch (error) {
      await moment[Symbol.asyncDispose]()
      throw error
    }
  }

  async #scan(...scan: Parameters<Readers['scan']>): Promise<Scan> {
    return await this.#onDisk(this.#readers.scan(...scan))
  }

  /** Gives what was read when all that it may tell of is on the disk. */
  async #onDisk<T>(reading: T | Promise<T>): Promise<T> {
    const read = await reading
    try {
      await this.#log?.pending
    } catch (cause) {
      throw unavailable(cause)
    }
    return read
  }

  purge(): Promise<void> {
    return this.#purge.run()
  }

  copyMarks(): Promise<void> {
    return this.#copying.run()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#writer.close()
    this.#lookups.close()
    await Promise.all([this.#purge.settled(), this.#copying.settled()])
    await this.#readers[Symbol.asyncDispose]()
    await this.#checkpoints.stop()
    await this.#log?.pending?.catch(() => undefined) // Whoever waits for it is told.
    this.#connection.close()
    this.#log?.[Symbol.dispose]()
    this.#checkpoints[Symbol.dispose]()
    this.#removeFolder?.()
  }
}
