/**
 * How long until connections are accepted, run directly, and what an idle server holds.
 *
 *     node bench/start.ts [rounds]
 *
 * The first start makes the CA, the signing key and the database; the second finds them. Memory is the resident set
 * three seconds after the second start.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const rounds = Number(process.argv[2] ?? 5)
const program = fileURLToPath(import.meta.resolve('../bin/runstate.js'))

interface Start {
  readonly seconds: number
  readonly megabytes: number
}

/** Starts a server, waits for its line, and stops it. */
async function start(data: string, idleMs: number): Promise<Start> {
  const began = performance.now()
  const args = [program, 'serve', '--data', data, '--port', '0', '--http-port', '0']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  const seconds = (performance.now() - began) / 1000
  await sleep(idleMs)
  const status = idleMs === 0 ? '' : readFileSync(`/proc/${child.pid}/status`, 'utf8')
  const megabytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill()
  await ended
  return { seconds, megabytes }
}

function describe(name: string, values: readonly number[], unit: string): string {
  const sorted = values.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  return `${name.padEnd(13)} ${median.toFixed(2)} ${unit} (${sorted[0]?.toFixed(2)}–${sorted.at(-1)?.toFixed(2)})\n`
}

const firsts: number[] = []
const seconds: number[] = []
const memory: number[] = []
for (let round = 0; round < rounds; round += 1) {
  const data = mkdtempSync(path.join(os.tmpdir(), 'runstate-start-'))
  firsts.push((await start(path.join(data, 'folder'), 0)).seconds)
  const second = await start(path.join(data, 'folder'), 3000)
  seconds.push(second.seconds)
  memory.push(second.megabytes)
  rmSync(data, { recursive: true, force: true })
}
process.stdout.write(
  describe('first start', firsts, 's') +
    describe('second start', seconds, 's') +
    describe('idle', memory, 'MB'),
)
