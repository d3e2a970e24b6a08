/** The least of a request that still breaks a rule. */
import { breachesOf } from './answers.ts'
import type { FuzzRequest } from './request.ts'
import { ask, type Subject } from './subject.ts'

/** How often the server is asked again, at most. */
const TRIES = 300

/** Takes away from a request what it can do without, as long as the same rule is broken. */
export async function minimise(
  { server }: Subject,
  request: FuzzRequest,
  rule: string,
): Promise<FuzzRequest> {
  let least = request
  let tries = 0
  const stillBreaks = async (candidate: FuzzRequest): Promise<boolean> => {
    tries += 1
    const answer = await ask(server, candidate)
    return answer !== undefined && breachesOf(candidate, answer).some((breach) => breach.rule === rule)
  }
  for (let isSmaller = true; isSmaller && tries < TRIES; ) {
    isSmaller = false
    for (const candidate of smaller(least)) {
      if (tries >= TRIES || !(await stillBreaks(candidate))) continue
      least = candidate
      isSmaller = true
      break
    }
  }
  return least
}

function* smaller(request: FuzzRequest): Iterable<FuzzRequest> {
  for (const name of Object.keys(request.headers)) {
    const { [name]: _, ...headers } = request.headers
    yield { ...request, headers }
  }
  const [path = '', query] = request.target.split(/\?(.*)/s)
  if (query !== undefined) {
    yield { ...request, target: path }
    for (const part of shorter(query)) yield { ...request, target: `${path}?${part}` }
  }
  if (typeof request.body !== 'string') return
  for (const body of shorterJson(request.body)) yield { ...request, body }
  for (const body of shorter(request.body)) yield { ...request, body }
}

/** Without each half, each quarter, down to single characters of what is short. */
function* shorter(text: string): Iterable<string> {
  for (let size = Math.ceil(text.length / 2); size >= 1; size = size > 1 ? Math.ceil(size / 2) : 0) {
    if (text.length / size > 64) return
    for (let at = 0; at < text.length; at += size) yield text.slice(0, at) + text.slice(at + size)
  }
}

/** Without a member each, or without a request of a batch. */
function* shorterJson(text: string): Iterable<string> {
  const json = parse(text)
  if (typeof json !== 'object' || json === null) return
  const batch: unknown = Reflect.get(json, 'requests')
  if (Array.isArray(batch)) {
    for (const i of batch.keys()) yield JSON.stringify({ requests: batch.toSpliced(i, 1) })
    return
  }
  for (const name of Object.keys(json)) {
    const rest = Object.fromEntries(Object.entries(json).filter(([each]) => each !== name))
    yield JSON.stringify(rest)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
