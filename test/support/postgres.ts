/** A PostgreSQL of a test's own: the system's binaries, a new cluster in a temporary folder, a Unix socket, no port. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Statement } from '#storage/compile.ts'
import type { SqlValue } from '#storage/dialect.ts'
import { PostgresProcess } from './postgres-process.ts'

/** A running cluster with one empty database. */
export interface Postgres extends AsyncDisposable {
  /** Makes a database, empty or like another, and gives its URL. */
  create(name: string, template?: string): string
  /** The URL of a database. */
  url(name: string): string
  /** The number of the server's first process. */
  readonly processId: number
  /** Starts the server where it was killed; it takes connections when this resolves. */
  start(): Promise<void>
  /** Ends every connection, and takes new ones again when this resolves. */
  restart(): Promise<void>
  /** Runs SQL with psql up to its first error, and gives the rows, a line each, columns joined by `|`. */
  run(sql: string): readonly string[]
  /** Prepares a statement with parameters and runs it. */
  execute(statement: Statement): readonly string[]
  /** As {@link execute}, of many in one session, the rows of each. */
  executeAll(statements: readonly Statement[]): readonly (readonly string[])[]
  /** How each of many would be executed under the given settings, as lines of a plan. */
  explainAll(statements: readonly Statement[], settings: string): readonly (readonly string[])[]
}

/** The user nobody: PostgreSQL refuses to run as root. */
const NOBODY = 65_534

/** For what is thrown away anyway. */
const FAST = ['fsync=off', 'full_page_writes=off']

const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...globSync('/usr/lib/postgresql/*/bin')]
const binaries = folders.find((folder) =>
  ['initdb', 'postgres', 'psql'].every((name) => existsSync(join(folder, name))),
)

/** Why a test that needs PostgreSQL is skipped; on CI it is not, and fails. */
export const noPostgres: string | false =
  binaries === undefined && process.env['CI'] !== 'true' && 'PostgreSQL is not installed here'

/** How a cluster is to be. */
interface PostgresOptions {
  /** Settings `name=value`; where absent those that make it fast, and have it lose its data with the machine. */
  readonly settings?: readonly string[]
}

/** Starts a cluster. Use it with `await using`. */
export async function startPostgres({ settings = FAST }: PostgresOptions = {}): Promise<Postgres> {
  assert(binaries !== undefined, 'PostgreSQL is not installed: apt-get install postgresql')
  const folder = mkdtempSync(join(tmpdir(), 'runstate-postgres-'))
  const data = join(folder, 'data')
  const isRoot = process.getuid?.() === 0
  const owner = isRoot ? { uid: NOBODY, gid: NOBODY, cwd: folder } : { cwd: folder }
  if (isRoot) chownSync(folder, NOBODY, NOBODY)
  const initdb = ['-D', data, '-U', 'runstate', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  runProgram(join(binaries, 'initdb'), initdb, owner)
  const all = ['listen_addresses=', `unix_socket_directories=${folder}`, ...settings]
  const args = ['-D', data, ...all.flatMap((setting) => ['-c', setting])]
  const program = join(binaries, 'postgres')
  const connection = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', folder, '-U', 'runstate']
  const psql = join(binaries, 'psql')
  const run = (sql: string): readonly string[] =>
    runProgram(psql, [...connection, '-d', 'postgres'], { input: sql })
      .split('\n')
      .filter((line) => line !== '')
  const server = new PostgresProcess({
    launch: () => spawn(program, args, { ...owner, stdio: 'ignore' }),
    ask: () => run('SELECT 1'),
  })
  const abandon = (): void => {
    server.kill()
    removeNow(folder)
  }
  process.on('exit', abandon)
  const stop = async (): Promise<void> => {
    server.kill()
    await server.ended()
    process.off('exit', abandon)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await server.ready()
  } catch (error) {
    await stop()
    throw error
  }
  const runAll = (sql: readonly string[]): readonly (readonly string[])[] => {
    const groups: string[][] = []
    for (const line of run(sql.map((each) => `\\echo ${BETWEEN}\n${each}`).join('\n')))
      line === BETWEEN ? groups.push([]) : groups.at(-1)?.push(line)
    return groups
  }
  const url = (name: string): string => `postgres:///${name}?host=${encodeURIComponent(folder)}&user=runstate`
  const create: Postgres['create'] = (name, template = 'template0') => {
    run(`CREATE DATABASE ${name} TEMPLATE ${template}`)
    return url(name)
  }
  const restart = async (): Promise<void> => {
    server.kill()
    await server.start()
  }
  const execute: Postgres['execute'] = (statement) => run(formatExecution(statement))
  return {
    ...{ run, execute, url, create, restart },
    get processId() {
      return server.id
    },
    start: () => server.start(),
    executeAll: (statements) => runAll(statements.map((statement) => formatExecution(statement))),
    explainAll: (statements, settings) =>
      runAll(statements.map((each) => `${settings};${formatExecution(each, 'EXPLAIN (COSTS OFF) ')}`)),
    [Symbol.asyncDispose]: stop,
  }
}

/** Stands between the rows of two statements. */
const BETWEEN = '---'

function formatExecution({ text, values }: Statement, how = ''): string {
  const list = values.length === 0 ? '' : `(${values.map(formatLiteral).join(', ')})`
  return `PREPARE statement AS ${text};\n${how}EXECUTE statement ${list};\nDEALLOCATE statement;`
}

/** A value as PostgreSQL reads it in SQL. */
function formatLiteral(value: SqlValue): string {
  if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString('hex')}'`
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
}

/** Removes the folder of a cluster that is ending, and may still write to it, from a handler that cannot wait. */
function removeNow(folder: string): void {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (let tries = 0; tries < 20 && existsSync(folder); tries += 1) {
    if (tries > 0) Atomics.wait(pause, 0, 0, 50)
    rmSync(folder, { recursive: true, force: true })
  }
}

interface ProgramOptions {
  readonly uid?: number
  readonly gid?: number
  readonly cwd?: string
  readonly input?: string
}

function runProgram(program: string, args: readonly string[], options: ProgramOptions): string {
  const { error, status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', ...options })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`)
  return stdout
}
