/** SQLite's primary result codes that blame the statement: ERROR, CONSTRAINT, MISMATCH, MISUSE and RANGE. */
const REFUSALS: ReadonlySet<number> = new Set([1, 19, 20, 21, 25])

/** Whether an error says that the database itself failed, and not that a statement was refused. */
export function isDatabaseFailure(error: unknown): boolean {
  const code = resultCode(error)
  return code !== undefined && !REFUSALS.has(code)
}

/** Whether an error says that the statement is none: that is a mistake of ours. */
export function isFault(error: unknown): boolean {
  const code = resultCode(error)
  return code !== undefined && REFUSALS.has(code)
}

/** Whether an error says that a file is damaged, or is no database. */
export function isDamage(error: unknown): boolean {
  const code = resultCode(error)
  return code === 11 || code === 26
}

/** What is thrown for a sync that failed in another thread. */
export class SyncFailure extends Error {
  override readonly name = 'SyncFailure'
}

/** SQLite's extended result code IOERR_FSYNC. */
const FSYNC_FAILED = 1034

/** Whether an error says that something may not have reached the disk, which a sync that succeeds later does not mend. */
export function isSyncFailure(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof SyncFailure) return error instanceof SyncFailure
  const isOfSqlite = 'errcode' in error && error.errcode === FSYNC_FAILED
  return isOfSqlite || ('syscall' in error && error.syscall === 'fdatasync')
}

/** What to do where a database cannot be opened, by SQLite's primary result codes. */
const ADVICE: ReadonlyMap<number, string> = new Map([
  [5, 'end the other program that holds it'],
  [8, 'make it and its folder writable'],
  [10, 'see to its disk'],
  [11, 'it is damaged, so put a backup in its place'],
  [13, 'make room on its disk'],
  [14, 'make it and its folder writable'],
  [26, 'it is damaged or another file, so put a backup in its place'],
])

/** The error in one sentence for a database that cannot be opened; errors that are not of the database stay as they are. */
export function unopenable(file: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !isDatabaseFailure(cause)) return cause
  const advice = ADVICE.get(resultCode(cause) ?? 0) ?? 'see to it'
  return new Error(
    `The database ${file} cannot be used: ${advice}, or choose another data folder with --data (${cause.message}).`,
    { cause },
  )
}

const LIMITS =
  /^(?:Expression tree is too large|parser stack overflow|Recursion limit|too many |statement too long|string or blob too big)/i

/** Whether an error says that a statement, or a text made by it, passes a limit of SQLite's own. */
export function isBeyondLimits(error: unknown): boolean {
  return resultCode(error) !== undefined && error instanceof Error && LIMITS.test(error.message)
}

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined
  return error.errcode & 0xff
}
