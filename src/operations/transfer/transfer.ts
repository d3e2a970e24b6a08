/** Carries the entities of a tenant in and out, line by line. */
import { type Clock, limits } from '#base/base.ts'
import { type Model, timestampOf } from '#model/model.ts'
import { ODataError } from '#odata/odata.ts'
import { command, one, type Storage, type Transaction } from '#storage/storage.ts'
import { exportLines } from './export.ts'
import { createLineReader, type LineReading } from './import-line.ts'
import { type BadRow, type IndexedRow, restoreRows } from './restore.ts'

/** Where the import of a file begins. */
export interface ImportStart {
  /** What the file is known by: a digest of its content. */
  readonly source: string
  /** The line to go on with, whatever is remembered. */
  readonly fromLine?: number | undefined
}

/** Lines that are stored together or not at all. */
export interface ImportBatch extends Omit<LineReading, 'model'> {
  /** One line, an entity as JSON. */
  readonly lines: readonly string[]
  /** The line of the file that each begins in, and last the one after them all. */
  readonly lineNumbers: readonly number[]
  /** The file; absent where no progress is kept. */
  readonly source?: string | undefined
  /** No more lines come: what was remembered of the file is forgotten. */
  readonly isLast: boolean
  /** Stores the others where some cannot be. */
  readonly skipsBad: boolean
  /** What is there already takes the members of its line, in place of being refused. */
  readonly updates: boolean
}

/** A line that was not stored. */
export interface BadLine {
  readonly line: number
  readonly message: string
}

/** What came of a batch. */
export interface BatchOutcome {
  readonly isStored: boolean
  /** Entities that were created or changed. */
  readonly written: number
  readonly bad: readonly BadLine[]
}

/** The way in and out of one tenant. */
export interface Transfer {
  /** The line of a file that its import begins with: the first, or that after the last batch that was stored. */
  begin(start: ImportStart): Promise<number>
  /**
   * Stores a batch, and with it how far the file has come, in one transaction.
   *
   * @throws ODataError `Conflict` where the file has come to another line: another import of it is under way;
   *   `ServiceUnavailable` where the database cannot write.
   */
  importBatch(batch: ImportBatch): Promise<BatchOutcome>
  /** All entities as lines of JSON, some at a time, as they are at the moment of the first. */
  exportLines(): AsyncGenerator<string>
}

/** What a transfer works with. */
export interface TransferOptions {
  readonly model: Model
  readonly storage: Storage
  /** The domain's clock. */
  readonly clock: Clock
  readonly tenant: number
}

export function createTransfer(options: TransferOptions): Transfer {
  const { model, storage, tenant } = options
  return {
    begin: (start) => storage.transact(() => beginImport(start, tenant)),
    importBatch: (batch) => importBatch(batch, options),
    exportLines: async function* () {
      await using moment = await storage.moment()
      yield* exportLines({ model, moment, tenant })
    },
  }
}

function* beginImport({ source, fromLine }: ImportStart, tenant: number): Transaction<number> {
  const row =
    fromLine === undefined
      ? yield* one(command`INSERT INTO import_progress (tenant, source, next_line) VALUES (${tenant}, ${source}, 1)
          ON CONFLICT (tenant, source) DO UPDATE SET next_line = import_progress.next_line RETURNING next_line`)
      : yield* one(command`INSERT INTO import_progress (tenant, source, next_line)
          VALUES (${tenant}, ${source}, ${fromLine})
          ON CONFLICT (tenant, source) DO UPDATE SET next_line = excluded.next_line RETURNING next_line`)
  return Number(row?.['next_line'] ?? 1)
}

/** Moves a file from the line where a batch begins to the one after it, or forgets it with the last. */
function* advance({ source, lineNumbers, isLast }: ImportBatch, tenant: number): Transaction<void> {
  if (source === undefined) return
  const [from = 1, next = 1] = [lineNumbers[0], lineNumbers.at(-1)]
  const row = isLast
    ? yield* one(command`DELETE FROM import_progress
        WHERE tenant = ${tenant} AND source = ${source} AND next_line <= ${from} RETURNING next_line`)
    : yield* one(command`UPDATE import_progress SET next_line = ${next}
        WHERE tenant = ${tenant} AND source = ${source} AND next_line <= ${from} RETURNING next_line`)
  if (row !== undefined) return
  throw new ODataError('Conflict', 'Another import of this file is under way, or has done these lines.')
}

/** Thrown inside a transaction to undo it. */
class BadBatch extends Error {
  readonly bad: readonly BadRow[]

  constructor(bad: readonly BadRow[]) {
    super('rows of the batch cannot be stored')
    this.bad = bad
  }
}

async function importBatch(batch: ImportBatch, options: TransferOptions): Promise<BatchOutcome> {
  const { rows, bad: unread } = readLines(batch, options)
  const { storage, clock, tenant } = options
  const restoring = { tenant, now: timestampOf(clock.now()), updates: batch.updates }
  try {
    const bad = await storage.transact(function* () {
      yield* advance(batch, tenant)
      const all = [...unread, ...(yield* restoreRows(rows, restoring))]
      if (all.length > 0 && !batch.skipsBad) throw new BadBatch(all)
      return all
    })
    return { isStored: true, written: batch.lines.length - bad.length, bad: describe(bad, batch) }
  } catch (error) {
    if (error instanceof BadBatch) return { isStored: false, written: 0, bad: describe(error.bad, batch) }
    if (!(error instanceof ODataError) || error.code !== 'BadRequest') throw error
    return await importRefused(error, batch, options)
  }
}

/** What the database alone refuses, a text too long for an index, is found by halves; of one line it is said. */
async function importRefused(
  error: ODataError,
  batch: ImportBatch,
  options: TransferOptions,
): Promise<BatchOutcome> {
  const { lines, lineNumbers, skipsBad, isLast } = batch
  if (lines.length <= 1 || !skipsBad) {
    const among = lines.length > 1 ? `One of the ${lines.length} lines from here on: ` : ''
    const outcome = {
      isStored: skipsBad,
      written: 0,
      bad: [{ line: lineNumbers[0] ?? 1, message: among + error.message }],
    }
    if (skipsBad) await options.storage.transact(() => advance(batch, options.tenant))
    return outcome
  }
  const middle = lines.length >> 1
  const halves = [
    { ...batch, lines: lines.slice(0, middle), lineNumbers: lineNumbers.slice(0, middle + 1), isLast: false },
    { ...batch, lines: lines.slice(middle), lineNumbers: lineNumbers.slice(middle), isLast },
  ]
  const outcomes: BatchOutcome[] = []
  for (const half of halves) outcomes.push(await importBatch(half, options))
  return {
    isStored: true,
    written: outcomes.reduce((sum, { written }) => sum + written, 0),
    bad: outcomes.flatMap(({ bad }) => bad),
  }
}

function readLines(
  { lines, to, isCells, ignoresUnknown }: ImportBatch,
  { model }: TransferOptions,
): { readonly rows: readonly IndexedRow[]; readonly bad: readonly BadRow[] } {
  const read = createLineReader({ model, to, isCells, ignoresUnknown })
  const rows: IndexedRow[] = []
  const bad: BadRow[] = []
  for (const [index, line] of lines.entries()) {
    try {
      if (line.length > limits.importLineBytes) throw tooLong()
      rows.push({ index, ...read(line) })
    } catch (error) {
      if (!(error instanceof ODataError)) throw error
      bad.push({ index, error })
    }
  }
  return { rows, bad }
}

function tooLong(): ODataError {
  return new ODataError('BadRequest', `The line is longer than ${limits.importLineBytes} characters.`)
}

/** In the order of the file. */
function describe(bad: readonly BadRow[], { lineNumbers }: ImportBatch): readonly BadLine[] {
  return bad
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, error }) => ({ line: lineNumbers[index] ?? 1, message: error.message }))
}
