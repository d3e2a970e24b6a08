/** What holds of every answer, whatever was asked. */
import { gunzipSync } from 'node:zlib'
import { limits } from '#base/base.ts'
import { errorStatus } from '#odata/errors.ts'
import type { FuzzRequest } from './request.ts'

/** An answer as it came. */
export interface FuzzAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
  readonly milliseconds: number
  /** Why there is none. */
  readonly error?: unknown
}

/** A rule that was broken; `rule` is the same for every breach of it. */
export interface Breach {
  readonly rule: string
  readonly detail: string
}

/** Longer than a scan may take, and some. */
const MAX_MS = 12_000

/** Every rule that an answer breaks. */
export function breachesOf(request: FuzzRequest, answer: FuzzAnswer): readonly Breach[] {
  try {
    return [...judge(request, answer)]
  } catch (error) {
    return [{ rule: 'the answer can be read', detail: String(error) }]
  }
}

function* judge(request: FuzzRequest, answer: FuzzAnswer): Iterable<Breach> {
  const { status, headers, milliseconds, error } = answer
  if (error !== undefined) {
    yield { rule: 'a request is answered', detail: String(error) }
    return
  }
  const text = textOf(answer)
  const type = headers.get('content-type') ?? ''
  if (milliseconds > MAX_MS)
    yield { rule: 'an answer comes in time', detail: `${Math.round(milliseconds)} ms` }
  if (!headers.has('request-id')) yield { rule: 'an answer has a request-id', detail: `${status}` }
  const length = headers.get('content-length')
  if (request.method !== 'HEAD' && length !== null && Number(length) !== answer.body.byteLength)
    yield { rule: 'Content-Length is right', detail: `${length}, and ${answer.body.byteLength} came` }
  const location = headers.get('location') ?? ''
  if (location.length > limits.urlBytes)
    yield { rule: 'a location can be asked for', detail: `${location.length}` }
  if (status === 204 && text !== '') yield { rule: 'a 204 has no body', detail: text }
  if (LEAK.test(text)) yield { rule: 'nothing of the inside is told', detail: text.slice(0, 300) }
  if (request.method === 'HEAD' || status === 204 || text === '') {
    yield* judgeStatus({ status, headers, body: undefined })
    return
  }
  const body: unknown = type.includes('json') ? JSON.parse(text) : text
  yield* judgeStatus({ status, headers, body })
  const link = memberOf(body, '@odata.nextLink')
  if (typeof link === 'string' && link.length > limits.urlBytes + 100)
    yield { rule: 'a link can be followed', detail: `${link.length}` }
  if (memberOf(body, 'responses') !== undefined) yield* judgeBatch(body)
}

/** Words of the database and of stacks, none of which a request has. */
const LEAK = /SQLITE_|SQL logic|no such column|ERR_SQLITE|node:internal|\n\s+at \w/

interface Judged {
  readonly status: number
  readonly headers: Headers
  /** Undefined where there is none to judge. */
  readonly body: unknown
}

function* judgeStatus({ status, headers, body }: Judged): Iterable<Breach> {
  if (status >= 500 && status !== 503) yield { rule: 'no answer is a 5xx', detail: `${status}` }
  if (status === 503 && !headers.has('retry-after'))
    yield { rule: 'a 503 says when to come again', detail: '' }
  if (status === 405 && !headers.has('allow')) yield { rule: 'a 405 says what is allowed', detail: '' }
  if (status === 201 && !headers.has('location')) yield { rule: 'a 201 says where it is', detail: '' }
  if (status >= 400 && body !== undefined) yield* judgeError(status, body)
}

function* judgeError(status: number, body: unknown): Iterable<Breach> {
  const error = memberOf(body, 'error')
  // The token endpoint speaks OAuth.
  if (typeof error === 'string' && typeof memberOf(body, 'error_description') === 'string') return
  const [code, message, inner] = ['code', 'message', 'innerError'].map((name) => memberOf(error, name))
  const isWhole = typeof message === 'string' && typeof memberOf(inner, 'request-id') === 'string'
  const known: Readonly<Record<string, number>> = errorStatus
  if (!isWhole || typeof code !== 'string' || !Object.hasOwn(known, code))
    yield { rule: 'an error has the shape of Graph', detail: JSON.stringify(body).slice(0, 300) }
  else if (known[code] !== status)
    yield { rule: 'an error has the status of its code', detail: `${status} ${code}` }
}

function* judgeBatch(body: unknown): Iterable<Breach> {
  const responses = memberOf(body, 'responses')
  if (!Array.isArray(responses)) return
  const ids = new Set(responses.map((part: unknown) => memberOf(part, 'id')))
  if (ids.size < responses.length) yield { rule: 'the parts of a batch have ids of their own', detail: '' }
  for (const part of responses) {
    const headers = new Headers(
      Object.entries(Object(memberOf(part, 'headers'))).map(([name, value]) => [
        name,
        encodeURI(String(value).toWellFormed()),
      ]),
    )
    yield* judgeStatus({ status: Number(memberOf(part, 'status')), headers, body: memberOf(part, 'body') })
  }
}

/** A member of an object of which nothing is known; undefined where it has none. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
}

/** The text of a body, unpacked where it is packed. */
export function textOf({ headers, body }: Pick<FuzzAnswer, 'headers' | 'body'>): string {
  const isPacked = headers.get('content-encoding') === 'gzip' && body.byteLength > 0
  return new TextDecoder('utf-8', { fatal: true }).decode(isPacked ? gunzipSync(body) : body)
}
