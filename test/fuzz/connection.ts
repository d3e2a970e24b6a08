/** A connection to a server: bytes as they are told, and what came back taken apart. */
import net from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import tls from 'node:tls'
import type { FuzzAnswer } from './answers.ts'
import type { Random } from './random.ts'

/** Where to connect. */
export interface Address {
  readonly port: number
  /** The CA's certificate, for TLS. */
  readonly ca?: string
}

/** A connection that keeps what comes. */
export class FuzzConnection {
  readonly #socket: net.Socket
  readonly #chunks: Buffer[] = []
  readonly #closed = Promise.withResolvers<void>()
  readonly #startedAt = performance.now()

  private constructor(socket: net.Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#chunks.push(chunk))
    // Cut off or not, what came is what counts.
    socket.on('error', () => undefined)
    socket.on('end', () => socket.end())
    socket.on('close', () => this.#closed.resolve())
  }

  static async open({ port, ca }: Address): Promise<FuzzConnection> {
    const to = { host: '127.0.0.1', port, allowHalfOpen: true }
    const socket = ca === undefined ? net.connect(to) : tls.connect({ ...to, ca, servername: '' })
    const connection = new FuzzConnection(socket)
    await new Promise((resolve, reject) => {
      socket.once(ca === undefined ? 'connect' : 'secureConnect', resolve).once('error', reject)
    })
    return connection
  }

  get isOpen(): boolean {
    return this.#socket.writable
  }

  write(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes)
  }

  /** In packets that are cut anywhere. */
  async writeInPieces(bytes: Buffer, random: Random): Promise<void> {
    const cuts = random.list(6, () => random.below(bytes.length + 1)).toSorted((a, b) => a - b)
    for (const [i, from] of [0, ...cuts].entries()) {
      this.write(bytes.subarray(from, cuts[i] ?? bytes.length))
      if (random.chance(0.5)) await nextTurn()
    }
  }

  /** Sends no more, and reads on. */
  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** What came until the server closed; undefined where it did not in the time it has. */
  async untilClosed(milliseconds: number): Promise<Received | undefined> {
    const late = Promise.withResolvers<boolean>()
    const timer = setTimeout(() => late.resolve(true), milliseconds)
    const isLate = await Promise.race([late.promise, this.#closed.promise.then(() => false)])
    clearTimeout(timer)
    if (!isLate)
      return { bytes: Buffer.concat(this.#chunks), milliseconds: performance.now() - this.#startedAt }
    this.#socket.destroy()
    return undefined
  }
}

/** All that a server sent on a connection. */
export interface Received {
  readonly bytes: Buffer
  /** Since the connection was opened. */
  readonly milliseconds: number
}

/**
 * The answers in what came, one after another.
 *
 * @param methods of the requests, for the answer to a HEAD has no body.
 * @throws Error where something stands there that is no answer, or a part of one.
 */
export function readAnswers(
  { bytes, milliseconds }: Received,
  methods: readonly string[],
): readonly FuzzAnswer[] {
  const answers: FuzzAnswer[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\r\n\r\n', at)
    if (end < 0) throw new Error(`no whole answer stands at ${at}: ${bytes.subarray(at, at + 200)}`)
    const [first = '', ...lines] = bytes.toString('latin1', at, end).split('\r\n')
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1])
    if (Number.isNaN(status))
      throw new Error(`what begins with ${JSON.stringify(first.slice(0, 200))} is no answer`)
    const headers = new Headers(
      lines.map((line): [string, string] => [
        line.slice(0, line.indexOf(':')),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    )
    const hasBody = methods[answers.length] !== 'HEAD' && status >= 200 && status !== 204
    const length = hasBody ? Number(headers.get('content-length') ?? Number.NaN) : 0
    const start = end + 4
    if (!(start + length <= bytes.length))
      throw new Error(
        `an answer of ${headers.get('content-length')} bytes is cut off after ${bytes.length - start}`,
      )
    if (status >= 200)
      answers.push({ status, headers, body: bytes.subarray(start, start + length), milliseconds })
    at = start + length
  }
  return answers
}
