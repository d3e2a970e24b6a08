/**
 * Runs the tests of the contract and of the clients on SQLite and on PostgreSQL, with one PostgreSQL for all; compares what
 * the servers answered byte for byte, and looks in the log of PostgreSQL for a statement that names no tenant. Arguments
 * are test files, in place of all.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMigrated, MIGRATED } from '../test/support/database.ts'
import { compareRecordings, type Difference } from '../test/support/exchanges.ts'
import { type Postgres, startPostgres } from '../test/support/postgres.ts'
import { readStatements, statementLog } from '../test/support/statement-log.ts'
import { findStatementsOfAnyTenant } from '../test/support/tenant-tables.ts'

/** How many differences are printed of a test file, and how much of each. */
const SHOWN = 3
const SHOWN_CHARACTERS = 300

const given = process.argv.slice(2)
const files = given.length > 0 ? given : ['test/contract/*.test.ts', 'test/clients/*.test.ts']

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Runs the test files on a database, and gives the folder of what was recorded. */
async function runTests(database: 'sqlite' | 'postgres', cluster: string): Promise<string> {
  const recording = mkdtempSync(join(tmpdir(), `runstate-recording-${database}-`))
  const began = performance.now()
  const flags = [`--test-concurrency=${availableParallelism()}`, '--test-reporter=dot']
  const child = spawn(process.execPath, ['--test', ...flags, ...files], {
    env: {
      ...process.env,
      RUNSTATE_TEST_DATABASE: database,
      RUNSTATE_TEST_CLUSTER: cluster,
      RUNSTATE_TEST_RECORDING: recording,
    },
    stdio: 'inherit',
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) process.exitCode = 1
  say(
    `${database}: ${code === 0 ? 'passed' : 'failed'} in ${Math.round((performance.now() - began) / 1000)} s`,
  )
  return recording
}

/** Says where two recordings differ; false where they do. */
function compare(one: string, other: string): boolean {
  const names = [...new Set([...readdirSync(one), ...readdirSync(other)])].sort()
  let [answers, differing] = [0, 0]
  for (const name of names) {
    const texts = [one, other].map((folder) => readRecording(join(folder, name)))
    const [first = '', second = ''] = texts
    const found = compareRecordings(first, second)
    answers += first.split('\n').length - 1
    differing += found.length
    for (const difference of found.slice(0, SHOWN)) say(`${name} ${formatDifference(difference)}`)
  }
  say(`${answers} answers compared, ${differing} differ`)
  return differing === 0
}

function readRecording(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** From shortly before the first character that is not the same. */
function formatDifference({ line, texts }: Difference): string {
  const [first = '', second = ''] = texts
  let same = 0
  while (same < first.length && first[same] === second[same]) same += 1
  const begin = Math.max(0, same - SHOWN_CHARACTERS / 2)
  const [sqlite, postgres] = [first, second].map((text) => text.slice(begin, begin + SHOWN_CHARACTERS))
  return `line ${line}: ${first.slice(0, SHOWN_CHARACTERS)}\n  SQLite     …${sqlite}\n  PostgreSQL …${postgres}`
}

/** Says which statements name no tenant; false where there are any. */
async function judgeStatements(postgres: Postgres): Promise<boolean> {
  const statements = await readStatements(postgres, { but: ['postgres', MIGRATED] })
  const found = await findStatementsOfAnyTenant(postgres, statements)
  for (const breach of found) say(breach)
  say(`${statements.length} different statements, ${found.length} of any tenant`)
  return statements.length > 0 && found.length === 0
}

await using postgres = await startPostgres({ settings: statementLog })
await createMigrated(postgres)
const recordings = [
  await runTests('sqlite', postgres.folder),
  await runTests('postgres', postgres.folder),
] as const
const isSame = compare(...recordings)
const isLawful = await judgeStatements(postgres)
if (!isSame || !isLawful) process.exitCode = 1
for (const folder of recordings) rmSync(folder, { recursive: true, force: true })
