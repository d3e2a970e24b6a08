/**
 * Writes to the table `entry` of a database without end, while its log is copied all the time, and prints a line for each commit
 * that was answered and each pass that was made: `node test/faults/checkpoint-writer.ts FILE`.
 */
import assert from 'node:assert/strict'
import { writeSync } from 'node:fs'
import { command } from '#storage/plan.ts'
import { Checkpoints } from '#storage/sqlite/checkpoints.ts'
import { Connection } from '#storage/sqlite/connection.ts'
import { LogSync } from '#storage/sqlite/log-sync.ts'
import { Writer } from '#storage/sqlite/writer.ts'
import { all } from '#storage/transaction.ts'

const [, , file] = process.argv
assert(file !== undefined, 'the file is named')
const connection = new Connection(file, { readOnly: false })
connection.execute('PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = NORMAL')
const checkpoints = new Checkpoints(connection, {
  file,
  synchronous: 'NORMAL',
  withoutScans: (run) => run(),
  beginFrames: 200,
})
const writer = new Writer(connection, { log: new LogSync(file), committed: () => checkpoints.noteCommit() })
process.on('worker', (worker) => worker.on('message', () => writeSync(1, 'pass\n')))
for (;;) {
  const first = (writer.commits * 50) % 2000
  await writer.transact(() =>
    all(
      command`UPDATE entry SET changes = changes + 1 WHERE id >= ${first} AND id < ${first + 50} RETURNING id`,
    ),
  )
  writeSync(1, `${writer.commits}\n`)
}
