/** Prints the size of the code: `npm run figures`. */
import { resolve } from 'node:path'
import { findCycles, isTest } from '../test/support/laws.ts'
import { readSources, type SourceFacts } from '../test/support/source.ts'

const root = resolve(import.meta.dirname, '..')

function formatSpread(values: readonly number[]): string {
  const sorted = values.toSorted((one, other) => one - other)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  return `median ${median}, most ${sorted.at(-1) ?? 0}`
}

function formatFigures(title: string, files: readonly SourceFacts[]): string {
  const lines = files.map((file) => file.lines)
  const functions = files.flatMap((file) => file.functions.filter((one) => one.kind !== 'group'))
  const total = lines.reduce((sum, count) => sum + count, 0)
  return [
    title,
    `  files      ${files.length}, ${total} lines: ${formatSpread(lines)}`,
    `  functions  ${functions.length}, in lines: ${formatSpread(functions.map((one) => one.lines))}`,
    `  cycles     ${findCycles(files).length}`,
  ].join('\n')
}

const sources = await readSources(root, ['src'])
const others = await readSources(root, ['test', 'bin', 'scripts', 'bench', 'examples'])
const groups = [
  formatFigures(
    'program (src without tests)',
    sources.filter((file) => !isTest(file)),
  ),
  formatFigures('tests (src and test)', [
    ...sources.filter(isTest),
    ...others.filter((file) => file.path.startsWith('test/')),
  ]),
  formatFigures(
    'around it (bin, scripts, bench, examples)',
    others.filter((file) => !file.path.startsWith('test/')),
  ),
]
process.stdout.write(`${groups.join('\n')}\n`)
