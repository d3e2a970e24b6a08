/** The command line, run as a process of its own. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')
const program = join(root, 'bin', 'runstate.js')

/** What ends: a test, or with `after` of node:test a whole file. */
export interface Ending {
  after(end: () => Promise<void> | void): void
}

/** A folder that goes at the end. */
export function createFolder(ending: Ending): string {
  const folder = mkdtempSync(join(tmpdir(), 'runstate-cli-'))
  ending.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Variables beside those of this process, of which none that is Runstate's is passed on. */
export type Environment = Readonly<Record<string, string>>

function environmentOf(own: Environment): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('RUNSTATE_'))
  return { ...Object.fromEntries(inherited), ...own }
}

/** How a process ended and all that it printed. */
export interface Outcome {
  /** The exit code, or the name of the signal. */
  readonly code: number | string | null
  readonly stdout: string
  readonly stderr: string
}

/** A command under way. */
export interface Started {
  readonly child: ChildProcess
  readonly printed: { stdout: string; stderr: string }
  readonly ended: Promise<Outcome>
  /** Resolves with what is found in what was printed, as soon as it is there. */
  until<T>(find: () => T | null): Promise<T>
}

/** Where a process runs, and the command in front of its own, that runs it. */
interface Surroundings {
  readonly cwd?: string | undefined
  readonly before?: readonly string[] | undefined
}

/** Starts a command, and does not wait for its end. */
export function start(
  args: readonly string[],
  environment: Environment = {},
  { cwd = root, before = [] }: Surroundings = {},
): Started {
  const [first = process.execPath, ...rest] = [...before, process.execPath, program, ...args]
  const child = spawn(first, rest, {
    cwd,
    env: environmentOf(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = { stdout: '', stderr: '' }
  let news = Promise.withResolvers<void>()
  const tell = (): void => {
    news.resolve()
    news = Promise.withResolvers()
  }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text
      tell()
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code: code ?? signal, ...printed }))
  child.on('close', tell)
  const until = async <T>(find: () => T | null): Promise<T> => {
    for (;;) {
      const found = find()
      if (found !== null) return found
      assert(child.exitCode === null && child.signalCode === null, `it ended: ${JSON.stringify(printed)}`)
      await news.promise
    }
  }
  return { child, printed, ended, until }
}

/** Runs a command to its end. */
export async function run(
  args: readonly string[],
  { environment = {}, ...surroundings }: Surroundings & { readonly environment?: Environment } = {},
): Promise<Outcome> {
  return await start(args, environment, surroundings).ended
}

/** What the ready line says. */
export interface ReadyLine {
  readonly url: string
  readonly httpUrl: string
  readonly ca: string
  readonly tenant: string
  readonly clientId: string
  readonly clientSecret: string | null
  readonly profile: string
  readonly cloud: string
  readonly pid: number
}

/** A server in a process of its own. */
export interface Serving {
  readonly ready: ReadyLine
  readonly child: ChildProcess
  /** What it printed so far. */
  readonly printed: { readonly stdout: string; readonly stderr: string }
  /** Ends it and waits. */
  stop(signal?: NodeJS.Signals): Promise<Outcome>
  /** Resolves when stderr has what the pattern finds. */
  logged(pattern: RegExp): Promise<RegExpExecArray>
}

/** A server that was started, and may not be ready yet. */
export interface Launched {
  readonly child: ChildProcess
  /** Rejects where the process ends before it is ready. */
  readonly serving: Promise<Serving>
  readonly ended: Promise<Outcome>
}

/** Starts `runstate serve` on free ports, and does not wait for it. It ends with the test. */
export function launch(
  ending: Ending,
  args: readonly string[],
  {
    environment = {},
    before,
  }: { readonly environment?: Environment; readonly before?: readonly string[] } = {},
): Launched {
  const command = ['serve', '--port', '0', '--http-port', '0', ...args]
  const { child, printed, ended, until } = start(command, environment, { before })
  ending.after(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<Outcome> => {
    child.kill(signal)
    return await ended
  }
  const logged = (pattern: RegExp): Promise<RegExpExecArray> => until(() => pattern.exec(printed.stderr))
  const serving = until(() => /^(.*)\n/.exec(printed.stdout)).then(([, line = '']) => {
    return { ready: JSON.parse(line), child, printed, stop, logged }
  })
  return { child, serving, ended }
}

/** `runstate serve` on free ports, once it is ready. It ends with the test. */
export async function serve(
  ending: Ending,
  args: readonly string[],
  environment: Environment = {},
): Promise<Serving> {
  return await launch(ending, args, { environment }).serving
}
