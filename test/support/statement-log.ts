/** What a PostgreSQL is really sent, by its own log. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Statement } from '#storage/compile.ts'

/** The settings of a cluster that logs every statement. */
export const statementLog = {
  logging_collector: 'on',
  log_destination: 'csvlog',
  log_directory: 'log',
  log_filename: 'statements.log',
  log_rotation_age: '0',
  log_rotation_size: '0',
  log_statement: 'all',
  log_parameter_max_length: '0',
} as const

/** The columns of the log, from 0. */
const DATABASE = 2
const MESSAGE = 13
const APPLICATION = 22

/** How long the last statement may take to its place in the log. */
const WRITTEN_MS = 10_000

interface Logged {
  /** The data folder of the cluster. */
  readonly data: string
  execute(statement: Statement): Promise<unknown>
}

/** The texts of all statements that Runstate has sent to databases other than the named ones, each once. */
export async function readStatements(
  { data, execute }: Logged,
  { but = [] }: { readonly but?: readonly string[] } = {},
): Promise<readonly string[]> {
  await execute({ text: `SELECT '${END}'`, values: [] })
  const log = await readUntil(join(data, 'log', 'statements.csv'), END)
  const sent = parseCsv(log)
    .filter((row) => row[APPLICATION] === 'runstate' && !but.includes(row[DATABASE] ?? ''))
    .flatMap((row) => /^(?:statement|execute [^:]+): (.*)$/s.exec(row[MESSAGE] ?? '')?.[1] ?? [])
  return [...new Set(sent)]
}

const END = 'the end of what was asked'

async function readUntil(file: string, end: string): Promise<string> {
  const endsAt = performance.now() + WRITTEN_MS
  for (;;) {
    const text = readFileSync(file, 'utf8')
    if (text.includes(end)) return text
    if (performance.now() > endsAt) throw new Error(`${file} does not come to its end`)
    await sleep(20)
  }
}

/** Rows of CSV; quotes stand where a value has commas, quotes or line ends. */
export function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  let isNewRow = true
  for (let at = 0; at < text.length; ) {
    if (isNewRow) rows.push([])
    const isQuoted = text[at] === '"'
    const end = isQuoted ? endOfQuoted(text, at) : endOfPlain(text, at)
    const value = text.slice(at, end)
    rows.at(-1)?.push(isQuoted ? value.slice(1, -1).replaceAll('""', '"') : value)
    isNewRow = text[end] !== ','
    at = end + 1
  }
  return rows
}

/** Where a value in quotes ends: its last quote is not doubled. */
function endOfQuoted(text: string, at: number): number {
  let end = text.indexOf('"', at + 1)
  while (text[end + 1] === '"') end = text.indexOf('"', end + 2)
  return end === -1 ? text.length : end + 1
}

function endOfPlain(text: string, at: number): number {
  const ends = [text.indexOf(',', at), text.indexOf('\n', at)].filter((end) => end !== -1)
  return Math.min(text.length, ...ends)
}
