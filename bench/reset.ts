/**
 * Resets to a mark, with its copy ready and right after another, and PATCHes one after another beside a snapshot that is being
 * saved.
 */
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer, type RunstateServer } from '#server.ts'
import { median, percentile, ratiosOf, time } from './figures.ts'
import type { BenchOptions, Figure } from './figures-table.ts'
import { temporaryFolder } from './folder.ts'
import { fillFolder, scriptId, stateId } from './rows.ts'

const SCRIPTS = 10
const MOST_MS = 5

export async function measure({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  return [
    ...(await measureResets(10_000, isQuick ? 10 : 100)),
    ...(await measureResets(100_000, isQuick ? 3 : 20)),
    ...(await measureSaving(isQuick ? 20_000 : 1_000_000)),
  ]
}

/** Runs on a new data folder that holds so many user states. */
async function withStates<T>(
  states: number,
  run: (server: RunstateServer, data: string) => Promise<T>,
): Promise<T> {
  using data = temporaryFolder()
  await fillFolder(data.path, { scripts: SCRIPTS, states })
  await using server = await createServer({ data: data.path, metrics: true })
  return await run(server, data.path)
}

/** PATCHes a state, each time to another value. */
async function patcher(server: RunstateServer): Promise<() => Promise<void>> {
  const headers = { authorization: `Bearer ${await server.token()}`, 'content-type': 'application/json' }
  const url = `/beta/deviceManagement/deviceShellScripts/${scriptId(0)}/userRunStates/${stateId(0)}`
  let n = 0
  return async () => {
    n += 1
    const body = JSON.stringify({ successDeviceCount: 100 + n })
    const response = await server.fetch(url, { method: 'PATCH', headers, body })
    if (!response.ok) throw new Error(await response.text())
    await response.arrayBuffer()
  }
}

function format(times: readonly number[]): string {
  return `p50 ${median(times).toFixed(2)} ms, p99 ${percentile(times, 99).toFixed(2)} ms`
}

async function measureResets(states: number, runs: number): Promise<readonly Figure[]> {
  return await withStates(states, async (server) => {
    const patch = await patcher(server)
    const mark = await server.mark()
    const ready: number[] = []
    const atOnce: number[] = []
    for (let run = 0; run < runs; run += 1) {
      await server.resetTo(mark)
      atOnce.push(...(await time(1, () => server.resetTo(mark))))
      await untilIdle(server)
      await patch()
      ready.push(...(await time(1, () => server.resetTo(mark))))
    }
    const rows = states.toLocaleString('en')
    return [
      {
        figure: `reset to a mark of ${rows} rows`,
        value: format(ready),
        ratio: { to: 'one right after another, which waits for its copy', rounds: ratiosOf(ready, atOnce) },
        goal: { bound: 'at most', limit: MOST_MS, reached: median(ready), unit: ' ms' },
      },
    ]
  })
}

/** What a reset leaves to the background ends when nothing more is committed for a while. */
async function untilIdle(server: RunstateServer): Promise<void> {
  for (let [before, now] = ['', await commitsOf(server)]; before !== now; ) {
    await sleep(50)
    before = now
    now = await commitsOf(server)
  }
}

async function commitsOf(server: RunstateServer): Promise<string> {
  const metrics = await (await server.fetch('/metrics')).text()
  return /^runstate_commits_total .*$/m.exec(metrics)?.[0] ?? ''
}

async function measureSaving(states: number): Promise<readonly Figure[]> {
  return await withStates(states, async (server, data) => {
    const patch = await patcher(server)
    await time(200, patch)
    const alone = await time(500, patch)
    let isSaving = true
    const began = performance.now()
    const saving = server.save(path.join(data, 'a.snapshot')).finally(() => {
      isSaving = false
    })
    const beside: number[] = []
    while (isSaving) beside.push(...(await time(1, patch)))
    await saving
    const milliseconds = performance.now() - began
    return [
      {
        figure: `saving a snapshot of ${states.toLocaleString('en')} rows`,
        value: `${milliseconds.toFixed(0)} ms`,
      },
      {
        figure: 'PATCH, one after another, while a snapshot is saved',
        value: format(beside),
        ratio: { to: 'with nothing beside it, at the median', rounds: [median(beside) / median(alone)] },
      },
    ]
  })
}
