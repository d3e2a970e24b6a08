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

/** Bytes of lines that are written together, and how long the first of them waits for others. */
const TOGETHER = { bytes: 64 * 1024, milliseconds: 50 }

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

let writtenSecond = Number.NaN
let writtenTime = ''

/** The wall clock's time as ISO 8601 has it; all but its milliseconds is worked out once a second. */
function timeNow(): string {
  const now = Date.now()
  const milliseconds = now % 1000
  if (now - milliseconds !== writtenSecond) {
    writtenSecond = now - milliseconds
    writtenTime = new Date(writtenSecond).toISOString().slice(0, -4)
  }
  return `${writtenTime}${String(milliseconds).padStart(3, '0')}Z`
}

/** Lines on their way to stderr, as bytes: put together as text they would be gone through three times more. */
class Lines {
  #buffer = Buffer.alloc(0)
  #bytes = 0
  #timer: NodeJS.Timeout | undefined
  readonly #write = (): void => this.write()

  constructor() {
    // Whoever read them is gone: that is no reason to end.
    if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => undefined)
  }

  add(line: string): void {
    this.#makeRoom(MAX_BYTES_OF_CHARACTER * line.length + 1)
    this.#bytes += this.#buffer.write(line, this.#bytes)
    this.#bytes += this.#buffer.write('\n', this.#bytes)
    if (this.#timer === undefined) {
      this.#timer = setTimeout(this.#write, TOGETHER.milliseconds).unref()
      process.once('exit', this.#write)
    }
  }

  write(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    process.off('exit', this.#write)
    const bytes = this.#buffer.subarray(0, this.#bytes)
    // stderr may keep what it was given until it is written.
    this.#buffer = this.#buffer.subarray(this.#bytes)
    this.#bytes = 0
    if (bytes.byteLength > 0) process.stderr.write(bytes)
  }

  #makeRoom(bytes: number): void {
    if (this.#bytes + bytes <= this.#buffer.byteLength) return
    this.write()
    if (bytes > this.#buffer.byteLength) this.#buffer = Buffer.allocUnsafe(Math.max(bytes, TOGETHER.bytes))
  }
}

/** In UTF-8, of a character as JavaScript counts them. */
const MAX_BYTES_OF_CHARACTER = 3
