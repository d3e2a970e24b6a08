/** `node --expose-gc test/fuzz/fuzz.ts [requests] [seed]`: hostile requests, and what came of them. */
import { availableParallelism } from 'node:os'
import { type FuzzReport, fuzz } from './run.ts'

const [requests = '100000', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2)

/** By how much the heap may grow, for what is cached fills up. */
const MAX_GROWTH = 1.5
/** Of all answers, those that may take longer than a second. */
const MAX_SLOW = 0.001

function complaintsOf({ requests: asked, heap, slow, failures }: FuzzReport): readonly string[] {
  const growth = heap === undefined ? 0 : heap.late / heap.early
  return [
    ...failures,
    ...(growth > MAX_GROWTH ? [`The heap grew by ${growth.toFixed(2)}.`] : []),
    ...(slow > asked * MAX_SLOW ? [`${slow} answers took longer than a second.`] : []),
  ]
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}

const startedAt = performance.now()
process.stdout.write(`seed ${seed}\n`)
const found = await fuzz({
  requests: Number(requests),
  seed: Number(seed),
  hasSlowClients: true,
  report: (line) => process.stderr.write(`${line}\n`),
})
const complaints = complaintsOf(found)
const seconds = (performance.now() - startedAt) / 1000
const { statuses, slow, slowest, heap } = found
const figures = {
  requests: found.requests,
  'over sockets': found.overSockets,
  seed: Number(seed),
  seconds: Math.round(seconds),
  processors: availableParallelism(),
  statuses: Object.fromEntries(statuses),
  'slowest, ms': Math.round(slowest),
  'longer than 1 s': slow,
  'heap, MB':
    heap === undefined
      ? 'start Node with --expose-gc'
      : `${megabytes(heap.early)} -> ${megabytes(heap.late)}`,
  failures: complaints.length,
}
process.stdout.write(
  `${JSON.stringify(figures, null, 2)}\n${complaints.map((line) => `\n${line}\n`).join('')}`,
)
process.exitCode = complaints.length === 0 ? 0 : 1
