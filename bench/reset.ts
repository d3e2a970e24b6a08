/**
 * Resets to a mark, and PATCHes beside a snapshot that is being saved.
 *
 *     node bench/reset.ts [saved states] [resets]
 *
 * A reset with its copy ready, at 10,000 and at 100,000 user states, and beside it the time until the next copy is ready;
 * then the latency of PATCHes one after another, with nothing beside them and while the database is saved.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer, type RunstateServer } from '#server.ts'
import { line, median, percentile, time } from './figures.ts'
import { fillFolder, scriptId, stateId } from './rows.ts'

const [savedStates = 200_000, resets = 50] = process.argv.slice(2).map(Number)
const SCRIPTS = 10

/** Runs on a new data folder that holds so many user states. */
async function withStates(
  states: number,
  run: (server: RunstateServer, data: string) => Promise<void>,
): Promise<void> {
  const data = mkdtempSync(path.join(os.tmpdir(), 'runstate-bench-'))
  try {
    await fillFolder(data, { scripts: SCRIPTS, states })
    await using server = await createServer({ data, metrics: true })
    await run(server, data)
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
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
  return `p50 ${percentile(times, 50).toFixed(2)} ms   p99 ${percentile(times, 99).toFixed(2)} ms`
}

async function measureResets(states: number, runs: number): Promise<void> {
  await withStates(states, async (server) => {
    const patch = await patcher(server)
    const began = performance.now()
    const mark = await server.mark()
    line(`marking ${states} states`, `${(performance.now() - began).toFixed(0)} ms`)
    const ready: number[] = []
    const atOnce: number[] = []
    for (let run = 0; run < runs; run += 1) {
      await server.resetTo(mark)
      const [wait = 0] = await time(1, () => server.resetTo(mark))
      atOnce.push(wait)
      await untilIdle(server)
      await patch()
      const [flip = 0] = await time(1, () => server.resetTo(mark))
      ready.push(flip)
    }
    line(`a reset at ${states} states, its copy ready`, format(ready))
    line('a reset right after another, which waits for its copy', format(atOnce))
    line('the one as a part of the other', (median(ready) / median(atOnce)).toFixed(3))
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

async function measureSaving(): Promise<void> {
  await withStates(savedStates, async (server, data) => {
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
    line(`saving ${savedStates} states`, `${(performance.now() - began).toFixed(0)} ms`)
    line('PATCH with nothing beside it', format(alone))
    line(`PATCH while a snapshot is saved (${beside.length} of them)`, format(beside))
    line('the latter as a multiple, at the median', (median(beside) / median(alone)).toFixed(2))
  })
}

await measureResets(10_000, resets)
await measureResets(100_000, Math.ceil(resets / 10))
await measureSaving()
