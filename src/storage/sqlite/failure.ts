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
