/**
 * PATCH and GET of one user run state on PostgreSQL, by one server and by two on the same database, beside pgbench with the
 * same statement on the same rows. The processor time of each says what bounds it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startPostgres } from '../test/support/postgres.ts'
import { formatRate, median, ratiosOf } from './figures.ts'
import type { BenchOptions, Figure } from './figures-table.ts'
import { temporaryFolder } from './folder.ts'
import { CONNECTIONS, load } from './load.ts'
import { type PgbenchSubject, pgbench } from './pgbench.ts'
import { fill, SCRIPTS, STATES } from './rows.ts'
import { startServer, type Target } from './target.ts'
import { endedSeconds, familySeconds, processorSeconds } from './usage.ts'

interface Subject extends PgbenchSubject {
  readonly nodes: readonly Target[]
  readonly postmaster: number
}

/** What one way of asking came to, round by round, and the processors it kept busy in all of them. */
interface Series {
  readonly rates: number[]
  readonly busy: { seconds: number; nodes: number; postgres: number; load: number }
}

export async function measure({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const counts = { scripts: SCRIPTS, states: isQuick ? STATES / 50 : STATES }
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(temporaryFolder()).path
  const cluster = stack.use(await startPostgres({ settings: { fsync: 'on', full_page_writes: 'on' } }))
  const database = await cluster.create('bench')
  const tenant = await fill({ data: join(folder, 'filled'), database }, counts)
  await cluster.run('VACUUM ANALYZE', 'bench')
  const nodes: Target[] = []
  for (const name of ['one', 'two'])
    nodes.push(stack.use(await startServer(join(folder, name), ['--database', database])))
  const subject = { ...counts, database, tenant, folder, nodes, postmaster: postmasterOf(database) }
  const extent = isQuick ? { rounds: 2, seconds: 1 } : { rounds: 5, seconds: 5 }
  const figures: Figure[] = []
  for (const method of ['PATCH', 'GET'] as const)
    figures.push(...figuresOf(method, await measureMethod(subject, method, extent)))
  return figures
}

function postmasterOf(database: string): number {
  const folder = new URL(database).searchParams.get('host') ?? ''
  return Number.parseInt(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8'), 10)
}

interface Extent {
  readonly rounds: number
  readonly seconds: number
}

type Ways = Readonly<Record<'pgbench' | 'one' | 'two', Series>>

async function measureMethod(
  subject: Subject,
  method: 'PATCH' | 'GET',
  { rounds, seconds }: Extent,
): Promise<Ways> {
  const { nodes, states } = subject
  const loadAll = async (some: readonly Target[]): Promise<number> => {
    const connections = CONNECTIONS / some.length
    const loads = some.map((node) => load(node, { method, seconds, states, connections }))
    return (await Promise.all(loads)).reduce((sum, { perSecond }) => sum + perSecond, 0)
  }
  const ways = {
    pgbench: () => pgbench(subject, method, seconds),
    one: () => loadAll(nodes.slice(0, 1)),
    two: () => loadAll(nodes),
  }
  const all = { pgbench: newSeries(), one: newSeries(), two: newSeries() }
  await loadAll(nodes)
  for (let round = 0; round < rounds; round += 1) {
    for (const name of ['pgbench', 'one', 'two'] as const) await watch(subject, all[name], ways[name])
  }
  return all
}

function newSeries(): Series {
  return { rates: [], busy: { seconds: 0, nodes: 0, postgres: 0, load: 0 } }
}

/** Runs one round, and adds what it came to and what it used. */
async function watch(
  { nodes, postmaster }: Subject,
  { rates, busy }: Series,
  run: () => Promise<number>,
): Promise<void> {
  const use = (): Series['busy'] => ({
    seconds: performance.now() / 1000,
    nodes: nodes.reduce((sum, { pid }) => sum + processorSeconds(pid), 0),
    postgres: familySeconds(postmaster),
    load: endedSeconds(),
  })
  const before = use()
  rates.push(await run())
  const after = use()
  for (const name of ['seconds', 'nodes', 'postgres', 'load'] as const)
    busy[name] += after[name] - before[name]
}

function figuresOf(method: 'PATCH' | 'GET', { pgbench: bare, one, two }: Ways): readonly Figure[] {
  const statement = method === 'PATCH' ? 'UPDATE' : 'SELECT'
  const figure = `${method} one on PostgreSQL`
  const ratio = ({ rates }: Series, to: string, beside: Series): Pick<Figure, 'ratio'> => ({
    ratio: { to, rounds: ratiosOf(rates, beside.rates) },
  })
  return [
    { figure: `pgbench: the ${statement} of ${method} one`, value: formatSeries(bare) },
    { figure: `${figure}, one node`, value: formatSeries(one), ...ratio(one, 'pgbench', bare) },
    { figure: `${figure}, two nodes`, value: formatSeries(two), ...ratio(two, 'pgbench', bare) },
    {
      figure: `${figure}, two nodes beside one`,
      value: formatRate(median(two.rates)),
      ...ratio(two, 'one node', one),
    },
  ]
}

/** The rate, and the processors that were busy for it. */
function formatSeries({ rates, busy: { seconds, nodes, postgres, load: client } }: Series): string {
  const share = (used: number): string => (used / seconds).toFixed(2)
  const parts = { nodes, PostgreSQL: postgres, load: client }
  const busy = Object.entries(parts).map(([name, used]) => `${name} ${share(used)}`)
  return `${formatRate(median(rates))} (processors: ${busy.join(', ')})`
}
