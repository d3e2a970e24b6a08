/**
 * Splits a JSON batch into its parts, and joins their answers (docs `concepts/json-batching.md`; for bodies that are
 * not JSON, OData JSON Format 4.01 §19).
 */
import { limits, splitTarget } from '#base/base.ts'
import { isJsonType } from './accept.ts'
import { ODataError } from './errors.ts'
import { isBatchPath } from './path.ts'
import { type Json, parseJson } from './payload/json.ts'
import { formatJson } from './payload/json-writer.ts'

/** One request of a batch. */
export interface BatchPart {
  /** What its answer is known by; a number as it was written. */
  readonly id: string
  readonly method: string
  /** Relative to the version, without a leading slash; encoded as it would stand in a request line. */
  readonly url: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
  /** The ids of the parts that must have succeeded before. */
  readonly dependsOn: readonly string[]
}

/** The answer to one part. */
export interface BatchAnswer {
  readonly id: string
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | undefined
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
const WHOLE = /^-?\d+$/
const SCHEME = /^[a-z][a-z\d+.-]*:/i
const NOT_IN_A_REQUEST_LINE = /[^\x21-\x7e]+/g

/**
 * Reads the body of a batch. Members that are not known are passed over, and what is wrong inside a part's `body`
 * is for the part itself to be refused for.
 *
 * @returns the parts as they stand there, but none before a part that it depends on.
 * @throws ODataError `BadRequest`, naming the part, where one cannot be told from another or cannot be run: no
 *   requests or more than `limits.batchParts`, an id that is missing or there twice (in any case), a method that is
 *   none, a URL that is absolute or a batch's, headers that are not texts, a dependency on what is not there or in
 *   a circle.
 */
export function parseBatch(bytes: Uint8Array): readonly BatchPart[] {
  const json = parseJson(bytes)
  const requests = json.kind === 'object' ? json.members.get('requests') : undefined
  if (requests?.kind !== 'array') throw malformed("there is no array 'requests'")
  const { length } = requests.items
  if (length === 0) throw malformed('there are no requests')
  if (length > limits.batchParts)
    throw malformed(`${length} requests are too many: send at most ${limits.batchParts}`)
  return inOrder(requests.items.map(readPart))
}

function readPart(json: Json, index: number): BatchPart {
  if (json.kind !== 'object') throw malformed(`requests[${index}] is not an object`)
  const { members } = json
  const id = readId(members.get('id'))
  if (id === undefined) throw malformed(`the id of requests[${index}] is not a text or a whole number`)
  const headers = readHeaders(members.get('headers'), id)
  const { 'content-type': type = 'application/json' } = headers
  const body = readBody(members.get('body'), type)
  return {
    id,
    method: readMethod(members.get('method'), id),
    url: readUrl(members.get('url'), id),
    headers: body === undefined ? headers : { ...headers, 'content-type': type },
    body,
    dependsOn: readDependencies(members.get('dependsOn'), id),
  }
}

/** Undefined for what is no id. */
function readId(json: Json | undefined): string | undefined {
  if (json?.kind === 'string' && json.text !== '') return json.text
  return json?.kind === 'number' && WHOLE.test(json.text) ? json.text : undefined
}

function readMethod(json: Json | undefined, id: string): string {
  const method = json?.kind === 'string' ? json.text.toUpperCase() : ''
  if (METHODS.includes(method)) return method
  throw malformed(`the method of the ${named(id)} is none of ${METHODS.join(', ')}`)
}

function readUrl(json: Json | undefined, id: string): string {
  const url = json?.kind === 'string' ? json.text.trim() : ''
  if (url === '') throw malformed(`the ${named(id)} has no url`)
  if (SCHEME.test(url))
    throw malformed(
      `the url of the ${named(id)} is absolute: write it relative to the version, /deviceManagement/…`,
    )
  const relative = url.replace(/^\/+/, '')
  if (isBatchPath(`/version/${splitTarget(relative).path}`))
    throw malformed(`the ${named(id)} is a batch itself`)
  return relative.toWellFormed().replace(NOT_IN_A_REQUEST_LINE, encodeURIComponent)
}

function readHeaders(json: Json | undefined, id: string): Readonly<Record<string, string>> {
  if (json === undefined || json.kind === 'null') return {}
  if (json.kind !== 'object') throw malformed(`the headers of the ${named(id)} are not an object`)
  const headers = new Map<string, string>()
  for (const [name, value] of json.members) {
    if (value.kind === 'null') continue
    if (value.kind === 'array' || value.kind === 'object')
      throw malformed(`the header '${name.slice(0, 100)}' of the ${named(id)} is not a text`)
    const before = headers.get(name.toLowerCase())
    headers.set(name.toLowerCase(), before === undefined ? value.text : `${before}, ${value.text}`)
  }
  return Object.fromEntries(headers)
}

/** A text is the body itself where the type is one of text, JSON where it is JSON, and base64url of any other. */
function readBody(json: Json | undefined, type: string): Uint8Array | undefined {
  if (json === undefined || json.kind === 'null') return undefined
  if (json.kind !== 'string' || isJsonType(type)) return Buffer.from(formatJson(json))
  return Buffer.from(json.text, isTextType(type) ? 'utf8' : 'base64url')
}

function readDependencies(json: Json | undefined, id: string): readonly string[] {
  if (json === undefined || json.kind === 'null') return []
  const ids = json.kind === 'array' ? json.items.map(readId) : [undefined]
  const known = ids.filter((each) => each !== undefined)
  if (known.length < ids.length) throw malformed(`dependsOn of the ${named(id)} is not an array of ids`)
  return known
}

/** Puts every part after those it depends on, and writes their ids as they do. */
function inOrder(parts: readonly BatchPart[]): readonly BatchPart[] {
  const partOf = new Map<string, BatchPart>()
  for (const part of parts) {
    const folded = part.id.toLowerCase()
    if (partOf.has(folded))
      throw new ODataError('BadRequest', `Request Id ${part.id.slice(0, 100)} has to be unique in a batch.`)
    partOf.set(folded, part)
  }
  const ordered = new Map<string, BatchPart>()
  const visit = (part: BatchPart, trail: readonly string[]): void => {
    if (ordered.has(part.id)) return
    if (trail.includes(part.id)) throw malformed(`the ${named(part.id)} depends on itself`)
    const before = new Set<string>()
    for (const id of part.dependsOn) {
      const earlier = partOf.get(id.toLowerCase())
      if (earlier === undefined)
        throw malformed(`the ${named(part.id)} depends on '${id.slice(0, 100)}', which is not there`)
      visit(earlier, [...trail, part.id])
      before.add(earlier.id)
    }
    ordered.set(part.id, { ...part, dependsOn: [...before] })
  }
  for (const part of parts) visit(part, [])
  return [...ordered.values()]
}

function named(id: string): string {
  return `request '${id.slice(0, 100)}'`
}

/** The real service's own sentence, and then what it does not say. */
function malformed(reason: string): ODataError {
  return new ODataError('BadRequest', `Invalid batch payload format. (${reason})`)
}

/** The body of a batch's answer. What is JSON stands there as it is, text as a text, other bytes as base64url. */
export function formatBatch(answers: readonly BatchAnswer[]): string {
  return `{"responses":[${answers.map(formatAnswer).join(',')}]}`
}

function formatAnswer({ id, status, headers, body }: BatchAnswer): string {
  const spelled = Object.entries(headers).map(([name, value]) => [spellHeader(name), value])
  const members = [
    `"id":${JSON.stringify(id)}`,
    `"status":${status}`,
    `"headers":${JSON.stringify(Object.fromEntries(spelled))}`,
    ...(body === undefined ? [] : [`"body":${formatBody(body, headers['content-type'] ?? '')}`]),
  ]
  return `{${members.join(',')}}`
}

function formatBody(body: string | Uint8Array, type: string): string {
  if (isJsonType(type)) return textOf(body)
  if (isTextType(type)) return JSON.stringify(textOf(body))
  return JSON.stringify(Buffer.from(body).toString('base64url'))
}

function textOf(body: string | Uint8Array): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body)
}

function isTextType(type: string): boolean {
  return /^\s*text\//i.test(type)
}

const SPELLINGS: ReadonlyMap<string, string> = new Map(
  ['OData-Version', 'WWW-Authenticate', 'request-id', 'client-request-id'].map((name) => [
    name.toLowerCase(),
    name,
  ]),
)

/** As Graph writes a header: clients look for `Content-Type` and `Retry-After` in just these letters. */
function spellHeader(name: string): string {
  return SPELLINGS.get(name) ?? name.replace(/(?:^|-)[a-z]/g, (first) => first.toUpperCase())
}
