/** The rows that benchmarks come to, and the table they stand in. */
import { median } from './figures.ts'

/** One row: what was measured, and what it came to. */
export interface Figure {
  readonly figure: string
  /** The median of the rounds, with its unit. */
  readonly value: string
  /** Round by round, to what was measured in the same round. */
  readonly ratio?: { readonly to: string; readonly rounds: readonly number[] }
  readonly goal?: Goal
}

/** What was to be reached, and what was. */
export interface Goal {
  readonly bound: 'at least' | 'at most'
  readonly limit: number
  readonly reached: number
  readonly unit?: string
}

/** What a benchmark is told. */
export interface BenchOptions {
  /** Short rounds on few rows: whether everything works, not how fast it is. */
  readonly isQuick: boolean
  /** A folder with CAP on the same rows, to measure beside. */
  readonly cap?: string | undefined
}

/** A benchmark: a module of this folder has one. */
export type Measure = (options: BenchOptions) => Promise<readonly Figure[]>

const HEAD = ['| figure | value | ratio | spread | goal | command |', '|---|---|---|---|---|---|'] as const

export function isReached({ bound, limit, reached }: Goal): boolean {
  return bound === 'at least' ? reached >= limit : reached <= limit
}

/** The row of a figure; its command is what measures it again. */
export function formatRow({ figure, value, ratio, goal }: Figure, command: string): string {
  const rounds = ratio?.rounds ?? []
  const ratioText = ratio === undefined ? '' : `${formatNumber(median(rounds))} of ${ratio.to}`
  const spread =
    rounds.length < 2 ? '' : `${formatNumber(Math.min(...rounds))}–${formatNumber(Math.max(...rounds))}`
  const cells = [
    figure,
    value,
    ratioText,
    spread,
    goal === undefined ? '' : formatGoal(goal),
    `\`${command}\``,
  ]
  return `| ${cells.join(' | ')} |`
}

/** The row of a benchmark that failed. */
export function formatFailure(name: string, command: string): string {
  return formatRow({ figure: name, value: 'failed' }, command)
}

export function formatTable(rows: readonly string[]): string {
  return [...HEAD, ...rows].join('\n')
}

/** The rows of a text's tables of figures. */
export function rowsIn(text: string): readonly string[] {
  return text.split('\n').filter((line) => /^\| .*\| `npm run bench -- .*` \|$/.test(line))
}

/** Whether a row has a goal: those are what a reader wants first. */
export function hasGoal(row: string): boolean {
  return /: (?:met|missed) \|/.test(row)
}

function formatGoal(goal: Goal): string {
  const { bound, limit, unit = '' } = goal
  return `${bound} ${limit}${unit}: ${isReached(goal) ? 'met' : 'missed'}`
}

function formatNumber(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2)
}
