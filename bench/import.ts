/** Imports and exports user run states by the command line, and SQLite's own rate for the same rows beside it. */
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { formatRate, median } from './figures.ts'
import type { BenchOptions, Figure } from './figures-table.ts'
import { temporaryFolder } from './folder.ts'
import { runProgram } from './program.ts'

const LEAST_PER_SECOND = 50_000
const COMMIT_ROWS = 25_000
const LONGEST_MS = 5 * 60_000
const COLLECTION = '/beta/deviceManagement/deviceShellScripts'

const program = fileURLToPath(import.meta.resolve('../bin/runstate.js'))

export async function measure({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const rows = isQuick ? 20_000 : 200_000
  const [floors, imports, exports]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < (isQuick ? 1 : 3); round += 1) {
    using folder = temporaryFolder()
    const file = path.join(folder.path, 'states.ndjson')
    await pipeline(Readable.from(lines(rows)), createWriteStream(file))
    const data = path.join(folder.path, 'data')
    floors.push(rows / insertRows(path.join(folder.path, 'floor.db'), rows))
    imports.push(rows / (await run('import', file, '--data', data)))
    exports.push(rows / (await run('export', '--data', data, '--output', `${file}.out`)))
  }
  const figureOf = (what: string, rates: readonly number[]): Figure => ({
    figure: `${what} of ${rows.toLocaleString('en')} rows, the start of the command with it`,
    value: formatRate(median(rates)),
    ratio: { to: "SQLite's own inserts", rounds: rates.map((rate, i) => rate / (floors[i] ?? Number.NaN)) },
    goal: { bound: 'at least', limit: LEAST_PER_SECOND, reached: median(rates), unit: '/s' },
  })
  return [figureOf('import', imports), figureOf('export', exports)]
}

function* lines(rows: number): Iterable<string> {
  const script = randomUUID()
  yield `${JSON.stringify({ '@odata.id': `${COLLECTION}('${script}')`, displayName: 'Measured' })}\n`
  for (let n = 0; n < rows; n += 1) {
    const id = randomUUID()
    const state = { id, successDeviceCount: n % 7, errorDeviceCount: n % 3 }
    const address = `${COLLECTION}('${script}')/userRunStates('${id}')`
    yield `${JSON.stringify({ '@odata.id': address, ...state, userPrincipalName: `user${n}@contoso.com` })}\n`
  }
}

/** Seconds that a command takes. */
async function run(...args: readonly string[]): Promise<number> {
  const began = performance.now()
  await runProgram([process.execPath, program, ...args], { timeoutMs: LONGEST_MS })
  return (performance.now() - began) / 1000
}

/** Seconds for the same rows, table and indexes by prepared statements, in commits of the same size. */
function insertRows(file: string, rows: number): number {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536')
  database.exec(`CREATE TABLE state (script INTEGER, id TEXT, s INTEGER, e INTEGER, u TEXT, f TEXT,
    PRIMARY KEY (script, id)) STRICT, WITHOUT ROWID;
    CREATE INDEX by_name ON state (script, f, id); CREATE INDEX by_count ON state (script, e, id)`)
  const insert = database.prepare('INSERT INTO state VALUES (1, ?, ?, ?, ?, ?)')
  const began = performance.now()
  for (let n = 0; n < rows; n += 1) {
    if (n % COMMIT_ROWS === 0) database.exec('BEGIN')
    insert.run(randomUUID(), n % 7, n % 3, `user${n}@contoso.com`, `user${n}@contoso.com`)
    if ((n + 1) % COMMIT_ROWS === 0 || n === rows - 1) database.exec('COMMIT')
  }
  database.close()
  return (performance.now() - began) / 1000
}
