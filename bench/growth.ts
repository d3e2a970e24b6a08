/** PATCH of one user run state among ever more of them, each number beside the least in the same rounds. */
import { formatRate, median, ratiosOf } from './figures.ts'
import type { BenchOptions, Figure, Goal } from './figures-table.ts'
import { temporaryFolder } from './folder.ts'
import { load } from './load.ts'
import { fillFolder, SCRIPTS } from './rows.ts'
import { startFloor, startServer, type Target } from './target.ts'

const LEAST = 0.9

/** The server with so many rows, or the floor: that SQLite is slower among more rows is not the server's doing. */
interface Subject {
  readonly name: string
  readonly states: number
  readonly target: Target
  readonly rates: number[]
}

export async function measure({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const sizes = isQuick ? [1000, 10_000] : [1000, 10_000, 100_000, 1_000_000]
  await using stack = new AsyncDisposableStack()
  const servers: Subject[] = []
  for (const states of sizes) {
    const data = stack.use(temporaryFolder())
    await fillFolder(data.path, { scripts: SCRIPTS, states })
    const target = stack.use(await startServer(data.path))
    servers.push({ name: 'PATCH one', states, target, rates: [] })
  }
  const floors: Subject[] = []
  for (const states of [Math.min(...sizes), Math.max(...sizes)]) {
    const target = stack.use(await startFloor(states))
    floors.push({ name: 'the floor’s PATCH', states, target, rates: [] })
  }
  for (let round = -1; round < (isQuick ? 2 : 5); round += 1) {
    for (const { states, target, rates } of [...servers, ...floors]) {
      const loaded = await load(target, { method: 'PATCH', states, seconds: isQuick ? 1 : 5 })
      // The round before the first warms up.
      if (round >= 0) rates.push(loaded.perSecond)
    }
  }
  return [...figuresOf(servers, LEAST), ...figuresOf(floors)]
}

/** Each beside the first, in the same rounds. */
function figuresOf(subjects: readonly Subject[], limit?: number): readonly Figure[] {
  const [least] = subjects
  return subjects.map(({ name, states, rates }, i) => {
    const figure = `${name} of ${states.toLocaleString('en')} states`
    const value = formatRate(median(rates))
    if (i === 0) return { figure, value }
    const rounds = ratiosOf(rates, least?.rates ?? [])
    const ratio = { to: `that of ${least?.states.toLocaleString('en')}`, rounds }
    const goal: Goal | undefined =
      limit === undefined ? undefined : { bound: 'at least', limit, reached: median(rounds) }
    return { figure, value, ratio, ...(goal && { goal }) }
  })
}
