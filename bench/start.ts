/**
 * How long until connections are accepted, run directly, and what an idle server holds. The first start makes the CA, the
 * signing key and the database; the second finds them. Memory is the resident set three seconds after the second start.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { median, ratiosOf } from './figures.ts'
import type { BenchOptions, Figure } from './figures-table.ts'
import { temporaryFolder } from './folder.ts'
import { startProgram } from './program.ts'
import { residentMegabytes } from './usage.ts'

const MOST_SECONDS = { first: 0.8, second: 0.35 } as const
const MOST_MEGABYTES = 80
const IDLE_MS = 3000

const program = fileURLToPath(import.meta.resolve('../bin/runstate.js'))

interface Start {
  readonly seconds: number
  readonly megabytes: number
}

export async function measure({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const [bare, firsts, seconds, memory]: [number[], number[], number[], number[]] = [[], [], [], []]
  for (let round = 0; round < (isQuick ? 2 : 7); round += 1) {
    using data = temporaryFolder()
    bare.push(await startBare())
    firsts.push((await start(`${data.path}/folder`, 0)).seconds)
    const second = await start(`${data.path}/folder`, IDLE_MS)
    seconds.push(second.seconds)
    memory.push(second.megabytes)
  }
  const startFigure = (name: 'first' | 'second', values: readonly number[]): Figure => ({
    figure: `${name} start, until connections are accepted`,
    value: `${median(values).toFixed(2)} s`,
    ratio: { to: 'Node that does nothing', rounds: ratiosOf(values, bare) },
    goal: { bound: 'at most', limit: MOST_SECONDS[name], reached: median(values), unit: ' s' },
  })
  return [
    startFigure('first', firsts),
    startFigure('second', seconds),
    {
      figure: 'memory of an idle server',
      value: `${median(memory).toFixed(0)} MB`,
      goal: { bound: 'at most', limit: MOST_MEGABYTES, reached: median(memory), unit: ' MB' },
    },
  ]
}

/** Seconds until Node prints a line. */
async function startBare(): Promise<number> {
  const began = performance.now()
  await using bare = await startProgram(['--eval', 'console.log(process.pid)'])
  return bare.pid > 0 ? (performance.now() - began) / 1000 : Number.NaN
}

/** Starts a server, waits for its line, lets it be idle, and stops it. */
async function start(data: string, idleMs: number): Promise<Start> {
  const began = performance.now()
  const args = [program, 'serve', '--data', data, '--port', '0', '--http-port', '0']
  await using server = await startProgram(args)
  const seconds = (performance.now() - began) / 1000
  await sleep(idleMs)
  return { seconds, megabytes: residentMegabytes(server.pid) }
}
