/** What the system was asked to do, in its order, as strace writes it down. */
import { spawnSync } from 'node:child_process'

/** A call that matters to what is on the disk when a client is answered. */
export interface Call {
  /** Of a sync, it has returned; of the others, it has begun. */
  readonly kind: 'frame' | 'sync' | 'answer'
  /** What was written, as strace spells it. */
  readonly text: string
}

/** Whether strace is here, and may trace. */
export const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0

const CALLS = 'pwrite64,pwritev,write,writev,sendto,sendmsg,fsync,fdatasync'

/** The command in front of another that writes its calls to a file; a page of the database is written down whole. */
export function traceTo(file: string): readonly string[] {
  return ['strace', '-f', '-y', '-s', '5000', '-e', `trace=${CALLS}`, '-o', file]
}

const WAL = String.raw`\d+<[^>]*runstate\.db-wal>`
const LINE = new RegExp(
  String.raw`^(?<thread>\d+) +(?:` +
    String.raw`(?<frame>pwrite64|pwritev|write)\(${WAL}|` +
    String.raw`(?<sync>fsync|fdatasync)\(${WAL}(?<unfinished> <unfinished)?|` +
    String.raw`<\.\.\. (?<resumed>fsync|fdatasync) resumed>|` +
    String.raw`(?<answer>write|writev|sendto|sendmsg)\(\d+<(?:socket|TCP)[^>]*>)`,
)

/** Reads a trace. */
export function parseTrace(trace: string): readonly Call[] {
  const calls: Call[] = []
  const syncing = new Set<string>()
  for (const text of trace.split('\n')) {
    const { thread = '', frame, sync, unfinished, resumed, answer } = LINE.exec(text)?.groups ?? {}
    const isSynced = /\) += 0$/.test(text)
    if (frame !== undefined) calls.push({ kind: 'frame', text })
    else if (answer !== undefined) calls.push({ kind: 'answer', text })
    else if (unfinished !== undefined) syncing.add(thread)
    else if (isSynced && (sync !== undefined || (resumed !== undefined && syncing.delete(thread))))
      calls.push({ kind: 'sync', text })
  }
  return calls
}

/** A write as it shows in a trace: a text of the row in the WAL, and a text of the answer. */
export interface Acknowledged {
  readonly row: string
  readonly answer: string
}

/** What is wrong with an acknowledged write: nothing where the WAL was synced between its frame and its answer. */
export function findUnsynced(calls: readonly Call[], { row, answer }: Acknowledged): string | undefined {
  const answered = calls.findIndex(({ kind, text }) => kind === 'answer' && text.includes(answer))
  if (answered === -1) return `${row} has no answer`
  const before = calls.slice(0, answered)
  const written = before.findLastIndex(({ kind, text }) => kind === 'frame' && text.includes(row))
  if (written === -1) return `${row} is in no frame before its answer`
  const last = before.findLastIndex(({ kind }) => kind === 'sync')
  return last > written ? undefined : `${row} was answered before its frame was synced`
}
