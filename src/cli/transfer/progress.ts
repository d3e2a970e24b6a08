/** Where the progress of long work is told: a terminal, or a log. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined
  write(text: string): unknown
}

const REDRAW_MS = 100
const LINE_MS = 5000
const BAR_WIDTH = 30

/** Tells how far long work has come: a bar that is drawn again on a terminal, a line every five seconds elsewhere. */
export class Progress {
  readonly #stream: ProgressStream
  readonly #startedAt: number
  readonly #now: () => number
  #toldAt: number
  #isDrawn = false

  /** @param now milliseconds of a clock that does not step back. */
  constructor(stream: ProgressStream, now: () => number = () => performance.now()) {
    this.#stream = stream
    this.#now = now
    this.#startedAt = now()
    this.#toldAt = this.#startedAt
  }

  /** @param share of the work, from 0 to 1; undefined where nobody knows. */
  tell(rows: number, share?: number): void {
    const now = this.#now()
    if (now - this.#toldAt < (this.#stream.isTTY === true ? REDRAW_MS : LINE_MS)) return
    this.#toldAt = now
    const text = this.#describe(rows, share)
    if (this.#stream.isTTY !== true) this.#stream.write(`${text}\n`)
    else this.#stream.write(`\r\x1b[K${share === undefined ? '' : `${barOf(share)} `}${text}`)
    this.#isDrawn = this.#stream.isTTY === true
  }

  /** A line that stays. */
  say(line: string): void {
    this.#stream.write(`${this.#isDrawn ? '\r\x1b[K' : ''}${line}\n`)
    this.#isDrawn = false
  }

  get seconds(): number {
    return (this.#now() - this.#startedAt) / 1000
  }

  #describe(rows: number, share: number | undefined): string {
    const percent = share === undefined ? '' : `${Math.floor(share * 100)} %, `
    const rate = Math.round(rows / Math.max(this.seconds, 0.001))
    return `${percent}${rows} rows, ${rate} rows/s`
  }
}

function barOf(share: number): string {
  const full = Math.round(Math.min(share, 1) * BAR_WIDTH)
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}]`
}
