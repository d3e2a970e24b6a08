import { Worker } from 'node:worker_threads'
import { SyncFailure } from './failure.ts'
import type { PassAnswer, PassOrder, PassSetup } from './pass.ts'

/** The worker that copies the log, and the pass it is at. */
export class Copier {
  readonly #worker: Worker
  readonly #ended = Promise.withResolvers<void>()
  #pass: PromiseWithResolvers<void> | undefined
  #hasEnded = false

  constructor(workerData: PassSetup) {
    this.#worker = new Worker(new URL(import.meta.resolve('#storage/sqlite/checkpoint-worker.ts')), {
      workerData,
    })
    this.#worker.unref()
    this.#worker.on('message', ({ failure, isOfSync }: PassAnswer) => {
      if (failure === undefined) this.#pass?.resolve()
      else this.#pass?.reject(isOfSync ? new SyncFailure(failure) : new Error(failure))
    })
    this.#worker.on('error', (error) => this.#pass?.reject(error))
    this.#worker.on('exit', () => {
      this.#hasEnded = true
      this.#pass?.reject(new Error('the worker of the checkpoints has ended'))
      this.#ended.resolve()
    })
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** @throws SyncFailure where what was copied may not be on the disk. */
  async pass(): Promise<void> {
    this.#pass = Promise.withResolvers()
    this.#worker.postMessage('pass' satisfies PassOrder)
    await this.#pass.promise
  }

  async end(): Promise<void> {
    this.#worker.ref()
    this.#worker.postMessage('end' satisfies PassOrder)
    await this.#ended.promise
  }
}
