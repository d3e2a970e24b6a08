import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import https from 'node:https'
import { Socket } from 'node:net'
import { type Duplex, finished } from 'node:stream'
import { type HttpRequest, type HttpResponse, limits, newGuid } from '#base/base.ts'
import { ODataError } from '#odata/odata.ts'
import type { Edge } from './edge.ts'
import { Continuation, respellMethod } from './method-case.ts'
import { type Arrival, announcesBody, assertHead, describeArrival, readBody, readHead } from './request.ts'

// Imported, it would bring its whole module along: a WebSocket client of seven megabytes too.
const http = process.getBuiltinModule('node:http')

/** What is served, and to whom. */
export interface ServeOptions {
  readonly edge: Edge
  /** Key and certificate chain; absent for plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** The origin that links name, whatever host a client used. */
  readonly publicUrl?: string | undefined
  /** The only names, beside localhost and addresses, that a Host header may have; any where absent. */
  readonly names?: readonly string[] | undefined
}

interface Exchange {
  readonly message: IncomingMessage
  readonly response: ServerResponse
  readonly head: HttpRequest
  /** What of its body was read. */
  readonly arrival: Arrival
  /** Those before it on the connection are not answered yet. */
  isWaiting: boolean
  /** No more of its body can be read. */
  isBroken: boolean
}

/**
 * A server and its connections. Requests of one connection are answered one after another; what is not HTTP is
 * refused after the answers before it; a server that stops lets each finish.
 */
export class Connections {
  readonly server: Server
  readonly #options: ServeOptions
  /** Every connection, also those that are still shaking hands for TLS. */
  readonly #sockets = new Set<Socket | Continuation>()
  /** The connections that can carry requests. */
  readonly #open = new Set<Socket | Continuation>()
  readonly #latest = new WeakMap<Duplex, Exchange>()
  /** Of each connection, what ends the work for its requests when it is lost. */
  readonly #aborts = new WeakMap<Duplex, AbortController>()
  /** Connections that go on in a {@link Continuation}: what still fails of their parsers is of no account. */
  readonly #continued = new WeakSet<Duplex>()
  #isStopping = false

  constructor(options: ServeOptions) {
    this.#options = options
    this.server = createServer(options)
    const serve = (message: IncomingMessage, response: ServerResponse): void => this.#serve(message, response)
    this.server.on('request', serve)
    this.server.on('checkExpectation', serve)
    this.server.on('clientError', (error, socket) => this.#fail(error, socket))
    this.server.on('connection', (socket) => this.#keep(socket, this.#sockets))
    this.server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket) => {
      // Said of TLS any earlier, it would keep the connections of clients that are gone.
      socket.allowHalfOpen = true
      this.#keep(socket, this.#open)
      const abort = new AbortController()
      this.#aborts.set(socket, abort)
      socket.once('close', () => {
        if (this.#latest.get(socket)?.response.writableFinished === false) abort.abort(gone())
      })
      // Node itself reads on when answers have drained.
      socket.on('resume', () => this.#holdBack(socket))
    })
  }

  /** Closes what is idle, lets what is in flight finish, and cuts off what takes longer than `limits.stopMs`. */
  stop(): Promise<void> {
    this.#isStopping = true
    const peers = new Set([...this.#open].map(peerOf))
    for (const socket of this.#sockets) if (!peers.has(peerOf(socket))) socket.destroy()
    for (const socket of this.#open) {
      const response = this.#latest.get(socket)?.response
      if (response === undefined || response.closed) socket.destroy()
      else response.once('close', () => socket.destroySoon())
    }
    return new Promise((resolve) => {
      const cut = setTimeout(() => {
        for (const socket of this.#sockets) socket.destroy()
      }, limits.stopMs)
      this.server.close(() => {
        clearTimeout(cut)
        resolve()
      })
    })
  }

  #keep(socket: Socket, sockets: Set<Socket | Continuation>): void {
    if (this.#isStopping) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  }

  #serve(message: IncomingMessage, response: ServerResponse): void {
    if (this.#isStopping) return
    const { tls, publicUrl } = this.#options
    const { socket } = message
    const signal = this.#aborts.get(socket)?.signal ?? AbortSignal.abort(gone())
    const scheme = tls === undefined ? 'http' : 'https'
    const head = readHead(message, { scheme, publicUrl, signal })
    const before = this.#latest.get(socket)?.response
    const isWaiting = before !== undefined && !before.closed
    const exchange: Exchange = { message, response, head, arrival: { bytes: 0 }, isWaiting, isBroken: false }
    this.#latest.set(socket, exchange)
    if (!isWaiting) {
      void this.#answer(exchange)
      return
    }
    // Node's parser reads on at the end of each request, so the pause comes after all that it has in hand.
    setImmediate(() => this.#holdBack(socket))
    before.once('close', () => {
      exchange.isWaiting = false
      if (this.#latest.get(socket) === exchange) socket.resume()
      void this.#answer(exchange)
    })
  }

  /** Reads no more while a request waits: it is held in memory. */
  #holdBack(socket: Socket): void {
    if (this.#latest.get(socket)?.isWaiting) socket.pause()
  }

  async #answer(exchange: Exchange): Promise<void> {
    const { edge, names } = this.#options
    const { message, response, head } = exchange
    // While it waited it was refused, or the connection ended with the answer before it.
    if (exchange.isBroken || !message.socket.writable) return
    try {
      assertHead(head, names)
      const request = announcesBody(message)
        ? { ...head, body: await readBody(message, exchange.arrival) }
        : head
      this.#send(await edge.answer(request), exchange)
    } catch (error) {
      if (!exchange.isBroken && !response.writableEnded) this.#send(edge.refuse(error, head), exchange)
    }
  }

  #send({ status, headers, body }: HttpResponse, { message, response, isBroken }: Exchange): void {
    // A list of names and values, which Node goes through faster than through an object.
    const sent: string[] = []
    for (const name in headers) sent.push(name, headers[name] ?? '')
    if (status !== 204) sent.push('content-length', String(Buffer.byteLength(body ?? '')))
    const isLast = isBroken || (this.#isStopping && this.#latest.get(message.socket)?.response === response)
    if (isLast && headers['connection'] === undefined) sent.push('connection', 'close')
    response.writeHead(status, sent)
    // Left as text: Node then sends head and body in one piece.
    const content = message.method === 'HEAD' ? undefined : body
    if (headers['connection'] !== 'close' || message.complete || isBroken) {
      response.end(content)
      return
    }
    // A connection that is closed on a client that still sends takes the answer with it.
    response.write(content ?? '')
    finished(message.resume(), () => response.end())
  }

  /** What Node's parser does not take or gave up waiting for. */
  #fail(error: Error, socket: Duplex): void {
    if (this.#continued.has(socket)) return
    const left = respellMethod(error)
    if (left !== undefined && (socket instanceof Socket || socket instanceof Continuation))
      this.#continue(socket, left)
    else this.#refuse(error, socket)
  }

  /** Reads on where a parser stopped, once the requests before are answered. */
  #continue(socket: Socket | Continuation, left: Buffer): void {
    this.#continued.add(socket)
    const next = new Continuation(socket, left)
    const begin = (): void => {
      if (!socket.writable) return
      this.#open.delete(socket)
      if (socket instanceof Continuation) socket.leave()
      this.server.emit(this.#options.tls === undefined ? 'connection' : 'secureConnection', next)
    }
    const before = this.#latest.get(socket)?.response
    if (before === undefined || before.closed) begin()
    else before.once('close', begin)
  }

  /** Nothing after it on the connection can be read. */
  #refuse(error: Error, socket: Duplex): void {
    const latest = this.#latest.get(socket)
    const refusal = refusalOf(error, latest)
    if (refusal === undefined || !socket.writable) {
      socket.destroy()
      return
    }
    const { edge } = this.#options
    if (latest === undefined || (latest.response.closed && latest.message.complete)) {
      socket.end(formatResponse(edge.refuse(refusal, unreadRequest())))
      return
    }
    const { message, response, head } = latest
    if (response.closed) socket.destroy()
    else if (message.complete || response.headersSent) {
      if (!message.complete) response.end()
      response.once('close', () => message.socket.destroySoon())
    } else {
      latest.isBroken = true
      this.#send(edge.refuse(refusal, head), latest)
    }
  }
}

function gone(): ODataError {
  return new ODataError('ServiceUnavailable', 'The client is gone.')
}

/** What a TLS connection and the one that carries it have in common. */
function peerOf({ remoteAddress, remotePort }: Socket | Continuation): string {
  return `${remoteAddress} ${remotePort}`
}

function createServer({ tls }: ServeOptions): Server {
  // Node looks only now and then, and a little late: what would be late at the next look is refused at this one.
  const lookMs = Math.ceil(limits.requestMs / 40)
  const arrivalMs = limits.requestMs - 2 * lookMs
  const settings = {
    maxHeaderSize: limits.urlBytes + 2 * limits.headerBytes,
    requestTimeout: arrivalMs,
    headersTimeout: arrivalMs,
    connectionsCheckingInterval: lookMs,
    keepAliveTimeout: 65_000,
    // It is ours to refuse, in Graph's shape. And of a header that came twice, none is picked.
    requireHostHeader: false,
    joinDuplicateHeaders: true,
    // A request that announces no body has none that could be read.
    optimizeEmptyRequests: true,
  }
  const server =
    tls === undefined
      ? http.createServer(settings)
      : https.createServer({
          ...settings,
          ...tls,
          handshakeTimeout: limits.requestMs,
        })
  // A client that has sent its last still waits for its answers; without this Node ends the connection with its end.
  return Object.assign(server, { httpAllowHalfOpen: true })
}

/**
 * What to say of an error on a connection; undefined where the connection itself is what failed.
 *
 * @param latest the last request that the parser found: the error is in its body, or behind it.
 */
function refusalOf(error: Error, latest: Exchange | undefined): ODataError | undefined {
  const code = 'code' in error ? String(error.code) : ''
  const body = latest === undefined || latest.message.complete ? undefined : latest
  const what = body === undefined ? 'request' : 'body'
  const amount = body === undefined ? '' : describeArrival(body.message, body.arrival)
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const message = `The ${what} did not arrive whole within ${limits.requestMs / 1000} seconds${amount}.`
    return new ODataError('RequestTimeout', message)
  }
  if (code === 'HPE_INVALID_EOF_STATE')
    return new ODataError('BadRequest', `The ${what} did not arrive whole${amount}.`)
  if (code === 'HPE_HEADER_OVERFLOW') {
    const message = `The URL is longer than ${limits.urlBytes} bytes, or the headers than ${limits.headerBytes}.`
    return new ODataError('RequestHeaderFieldsTooLarge', message)
  }
  return code.startsWith('HPE_') ? new ODataError('BadRequest', 'The request is not HTTP.') : undefined
}

/** Stands for a request of which nothing is known. */
function unreadRequest(): HttpRequest {
  return {
    method: '-',
    target: '-',
    headers: {},
    origin: '',
    id: newGuid(),
    signal: AbortSignal.abort(),
  }
}

/** An answer as text, for a socket that has no request to answer. */
function formatResponse({ status, headers, body = '' }: HttpResponse): string {
  const lines = Object.entries({
    ...headers,
    'content-length': Buffer.byteLength(body),
    date: new Date().toUTCString(),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`
}
