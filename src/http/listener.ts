import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type HttpRequest, type HttpResponse, limits, newGuid } from '#base/base.ts'
import { type ErrorCode, ODataError } from '#odata/odata.ts'
import type { Edge } from './edge.ts'
import { assertHead, readBody, readHead } from './request.ts'

/** Where to listen, and for whom. */
export interface ListenOptions {
  /** The addresses; the first must be had, the others may be missing on this machine. */
  readonly hosts: readonly string[]
  /** 0 takes any free port, the same on every address. */
  readonly port: number
  readonly edge: Edge
  /** Key and certificate chain; absent for plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** The origin that links name, whatever host a client used. */
  readonly publicUrl?: string | undefined
}

/** A port on one or more addresses. */
export interface Listener extends AsyncDisposable {
  readonly port: number
}

/**
 * Listens on every address.
 *
 * @throws Error with one sentence, where the port is taken or an address cannot be had.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const servers = await bindAll(options, options.port === 0 ? FREE_PORT_TRIES : 1)
  return {
    port: portOf(servers[0]?.address() ?? null),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(servers.map(stop))
    },
  }
}

/** How often a free port is looked for that is free on every address. */
const FREE_PORT_TRIES = 10

async function bindAll(options: ListenOptions, tries: number): Promise<readonly http.Server[]> {
  const servers: http.Server[] = []
  let { port } = options
  for (const host of options.hosts) {
    const server = createServer(options)
    try {
      await bind(server, host, port)
    } catch (error) {
      if (servers.length > 0 && isMissingAddress(error)) continue
      await Promise.all(servers.map(stop))
      if (tries > 1 && codeOf(error) === 'EADDRINUSE') return await bindAll(options, tries - 1)
      throw new Error(explain(error, host, port), { cause: error })
    }
    servers.push(server)
    port = portOf(server.address())
  }
  return servers
}

function createServer(options: ListenOptions): http.Server {
  const settings = {
    maxHeaderSize: limits.urlBytes + 2 * limits.headerBytes,
    requestTimeout: limits.requestMs,
    headersTimeout: limits.requestMs,
    connectionsCheckingInterval: 1000,
    keepAliveTimeout: 65_000,
  }
  const serve = (message: IncomingMessage, response: ServerResponse): void =>
    void answer(message, response, options)
  const server = options.tls
    ? https.createServer({ ...settings, ...options.tls }, serve)
    : http.createServer(settings, serve)
  server.on('clientError', (error: Error & { code?: string }, socket: Duplex) =>
    refuseSocket(error, socket, options.edge),
  )
  return server
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  options: ListenOptions,
): Promise<void> {
  const { edge, tls, publicUrl } = options
  const abort = new AbortController()
  response.on('close', () => {
    if (!response.writableFinished) abort.abort(new ODataError('ServiceUnavailable', 'The client is gone.'))
  })
  const head = readHead(message, {
    scheme: tls === undefined ? 'http' : 'https',
    publicUrl,
    signal: abort.signal,
  })
  let answered: HttpResponse
  try {
    assertHead(head)
    answered = await edge.answer({ ...head, body: await readBody(message) })
  } catch (error) {
    answered = edge.refuse(error, head)
  }
  send(answered, message, response)
}

function send(
  { status, headers, body }: HttpResponse,
  message: IncomingMessage,
  response: ServerResponse,
): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const length = status === 204 ? {} : { 'content-length': String(bytes?.byteLength ?? 0) }
  response.writeHead(status, { ...headers, ...length })
  response.end(message.method === 'HEAD' ? undefined : bytes)
}

/** What Node's parser refuses has no request yet: the answer goes straight to the socket, in the same shape. */
function refuseSocket({ code }: Error & { code?: string }, socket: Duplex, edge: Edge): void {
  if (!socket.writable || code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const [errorCode, message]: [ErrorCode, string] =
    code === 'HPE_HEADER_OVERFLOW'
      ? ['RequestHeaderFieldsTooLarge', `The headers are longer than ${limits.headerBytes} bytes.`]
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['RequestTimeout', `The request did not arrive whole within ${limits.requestMs / 1000} seconds.`]
        : ['BadRequest', 'The request is not HTTP.']
  const nothing: HttpRequest = {
    method: '-',
    target: '-',
    headers: {},
    origin: '',
    id: newGuid(),
    signal: AbortSignal.abort(),
  }
  const { status, headers, body = '' } = edge.refuse(new ODataError(errorCode, message), nothing)
  const length = Buffer.byteLength(body)
  const lines = Object.entries({ ...headers, 'content-length': length, connection: 'close' })
  const head = [
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}`,
    ...lines.map(([name, value]) => `${name}: ${value}`),
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function bind(server: http.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Lets what is in flight finish, and cuts off what takes too long. */
function stop(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), limits.stopMs)
    const sweep = setInterval(() => server.closeIdleConnections(), 20)
    server.close(() => {
      clearTimeout(cut)
      clearInterval(sweep)
      resolve()
    })
  })
}

function portOf(address: string | AddressInfo | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** No such address on this machine: IPv6, for one. */
function isMissingAddress(error: unknown): boolean {
  return codeOf(error) === 'EADDRNOTAVAIL' || codeOf(error) === 'EAFNOSUPPORT'
}

function explain(error: unknown, host: string, port: number): string {
  if (codeOf(error) === 'EADDRINUSE')
    return `Port ${port} on ${host} is in use: stop what listens there, or choose another port.`
  if (codeOf(error) === 'EACCES')
    return `Port ${port} on ${host} is not for this user: choose one above 1023.`
  return `Cannot listen on ${host} port ${port}: ${error instanceof Error ? error.message : error}`
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
