import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

const READY_MS = 30_000

/** How a cluster's server is started, and asked whether it takes connections. */
export interface ProcessOptions {
  readonly launch: () => ChildProcess
  /** Throws while it takes none. */
  readonly ask: () => void
}

/** The server of a cluster: its first process, which may be ended and started again. */
export class PostgresProcess {
  readonly #options: ProcessOptions
  #child: ChildProcess

  constructor(options: ProcessOptions) {
    this.#options = options
    this.#child = options.launch()
  }

  get id(): number {
    assert(this.#child.pid !== undefined, 'the server could not be started')
    return this.#child.pid
  }

  /** Ends it and its children at once, without a checkpoint. */
  kill(): void {
    this.#child.kill('SIGQUIT')
  }

  /** Resolves when it has ended. */
  async ended(): Promise<void> {
    if (this.#isRunning) await once(this.#child, 'exit')
  }

  /** Resolves when it takes connections. @throws Error where it ends before. */
  async ready(): Promise<void> {
    const endsAt = performance.now() + READY_MS
    for (;;) {
      try {
        this.#options.ask()
        return
      } catch (error) {
        if (!this.#isRunning || performance.now() > endsAt) throw error
        await sleep(50)
      }
    }
  }

  /** Starts it once it has ended; where children of the one before are still there it refuses, and is asked again. */
  async start(): Promise<void> {
    await this.ended()
    for (let attempts = 20; ; attempts -= 1) {
      this.#child = this.#options.launch()
      try {
        await this.ready()
        return
      } catch (error) {
        if (this.#isRunning || attempts === 0) throw error
        await sleep(50)
      }
    }
  }

  get #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }
}
