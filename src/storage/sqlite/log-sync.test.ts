import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { describe, type TestContext, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createHeldSync } from '../../../test/support/held-sync.ts'
import { openBrokenLog, temporaryFile } from '../../../test/support/storage.ts'
import { openTenantFile, storeTenant } from '../../../test/support/tenant-file.ts'
import { LogSync } from './log-sync.ts'
import { Writer } from './writer.ts'

/** A log, and nothing to sync in it. */
async function openLog(t: TestContext): Promise<LogSync> {
  const file = temporaryFile(t)
  writeFileSync(`${file}-wal`, '')
  const log = new LogSync(file)
  t.after(() => log[Symbol.dispose]())
  await log.pending
  return log
}

describe('the sync of the log', () => {
  test('is pending at the start, for what a killed process left, and then no more', async (t) => {
    const file = temporaryFile(t)
    writeFileSync(`${file}-wal`, 'frames')
    using log = new LogSync(file)
    assert(log.pending !== undefined)
    await log.pending
    assert.equal(log.pending, undefined)
  })

  test('is pending from a commit until it is on the disk', async (t) => {
    const log = await openLog(t)
    const synced = log.noteCommit()
    assert.equal(log.pending, synced)
    await synced
    assert.equal(log.pending, undefined)
  })

  test('takes commits that come while one is under way together, in the next', async (t) => {
    const file = temporaryFile(t)
    writeFileSync(`${file}-wal`, '')
    const held = createHeldSync()
    using log = new LogSync(file, held.sync)
    await log.pending
    held.hold(true)
    const events: string[] = []
    const first = log.noteCommit().then(() => events.push('first'))
    const second = log.noteCommit()
    assert.equal(log.noteCommit(), second)
    assert.equal(log.pending, second)
    void second.then(() => events.push('second'))
    assert.equal(held.waiting, 1)
    held.end()
    await first
    await nextTurn()
    assert.deepEqual([events, held.waiting], [['first'], 1])
    held.end()
    await second
    assert.deepEqual([events, held.waiting, log.pending], [['first', 'second'], 0, undefined])
  })

  test('that failed is told to all that wait for it, and to whoever asks later', async (t) => {
    using log = openBrokenLog(t)
    const told = await Promise.allSettled([log.noteCommit(), log.noteCommit(), log.pending])
    assert.deepEqual(
      told.map(({ status }) => status),
      ['rejected', 'rejected', 'rejected'],
    )
    assert.match(String(log.failure), /The disk could not keep what was written/)
    await assert.rejects(async () => await log.pending, log.failure)
  })

  test('is of no use where another sync of the database failed', async (t) => {
    const log = await openLog(t)
    log.distrust(new Error('of the file'))
    log.distrust(new Error('again'))
    assert.match(String(log.failure?.cause), /of the file/)
    await assert.rejects(async () => await log.pending, log.failure)
  })

  test('needs a log', (t) => {
    assert.throws(() => new LogSync(temporaryFile(t)), /ENOENT/)
  })
})

describe('the writer', () => {
  test('answers when a commit is on the disk, and commits others meanwhile', async (t) => {
    const { file, connection, stored } = openTenantFile(t)
    using log = new LogSync(file)
    const writer = new Writer(connection, { log })
    const events: string[] = []
    const transact = async (tid: string) => {
      await writer.transact(() => storeTenant(tid))
      events.push(`answer ${tid}`)
    }
    const first = transact('a')
    await nextTurn()
    assert.deepEqual([stored(), events], [['a'], []])
    void log.pending?.then(() => events.push('a is on the disk'))
    const second = transact('b')
    await nextTurn()
    assert.deepEqual(stored(), ['a', 'b'])
    void log.pending?.then(() => events.push('b is on the disk'))
    await Promise.all([first, second])
    assert.deepEqual(events, ['a is on the disk', 'answer a', 'b is on the disk', 'answer b'])
    assert.equal(writer.commits, 2)
  })

  test('says of what a disk did not keep that it may be stored, and stores nothing after it', async (t) => {
    const { file, connection, stored } = openTenantFile(t)
    const held = createHeldSync()
    using log = new LogSync(file, held.sync)
    await log.pending
    held.hold(true)
    const writer = new Writer(connection, { log })
    const isUnavailable = { name: 'ODataError', code: 'ServiceUnavailable' }
    const lost = { ...isUnavailable, message: /read whether it did before trying again/ }
    const told = assert.rejects(
      writer.transact(() => storeTenant('a')),
      lost,
    )
    await nextTurn()
    held.end(new Error('on purpose'))
    await told
    const refused = { ...isUnavailable, message: /nothing was changed/, cause: log.failure }
    await assert.rejects(
      writer.transact(() => storeTenant('b')),
      refused,
    )
    assert.deepEqual(stored(), ['a'])
  })
})
