import type { RequestRecord } from '#service/service.ts'

/** What is written of a request once it is answered. Never a header, a body or a token. */
export interface RequestLine extends Partial<RequestRecord> {
  readonly id: string
  readonly method: string
  /** The target without its query. */
  readonly path: string
  readonly status: number
  readonly milliseconds: number
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

/** Bytes of lines that are written together, and how long the first of them waits for others. */
const TOGETHER = { bytes: 8 * 1024, milliseconds: 50 }

/**
 * One JSON line an event, on stderr, so that stdout stays with the one line that other programs read. Lines
 * wait a moment to be written together, but an error waits for nothing, and none is left behind when the process exits.
 */
export async function createLog(): Promise<Log> {
  const { pino } = await import('pino')
  const base = {
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.err },
  }
  const destination = pino.destination({ fd: 2, sync: true, minLength: TOGETHER.bytes })
  const logger = pino(base, destination)
  const flusher = createFlusher(() => destination.flushSync())
  return {
    request: (line) => {
      if (line.status >= 500) {
        logger.error(line, 'request')
        flusher.flush()
      } else {
        logger.info(line, 'request')
        flusher.flushSoon()
      }
    },
    info: (message) => {
      logger.info(message)
      flusher.flush()
    },
    warn: (message) => {
      logger.warn(message)
      flusher.flush()
    },
  }
}

interface Flusher {
  flush(): void
  flushSoon(): void
}

function createFlusher(write: () => void): Flusher {
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    process.off('exit', flush)
    write()
  }
  const flushSoon = (): void => {
    if (timer !== undefined) return
    timer = setTimeout(flush, TOGETHER.milliseconds).unref()
    process.once('exit', flush)
  }
  return { flush, flushSoon }
}
