/** Ten minutes of changes at 80 % of the peak, which is measured first: nothing fails, and nothing grows. */
import { setTimeout as sleep } from 'node:timers/promises'
import { formatRate, median, percentile } from './figures.ts'
import type { BenchOptions, Figure, Goal } from './figures-table.ts'
import { temporaryFolder } from './folder.ts'
import { PacedClient } from './paced.ts'
import { fillFolder, SCRIPTS, STATES } from './rows.ts'
import { type ServerTarget, startServer } from './target.ts'
import { residentMegabytes } from './usage.ts'

const SHARE = 0.8

/** Memory at the end, of that at the beginning. */
const MOST_GROWTH = 1.1

/** Windows, and their seconds. The first warms up; the two after it are held against the last two. */
const FULL = { windows: 10, seconds: 60, peakSeconds: 15 } as const
const QUICK = { windows: 5, seconds: 3, peakSeconds: 3 } as const

/** What a window of time came to. */
interface Window {
  readonly sent: number
  readonly failed: number
  readonly p99Ms: number
  readonly residentMegabytes: number
  /** The least of the window: what is left when garbage was just collected. */
  readonly heapMegabytes: number
}

export async function measure({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const { windows: count, seconds, peakSeconds } = isQuick ? QUICK : FULL
  const rows = { scripts: SCRIPTS, states: STATES / 10 }
  using data = temporaryFolder()
  await fillFolder(data.path, rows)
  await using server = await startServer(data.path, ['--metrics'])
  using client = new PacedClient(server, rows)
  await client.run({ seconds: peakSeconds })
  const peak = await client.run({ seconds: peakSeconds })
  const perSecond = peak.perSecond * SHARE
  const windows: Window[] = []
  for (let i = 0; i < count; i += 1) {
    windows.push(await measureWindow(client, { server, seconds, perSecond }))
    process.stdout.write(`  ${formatWindow(windows.at(-1), i)}\n`)
  }
  const name = `soak, ${count} × ${seconds} s at ${formatRate(perSecond)}, ${SHARE * 100} % of the peak`
  return figuresOf(name, windows)
}

interface Stretching {
  readonly server: ServerTarget
  readonly seconds: number
  readonly perSecond: number
}

async function measureWindow(
  client: PacedClient,
  { server, seconds, perSecond }: Stretching,
): Promise<Window> {
  const controller = new AbortController()
  const heaps = watchHeap(server, controller.signal)
  const { failed, latenciesMs } = await client.run({ seconds, perSecond })
  controller.abort()
  return {
    sent: failed + latenciesMs.length,
    failed,
    p99Ms: percentile(latenciesMs, 99),
    residentMegabytes: residentMegabytes(server.pid),
    heapMegabytes: Math.min(...(await heaps)),
  }
}

/** The megabytes of the server's heap, asked for again and again until the signal aborts. */
async function watchHeap({ url }: ServerTarget, signal: AbortSignal): Promise<readonly number[]> {
  const heaps: number[] = []
  while (!signal.aborted) {
    const text = await (await fetch(`${url}/metrics`)).text()
    heaps.push(Number(/^nodejs_heap_size_used_bytes ([\d.e+]+)$/m.exec(text)?.[1]) / 1e6)
    await sleep(500, undefined, { signal }).catch(() => undefined)
  }
  return heaps
}

function formatWindow(window: Window | undefined, index: number): string {
  if (window === undefined) return ''
  const { sent, failed, p99Ms, residentMegabytes: resident, heapMegabytes } = window
  return `${index + 1}: ${sent} sent, ${failed} failed, p99 ${p99Ms.toFixed(1)} ms, ${resident.toFixed(0)} MB, heap ${heapMegabytes.toFixed(1)} MB`
}

function figuresOf(name: string, windows: readonly Window[]): readonly Figure[] {
  const total = (key: 'sent' | 'failed'): number => windows.reduce((sum, window) => sum + window[key], 0)
  const early = windows.slice(1, 3)
  const late = windows.slice(-2)
  const atTheEnd = (key: keyof Window): number => median(late.map((window) => window[key]))
  const growthOf = (key: keyof Window): number => atTheEnd(key) / median(early.map((window) => window[key]))
  const held = (key: keyof Window, unit: string): Omit<Figure, 'figure'> => ({
    value: `${atTheEnd(key).toFixed(1)} ${unit} at the end`,
    ratio: { to: 'the beginning', rounds: [growthOf(key)] },
  })
  const flat = (key: keyof Window): Goal => ({ bound: 'at most', limit: MOST_GROWTH, reached: growthOf(key) })
  return [
    {
      figure: `${name}: failed`,
      value: `${total('failed')} of ${total('sent').toLocaleString('en')}`,
      goal: { bound: 'at most', limit: 0, reached: total('failed') },
    },
    { figure: `${name}: p99`, ...held('p99Ms', 'ms') },
    { figure: `${name}: memory`, ...held('residentMegabytes', 'MB'), goal: flat('residentMegabytes') },
    { figure: `${name}: heap`, ...held('heapMegabytes', 'MB'), goal: flat('heapMegabytes') },
  ]
}
