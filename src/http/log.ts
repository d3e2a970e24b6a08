import type { RequestRecord } from '#service/service.ts'

/** What is written of a request once it is answered. Never a header, a body or a token. */
export interface RequestLine {
  readonly id: string
  readonly method: string
  /** The target without its query. */
  readonly path: string
  readonly status: number
  readonly milliseconds: number
  /** What happened in it, where it came that far. */
  readonly record?: RequestRecord | undefined
  /** What went wrong inside, where something did. */
  readonly error?: unknown
}

/** Where the service says what it does. */
export interface Log {
  request(line: RequestLine): void
  info(message: string): void
  /** What went wrong beside any request. */
  warn(message: string): void
}

/** Says nothing. */
export const silentLog: Log = { request: () => undefined, info: () => undefined, warn: () => undefined }

/** Characters of lines that are written together, and how long the first of them waits for others. */
const TOGETHER = { characters: 8 * 1024, milliseconds: 50 }

/** The numbers by which the readers of such logs know how grave a line is. */
const levels = { info: 30, warn: 40, error: 50 } as const

/**
 * One JSON line an event, on stderr, so that stdout stays with the one line that other programs read. Lines
 * wait a moment to be written together, but an error waits for nothing, and none is left behind when the process exits.
 */
export function createLog(): Log {
  const lines = new Lines()
  const say = (level: keyof typeof levels, msg: string): void => {
    lines.add(JSON.stringify({ level: levels[level], time: timeNow(), msg }))
    lines.write()
  }
  return {
    request: (line) => {
      lines.add(formatRequest(line))
      if (isGrave(line)) lines.write()
    },
    info: (msg) => say('info', msg),
    warn: (msg) => say('warn', msg),
  }
}

function isGrave({ status }: RequestLine): boolean {
  return status >= 500
}

/** Every member by its name, in one object of always the same shape: nothing else is written as often. */
function formatRequest(line: RequestLine): string {
  const { id, method, path, status, milliseconds, record, error } = line
  return JSON.stringify({
    level: isGrave(line) ? levels.error : levels.info,
    time: timeNow(),
    operation: record?.operation,
    principal: record?.principal,
    tenant: record?.tenant,
    permission: record?.permission,
    denied: record?.denied,
    rowsWritten: record?.rowsWritten,
    stages: record?.stages,
    id,
    batch: record?.batch,
    method,
    path,
    status,
    milliseconds,
    error: error === undefined ? undefined : describe(error),
    msg: 'request',
  })
}

const written = { ms: Number.NaN, text: '' }

/** The wall clock's time as ISO 8601 has it, written once a millisecond. */
function timeNow(): string {
  const ms = Date.now()
  if (ms !== written.ms) Object.assign(written, { ms, text: new Date(ms).toISOString() })
  return written.text
}

/** What is known of something thrown, and of what caused it. */
function describe(thrown: unknown): object {
  if (!(thrown instanceof Error)) return { message: String(thrown) }
  const { name, message, stack, cause } = thrown
  const code = 'code' in thrown ? { code: String(thrown.code) } : {}
  return { type: name, message, ...code, stack, ...(cause === undefined ? {} : { cause: describe(cause) }) }
}

/** Lines on their way to stderr. */
class Lines {
  #waiting = ''
  #timer: NodeJS.Timeout | undefined
  readonly #write = (): void => this.write()

  constructor() {
    // Whoever read them is gone: that is no reason to end.
    if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => undefined)
  }

  add(line: string): void {
    this.#waiting += `${line}\n`
    if (this.#waiting.length >= TOGETHER.characters) this.write()
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(this.#write, TOGETHER.milliseconds).unref()
      process.once('exit', this.#write)
    }
  }

  write(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    process.off('exit', this.#write)
    const text = this.#waiting
    this.#waiting = ''
    process.stderr.write(text)
  }
}
