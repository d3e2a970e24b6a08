/** Where the figures of a long run are kept: docs/figures.md has all, README.md those with a goal. */
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { formatTable, hasGoal, rowsIn } from './figures-table.ts'

const ROOT = path.resolve(import.meta.dirname, '..')
const DOCUMENT = path.join(ROOT, 'docs/figures.md')
const README = path.join(ROOT, 'README.md')
const [BEGIN, END] = ['<!-- figures: npm run bench -->', '<!-- /figures -->'] as const

/** Writes the rows in place of those that the same commands wrote before, `order` first to last. */
export function writeFigures(rows: readonly string[], order: readonly string[]): void {
  const commandOf = (row: string): string => row.split('`').at(-2) ?? ''
  const measured = new Set(rows.map(commandOf))
  const kept = rowsIn(readFileSync(DOCUMENT, 'utf8')).filter((row) => !measured.has(commandOf(row)))
  const all = order.flatMap((command) => [...kept, ...rows].filter((row) => commandOf(row) === command))
  writeFileSync(DOCUMENT, formatDocument(all))
  const readme = readFileSync(README, 'utf8')
  const [before, after] = [readme.indexOf(BEGIN), readme.indexOf(END)]
  if (before === -1 || after < before)
    throw new Error(`README.md has no place for figures: ${BEGIN} … ${END}`)
  const table = `\n\n${formatTable(all.filter(hasGoal))}\n\n`
  writeFileSync(README, readme.slice(0, before + BEGIN.length) + table + readme.slice(after))
}

function formatDocument(rows: readonly string[]): string {
  return `# Figures

Written by \`npm run bench\`, on ${describeMachine()}. Whatever is measured beside something else was
measured in the same minutes, in turn: the ratio is the median of the rounds, the spread the least and the most of them. Rates and
times are those of this machine; the ratios should be those of others.

${formatTable(rows)}

The floor is bare node:http and node:sqlite doing the same work on the same rows (\`bench/floor.ts\`). The load is wrk with 16
connections. Memory is the resident set.
`
}

/** Node, processors and databases; nothing that names the machine. */
export function describeMachine(): string {
  const postgres = globSync('/usr/lib/postgresql/*/bin/postgres').at(-1)
  const version = postgres === undefined ? [] : [execFileSync(postgres, ['--version'], { encoding: 'utf8' })]
  const databases = [`SQLite ${process.versions['sqlite']}`, ...version.map(shortVersion)]
  return `Node ${process.version.slice(1)}, ${os.availableParallelism()} processors (${process.arch}), ${databases.join(', ')}`
}

function shortVersion(text: string): string {
  return `PostgreSQL ${/\d+(?:\.\d+)?/.exec(text)?.[0] ?? ''}`
}
