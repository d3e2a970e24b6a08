/** A worker that scans: it runs one select at a time on a connection that cannot write. */

import assert from 'node:assert/strict'
import { parentPort, workerData } from 'node:worker_threads'
import type { SqlRow } from '../columns.ts'
import { sizeOf } from '../results.ts'
import { Connection } from './connection.ts'
import { isBeyondLimits, isFault } from './failure.ts'
import type { ScanAnswer, ScanOrder, ScanSetup } from './scan.ts'

assert(parentPort, 'the reader runs as a worker')
const port = parentPort
const { file, cancelled }: ScanSetup = workerData
let current: ScanOrder | undefined
let endsAt = 0
const connection = new Connection(file, { readOnly: true, deadline: checkDeadline })

port.on('message', (order: ScanOrder) => {
  current = order
  endsAt = performance.now() + order.deadlineMs
  port.postMessage(scan(order))
})

function checkDeadline(): void {
  if (performance.now() > endsAt) throw new Error('the scan ran past its deadline')
  if (Atomics.load(cancelled, 0) === current?.id) throw new Error('the scan was cancelled')
}

function scan({ id, statement, maxBytes }: ScanOrder): ScanAnswer {
  const rows: SqlRow[] = []
  let bytes = 0
  try {
    for (const row of connection.iterate(statement)) {
      bytes += sizeOf(row)
      if (bytes > maxBytes && rows.length > 0) return { id, rows, isCut: true }
      rows.push({ ...row })
    }
    return { id, rows, isCut: false }
  } catch (error) {
    const reason = isBeyondLimits(error) ? 'size' : isFault(error) ? 'fault' : 'database'
    return { id, failure: error instanceof Error ? error.message : String(error), reason }
  }
}
