/**
 * PATCH and GET of one user run state, beside the floor on the same rows in the same minutes; over TLS; and beside CAP, where
 * there is a folder with it.
 */
import { formatRate, median, ratiosOf } from './figures.ts'
import type { BenchOptions, Figure, Goal } from './figures-table.ts'
import { temporaryFolder } from './folder.ts'
import { load } from './load.ts'
import { fillFolder, SCRIPTS, STATES } from './rows.ts'
import { startCap, startFloor, startServer, type Target } from './target.ts'

const LEAST = 0.7

/** Requests a second of each target, round by round. */
type Rates = ReadonlyMap<string, readonly number[]>

export async function measure({ isQuick, cap }: BenchOptions): Promise<readonly Figure[]> {
  const states = isQuick ? STATES / 10 : STATES
  using data = temporaryFolder()
  await fillFolder(data.path, { scripts: SCRIPTS, states })
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startServer(data.path))
  const targets = new Map<string, Pick<Target, 'url' | 'token' | 'keys'>>([
    ['floor', stack.use(await startFloor(states))],
    ['plain', server],
    ['TLS', { ...server, url: server.secureUrl }],
  ])
  if (cap !== undefined) targets.set('CAP', stack.use(await startCap(cap)))
  const figures: Figure[] = []
  for (const method of ['PATCH', 'GET'] as const) {
    const rates = new Map<string, number[]>([...targets.keys()].map((name) => [name, []]))
    for (let round = -1; round < (isQuick ? 2 : 5); round += 1) {
      for (const [name, target] of targets) {
        const { perSecond } = await load(target, { method, states, seconds: isQuick ? 1 : 5 })
        // The round before the first warms up.
        if (round >= 0) rates.get(name)?.push(perSecond)
      }
    }
    figures.push(...figuresOf(method, rates))
  }
  return figures
}

function figuresOf(method: string, rates: Rates): readonly Figure[] {
  const of = (name: string): readonly number[] => rates.get(name) ?? []
  const beside = (name: string, other: string): readonly number[] => ratiosOf(of(name), of(other))
  const rate = (name: string): string => formatRate(median(of(name)))
  const toFloor = beside('plain', 'floor')
  const goal: Goal = { bound: 'at least', limit: LEAST, reached: median(toFloor) }
  const figures: Figure[] = [
    { figure: `${method} one`, value: rate('plain'), ratio: { to: 'the floor', rounds: toFloor }, goal },
    {
      figure: `${method} one over TLS`,
      value: rate('TLS'),
      ratio: { to: 'plain HTTP', rounds: beside('TLS', 'plain') },
    },
  ]
  if (rates.has('CAP')) {
    const ratio = { to: `CAP (${rate('CAP')})`, rounds: beside('plain', 'CAP') }
    figures.push({ figure: `${method} one, beside CAP`, value: rate('plain'), ratio })
  }
  return figures
}
