/** A worker that copies what the log holds into the database's file, as far as its readers allow, a pass for each order. */

import assert from 'node:assert/strict'
import { fdatasyncSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { isSyncFailure } from './failure.ts'
import type { PassAnswer, PassOrder, PassSetup } from './pass.ts'

assert(parentPort, 'the checkpoints are made by a worker')
const port = parentPort
const { file, prepare, descriptor }: PassSetup = workerData
const database = new DatabaseSync(file)
database.exec(prepare)
const pass = database.prepare('PRAGMA wal_checkpoint(PASSIVE)')
let copied: unknown

port.on('message', (order: PassOrder) => {
  if (order === 'end') end()
  else port.postMessage(copy())
})

/** SQLite syncs the file only after a pass to the end of the log: what that one finds synced it need not wait for. */
function copy(): PassAnswer {
  try {
    const row = pass.get()
    if (descriptor !== undefined && row?.['checkpointed'] !== copied) fdatasyncSync(descriptor)
    copied = row?.['checkpointed']
    return {}
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    return { failure, isOfSync: isSyncFailure(error) }
  }
}

function end(): void {
  database.close()
  port.close()
}
