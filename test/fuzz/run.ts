/** Asks a server again and again, and holds the answers and the database to what must be so. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Profile } from '#base/quirks.ts'
import { model } from '#model/model.ts'
import { parsePath } from '#odata/odata.ts'
import { breachesOf, type FuzzAnswer, memberOf, textOf } from './answers.ts'
import { databaseBreaches, integrityBreaches } from './database.ts'
import { minimise } from './minimal.ts'
import { Random } from './random.ts'
import type { FuzzRequest } from './request.ts'
import { anyRequest } from './requests.ts'
import { sendSlowly } from './slow.ts'
import { sendOverSockets } from './sockets.ts'
import { ask, type Subject, startSubject } from './subject.ts'
import { World } from './world.ts'

/** How much is asked. */
export interface FuzzOptions {
  readonly requests: number
  readonly seed: number
  /** Told after each {@link BLOCK}. */
  readonly report?: (line: string) => void
  /** Whether clients that dawdle are served beside: they take as long as a request may. */
  readonly hasSlowClients?: boolean
}

/** What came of it. */
export interface FuzzReport {
  readonly requests: number
  /** Of them over sockets. */
  readonly overSockets: number
  /** How many answers had each status; parts of batches are not counted. */
  readonly statuses: ReadonlyMap<number, number>
  /** Milliseconds of the slowest answer. */
  readonly slowest: number
  /** Answers that took longer than a second. */
  readonly slow: number
  /** Bytes of the heap after a collection: after the first tenth, and at the end. Undefined where none can be asked for. */
  readonly heap: { readonly early: number; readonly late: number } | undefined
  readonly failures: readonly string[]
}

/** Requests between two looks at the database. */
export const BLOCK = 1000
/** Requests under way at once. */
const LANES = 8
/** Blocks after which a tenant is emptied. */
const RESET_BLOCKS = 5
/** More would say nothing new. */
const MAX_FAILURES = 20

/** Both profiles take turns, each with a server of its own. */
export async function fuzz({
  requests,
  seed,
  report,
  hasSlowClients = false,
}: FuzzOptions): Promise<FuzzReport> {
  const tally = new Tally()
  await using stack = new AsyncDisposableStack()
  const profiles: readonly Profile[] = ['documented', 'observed']
  const runs: Run[] = []
  for (const profile of profiles)
    runs.push(new Run(stack.use(await startSubject(profile)), { seed, profile, tally }))
  const slow = hasSlowClients
    ? sendSlowly(runs.flatMap(({ subject }) => subject.addresses))
    : Promise.resolve([])
  let early: number | undefined
  for (let done = 0, block = 0; done < requests && tally.failures.length < MAX_FAILURES; block += 1) {
    const run = runs[block % runs.length]
    const count = Math.min(BLOCK, requests - done)
    await run?.block({ first: done, count, block })
    done += count
    if (done >= requests / 10) early ??= collectedHeap()
    report?.(`${done} requests, ${tally.failures.length} failures`)
  }
  tally.addAll(await slow)
  tally.addAll(await socketsLeft())
  for (const { subject } of runs)
    tally.addAll(integrityBreaches(subject.databaseFile).map((line) => `integrity: ${line}`))
  const late = collectedHeap()
  return { ...tally.figures(), heap: early === undefined || late === undefined ? undefined : { early, late } }
}

/** Every connection has ended a moment after its client. */
async function socketsLeft(): Promise<readonly string[]> {
  const count = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
  for (let tries = 0; count() > 0 && tries < 50; tries += 1) await sleep(100)
  return count() === 0 ? [] : [`${count()} connections are left open`]
}

/** Undefined where Node was not started with `--expose-gc`. */
function collectedHeap(): number | undefined {
  if (globalThis.gc === undefined) return undefined
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

class Tally {
  readonly failures: string[] = []
  readonly #statuses = new Map<number, number>()
  #requests = 0
  #overSockets = 0
  #slowest = 0
  #slow = 0

  count(answer: Pick<FuzzAnswer, 'status' | 'milliseconds'>): void {
    this.#requests += 1
    this.#statuses.set(answer.status, (this.#statuses.get(answer.status) ?? 0) + 1)
    this.#slowest = Math.max(this.#slowest, answer.milliseconds)
    if (answer.milliseconds > 1000) this.#slow += 1
  }

  countSockets(requests: number): void {
    this.#requests += requests
    this.#overSockets += requests
  }

  addAll(failures: readonly string[]): void {
    this.failures.push(...failures)
  }

  figures(): Omit<FuzzReport, 'heap'> {
    const statuses = new Map([...this.#statuses].sort(([a], [b]) => a - b))
    return {
      requests: this.#requests,
      overSockets: this.#overSockets,
      statuses,
      slowest: this.#slowest,
      slow: this.#slow,
      failures: this.failures,
    }
  }
}

interface RunOptions {
  readonly seed: number
  readonly profile: Profile
  readonly tally: Tally
}

interface Block {
  readonly first: number
  readonly count: number
  readonly block: number
}

/** One server, and what is known of it. */
class Run {
  readonly subject: Subject
  readonly #options: RunOptions
  readonly #world: World
  readonly #touched = { summaries: new Set<string>(), assignments: new Set<string>() }

  constructor(subject: Subject, options: RunOptions) {
    this.subject = subject
    this.#options = options
    this.#world = new World(subject.callers)
  }

  /** Sends a block of requests, a twentieth of them over sockets, and looks at the database after it. */
  async block({ first, count, block }: Block): Promise<void> {
    const { seed, profile, tally } = this.#options
    const { server, databaseFile } = this.subject
    const socketShare = Math.floor(count / 20)
    let next = first
    const end = first + count - socketShare
    const lane = async (): Promise<void> => {
      while (next < end) {
        const index = next
        next += 1
        await this.#one(index)
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    const breaches = await sendOverSockets({
      addresses: this.subject.addresses,
      world: this.#world,
      random: new Random(seed, -1 - block),
      count: socketShare,
      sending: ({ method, target }) => this.#touch(method, target),
    })
    tally.countSockets(socketShare)
    const where = `seed ${seed}, ${profile}, before request ${first + count}`
    tally.addAll(
      [...breaches, ...databaseBreaches(databaseFile, this.#touched)].map((line) => `${where}: ${line}`),
    )
    if (block % RESET_BLOCKS !== RESET_BLOCKS - 1) return
    await server.reset()
    this.#world.clear()
  }

  async #one(index: number): Promise<void> {
    const { seed, profile, tally } = this.#options
    const random = new Random(seed, index)
    const request = anyRequest(random, this.#world)
    const answer = await ask(this.subject.server, request)
    // What Fetch does not send is sent over a socket, or not at all.
    if (answer === undefined) {
      tally.count({ status: 0, milliseconds: 0 })
      return
    }
    tally.count(answer)
    if (answer.status !== 0) this.#learn(request, answer)
    for (const { rule, detail } of breachesOf(request, answer)) {
      const least = await minimise(this.subject, request, rule)
      tally.addAll([`seed ${seed}, ${profile}, request ${index}: ${rule}: ${detail}\n${describe(least)}`])
    }
  }

  /** What the answer says that there is now, and is no more; and what a client has set by hand. */
  #learn(request: FuzzRequest, answer: FuzzAnswer): void {
    const { method, target, operation } = request
    const { status, headers } = answer
    if (status >= 300) return
    const path = pathNamed(target)
    if (headers.has('location') && operation !== undefined)
      this.#world.add(operation.path, new URL(headers.get('location') ?? '/', 'https://localhost').pathname)
    if (method === 'DELETE') this.#world.remove(path)
    this.#touch(method, path)
    if (!(headers.get('content-type') ?? '').includes('json')) return
    const body: unknown = method === 'HEAD' ? undefined : JSON.parse(textOf(answer))
    const link = memberOf(body, '@odata.nextLink')
    if (typeof link === 'string') this.#world.addLink(link.replace(/^https?:\/\/[^/]+/, ''))
    if (Array.isArray(memberOf(body, 'responses'))) this.#touchParts(request)
  }

  #touchParts({ body }: FuzzRequest): void {
    const text = typeof body === 'string' ? body : ''
    const requests = memberOf(JSON.parse(text), 'requests')
    if (!Array.isArray(requests)) return
    for (const part of requests)
      this.#touch(
        String(memberOf(part, 'method')),
        `/beta/${String(memberOf(part, 'url')).trim().split('?')[0]}`,
      )
  }

  /** An id may keep what it was made of, and a summary what it was set to. */
  #touch(method: string, path: string): void {
    if (method.toUpperCase() !== 'PATCH') return
    const found = resolve(pathNamed(path))
    if (found?.kind === 'single') this.#touched.summaries.add(found.parents.at(-1)?.key ?? '')
    if (found?.kind === 'entity') this.#touched.assignments.add(found.key)
  }
}

/** As Fetch makes it: without dots. */
function pathNamed(target: string): string {
  return URL.parse(`https://localhost${target}`)?.pathname ?? target
}

function resolve(path: string): ReturnType<typeof parsePath> | undefined {
  try {
    return parsePath(path, model)
  } catch {
    return undefined
  }
}

/** A request to be read, without its token. */
function describe({ method, target, headers, body }: FuzzRequest): string {
  const { authorization = '', ...others } = headers
  const shown = {
    ...others,
    ...(authorization === '' ? {} : { authorization: `${authorization.slice(0, 12)}…` }),
  }
  const text =
    body === undefined
      ? ''
      : typeof body === 'string'
        ? body
        : `base64 ${Buffer.from(body).toString('base64')}`
  return `  ${method} ${target.slice(0, 4000)}\n  ${JSON.stringify(shown)}\n  ${text.slice(0, 4000)}`
}
