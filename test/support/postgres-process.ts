import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'

const READY_MS = 30_000

/** How a cluster's server is started, and by which URL it is asked whether it takes connections. */
export interface ProcessOptions {
  readonly launch: () => ChildProcess
  readonly url: string
}

/** The server of a cluster: its first process, which may be ended and started again, and ends with this one at the latest. */
export class PostgresProcess {
  readonly #options: ProcessOptions
  readonly #kill = (): void => void this.#child?.kill('SIGQUIT')
  #child: ChildProcess | undefined

  constructor(options: ProcessOptions) {
    this.#options = options
  }

  get id(): number {
    assert(this.#child?.pid !== undefined, 'the server was not started')
    return this.#child.pid
  }

  /**
   * Starts it once it has ended; where children of the one before are still there it refuses, and is asked again.
   *
   * @throws Error where it does not take connections in time.
   */
  async start(): Promise<void> {
    await this.#ended()
    process.on('exit', this.#kill)
    const endsAt = performance.now() + READY_MS
    while (!(await isReady(this.#options.url))) {
      if (performance.now() > endsAt) {
        await this.end()
        throw new Error(`PostgreSQL did not begin to serve ${this.#options.url}`)
      }
      if (!this.#isRunning) this.#child = this.#options.launch()
      await sleep(50)
    }
  }

  /** Ends it and its children at once, without a checkpoint. */
  async end(): Promise<void> {
    this.#kill()
    await this.#ended()
    process.off('exit', this.#kill)
  }

  async #ended(): Promise<void> {
    if (this.#isRunning && this.#child !== undefined) await once(this.#child, 'exit')
  }

  get #isRunning(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null
  }
}

async function isReady(url: string): Promise<boolean> {
  const client = new Client(url)
  return await client.connect().then(
    async () => {
      await client.end()
      return true
    },
    () => false,
  )
}
