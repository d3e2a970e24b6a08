import { promisify } from 'node:util'
import { type HttpRequest, type HttpResponse, isExcluded } from '#base/base.ts'

/** Bytes from which compressing is worth its time: below, an answer fits a packet anyway. */
const MIN_BYTES = 1400

/** Bytes above which compressing goes to another thread, for it would hold up other requests. */
const MAX_INLINE_BYTES = 64 * 1024

/** The answer in gzip, where the client takes that and it is worth it. */
export function compress(
  response: HttpResponse,
  { headers }: HttpRequest,
): HttpResponse | Promise<HttpResponse> {
  const { body } = response
  if (body === undefined || isShort(body)) return response
  return takesGzip(headers['accept-encoding']) ? gzipped(response, body) : response
}

/** A character takes three bytes at most, so those of a short text are not counted. */
function isShort(body: string | Uint8Array): boolean {
  return body.length < MIN_BYTES / 3 || Buffer.byteLength(body) < MIN_BYTES
}

/** At level 1, for most of the gain is there. */
async function gzipped(response: HttpResponse, body: string | Uint8Array): Promise<HttpResponse> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const { gzip, gzipSync } = await import('node:zlib')
  const isLarge = bytes.byteLength > MAX_INLINE_BYTES
  const compressed = isLarge ? await promisify(gzip)(bytes, { level: 1 }) : gzipSync(bytes, { level: 1 })
  return { ...response, headers: { ...response.headers, 'content-encoding': 'gzip' }, body: compressed }
}

/** By name, or by `*` where the name is not there; `q=0` excludes (RFC 9110 §12.5.3). */
function takesGzip(accepted = ''): boolean {
  const codings = accepted
    .split(',')
    .map((coding) => coding.split(';').map((part) => part.trim().toLowerCase()))
  const coding = codings.find(([name]) => name === 'gzip') ?? codings.find(([name]) => name === '*')
  return coding !== undefined && !isExcluded(coding.slice(1))
}
