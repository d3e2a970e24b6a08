/** Puts the records of a file into batches. */
import { limits } from '#base/base.ts'
import type { FileRecord } from './lines.ts'

/** Lines that are stored together, as their server takes them. */
export interface Batch {
  readonly lines: readonly string[]
  /** The line that each begins in, and last the one where the next batch begins. */
  readonly lineNumbers: readonly number[]
  /** What could not even be read. */
  readonly bad: readonly { readonly line: number; readonly message: string }[]
  readonly isLast: boolean
}

/** Where to begin, and how much is a batch. */
export interface Batching {
  readonly fromLine: number
  /** Records of a batch; asked at each. */
  readonly size: () => number
}

/** The last batch says that it is, and may be empty. */
export async function* batchesOf(
  pieces: AsyncIterable<readonly FileRecord[]>,
  { fromLine, size }: Batching,
): AsyncGenerator<Batch> {
  let records: FileRecord[] = []
  let characters = 0
  let first = fromLine
  for await (const piece of pieces) {
    for (const record of piece) {
      if (record.line < fromLine) continue
      if (records.length >= size() || characters > limits.importLineBytes / 4) {
        yield batchOf(records, { first, next: record.line, isLast: false })
        first = record.line
        records = []
        characters = 0
      }
      records.push(record)
      characters += 'text' in record ? record.text.length : 0
    }
  }
  yield batchOf(records, { first, next: (records.at(-1)?.line ?? first) + 1, isLast: true })
}

/** A batch begins where the one before it ended: with blank lines, and with what cannot be read. */
function batchOf(
  records: readonly FileRecord[],
  { first, next, isLast }: { readonly first: number; readonly next: number; readonly isLast: boolean },
): Batch {
  const read = records.filter((record) => 'text' in record)
  return {
    lines: read.map(({ text }) => text),
    lineNumbers: read.length === 0 ? [first, next] : [...read.map(({ line }) => line), next],
    bad: records.filter((record) => 'message' in record),
    isLast,
  }
}
