/** What the system was asked to do, in its order, as strace writes it down. */
import { spawnSync } from 'node:child_process'

/** A call that matters to what is on the disk when a client is answered. */
export interface Call {
  /** A frame and an answer are where they began, a sync where it has returned. */
  readonly kind: 'frame' | 'sync' | 'answer'
  /** How many calls had come when it began: those a sync tells nothing of that came later. */
  readonly after: number
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
  /** By thread, how many calls had come when its sync began. */
  const syncing = new Map<string, number>()
  for (const text of trace.split('\n')) {
    const { thread = '', frame, sync, unfinished, resumed, answer } = LINE.exec(text)?.groups ?? {}
    const isSynced = /\) += 0$/.test(text)
    const after = calls.length
    if (frame !== undefined) calls.push({ kind: 'frame', text, after })
    else if (answer !== undefined) calls.push({ kind: 'answer', text, after })
    else if (unfinished !== undefined) syncing.set(thread, after)
    else if (sync !== undefined && isSynced) calls.push({ kind: 'sync', text, after })
    else if (resumed !== undefined) {
      const began = syncing.get(thread)
      syncing.delete(thread)
      if (isSynced && began !== undefined) calls.push({ kind: 'sync', text, after: began })
    }
  }
  return calls
}

/** A write as it shows in a trace: a text of the row in the WAL, and a text of the answer. */
export interface Acknowledged {
  readonly row: string
  readonly answer: string
}

/**
 * What is wrong with an acknowledged write: nothing where a sync of the WAL began after its frame was written and returned
 * before its answer was. A sync that was under way already may have passed the frame by. The row's text is that of no other
 * write; later frames of its page have it too.
 */
export function findUnsynced(calls: readonly Call[], { row, answer }: Acknowledged): string | undefined {
  const answered = calls.findIndex(({ kind, text }) => kind === 'answer' && text.includes(answer))
  if (answered === -1) return `${row} has no answer`
  const before = calls.slice(0, answered)
  const written = before.findIndex(({ kind, text }) => kind === 'frame' && text.includes(row))
  if (written === -1) return `${row} is in no frame before its answer`
  const isSynced = before.some(({ kind, after }) => kind === 'sync' && after > written)
  return isSynced ? undefined : `${row} was answered before its frame was synced`
}
