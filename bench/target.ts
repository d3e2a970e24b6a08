/** What is measured: the server, and what stands beside it. */
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Program, runProgram, startProgram } from './program.ts'

/** Something that answers the requests of `load.lua`. */
export interface Target extends AsyncDisposable {
  readonly url: string
  readonly token: string
  readonly pid: number
  /** How a key is written in a URL: as Graph's clients do, or as OData demands. */
  readonly keys: 'segments' | 'parentheses'
}

/** A server of ours, which also has TLS. */
export interface ServerTarget extends Target {
  readonly secureUrl: string
}

const command = fileURLToPath(import.meta.resolve('../bin/runstate.js'))

/** Starts `runstate serve` on a data folder and free ports, with further arguments. Its log goes nowhere. */
export async function startServer(data: string, args: readonly string[] = []): Promise<ServerTarget> {
  const ports = ['--port', '0', '--http-port', '0']
  const server = await startProgram([command, 'serve', '--data', data, ...ports, ...args])
  try {
    const { url: secureUrl, httpUrl: url }: { url: string; httpUrl: string } = JSON.parse(server.line)
    const token = (await runProgram([process.execPath, command, 'token', '--data', data])).trim()
    return { ...targetOf(server), url, secureUrl, token }
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
}

/** Starts the floor, with so many rows. */
export async function startFloor(states: number): Promise<Target> {
  const floor = await startProgram([fileURLToPath(import.meta.resolve('./floor.ts')), String(states)])
  return { ...targetOf(floor), url: `http://127.0.0.1:${floor.line}`, token: 'none' }
}

/** Starts CAP in a folder where it is installed and its database filled with the same rows. */
export async function startCap(folder: string): Promise<Target> {
  const port = await freePort()
  const serve = path.join(folder, 'node_modules/@sap/cds/bin/serve.js')
  const environment = { NODE_ENV: 'production' }
  const cap = await startProgram([serve, 'all', '--port', String(port)], { cwd: folder, environment })
  const url = `http://127.0.0.1:${port}`
  try {
    await untilAnswering(url)
  } catch (error) {
    await cap[Symbol.asyncDispose]()
    throw error
  }
  return { ...targetOf(cap), url, token: 'none', keys: 'parentheses' }
}

function targetOf(program: Program): Pick<Target, 'pid' | 'keys' | typeof Symbol.asyncDispose> {
  return {
    pid: program.pid,
    keys: 'segments',
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function untilAnswering(url: string): Promise<void> {
  for (let attempts = 0; ; attempts += 1) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer !== undefined) return
    if (attempts === 300) throw new Error(`${url} does not answer`)
    await sleep(100)
  }
}
