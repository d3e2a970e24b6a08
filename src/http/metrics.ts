import type { Identity } from '#identity/identity.ts'
import type { Storage } from '#storage/storage.ts'
import { formatCommitSizes } from './commit-sizes.ts'
import type { Log } from './log.ts'

/** Numbers for whoever runs a server, in the text format of Prometheus. */
export interface Metrics {
  /** Counts what it is told, and passes it on. */
  readonly log: Log
  /** Everything that was counted, as a scrape reads it. */
  text(): Promise<string>
}

/** What is asked for its numbers at each scrape, and pays nothing between two. */
export interface MetricSources {
  readonly storage: Pick<Storage, 'commits' | 'figures'>
  readonly identity: Pick<Identity, 'tokens'>
}

type Client = typeof import('@prometheus-io/client')
type Registry = InstanceType<Client['Registry']>

/** Seconds of an answer: from what a lookup takes to where a scan is stopped. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Makes the metrics of a server: of the process, of its sources, and of every line that its log is given. */
export async function createMetrics(log: Log, sources: MetricSources): Promise<Metrics> {
  const client = await import('@prometheus-io/client')
  const registry = new client.Registry()
  client.collectDefaultMetrics({ register: registry })
  const count = countRequests(client, registry)
  showCounters(client, registry, sources)
  showGauges(client, registry, sources)
  const request: Log['request'] = (line) => {
    count(line)
    log.request(line)
  }
  const text = async (): Promise<string> =>
    (await registry.metrics()) + formatCommitSizes(sources.storage.figures().commitSizes)
  return { log: { ...log, request }, text }
}

function countRequests({ Counter, Histogram }: Client, registry: Registry): Log['request'] {
  const registers = [registry]
  const requests = new Counter({
    ...{ name: 'runstate_requests_total', help: 'Requests that were answered, parts of batches among them.' },
    ...{ labelNames: ['operation', 'status'] as const, registers },
  })
  const seconds = new Histogram({
    ...{ name: 'runstate_request_duration_seconds', help: 'Time from the head of a request to its answer.' },
    ...{ labelNames: ['operation'] as const, buckets: BUCKETS, registers },
  })
  const rows = new Counter({
    name: 'runstate_rows_written_total',
    help: 'Rows that requests wrote.',
    registers,
  })
  return ({ record, status, milliseconds }) => {
    const { operation = 'none', rowsWritten = 0 } = record ?? {}
    requests.inc({ operation, status: String(status) })
    seconds.observe({ operation }, milliseconds / 1000)
    rows.inc(rowsWritten)
  }
}

function showCounters({ Counter }: Client, registry: Registry, { storage, identity }: MetricSources): void {
  const registers = [registry]
  new Counter({
    ...{
      name: 'runstate_commits_total',
      help: 'Commits of the database; several writes share one.',
      registers,
    },
    collect() {
      this.reset()
      this.inc(storage.commits)
    },
  })
  new Counter({
    ...{ name: 'runstate_cache_lookups_total', help: 'Questions to a cache, by whether it had the answer.' },
    ...{ labelNames: ['cache', 'outcome'] as const, registers },
    collect() {
      this.reset()
      const caches = { tokens: identity.tokens, statements: storage.figures().statements }
      for (const [cache, { hits, misses }] of Object.entries(caches)) {
        this.inc({ cache, outcome: 'hit' }, hits)
        this.inc({ cache, outcome: 'miss' }, misses)
      }
    },
  })
}

function showGauges({ Gauge }: Client, registry: Registry, { storage }: MetricSources): void {
  const registers = [registry]
  new Gauge({
    ...{ name: 'runstate_queue_depth', help: 'Requests that wait for the database, by what they wait for.' },
    ...{ labelNames: ['queue'] as const, registers },
    collect() {
      const { writers, scanners } = storage.figures()
      this.set({ queue: 'write' }, writers.waiting)
      this.set({ queue: 'scan' }, scanners.waiting)
    },
  })
  new Gauge({
    ...{ name: 'runstate_pool_connections', help: 'Connections to the database, by what they are for.' },
    ...{ labelNames: ['pool', 'state'] as const, registers },
    collect() {
      const { writers: write, scanners: scan } = storage.figures()
      for (const [pool, { busy, idle }] of Object.entries({ write, scan })) {
        this.set({ pool, state: 'busy' }, busy)
        this.set({ pool, state: 'idle' }, idle)
      }
    },
  })
}
