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

/** One JSON line an event, on stderr, so that stdout stays with the one line that other programs read. */
export async function createLog(): Promise<Log> {
  const { pino } = await import('pino')
  const base = {
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.err },
  }
  const logger = pino(base, pino.destination({ fd: 2, sync: true }))
  return {
    request: (line) => (line.status >= 500 ? logger.error(line, 'request') : logger.info(line, 'request')),
    info: (message) => logger.info(message),
    warn: (message) => logger.warn(message),
  }
}
