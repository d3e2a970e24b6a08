/** Batches: parts that wait for each other in every way, and batches that are none. */
import type { Random } from './random.ts'
import type { FuzzRequest } from './request.ts'
import { hostileText, spoilText } from './texts.ts'

interface Part {
  id?: unknown
  method?: unknown
  url?: unknown
  headers?: unknown
  body?: unknown
  dependsOn?: unknown
}

/** The body of a batch of requests. */
export function batchOf(random: Random, request: () => FuzzRequest): string {
  const length = random.weighted([
    [10, () => 1 + random.below(6)],
    [1, () => 20],
    [0.5, () => random.pick([0, 21, 40])],
  ])
  const parts = Array.from({ length }, (_, i) => partOf(random, request(), i))
  for (const [i, part] of parts.entries()) addDependencies(random, part, { at: i, length })
  if (random.chance(0.1)) spoilPart(random, parts)
  const text = JSON.stringify({ requests: parts })
  return random.chance(0.04) ? spoilText(random, text) : text
}

/** Mostly on those before it; sometimes on any, so that there are circles, and on what is not there. */
function addDependencies(
  random: Random,
  part: Part,
  { at, length }: { readonly at: number; readonly length: number },
): void {
  if (!random.chance(0.3)) return
  const end = random.chance(0.9) ? at : length
  if (end === 0) return
  part.dependsOn = Array.from({ length: 1 + random.below(2) }, () =>
    String(random.chance(0.98) ? random.below(end) : 'nobody'),
  )
}

function partOf(random: Random, { method, target, headers, body }: FuzzRequest, index: number): Part {
  const { authorization, ...own } = headers
  const part: Part = {
    id: random.chance(0.9) ? String(index) : index,
    method,
    url: target.replace(/^\/+beta\//, '/'),
  }
  if (random.chance(0.5)) part.headers = random.chance(0.1) ? headers : own
  if (body === undefined) return part
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('base64url')
  try {
    part.body = JSON.parse(text)
  } catch {
    part.body = text
  }
  return part
}

function spoilPart(random: Random, parts: Part[]): void {
  const part = parts.at(random.below(Math.max(1, parts.length)))
  if (part === undefined) return
  const member = random.pick(['id', 'method', 'url', 'headers', 'body', 'dependsOn'] as const)
  part[member] = random.pick<unknown>([
    null,
    '',
    0,
    -1,
    1.5,
    true,
    [],
    {},
    [1],
    ['0'],
    { a: [] },
    hostileText(random),
    '/$batch',
    'https://localhost/beta/x',
    '0',
  ])
}
