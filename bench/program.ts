/** Programs beside this one. None outlives it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

/** A program that runs until it is disposed of. */
export interface Program extends AsyncDisposable {
  readonly pid: number
  /** The first line that it printed. */
  readonly line: string
}

/** How a program is started. */
export interface ProgramOptions {
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
}

/** How long a program may take to say that it is there, and to end once it is told. */
const START_MS = 60_000
const END_MS = 15_000

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts this Node with the arguments. @throws Error where it ends, or says nothing for a minute. */
export async function startProgram(
  args: readonly string[],
  { cwd, environment = {} }: ProgramOptions = {},
): Promise<Program> {
  const child = spawn(process.execPath, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  keep(child)
  const lines = createInterface({ input: child.stdout })
  const ended = once(child, 'exit').then(() => undefined)
  const waiting = sleep(START_MS, undefined, { ref: false })
  const line = await Promise.race([once(lines, 'line').then(([first]) => String(first)), ended, waiting])
  if (line === undefined || child.pid === undefined) {
    child.kill('SIGKILL')
    throw new Error(`${args.join(' ')} did not start`)
  }
  return { pid: child.pid, line, [Symbol.asyncDispose]: () => end(child) }
}

/** Runs a program to its end, and gives what it printed. @throws Error where it fails or takes longer than it may. */
export async function runProgram(
  [program = '', ...args]: readonly string[],
  { environment = {}, timeoutMs = 60_000 }: ProgramOptions & { readonly timeoutMs?: number } = {},
): Promise<string> {
  const child = spawn(program, args, { env: { ...process.env, ...environment }, timeout: timeoutMs })
  keep(child)
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text
    })
  const [code, signal] = await once(child, 'close')
  if (code === 0) return printed.stdout
  throw new Error(`${program} ended with ${code ?? signal}: ${printed.stderr.slice(0, 1000)}`)
}

function keep(child: ChildProcess): void {
  running.add(child)
  child.once('exit', () => running.delete(child))
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill()
  const patience = setTimeout(() => child.kill('SIGKILL'), END_MS)
  await exited
  clearTimeout(patience)
}
