/** Whole requests: an operation with its path, query, headers, body and caller; a batch of them; or something else. */
import { batchOf } from './batches.ts'
import { bodyOf } from './bodies.ts'
import { anyOperation, otherPath, pathOf } from './paths.ts'
import { queryOf } from './queries.ts'
import type { Random } from './random.ts'
import type { FuzzRequest } from './request.ts'
import { hostileText } from './texts.ts'
import type { World } from './world.ts'

/** The next request of a stream. */
export function anyRequest(random: Random, world: World): FuzzRequest {
  return random.weighted([
    [90, () => operationRequest(random, world)],
    [5, () => batchRequest(random, world)],
    [3, () => otherRequest(random, world)],
    [2, () => nextPage(random, world)],
  ])
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'Patch', 'PROPFIND']

/** A request for an operation of the model. */
export function operationRequest(random: Random, world: World): FuzzRequest {
  const operation = anyOperation(random)
  const usual = operation.method.toUpperCase()
  const method = random.chance(0.97) ? usual : random.pick(METHODS)
  const takesBody = usual === 'POST' || usual === 'PATCH'
  const body = takesBody ? !random.chance(0.02) : random.chance(0.02)
  return {
    method,
    target: `${pathOf(random, world, operation)}${queryOf(random, operation)}`,
    headers: headersOf(random, world),
    body: body && method !== 'GET' && method !== 'HEAD' ? bodyOf(random, world, operation) : undefined,
    operation,
  }
}

function batchRequest(random: Random, world: World): FuzzRequest {
  const body = batchOf(random, () => operationRequest(random, world))
  const target = random.chance(0.97)
    ? '/beta/$batch'
    : random.pick(['/v1.0/$batch', '/beta/%24batch/', '/v9/$batch', '/beta/$BATCH?x=1'])
  return { method: random.chance(0.98) ? 'POST' : 'PUT', target, headers: headersOf(random, world), body }
}

function otherRequest(random: Random, world: World): FuzzRequest {
  const target = otherPath(random)
  const headers = headersOf(random, world)
  if (!target.includes('token') || random.chance(0.2))
    return { method: random.pick(['GET', 'GET', 'HEAD', 'POST']), target, headers, body: undefined }
  const form = new URLSearchParams()
  for (const name of ['grant_type', 'client_id', 'client_secret', 'scope', 'x'])
    if (random.chance(0.8)) form.append(name, random.pick([...FORM, hostileText(random)]).toWellFormed())
  return {
    method: 'POST',
    target,
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  }
}

const FORM = [
  'client_credentials',
  '7e57ab1e-0000-4000-8000-00000000c11e',
  'runstate-development-secret',
  'https://graph.microsoft.com/.default',
]

function nextPage(random: Random, world: World): FuzzRequest {
  const target = world.link(random) ?? '/beta/deviceManagement/deviceShellScripts?$top=1'
  return { method: 'GET', target, headers: headersOf(random, world), body: undefined }
}

/** By name, what a client may send, and what it should not. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  accept: [
    'application/json',
    '*/*',
    'application/json;odata.metadata=full',
    'application/json;odata.metadata=none;q=0.1',
    'text/plain',
    'application/xml',
    'application/json;odata.metadata=',
    ',,;;q=',
    'a/b;q=2',
  ],
  'content-type': [
    'application/json',
    'application/json; charset=utf-8',
    'text/plain',
    'application/json;charset=utf-16',
    'json',
    ';',
    'application/octet-stream',
    'application/problem+json',
  ],
  prefer: [
    'return=minimal',
    'return=representation',
    'odata.maxpagesize=2',
    'maxpagesize=0',
    'return="minimal"',
    'return=',
    'odata.maxpagesize=99999999999999999999',
    '",,=;"',
    'respond-async',
  ],
  'accept-encoding': ['gzip', 'gzip;q=0', '*', 'br, gzip;q=0.5', 'identity;q=0', ',;q='],
  'client-request-id': ['11111111-2222-4333-8444-555555555555', 'x', 'a'.repeat(300), '<script>'],
  'odata-version': ['4.0', '4.01', '3.0', 'x'],
  'if-match': ['*', '"x"'],
  host: ['localhost'],
  'x-forwarded-host': ['evil.example', '"'],
  'x-http-method-override': ['DELETE'],
  consistencylevel: ['eventual'],
  range: ['bytes=0-1'],
  cookie: ['a=b'],
}

function headersOf(random: Random, world: World): Readonly<Record<string, string>> {
  const { authorization } = random.chance(0.85) ? usualCaller(world) : random.pick(world.callers)
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (authorization !== undefined) headers['authorization'] = authorization
  for (const [name, values] of Object.entries(VALUES)) {
    if (random.chance(0.06))
      headers[name] = random.chance(0.9) ? random.pick(values) : headerText(hostileText(random))
  }
  if (random.chance(0.01)) delete headers['content-type']
  return headers
}

function usualCaller({ callers }: World): World['callers'][number] {
  const [first] = callers
  return first ?? { name: 'nobody', authorization: undefined }
}

/** What of a text may stand in a header's value. */
function headerText(text: string): string {
  return text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').trim()
}
