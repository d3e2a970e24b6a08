/** Where the figures of a long run are kept: docs/figures.md has all, README.md those with a goal. */
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { formatTable, hasGoal, rowsIn } from './figures-table.ts'

const ROOT = path.resolve(import.meta.dirname, '..')
const [BEGIN, END] = ['<!-- figures: npm run bench -->', '<!-- /figures -->'] as const

/**
 * Writes the rows in place of those that the same commands wrote before.
 *
 * @param order the commands, first to last; rows of others go.
 * @throws Error where README.md has no place for figures; then nothing is written.
 */
export function writeFigures(rows: readonly string[], order: readonly string[], root = ROOT): void {
  const [document, readmeFile] = [path.join(root, 'docs/figures.md'), path.join(root, 'README.md')]
  const readme = readFileSync(readmeFile, 'utf8')
  const [before, after] = [readme.indexOf(BEGIN), readme.indexOf(END)]
  if (before === -1 || after < before)
    throw new Error(`README.md has no place for figures: ${BEGIN} … ${END}`)
  const measured = new Set(rows.map(commandOf))
  const kept = rowsIn(readFileSync(document, 'utf8')).filter((row) => !measured.has(commandOf(row)))
  const all = order.flatMap((command) => [...kept, ...rows].filter((row) => commandOf(row) === command))
  const table = `\n\n${formatTable(all.filter(hasGoal))}\n\n`
  writeFileSync(document, formatDocument(all))
  writeFileSync(readmeFile, readme.slice(0, before + BEGIN.length) + table + readme.slice(after))
}

function commandOf(row: string): string {
  return row.split('`').at(-2) ?? ''
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
