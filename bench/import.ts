/**
 * Imports and exports user run states by the command line, and SQLite's own rate for the same rows beside it.
 *
 *     node bench/import.ts [rows] [rounds]
 */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'

const [rows = 200_000, rounds = 1] = process.argv.slice(2).map(Number)
const program = fileURLToPath(import.meta.resolve('../bin/runstate.js'))
const SCRIPT = '/beta/deviceManagement/deviceShellScripts'

function* lines(): Iterable<string> {
  const script = randomUUID()
  yield `${JSON.stringify({ '@odata.id': `${SCRIPT}('${script}')`, displayName: 'Measured' })}\n`
  for (let n = 0; n < rows; n += 1) {
    const id = randomUUID()
    const state = { id, successDeviceCount: n % 7, errorDeviceCount: n % 3 }
    const address = `${SCRIPT}('${script}')/userRunStates('${id}')`
    yield `${JSON.stringify({ '@odata.id': address, ...state, userPrincipalName: `user${n}@contoso.com` })}\n`
  }
}

interface Run {
  readonly seconds: number
  readonly megabytes: number
}

/** Runs a command to its end; the memory is the most that it had, as it says itself. */
async function run(...args: readonly string[]): Promise<Run> {
  const began = performance.now()
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  let megabytes = 0
  const timer = setInterval(() => {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    megabytes = Math.max(megabytes, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)
  }, 50)
  const code = await new Promise((resolve) => child.once('exit', resolve))
  clearInterval(timer)
  if (code !== 0) throw new Error(`runstate ${args.join(' ')} ended with ${code}`)
  return { seconds: (performance.now() - began) / 1000, megabytes }
}

/** The same rows, table and indexes by prepared statements, in commits of the same size: what SQLite leaves to be reached. */
function floor(file: string): number {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536')
  database.exec(`CREATE TABLE state (script INTEGER, id TEXT, s INTEGER, e INTEGER, u TEXT, f TEXT,
    PRIMARY KEY (script, id)) STRICT, WITHOUT ROWID;
    CREATE INDEX by_name ON state (script, f, id); CREATE INDEX by_count ON state (script, e, id)`)
  const insert = database.prepare('INSERT INTO state VALUES (1, ?, ?, ?, ?, ?)')
  const began = performance.now()
  for (let n = 0; n < rows; n += 1) {
    if (n % 10_000 === 0) database.exec('BEGIN')
    insert.run(randomUUID(), n % 7, n % 3, `user${n}@contoso.com`, `user${n}@contoso.com`)
    if (n % 10_000 === 9999 || n === rows - 1) database.exec('COMMIT')
  }
  database.close()
  return (performance.now() - began) / 1000
}

function tell(name: string, { seconds, megabytes }: Run, floorSeconds: number): void {
  const rate = Math.round(rows / seconds)
  const ratio = (floorSeconds / seconds).toFixed(2)
  process.stdout.write(`${name} ${rate} rows/s, ${ratio} of the floor, at most ${Math.round(megabytes)} MB\n`)
}

for (let round = 0; round < rounds; round += 1) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'runstate-bench-'))
  try {
    const file = path.join(folder, 'states.ndjson')
    await pipeline(Readable.from(lines()), createWriteStream(file))
    const floorSeconds = floor(path.join(folder, 'floor.db'))
    process.stdout.write(`floor  ${Math.round(rows / floorSeconds)} rows/s\n`)
    const data = path.join(folder, 'data')
    tell('import', await run('import', file, '--data', data), floorSeconds)
    tell('export', await run('export', '--data', data, '--output', `${file}.out`), floorSeconds)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
