/** A client that sends so many requests a second, whether or not it is answered in time: wrk only knows full speed. */
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { CONNECTIONS } from './load.ts'
import { scriptId, stateId } from './rows.ts'
import type { Target } from './target.ts'

/** What a stretch of time came to. */
export interface Stretch {
  readonly perSecond: number
  /** Requests that were not answered 200. */
  readonly failed: number
  /** From when each was due, so that a stall is seen by all that it held up. */
  readonly latenciesMs: readonly number[]
}

/** The rows that are changed, and how fast. */
export interface Pace {
  readonly seconds: number
  /** Requests a second; as many as are answered where absent. */
  readonly perSecond?: number
}

/** Requests that may be under way or wait for a connection; what is due beyond them has failed. */
const MOST_WAITING = 20_000

const ANSWER_MS = 10_000
const TICK_MS = 2

/** Changes user run states over connections that are kept. Dispose of it to close them. */
export class PacedClient implements Disposable {
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  readonly #target: Target
  readonly #rows: { readonly scripts: number; readonly states: number }
  #sent = 0

  constructor(target: Target, rows: { readonly scripts: number; readonly states: number }) {
    this.#target = target
    this.#rows = rows
  }

  async run({ seconds, perSecond }: Pace): Promise<Stretch> {
    const began = performance.now()
    const latenciesMs: number[] = []
    let failed = 0
    const fire = async (dueAt: number): Promise<void> => {
      const isGood = await this.#patch()
      if (isGood) latenciesMs.push(performance.now() - dueAt)
      else failed += 1
    }
    if (perSecond === undefined) await atFullSpeed(fire, seconds)
    else failed += await atPace(fire, { seconds, perSecond })
    const took = (performance.now() - began) / 1000
    return { perSecond: latenciesMs.length / took, failed, latenciesMs }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }

  /** Whether a change was answered 200. */
  #patch(): Promise<boolean> {
    const n = this.#sent
    this.#sent += 1
    const { url, token } = this.#target
    const k = (n * 7919) % this.#rows.states
    const path = `/beta/deviceManagement/deviceShellScripts/${scriptId(k % this.#rows.scripts)}/userRunStates/${stateId(k)}`
    const body = `{"successDeviceCount":${n % 9},"errorDeviceCount":0}`
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': body.length,
    }
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const request = http.request(url + path, {
      method: 'PATCH',
      agent: this.#agent,
      headers,
      timeout: ANSWER_MS,
    })
    request.on('response', (response) => {
      response.on('end', () => resolve(response.statusCode === 200)).on('error', () => resolve(false))
      response.resume()
    })
    request.on('timeout', () => request.destroy())
    request.on('close', () => resolve(false))
    request.on('error', () => resolve(false))
    request.end(body)
    return promise
  }
}

type Fire = (dueAt: number) => Promise<void>

async function atFullSpeed(fire: Fire, seconds: number): Promise<void> {
  const endsAt = performance.now() + seconds * 1000
  const run = async (): Promise<void> => {
    while (performance.now() < endsAt) await fire(performance.now())
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, run))
}

/** Gives how many were not even sent. */
async function atPace(fire: Fire, { seconds, perSecond }: Required<Pace>): Promise<number> {
  const beganAt = performance.now()
  const waiting = new Set<Promise<void>>()
  let dropped = 0
  for (let sent = 0; sent < seconds * perSecond; ) {
    const due = Math.min(seconds, (performance.now() - beganAt) / 1000) * perSecond
    for (; sent < due; sent += 1) {
      if (waiting.size >= MOST_WAITING) {
        dropped += 1
        continue
      }
      const one: Promise<void> = fire(beganAt + (sent / perSecond) * 1000).finally(() => waiting.delete(one))
      waiting.add(one)
    }
    await sleep(TICK_MS)
  }
  await Promise.all(waiting)
  return dropped
}
