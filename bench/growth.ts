/** PATCH of one user run state among ever more of them, each number beside the least in the same rounds. */
import { formatRate, median, ratiosOf } from './figures.ts'
import type { BenchOptions, Figure } from './figures-table.ts'
import { temporaryFolder } from './folder.ts'
import { load } from './load.ts'
import { fillFolder, SCRIPTS } from './rows.ts'
import { startServer, type Target } from './target.ts'

const LEAST = 0.9

export async function measure({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const sizes = isQuick ? [1000, 10_000] : [1000, 10_000, 100_000, 1_000_000]
  await using stack = new AsyncDisposableStack()
  const subjects: { readonly states: number; readonly server: Target; readonly rates: number[] }[] = []
  for (const states of sizes) {
    const data = stack.use(temporaryFolder())
    await fillFolder(data.path, { scripts: SCRIPTS, states })
    subjects.push({ states, server: stack.use(await startServer(data.path)), rates: [] })
  }
  for (let round = -1; round < (isQuick ? 2 : 5); round += 1) {
    for (const { states, server, rates } of subjects) {
      const loaded = await load(server, { method: 'PATCH', states, seconds: isQuick ? 1 : 5 })
      // The round before the first warms up.
      if (round >= 0) rates.push(loaded.perSecond)
    }
  }
  const [least] = subjects
  return subjects.map(({ states, rates }, i) => {
    const figure = `PATCH one of ${states.toLocaleString('en')} states`
    const value = formatRate(median(rates))
    if (i === 0) return { figure, value }
    const rounds = ratiosOf(rates, least?.rates ?? [])
    const ratio = { to: `that of ${least?.states.toLocaleString('en')}`, rounds }
    return { figure, value, ratio, goal: { bound: 'at least', limit: LEAST, reached: median(rounds) } }
  })
}
