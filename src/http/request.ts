import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { type HttpRequest, isCorrelationId, limits, newGuid } from '#base/base.ts'
import { ODataError } from '#odata/odata.ts'

const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

/** A request without its body: what is known when the headers are read. */
export function readHead(
  message: IncomingMessage,
  {
    scheme,
    publicUrl,
    signal,
  }: { readonly scheme: string; readonly publicUrl: string | undefined; readonly signal: AbortSignal },
): HttpRequest {
  const headers = textsOf(message.headers)
  const correlation = headers['client-request-id']
  if (correlation !== undefined && !isCorrelationId(correlation)) delete headers['client-request-id']
  return {
    method: message.method ?? 'GET',
    target: message.url ?? '/',
    headers,
    origin: publicUrl ?? `${scheme}://${message.headers.host ?? 'localhost'}`,
    id: newGuid(),
    signal,
  }
}

/** Node joins what came twice, but for the cookies that an answer sets. What is a text already is not copied. */
function textsOf(headers: IncomingHttpHeaders): Record<string, string> {
  if (areTexts(headers)) return headers
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]))
}

function areTexts(headers: IncomingHttpHeaders): headers is Record<string, string> {
  return headers['set-cookie'] === undefined
}

/**
 * @param names the names that the Host may have beside localhost and addresses; any where absent.
 * @throws ODataError where the target or the headers are too long, or the Host is none, or not one of ours.
 */
export function assertHead({ target, headers }: HttpRequest, names?: readonly string[]): void {
  if (target.length > limits.urlBytes) {
    throw new ODataError('RequestUriTooLong', `The URL is longer than ${limits.urlBytes} bytes.`)
  }
  let headerBytes = 0
  for (const name in headers) headerBytes += name.length + (headers[name] ?? '').length + 4
  if (headerBytes > limits.headerBytes) {
    throw new ODataError(
      'RequestHeaderFieldsTooLarge',
      `The headers are longer than ${limits.headerBytes} bytes.`,
    )
  }
  const name = HOST.exec(headers['host'] ?? '')?.[1]?.toLowerCase()
  if (name === undefined) throw new ODataError('BadRequest', 'The Host header does not name a host.')
  if (names !== undefined && !isLocal(name) && !names.includes(name)) {
    throw new ODataError(
      'BadRequest',
      `This server is not called '${name.slice(0, 100)}': call it localhost, or give it that name with --allow-host.`,
    )
  }
}

/** A name or address that no web page can have: every other name its owner may point here, and be of one origin with us. */
function isLocal(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || name.startsWith('[') || isIP(name) !== 0
}

/** How much of a body was read so far. */
export interface Arrival {
  bytes: number
}

/** Whether a body follows the headers, if perhaps an empty one. */
export function announcesBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
}

/**
 * Reads the body that was announced.
 *
 * @param arrival counts as the body comes in.
 * @throws ODataError `RequestEntityTooLarge` as soon as it is known, `BadRequest` where the client stopped sending.
 */
export function readBody(message: IncomingMessage, arrival: Arrival): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const declared = message.headers['content-length']
    const most = isOfCommandLine(message) ? limits.controlBytes : limits.bodyBytes
    if (Number(declared ?? 0) > most) throw tooLarge(most)
    const chunks: Uint8Array[] = []
    message.on('data', (chunk: Uint8Array) => {
      arrival.bytes += chunk.byteLength
      if (arrival.bytes > most) reject(tooLarge(most))
      else chunks.push(chunk)
    })
    message.on('end', () => resolve(joined(chunks)))
    message.on('error', (cause) =>
      reject(new ODataError('BadRequest', 'The body did not arrive whole.', { cause })),
    )
  })
}

/** Nearly every body comes in one piece, which is not copied. */
function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks)
}

/** `: 120 of 180 bytes`, of a body that is not whole; nothing where its length was not declared. */
export function describeArrival(message: IncomingMessage, { bytes }: Arrival): string {
  const declared = message.headers['content-length']
  return declared === undefined ? '' : `: ${bytes + message.readableLength} of ${declared} bytes`
}

/** The command line sends lines of an import many at a time; on this machine only, so a proxy is not asked to. */
function isOfCommandLine({ url = '', socket }: IncomingMessage): boolean {
  return url.startsWith('/.runstate/control/import') && isLoopback(socket.remoteAddress)
}

function isLoopback(address = ''): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address)
}

function tooLarge(most: number): ODataError {
  return new ODataError('RequestEntityTooLarge', `The body is larger than ${most} bytes.`, {
    headers: { connection: 'close' },
  })
}
