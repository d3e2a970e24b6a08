import type { Log } from './log.ts'

/** Numbers for whoever runs a server, in the text format of Prometheus. */
export interface Metrics {
  /** Counts what it is told, and passes it on. */
  readonly log: Log
  /** Everything that was counted, as a scrape reads it. */
  text(): Promise<string>
}

/** What is asked for its number at each scrape. */
export interface MetricSources {
  /** Commits since the start. */
  readonly commits: () => number
}

/** Seconds of an answer: from what a lookup takes to where a scan is stopped. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Makes the metrics of a server: of the process, of its commits, and of every line that its log is given. */
export async function createMetrics(log: Log, sources: MetricSources): Promise<Metrics> {
  const { collectDefaultMetrics, Counter, Histogram, Registry } = await import('@prometheus-io/client')
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
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
  new Counter({
    ...{
      name: 'runstate_commits_total',
      help: 'Commits of the database; several writes share one.',
      registers,
    },
    collect() {
      this.reset()
      this.inc(sources.commits())
    },
  })
  const request: Log['request'] = (line) => {
    const { operation = 'none', status, milliseconds, rowsWritten = 0 } = line
    requests.inc({ operation, status: String(status) })
    seconds.observe({ operation }, milliseconds / 1000)
    rows.inc(rowsWritten)
    log.request(line)
  }
  return { log: { ...log, request }, text: () => registry.metrics() }
}
