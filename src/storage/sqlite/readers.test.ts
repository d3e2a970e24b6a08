import assert from 'node:assert/strict'
import { existsSync, renameSync } from 'node:fs'
import { describe, type TestContext, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { limits } from '#base/base.ts'
import { ODataError } from '#odata/odata.ts'
import { startChild, temporaryFile } from '../../../test/support/storage.ts'
import type { Statement } from '../compile.ts'
import { Connection } from './connection.ts'
import { Readers } from './readers.ts'

/** A scan that only its deadline or its signal ends. */
const endless: Statement = {
  text: 'WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c WHERE deadline() AND n < 0',
  values: [],
}

const short: Statement = { text: 'SELECT 1 AS one', values: [] }

/** Milliseconds that no test waits for. */
const LONG_MS = 600_000

const never = new AbortController().signal

/** A database with a table of numbers. */
function createFile(t: TestContext): string {
  const file = temporaryFile(t)
  const connection = new Connection(file, { readOnly: false })
  connection.execute('PRAGMA journal_mode = WAL; CREATE TABLE number (n INTEGER)')
  connection.execute('INSERT INTO number VALUES (1), (2), (3)')
  connection.close()
  return file
}

interface Bench {
  readonly file: string
  readonly readers: Readers
  /** The workers that were started, in order. */
  readonly workers: readonly Worker[]
}

function openReaders(t: TestContext, options: { size?: number; deadlineMs?: number } = {}): Bench {
  const workers: Worker[] = []
  const remember = (worker: Worker): void => void workers.push(worker)
  process.on('worker', remember)
  const file = createFile(t)
  const readers = new Readers(file, { deadlineMs: LONG_MS, ...options })
  t.after(async () => {
    process.off('worker', remember)
    await readers[Symbol.asyncDispose]()
  })
  return { file, readers, workers }
}

function isUnavailable(error: unknown): error is ODataError {
  return error instanceof ODataError && error.code === 'ServiceUnavailable'
}

async function assertUnavailable(promise: Promise<unknown>, cause: RegExp): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert(isUnavailable(error), String(error))
    assert.match(String(error.cause), cause)
    return true
  })
}

describe('a reader', { timeout: 60_000 }, () => {
  test('gives the rows of a statement as they are stored', async (t) => {
    const { readers } = openReaders(t)
    const statement = {
      text: "SELECT ?1 AS number, ?2 AS text, x'00ff' AS bytes, NULL AS none",
      values: [7, 'é'],
    }
    const { rows, isCut } = await readers.scan(statement, never)
    assert.deepEqual(rows, [{ number: 7, text: 'é', bytes: new Uint8Array([0, 255]), none: null }])
    assert.equal(isCut, false)
  })

  test('scans while the event loop turns', async (t) => {
    const { readers } = openReaders(t)
    const controller = new AbortController()
    let isSettled = false
    const scan = readers.scan(endless, controller.signal).finally(() => {
      isSettled = true
    })
    for (let turns = 0; turns < 100; turns++) await nextTurn()
    assert.equal(isSettled, false)
    controller.abort(new Error('enough'))
    await assert.rejects(scan, /enough/)
  })

  test('ends a scan at its deadline, and is there for the next', async (t) => {
    const { readers, workers } = openReaders(t, { deadlineMs: 20 })
    await assertUnavailable(readers.scan(endless, never), /past its deadline/)
    assert.equal((await readers.scan(short, never)).rows.length, 1)
    assert.equal(workers.length, 1)
  })

  test('ends a scan whose signal aborts, and is there for the next', async (t) => {
    const { readers, workers } = openReaders(t, { size: 1 })
    const controller = new AbortController()
    const reason = new Error('the client is gone')
    const scan = readers.scan(endless, controller.signal)
    await nextTurn()
    controller.abort(reason)
    await assert.rejects(scan, reason)
    assert.equal((await readers.scan(short, never)).rows.length, 1)
    assert.equal(workers.length, 1)
  })

  test('never begins a scan whose signal has aborted', async (t) => {
    const { readers, workers } = openReaders(t)
    const reason = new Error('the client is gone')
    await assert.rejects(readers.scan(short, AbortSignal.abort(reason)), reason)
    await nextTurn()
    assert.equal(workers.length, 0)
  })

  test('lets go of a scan that waits as soon as its signal aborts', async (t) => {
    const { readers } = openReaders(t, { size: 1 })
    const [first, second] = [new AbortController(), new AbortController()]
    const running = readers.scan(endless, first.signal)
    const waiting = readers.scan(short, second.signal)
    const last = readers.scan(short, never)
    second.abort(new Error('waited too long'))
    await assert.rejects(waiting, /waited too long/)
    first.abort(new Error('enough'))
    await assert.rejects(running, /enough/)
    assert.equal((await last).rows.length, 1)
  })

  test('leaves nothing on a signal that outlives the scan', async (t) => {
    const { readers } = openReaders(t)
    const { signal } = new AbortController()
    let listeners = 0
    t.mock.method(signal, 'addEventListener', (...args: Parameters<AbortSignal['addEventListener']>) => {
      listeners += 1
      EventTarget.prototype.addEventListener.apply(signal, args)
    })
    t.mock.method(
      signal,
      'removeEventListener',
      (...args: Parameters<AbortSignal['removeEventListener']>) => {
        listeners -= 1
        EventTarget.prototype.removeEventListener.apply(signal, args)
      },
    )
    await readers.scan(short, signal)
    assert.equal(listeners, 0)
  })

  test('cannot write', async (t) => {
    const { readers } = openReaders(t)
    const statement = { text: 'DELETE FROM number RETURNING n', values: [] }
    await assertUnavailable(readers.scan(statement, never), /readonly/)
    const { rows } = await readers.scan({ text: 'SELECT n FROM number', values: [] }, never)
    assert.equal(rows.length, 3)
  })

  test('pins no snapshot after a scan that was cut or ended', async (t) => {
    const { readers, file } = openReaders(t, { deadlineMs: 20 })
    await readers.scan(blobs([limits.pageBytes + 1, 1, 1]), never)
    await assertUnavailable(readers.scan(endless, never), /deadline/)
    const connection = new Connection(file, { readOnly: false })
    t.after(() => connection.close())
    connection.execute('INSERT INTO number VALUES (4)')
    const [checkpoint] = connection.all({ text: 'PRAGMA wal_checkpoint(TRUNCATE)', values: [] })
    assert.deepEqual({ ...checkpoint }, { busy: 0, log: 0, checkpointed: 0 })
  })
})

/** A statement whose rows have these many bytes. */
function blobs(sizes: readonly number[]): Statement {
  const selects = sizes.map((_, i) => `SELECT zeroblob(?${i + 1}) AS content`)
  return { text: selects.join(' UNION ALL '), values: sizes }
}

describe('the bytes of a page', { timeout: 60_000 }, () => {
  const most = limits.pageBytes
  for (const [title, sizes, kept, isCut] of [
    ['at the limit let no more row in', [most, 5, 7], 1, true],
    ['past the limit in the first row are let in, and no more', [most + 1, 5, 7], 1, true],
    ['past the limit in the last row leave it for another page', [5, most + 1], 1, true],
    ['up to the limit do not cut', [most - 5, 5], 2, false],
  ] as const) {
    test(title, async (t) => {
      const { readers } = openReaders(t)
      const { rows, ...rest } = await readers.scan(blobs(sizes), never)
      assert.deepEqual([rows.length, rest.isCut], [kept, isCut])
    })
  }
})

describe('the readers', { timeout: 60_000 }, () => {
  test('scan beside each other, as many as they are', async (t) => {
    const { readers, workers } = openReaders(t, { size: 2 })
    const controller = new AbortController()
    const slow = readers.scan(endless, controller.signal)
    for (let i = 0; i < 3; i++) assert.equal((await readers.scan(short, never)).rows.length, 1)
    controller.abort(new Error('enough'))
    await assert.rejects(slow, /enough/)
    assert.equal(workers.length, 2)
  })

  test('start with the first scan, and one worker serves many', async (t) => {
    const { readers, workers } = openReaders(t)
    await nextTurn()
    assert.equal(workers.length, 0)
    for (let i = 0; i < 5; i++) await readers.scan(short, never)
    assert.equal(workers.length, 1)
  })

  test('reject the scan of a worker that dies, and go on with another', async (t) => {
    const { readers, workers } = openReaders(t, { size: 1 })
    const ended = assertUnavailable(readers.scan(endless, never), /the reader has ended/)
    const waiting = readers.scan(short, never)
    await nextTurn()
    await workers[0]?.terminate()
    await ended
    assert.equal((await waiting).rows.length, 1)
    assert.equal(workers.length, 2)
  })

  test('replace a worker that died while it had nothing to do', async (t) => {
    const { readers, workers } = openReaders(t, { size: 1 })
    await readers.scan(short, never)
    await workers[0]?.terminate()
    assert.equal((await readers.scan(short, never)).rows.length, 1)
    assert.equal(workers.length, 2)
  })

  test('try once for each scan where workers cannot start, and go on when they can', async (t) => {
    const { readers, workers, file } = openReaders(t)
    renameSync(file, `${file}.away`)
    const scans = [1, 2, 3, 4, 5].map(() => readers.scan(short, never))
    await Promise.all(scans.map((scan) => assertUnavailable(scan, /unable to open database file/)))
    for (let turns = 0; turns < 20; turns++) await nextTurn()
    assert.equal(workers.length, scans.length)
    assert.equal(existsSync(file), false)
    renameSync(`${file}.away`, file)
    assert.equal((await readers.scan(short, never)).rows.length, 1)
  })

  test('refuse where the process may have no threads at all', async (t) => {
    const flags = ['--permission', '--allow-fs-read=*', '--allow-fs-write=*']
    const { output, code } = await startChild(t, scanWithoutThreads(createFile(t)), { flags }).ended
    assert.deepEqual([output.split('\n'), code], [['ServiceUnavailable', 'ServiceUnavailable', ''], 0])
  })

  test('reject at their end what runs and what waits, and take nothing after', async (t) => {
    const { readers, workers } = openReaders(t, { size: 1 })
    const ended = [
      assertUnavailable(readers.scan(endless, never), /closed/),
      assertUnavailable(readers.scan(short, never), /closed/),
    ]
    await nextTurn()
    await readers[Symbol.asyncDispose]()
    await Promise.all(ended)
    await assertUnavailable(readers.scan(short, never), /closed/)
    await nextTurn()
    assert.equal(workers.length, 1)
  })
})

/** Two scans, the second so that nothing of the first is left behind. */
function scanWithoutThreads(file: string): string {
  return `
    import { Readers } from '#storage/sqlite/readers.ts'
    const readers = new Readers(${JSON.stringify(file)})
    for (let i = 0; i < 2; i++) {
      try {
        await readers.scan({ text: 'SELECT 1', values: [] }, new AbortController().signal)
      } catch (error) {
        console.log(error.code)
      }
    }
  `
}
