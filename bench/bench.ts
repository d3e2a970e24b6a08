/**
 * Runs benchmarks one after another and prints what they came to.
 *
 *     npm run bench                          all of them, and writes docs/figures.md and the table in README.md
 *     npm run bench -- throughput growth     some of them, and replaces their rows
 *     npm run bench -- --quick               short rounds on few rows: whether everything works; writes nothing
 *     npm run bench -- --cap DIR             also beside CAP, installed in that folder on the same rows
 *
 * One that fails is told of, and the others go on. wrk must be on the PATH, and PostgreSQL's programs be installed.
 */
import { parseArgs } from 'node:util'
import { describeMachine, writeFigures } from './document.ts'
import { type BenchOptions, formatFailure, formatRow, formatTable, type Measure } from './figures-table.ts'

/** A new benchmark is a module and a line here. */
const benches = {
  throughput: () => import('./throughput.ts'),
  growth: () => import('./growth.ts'),
  pages: () => import('./pages.ts'),
  'scan-beside': () => import('./scan-beside.ts'),
  postgres: () => import('./postgres.ts'),
  import: () => import('./import.ts'),
  reset: () => import('./reset.ts'),
  start: () => import('./start.ts'),
  protocol: () => import('./protocol.ts'),
  soak: () => import('./soak.ts'),
} as const satisfies Readonly<Record<string, () => Promise<{ readonly measure: Measure }>>>

type Name = keyof typeof benches

function isName(name: string): name is Name {
  return Object.hasOwn(benches, name)
}

const NAMES = Object.keys(benches).filter(isName)

function commandOf(name: Name): string {
  return `npm run bench -- ${name}`
}

/** The rows of a benchmark, or the one that says that it failed. */
async function run(name: Name, options: BenchOptions): Promise<readonly string[]> {
  const began = performance.now()
  process.stdout.write(`${name} …\n`)
  try {
    const { measure } = await benches[name]()
    const rows = (await measure(options)).map((figure) => formatRow(figure, commandOf(name)))
    process.stdout.write(
      `${rows.join('\n')}\n${name}: ${((performance.now() - began) / 1000).toFixed(0)} s\n`,
    )
    return rows
  } catch (error) {
    process.stderr.write(`${name} failed: ${error instanceof Error ? error.stack : error}\n`)
    process.exitCode = 1
    return [formatFailure(name, commandOf(name))]
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, cap: { type: 'string' } },
  })
  const unknown = positionals.filter((name) => !isName(name))
  if (unknown.length > 0) throw new Error(`there is no benchmark ${unknown.join(', ')}: ${NAMES.join(', ')}`)
  const names = positionals.length === 0 ? NAMES : positionals.filter(isName)
  const rows: string[] = []
  for (const name of names) rows.push(...(await run(name, { isQuick: values.quick, cap: values.cap })))
  process.stdout.write(`\n${describeMachine()}\n\n${formatTable(rows)}\n`)
  if (!values.quick) writeFigures(rows, NAMES.map(commandOf))
}

// What was started ends with the process, by its exit.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

await main()
