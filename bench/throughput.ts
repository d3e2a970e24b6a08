/**
 * PATCH and GET of one user run state, beside the floor, on the same 100,000 rows in the same minutes.
 *
 *     node bench/throughput.ts [rounds] [seconds]    needs wrk on the PATH
 *
 * Prints requests a second, the median of the rounds, and the ratio round by round.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { fillFolder } from './rows.ts'

const CONNECTIONS = 16
const [rounds = 3, seconds = 5] = process.argv.slice(2).map(Number)

interface Target extends Disposable {
  readonly url: string
  readonly token: string
}

async function start(args: readonly string[]): Promise<{ readonly line: string } & Disposable> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const lines = createInterface({ input: child.stdout })
  const line = await new Promise<string>((resolve) => lines.once('line', resolve))
  return { line, [Symbol.dispose]: () => void child.kill() }
}

async function startFloor(): Promise<Target> {
  const floor = await start([fileURLToPath(import.meta.resolve('./floor.ts'))])
  return {
    url: `http://127.0.0.1:${floor.line}`,
    token: 'none',
    [Symbol.dispose]: () => floor[Symbol.dispose](),
  }
}

async function startServer(data: string): Promise<Target> {
  const program = fileURLToPath(import.meta.resolve('../bin/runstate.js'))
  const server = await start([program, 'serve', '--data', data, '--port', '0', '--http-port', '0'])
  const { httpUrl }: { httpUrl: string } = JSON.parse(server.line)
  const token = spawnSync(process.execPath, [program, 'token', '--data', data], {
    encoding: 'utf8',
  }).stdout.trim()
  return { url: httpUrl, token, [Symbol.dispose]: () => server[Symbol.dispose]() }
}

/** Requests a second; an answer that is not 2xx ends the measurement, for it measures nothing. */
function load({ url, token }: Target, method: string): number {
  const script = fileURLToPath(import.meta.resolve('./load.lua'))
  const { stdout, error } = spawnSync(
    'wrk',
    ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '-s', script, url],
    {
      encoding: 'utf8',
      env: { ...process.env, METHOD: method, TOKEN: token },
    },
  )
  if (error !== undefined) throw error
  if (stdout.includes('Non-2xx')) throw new Error(`${url} refused: ${stdout}`)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1])
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function measure(): Promise<void> {
  const data = mkdtempSync(path.join(os.tmpdir(), 'runstate-bench-'))
  try {
    await fillFolder(data)
    using floor = await startFloor()
    using server = await startServer(data)
    for (const method of ['PATCH', 'GET']) {
      const pairs = Array.from({ length: rounds }, () => ({
        floor: load(floor, method),
        server: load(server, method),
      }))
      const ratios = pairs.map((pair) => pair.server / pair.floor)
      const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`
      process.stdout.write(
        `${method.padEnd(6)} floor ${median(pairs.map((pair) => pair.floor)).toFixed(0)}/s   runstate ${median(
          pairs.map((pair) => pair.server),
        ).toFixed(0)}/s   ratio ${median(ratios).toFixed(2)} (${spread})\n`,
      )
    }
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

await measure()
