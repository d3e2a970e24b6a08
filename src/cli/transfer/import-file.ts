/** Imports a file batch by batch, and tells how far it is. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { BatchOutcome } from '#operations/operations.ts'
import type { Doer } from '../control.ts'
import { type Batch, batchesOf } from './batches.ts'
import { readCsv } from './csv.ts'
import { decodeChunks, readLines } from './lines.ts'
import type { Progress } from './progress.ts'

/** What is imported, and how. */
export interface ImportOptions {
  /** `-` is standard input, of which nothing is remembered. */
  readonly file: string
  readonly format: 'ndjson' | 'csv'
  readonly tenant: string | undefined
  readonly to: string | undefined
  readonly fromLine: number | undefined
  readonly skipsBad: boolean
  readonly updates: boolean
  readonly ignoresUnknown: boolean
}

/** Who does it, who is told, and who may stop it between two batches. */
export interface ImportSurroundings {
  readonly doer: Doer
  readonly progress: Progress
  readonly stop: AbortSignal
}

/** What came of it. */
export interface ImportSummary {
  readonly written: number
  readonly bad: number
}

/** Lines of a batch: a commit's wait for the disk is shared by many; a server has other requests between two. */
const BATCH_LINES = 25_000
const SERVED_BATCH_LINES = 1000

/** Bad lines that are told; of the others their number. */
const TOLD = 20

/** @throws Error in one sentence that says how to go on, where the import ends before the file does. */
export async function importFile(
  options: ImportOptions,
  { doer, progress, stop }: ImportSurroundings,
): Promise<ImportSummary> {
  const source = options.file === '-' ? undefined : await digestOf(options)
  const fromLine = await begin(doer, options, source)
  if (fromLine > 1 && options.fromLine === undefined) progress.say(`The import goes on at line ${fromLine}.`)
  const size = options.file === '-' ? undefined : (await stat(options.file)).size
  const arrived = { bytes: 0 }
  const texts = decodeChunks(counted(open(options.file), arrived))
  const pieces = options.format === 'csv' ? readCsv(texts) : readLines(texts)
  const batchSize = (): number => (doer.isServed ? SERVED_BATCH_LINES : BATCH_LINES)
  let written = 0
  let bad = 0
  for await (const batch of batchesOf(pieces, { fromLine, size: batchSize })) {
    const [line = fromLine] = batch.lineNumbers
    if (stop.aborted) throw new Error(`Stopped before line ${line}. ${howToGoOn(source, line)}`)
    const outcome = await importBatch(batch, { doer, options, source })
    tellBad(outcome.bad, bad, progress)
    bad += outcome.bad.length
    if (!outcome.isStored) {
      const last = (batch.lineNumbers.at(-1) ?? line) - 1
      throw new Error(
        `Nothing of lines ${line} to ${last} was stored, all before them is. Correct the file and go on with --from-line ${line}, or leave bad lines out with --skip-bad.`,
      )
    }
    written += outcome.written
    progress.tell(written, size === undefined || size === 0 ? undefined : arrived.bytes / size)
  }
  if (bad > TOLD) progress.say(`… and ${bad - TOLD} more bad lines.`)
  return { written, bad }
}

/** A file is known by what is in it and where that goes: one that was corrected is another. */
async function digestOf({ file, to, format }: ImportOptions): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk)
  return hash.update(`\0${format}\0${to ?? ''}`).digest('base64url')
}

async function begin(doer: Doer, options: ImportOptions, source: string | undefined): Promise<number> {
  const { tenant, fromLine } = options
  const start = { source: source ?? '', fromLine }
  if (source === undefined) return fromLine ?? 1
  const answer = await doer.run({
    command: 'import-begin',
    argument: { tenant, ...start },
    here: async (server) => ({ line: await (await server.transfer(tenant)).begin(start) }),
  })
  return typeof answer === 'object' && answer !== null && 'line' in answer ? Number(answer.line) : 1
}

function open(file: string): AsyncIterable<Uint8Array> {
  return file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 1024 * 1024 })
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  arrived: { bytes: number },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    arrived.bytes += chunk.byteLength
    yield chunk
  }
}

interface Importing {
  readonly doer: Doer
  readonly options: ImportOptions
  readonly source: string | undefined
}

async function importBatch(batch: Batch, { doer, options, source }: Importing): Promise<BatchOutcome> {
  const { to, tenant, format, skipsBad, updates, ignoresUnknown } = options
  const { bad, ...lines } = batch
  if (bad.length > 0 && !skipsBad) return { isStored: false, written: 0, bad }
  const argument = { ...lines, source, to, isCells: format === 'csv', skipsBad, updates, ignoresUnknown }
  const answer = await doer.run({
    command: 'import-batch',
    argument: { tenant, ...argument },
    here: async (server) => await (await server.transfer(tenant)).importBatch(argument),
  })
  const outcome = outcomeOf(answer)
  return { ...outcome, bad: [...bad, ...outcome.bad].toSorted((a, b) => a.line - b.line) }
}

/** @throws Error for an answer of a server that is another than this program's. */
function outcomeOf(answer: unknown): BatchOutcome {
  if (
    typeof answer === 'object' &&
    answer !== null &&
    'isStored' in answer &&
    'bad' in answer &&
    'written' in answer
  ) {
    const { isStored, written, bad } = answer
    if (Array.isArray(bad)) return { isStored: isStored === true, written: Number(written), bad }
  }
  throw new Error('The server that runs is of another version: use its own command line.')
}

function tellBad(bad: BatchOutcome['bad'], before: number, progress: Progress): void {
  for (const { line, message } of bad.slice(0, Math.max(TOLD - before, 0))) {
    progress.say(`line ${line}: ${message}`)
  }
}

function howToGoOn(source: string | undefined, line: number): string {
  return source === undefined ? `Go on with --from-line ${line}.` : 'The same command goes on from there.'
}
