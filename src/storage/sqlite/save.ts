import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** What the worker is started with. */
export interface SaveOrder {
  readonly file: string
  readonly target: string
}

/**
 * Writes all that is committed in a database's file into another, which is empty, in a worker: neither requests nor
 * commits wait for it.
 *
 * @throws Error of SQLite's, where either file fails.
 */
export async function saveFile(order: SaveOrder): Promise<void> {
  const worker = new Worker(new URL(import.meta.resolve('#storage/sqlite/save-worker.ts')), {
    workerData: order,
  })
  await once(worker, 'exit')
}
