/**
 * Methods in any case. `fetch` sends `patch` as it is written, and Node's parser takes upper case alone: it stops
 * there for good, but says where. So what it left goes to a new parser, as another connection over the same socket.
 */
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** The letters of the longest method. */
const MAX_LETTERS = 7

/**
 * What the parser left, from a method on that is one but for its case, now in upper case; undefined where it stopped
 * at anything else, at a method in several packets for one. Capital letters at the end of the packet before are not
 * seen: where a body was longer than its length by just those, they are dropped, and the request is done as it was sent.
 *
 * @param error what `clientError` brings: the parser stopped at the byte `bytesParsed` of `rawPacket`.
 */
export function respellMethod(error: Error): Buffer | undefined {
  if (!('code' in error && error.code === 'HPE_INVALID_METHOD')) return undefined
  if (!('rawPacket' in error && Buffer.isBuffer(error.rawPacket))) return undefined
  if (!('bytesParsed' in error && typeof error.bytesParsed === 'number')) return undefined
  const { rawPacket: packet, bytesParsed: stop } = error
  // Capital letters before the stop are the method's beginning, for the parser took them.
  const [taken = ''] = /[A-Z]*$/.exec(packet.toString('latin1', Math.max(0, stop - MAX_LETTERS), stop)) ?? []
  const start = stop - taken.length
  const [letters = ''] = /^[a-z]+(?= )/i.exec(packet.toString('latin1', start, start + MAX_LETTERS + 1)) ?? []
  const method = letters.toUpperCase()
  if (!METHODS.has(method) || letters === method) return undefined
  return Buffer.concat([Buffer.from(method), packet.subarray(start + method.length)])
}

/** A connection in its next life: what a parser left of it, and what still comes. */
export class Continuation extends Duplex {
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly #socket: Socket
  #isOver = false

  /** From here on nothing else reads the socket; those who still answer on `before` may finish that. */
  constructor(before: Socket | Continuation, left: Buffer) {
    super()
    const socket = before instanceof Continuation ? before.#socket : before
    this.#socket = socket
    this.remoteAddress = socket.remoteAddress
    this.remotePort = socket.remotePort
    socket.removeAllListeners('data').removeAllListeners('end')
    this.push(left)
    if (before instanceof Continuation) for (const chunk of before.#unread()) this.push(chunk)
    socket.on('data', (chunk) => {
      if (!this.push(chunk)) socket.pause()
    })
    const end = (): void => void this.push(null)
    if (socket.readableEnded) end()
    else socket.on('end', end)
    const close = (): void => void this.destroy()
    socket.once('close', close)
    this.once('close', () => socket.off('close', close))
  }

  /** Ends this life, and not the socket's. */
  leave(): void {
    this.#isOver = true
    this.destroy()
  }

  /** As a socket's, for Node: the socket itself ends when it is idle for so long. */
  setTimeout(milliseconds: number): this {
    this.#socket.setTimeout(milliseconds)
    return this
  }

  /** As a socket's: ends, and is destroyed once all is written. */
  destroySoon(): void {
    this.end(() => this.destroy())
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done)
  }

  /** What Node writes at once goes out at once: over TLS, the socket of a client that has ended writes no second time. */
  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.#isOver) this.#socket.destroy()
    done(error)
  }

  /** What came and was not yet given to its parser. */
  #unread(): readonly Buffer[] {
    this.removeAllListeners('data').removeAllListeners('end').pause()
    const chunks: Buffer[] = []
    for (let chunk = this.read(); Buffer.isBuffer(chunk); chunk = this.read()) chunks.push(chunk)
    return chunks
  }
}
