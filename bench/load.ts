/** The load of wrk on a target: one thread, connections that are kept. */
import { fileURLToPath } from 'node:url'
import { runProgram } from './program.ts'
import { type RowCounts, SCRIPTS } from './rows.ts'
import type { Target } from './target.ts'

/** What is asked, of which rows, and for how long. */
export interface Load {
  readonly method: 'PATCH' | 'GET'
  readonly seconds: number
  readonly states: RowCounts['states']
  readonly scripts?: RowCounts['scripts']
  readonly connections?: number
}

/** What it came to. */
export interface Loaded {
  readonly perSecond: number
  readonly p99Ms: number
}

/** Connections of a load, where it says no other number. */
export const CONNECTIONS = 16

/** Loads so far. */
let loads = 0

const script = fileURLToPath(import.meta.resolve('./load.lua'))

/** @throws Error where any answer is not 2xx or a connection breaks: such a load measures nothing. */
export async function load(
  { url, token, keys }: Pick<Target, 'url' | 'token' | 'keys'>,
  { method, seconds, states, scripts = SCRIPTS, connections = CONNECTIONS }: Load,
): Promise<Loaded> {
  loads += 1
  const environment = {
    LOAD: String(loads),
    ...{ METHOD: method, TOKEN: token, KEYS: keys },
    ...{ STATES: String(states), SCRIPTS: String(scripts) },
  }
  const args = ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, url]
  const printed = await runProgram(args, { environment, timeoutMs: (seconds + 30) * 1000 })
  if (/Non-2xx|Socket errors/.test(printed)) throw new Error(`${url} refused: ${printed}`)
  return { perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(printed)?.[1]), p99Ms: p99In(printed) }
}

const MILLISECONDS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 }

function p99In(printed: string): number {
  const [, value, unit = ''] = /99%\s+([\d.]+)(us|ms|s|m)/.exec(printed) ?? []
  return Number(value) * (MILLISECONDS[unit] ?? Number.NaN)
}
