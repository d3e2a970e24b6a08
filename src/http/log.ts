import { formatRequest, type RequestLine } from './request-line.ts'

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
const TOGETHER = { characters: 64 * 1024, milliseconds: 50 }

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
      const isGrave = line.status >= 500
      lines.add(formatRequest(line, isGrave ? levels.error : levels.info, timeNow()))
      if (isGrave) lines.write()
    },
    info: (msg) => say('info', msg),
    warn: (msg) => say('warn', msg),
  }
}

let writtenMs = Number.NaN
let writtenTime = ''

/** The wall clock's time as ISO 8601 has it, written once a millisecond. */
function timeNow(): string {
  const ms = Date.now()
  if (ms !== writtenMs) writtenTime = new Date(ms).toISOString()
  writtenMs = ms
  return writtenTime
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
