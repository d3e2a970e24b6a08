/** A server for a test: fresh, in memory, in process, spoken to as a client would. */
import assert from 'node:assert/strict'
import {
  createServer,
  type RunstateServer,
  type ServerConfig,
  type ServerParts,
  type TokenOptions,
} from '#server.ts'
import { giveBack, withDatabase } from './database.ts'
import { recordAnswers, recordedParts } from './recording.ts'

/** What came back, the body read as JSON where it is JSON. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The members of a JSON body; none where it has none. */
  readonly body: Readonly<Record<string, unknown>>
}

/** What a request brings besides its method and path. */
export interface Sending {
  /** Sent as JSON; text and bytes are sent as they are. */
  readonly body?: unknown
  /** Over the usual ones; null takes one away. */
  readonly headers?: Readonly<Record<string, string | null>>
  /** Another token than the one with every permission; null sends none. */
  readonly token?: string | null
}

/** A server and a client of it. */
export interface Runstate extends AsyncDisposable {
  readonly server: RunstateServer
  /** Sends a request to a path under `/beta/deviceManagement/`, or from the root where it begins with `/`. */
  send(method: string, path: string, sending?: Sending): Promise<Answer>
  /** Creates an entity, asserts that it was, and gives its id. */
  create(path: string, body: unknown): Promise<string>
  token(options?: TokenOptions): Promise<string>
}

/** Starts a server in memory. Use it with `await using`. */
export async function startRunstate(config: ServerConfig = {}, parts: ServerParts = {}): Promise<Runstate> {
  const server = await createServer(await withDatabase(config), recordedParts(parts))
  recordAnswers(server)
  const everything = await server.token()
  const send = async (method: string, path: string, sending: Sending = {}): Promise<Answer> => {
    const url = path.startsWith('/') ? path : `/beta/deviceManagement/${path}`
    const response = await server.fetch(url, requestOf(method, sending, everything))
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: membersOf(response, text) }
  }
  return {
    server,
    send,
    create: async (path, body) => {
      const answer = await send('POST', path, { body })
      assert.equal(answer.status, 201, answer.text)
      return String(answer.body['id'])
    },
    token: (options) => server.token(options),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      giveBack(server.config)
    },
  }
}

function requestOf(method: string, { body, headers = {}, token }: Sending, everything: string): RequestInit {
  const sent = new Headers()
  if (token !== null) sent.set('authorization', `Bearer ${token ?? everything}`)
  if (body !== undefined) sent.set('content-type', 'application/json')
  for (const [name, value] of Object.entries(headers)) {
    if (value === null) sent.delete(name)
    else sent.set(name, value)
  }
  if (body === undefined) return { method, headers: sent }
  if (body instanceof Uint8Array) return { method, headers: sent, body: new Blob([new Uint8Array(body)]) }
  return { method, headers: sent, body: typeof body === 'string' ? body : JSON.stringify(body) }
}

function membersOf(response: Response, text: string): Readonly<Record<string, unknown>> {
  if (!(response.headers.get('content-type') ?? '').includes('json') || text === '') return {}
  const body: unknown = JSON.parse(text)
  return typeof body === 'object' && body !== null ? { ...body } : {}
}

/** The code and message of a Graph error. */
export function errorOf({ body }: Answer): { readonly code: string; readonly message: string } {
  const error = body['error']
  assert(
    typeof error === 'object' && error !== null && 'code' in error && 'message' in error,
    JSON.stringify(body),
  )
  return { code: String(error.code), message: String(error.message) }
}
