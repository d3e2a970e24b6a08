/** How long a PATCH takes while a filter without an index reads every row of the same table, again and again. */
import type { BenchOptions, Figure } from './figures-table.ts'
import { temporaryFolder } from './folder.ts'
import { CONNECTIONS, load } from './load.ts'
import { fillFolder, scriptId } from './rows.ts'
import { startServer, type Target } from './target.ts'

const MOST_MS = 50

/** Matches nothing, so that no page is full before the last row. */
const FILTER = "$filter=contains(userPrincipalName,'nobody has this')"

export async function measure({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const states = isQuick ? 50_000 : 1_000_000
  const seconds = isQuick ? 2 : 30
  using data = temporaryFolder()
  await fillFolder(data.path, { scripts: 1, states })
  await using server = await startServer(data.path)
  const patches = { method: 'PATCH', scripts: 1, states, seconds } as const
  const alone = await load(server, patches)
  using scans = repeatScan(server)
  const beside = await load(server, patches)
  if (scans.count === 0) throw new Error('no scan ended in all that time')
  return [
    {
      figure: `PATCH p99, ${CONNECTIONS} connections, ${seconds} s beside scans of ${states.toLocaleString('en')} rows`,
      value: `${beside.p99Ms.toFixed(1)} ms (${scans.count} scans)`,
      ratio: { to: `the p99 alone (${alone.p99Ms.toFixed(1)} ms)`, rounds: [beside.p99Ms / alone.p99Ms] },
      goal: { bound: 'at most', limit: MOST_MS, reached: beside.p99Ms, unit: ' ms' },
    },
  ]
}

interface Scans extends Disposable {
  /** Scans that ended. @throws what one of them failed with. */
  readonly count: number
}

/** Scans back to back, until it is disposed of. */
function repeatScan({ url, token }: Target): Scans {
  const controller = new AbortController()
  const { signal } = controller
  const path = `/beta/deviceManagement/deviceShellScripts/${scriptId(0)}/userRunStates?${FILTER}`
  let count = 0
  let failure: unknown
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` }, signal })
      const text = await response.text()
      if (!response.ok || !text.includes('"value":[]')) throw new Error(`a scan was answered ${text}`)
      count += 1
    }
  }
  void run().catch((error: unknown) => {
    if (!signal.aborted) failure = error
  })
  return {
    get count() {
      if (failure !== undefined) throw failure
      return count
    },
    [Symbol.dispose]: () => controller.abort(),
  }
}
