/** A server that listens, and a client of its sockets that sends just what it is told, byte by byte. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { createServer, type RunstateServer, type ServerConfig, type ServerParts } from '#server.ts'
import { withDatabase } from './database.ts'

/** A server on free ports of both loopback addresses, its database in memory. */
export interface Listening {
  readonly server: RunstateServer
  readonly url: string
  readonly httpUrl: string
  /** The file with the CA's certificate. */
  readonly ca: string
  /** A token with every permission. */
  readonly token: string
  /** Connects by plain HTTP. */
  connect(host?: string): Promise<Wire>
  connectTls(host?: string): Promise<Wire>
}

/** What ends: a test, or with `after` of node:test a whole file. */
export interface Ending {
  after(end: () => Promise<void> | void): void
}

/** Starts one; it stops at the end, unless the test stops it. */
export async function startListening(
  ending: Ending,
  config: ServerConfig = {},
  parts: ServerParts = {},
): Promise<Listening> {
  const data = mkdtempSync(join(tmpdir(), 'runstate-wire-'))
  ending.after(() => rmSync(data, { recursive: true, force: true }))
  const server = await createServer(
    { port: 0, httpPort: 0, ...(await withDatabase({ data, ...config })) },
    parts,
  )
  ending.after(async () => await server[Symbol.asyncDispose]())
  const { url, httpUrl, ca } = await server.listen()
  const [port, tlsPort] = [httpUrl, url].map((each) => Number(new URL(each).port))
  assert(port !== undefined && tlsPort !== undefined)
  const connect = (host = '127.0.0.1'): Promise<Wire> =>
    openWire(ending, net.connect({ host, port }), 'connect')
  const connectTls = (host = '127.0.0.1'): Promise<Wire> => {
    const socket = tls.connect({ host, port: tlsPort, ca: readFileSync(ca), servername: '' })
    return openWire(ending, socket, 'secureConnect')
  }
  return { server, url, httpUrl, ca, token: await server.token(), connect, connectTls }
}

/** An answer as it came. */
export interface WireAnswer {
  readonly status: number
  /** By lower-case name; a name that came twice holds both values, with `, ` between. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

/** A connection. */
export interface Wire {
  readonly socket: net.Socket
  /** Sends text as UTF-8, or bytes, and nothing else. */
  write(data: string | Uint8Array): void
  /** The next answer, by its Content-Length; `hasBody` is false for the answer to a HEAD. */
  answer(options?: { readonly hasBody: boolean }): Promise<WireAnswer>
  /** Resolves when the server has closed, with what came that was not asked for by {@link answer}. */
  readonly closed: Promise<string>
}

async function openWire(
  ending: Ending,
  socket: net.Socket,
  opened: 'connect' | 'secureConnect',
): Promise<Wire> {
  let received = Buffer.alloc(0)
  let isClosed = false
  let wake = Promise.withResolvers<void>()
  const stir = (): void => {
    wake.resolve()
    wake = Promise.withResolvers()
  }
  const closed = Promise.withResolvers<string>()
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    stir()
  })
  socket.on('close', () => {
    isClosed = true
    closed.resolve(received.toString())
    stir()
  })
  ending.after(() => void socket.destroy())
  await new Promise((resolve, reject) => socket.once(opened, resolve).once('error', reject))
  // A connection that the server cuts off is not this client's failure: what came is what counts.
  socket.on('error', () => undefined)
  const until = async <T>(find: () => T | undefined): Promise<T> => {
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      assert(!isClosed, `the connection was closed after ${JSON.stringify(received.toString())}`)
      await wake.promise
    }
  }
  return {
    socket,
    write: (data) => void socket.write(data),
    answer: async ({ hasBody } = { hasBody: true }) => {
      const end = await until(() => indexOf(received, '\r\n\r\n'))
      const { status, headers } = parseHead(received.toString('latin1', 0, end))
      const length = hasBody ? Number(headers.get('content-length') ?? 0) : 0
      const whole = end + 4 + length
      const body = await until(() =>
        received.length >= whole ? received.subarray(end + 4, whole) : undefined,
      )
      received = received.subarray(whole)
      return { status, headers, body }
    },
    closed: closed.promise,
  }
}

function indexOf(bytes: Buffer, text: string): number | undefined {
  const index = bytes.indexOf(text)
  return index < 0 ? undefined : index
}

function parseHead(text: string): Pick<WireAnswer, 'status' | 'headers'> {
  const [first = '', ...lines] = text.split('\r\n')
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]+): *(.*)$/.exec(line) ?? []
    const before = headers.get(name.toLowerCase())
    headers.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`)
  }
  return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]), headers }
}

/** What a request says. */
export interface WireRequest {
  /** `POST /path`. */
  readonly line: string
  /** Over `Host: localhost`; null takes one away. */
  readonly headers?: Readonly<Record<string, string | null>>
  /** Sent with its length, unless the headers have another. */
  readonly body?: string
}

/** A request as text, with a Host. */
export function formatRequest({ line, headers = {}, body }: WireRequest): string {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const lines = Object.entries<string | null>({ host: 'localhost', ...length, ...headers })
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${value}\r\n`)
  return `${line} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`
}

/** The code and message of an error in Graph's shape, which must be whole. */
export function graphErrorOf({ headers, body }: WireAnswer): {
  readonly code: string
  readonly message: string
} {
  assert.equal(headers.get('content-type'), 'application/json')
  const { error } = JSON.parse(body.toString())
  assert.deepEqual(Object.keys(error), ['code', 'message', 'innerError'])
  assert.deepEqual(
    { requestId: error.innerError['request-id'], clientId: error.innerError['client-request-id'] },
    { requestId: headers.get('request-id'), clientId: headers.get('client-request-id') },
  )
  assert.match(error.innerError.date, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/)
  return { code: error.code, message: error.message }
}
