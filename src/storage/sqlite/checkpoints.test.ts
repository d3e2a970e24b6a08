import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { temporaryFile } from '../../../test/support/storage.ts'
import { command } from '../plan.ts'
import { all } from '../transaction.ts'
import { Checkpoints, isSafeBeside } from './checkpoints.ts'
import { Connection } from './connection.ts'
import { LogSync } from './log-sync.ts'
import { Readers } from './readers.ts'
import { Writer } from './writer.ts'

/** Rows of the table, each of which fills a page. */
const ROWS = 2000
/** Rows that a commit changes: so many frames, and a few. */
const CHANGED = 50
/** Frames at which the log is copied in these tests. */
const BEGIN = 1000
const DEADLINE_MS = 60_000

/** A writer with a log that nothing else puts into the file. */
interface Bench {
  readonly file: string
  readonly connection: Connection
  readonly checkpoints: Checkpoints
  readonly log: LogSync | undefined
  readonly writer: Writer
  readonly readers: Readers
  /** The workers of the checkpoints that were started, in order. */
  readonly workers: readonly Worker[]
}

interface BenchOptions {
  readonly synchronous?: 'NORMAL' | 'OFF'
  readonly longFrames?: number
  readonly whenStarted?: (worker: Worker, count: number) => void
}

function openBench(t: TestContext, options: BenchOptions = {}): Bench {
  const { synchronous = 'NORMAL', longFrames = Number.MAX_SAFE_INTEGER, whenStarted } = options
  const workers: Worker[] = []
  const remember = (worker: Worker): void => {
    const count = workers.push(worker)
    whenStarted?.(worker, count)
  }
  process.on('worker', remember)
  const file = temporaryFile(t)
  const connection = new Connection(file, { readOnly: false })
  t.after(() => process.off('worker', remember))
  connection.execute(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = OFF;
    CREATE TABLE entry (id INTEGER PRIMARY KEY, changes INTEGER NOT NULL, content BLOB NOT NULL);
    WITH RECURSIVE c (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < ${ROWS - 1})
      INSERT INTO entry SELECT n, 0, zeroblob(3000) FROM c;
    PRAGMA wal_checkpoint(TRUNCATE); PRAGMA synchronous = ${synchronous}`)
  const readers = new Readers(file)
  t.after(() => readers[Symbol.asyncDispose]())
  const withoutScans = (run: () => Promise<void>): Promise<void> => readers.hold(run)
  const log = synchronous === 'NORMAL' ? new LogSync(file) : undefined
  t.after(() => log?.[Symbol.dispose]())
  const sizes = { beginFrames: BEGIN, longFrames }
  const checkpoints = new Checkpoints(connection, { file, synchronous, withoutScans, ...sizes })
  return {
    ...{ file, connection, checkpoints, log, readers, workers },
    writer: new Writer(connection, { log, committed: () => checkpoints.noteCommit() }),
  }
}

/** Closes as the storage does; nothing of the log is left. */
async function close({ file, connection, checkpoints, workers }: Bench): Promise<void> {
  await checkpoints.stop()
  connection.close()
  checkpoints[Symbol.dispose]()
  assert.equal(existsSync(`${file}-wal`), false)
  assert.deepEqual(
    workers.map(({ threadId }) => threadId),
    workers.map(() => -1),
  )
}

/** Changes the rows of one commit, others each time. */
async function change({ writer }: Bench): Promise<void> {
  const first = (writer.commits * CHANGED) % ROWS
  await writer.transact(() =>
    all(
      command`UPDATE entry SET changes = changes + 1 WHERE id >= ${first} AND id < ${first + CHANGED} RETURNING id`,
    ),
  )
}

/** Frames of the log. */
function logOf({ connection }: Bench): number {
  const [row] = connection.all({ text: 'PRAGMA wal_checkpoint(NOOP)', values: [] })
  return Number(row?.['log'])
}

/** Writes on until something is so. */
async function changeUntil(bench: Bench, isDone: () => boolean): Promise<void> {
  const endsAt = performance.now() + DEADLINE_MS
  while (!isDone()) {
    assert(performance.now() < endsAt, `after ${DEADLINE_MS} ms the log has ${logOf(bench)} frames`)
    await change(bench)
  }
}

/** Writes on until the log has begun at its start once more. */
async function changeUntilAnew(bench: Bench): Promise<void> {
  let most = 0
  await changeUntil(bench, () => {
    const now = logOf(bench)
    most = Math.max(most, now)
    return now < most
  })
}

/** What this process has locked of a file, as Linux tells it. */
function locksOn(file: string): readonly string[] {
  const ours = new RegExp(` ${process.pid} \\S+:${statSync(file).ino} (.*)`)
  return readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .flatMap((line) => ours.exec(line)?.[1] ?? [])
}

/** The database is whole, and has every change that was answered. */
function assertWhole({ connection, writer }: Bench): void {
  const [check] = connection.all({ text: 'PRAGMA integrity_check', values: [] })
  assert.equal(check?.['integrity_check'], 'ok')
  const [row] = connection.all({ text: 'SELECT sum(changes) AS changes FROM entry', values: [] })
  assert.equal(row?.['changes'], writer.commits * CHANGED)
}

describe('the checkpoints', { timeout: 3 * DEADLINE_MS }, () => {
  test('start no worker for a small log, and one when it has grown', async (t) => {
    const bench = openBench(t)
    await change(bench)
    await sleep(200)
    assert(logOf(bench) < BEGIN)
    assert.equal(bench.workers.length, 0)
    await changeUntil(bench, () => bench.workers.length > 0)
    assert(logOf(bench) >= BEGIN)
    await close(bench)
  })

  for (const synchronous of ['NORMAL', 'OFF'] as const) {
    test(`keep the log short while writes go on, with synchronous = ${synchronous}`, async (t) => {
      const bench = openBench(t, { synchronous })
      let [written, before] = [0, 0]
      await changeUntil(bench, () => {
        const now = logOf(bench)
        written += now < before ? now : now - before
        before = now
        return written >= 60_000
      })
      const frames = statSync(`${bench.file}-wal`).size / 4096
      assert(frames < written / 2, `the log takes the room of ${frames} frames, and ${written} were written`)
      assert.equal(bench.workers.length, 1)
      assertWhole(bench)
      await close(bench)
    })
  }

  test('go on with a new worker where one dies in a pass, and the database is written meanwhile', async (t) => {
    const bench = openBench(t, {
      whenStarted: (worker, count) => {
        if (count === 1) void worker.terminate()
      },
    })
    await changeUntilAnew(bench)
    assert.equal(bench.workers.length, 2)
    assertWhole(bench)
    await close(bench)
  })

  test('go on with a new worker where one dies between two passes', async (t) => {
    const bench = openBench(t)
    await changeUntilAnew(bench)
    await bench.workers[0]?.terminate()
    await changeUntilAnew(bench)
    assert.equal(bench.workers.length, 2)
    assertWhole(bench)
    await close(bench)
  })

  test('stop while a pass runs, or where the worker has died, and leave no log behind', async (t) => {
    const bench = openBench(t)
    await changeUntil(bench, () => bench.workers.length > 0)
    await close(bench)
    const other = openBench(t)
    await changeUntilAnew(other)
    await other.workers[0]?.terminate()
    await close(other)
  })

  test('wait for a reader that sees the log as it was, and begin it anew when that has ended', async (t) => {
    const bench = openBench(t)
    const reader = new Connection(bench.file, { readOnly: true })
    await change(bench)
    reader.execute('BEGIN; SELECT count(*) FROM entry')
    await changeUntil(bench, () => logOf(bench) >= 5 * BEGIN)
    const [row] = reader.all({ text: 'SELECT sum(changes) AS changes FROM entry', values: [] })
    assert.equal(row?.['changes'], CHANGED)
    reader.execute('COMMIT')
    await changeUntilAnew(bench)
    reader.close()
    assertWhole(bench)
    await close(bench)
  })

  test('have scans wait for once where one always begins before another ends, so that the log begins anew', async (t) => {
    const longFrames = 5 * BEGIN
    const bench = openBench(t, { longFrames })
    const { signal } = new AbortController()
    let isOver = false
    let scans = 0
    /** Counts to a number that takes longer than the others' pauses. */
    const text =
      'WITH RECURSIVE c (n) AS (SELECT (SELECT sum(changes) FROM entry) UNION ALL SELECT n + 1 FROM c LIMIT 1000000) SELECT count(*) AS n FROM c'
    const scan = async (): Promise<void> => {
      while (!isOver) {
        await bench.readers.scan({ text, values: [] }, signal)
        scans += 1
      }
    }
    const scanning = Promise.all([scan(), sleep(40).then(scan), sleep(80).then(scan)])
    await changeUntil(bench, () => logOf(bench) >= longFrames)
    await changeUntilAnew(bench)
    const before = scans
    await changeUntil(bench, () => scans > before)
    isOver = true
    await scanning
    assertWhole(bench)
    await bench.readers[Symbol.asyncDispose]()
    await close(bench)
  })

  test('say once that they cannot be made, and the writer makes them', async (t) => {
    const bench = openBench(t)
    const { promise, resolve } = Promise.withResolvers<Error>()
    const warnings: string[] = []
    const note = (warning: Error): void => {
      warnings.push(warning.message)
      resolve(warning)
    }
    process.on('warning', note)
    t.after(() => process.off('warning', note))
    const file = `${bench.file}/not/there`
    const withoutScans = async (): Promise<void> => undefined
    const broken = new Checkpoints(bench.connection, {
      ...{ file, synchronous: 'NORMAL', withoutScans, beginFrames: 0 },
    })
    const writer = new Writer(bench.connection, { log: bench.log, committed: () => broken.noteCommit() })
    // More than the writer takes by itself.
    for (let commits = 0; commits < 10; commits += 1) await change({ ...bench, writer })
    assert.match((await promise).message, /could not be copied .*: Error: (ENOTDIR|ENOENT)/)
    await sleep(1100)
    await change({ ...bench, writer })
    await sleep(1100)
    assert.equal(warnings.length, 1)
    await broken.stop()
    await close(bench)
  })

  const skip = !existsSync('/proc/locks') && 'no /proc/locks here'
  test('leave the locks of the process to a connection that is still open', { skip }, async (t) => {
    const bench = openBench(t)
    await changeUntilAnew(bench)
    const other = new Connection(bench.file, { readOnly: true })
    t.after(() => other.close())
    other.execute('SELECT count(*) FROM entry')
    await bench.checkpoints.stop()
    bench.connection.close()
    const before = locksOn(bench.file)
    bench.checkpoints[Symbol.dispose]()
    assert.equal(before.length, 1)
    assert.deepEqual(locksOn(bench.file), before)
  })

  for (const [version, expected] of [
    ['3.46.1', false],
    ['3.51.2', false],
    ['3.51.3', true],
    ['3.52.0', true],
    ['4.0.0', true],
  ] as const) {
    test(`are ${expected ? '' : 'not '}made beside a writer by SQLite ${version}`, () => {
      assert.equal(isSafeBeside(version), expected)
    })
  }
})
