import assert from 'node:assert/strict'
import { closeSync, existsSync, mkdirSync, openSync, renameSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { model } from '#model/model.ts'
import { createHeldSync, type HeldSync } from '../../../test/support/held-sync.ts'
import { countRows, createTenant, temporaryFile, types } from '../../../test/support/storage.ts'
import { query } from '../plan.ts'
import type { Storage } from '../seam.ts'
import { durabilityPragmas } from './checkpoints.ts'
import { Copier } from './copier.ts'
import { SyncFailure } from './failure.ts'
import { openSqlite } from './sqlite.ts'

const never = new AbortController().signal
const page = { kind: 'select', type: types.management, within: { tenant: 1 }, limit: 1 } as const

/** Whatever tells of the database. */
const reads: Readonly<Record<string, (storage: Storage, file: string) => Promise<unknown>>> = {
  'a lookup': (storage) => storage.read(query`SELECT tid FROM tenant`),
  'a page': (storage) => storage.page(page, never),
  'a count': (storage) => storage.count({ type: types.management, within: { tenant: 1 } }, never),
  'a moment': async (storage) => await (await storage.moment())[Symbol.asyncDispose](),
  'a snapshot': (storage, file) => storage.save(`${file}.saved`),
}

interface Bench {
  readonly file: string
  readonly held: HeldSync
  readonly storage: Storage
}

/** A storage whose last commit is not on the disk. */
async function openBehind(t: TestContext): Promise<Bench> {
  const file = temporaryFile(t)
  const held = createHeldSync()
  const storage = await openSqlite({ model, file, sync: held.sync })
  t.after(async () => {
    held.hold(false)
    await storage[Symbol.asyncDispose]()
  })
  // So that the worker that scans is there.
  await storage.page(page, never)
  held.hold(true)
  createTenant(storage).catch(() => undefined)
  while (held.waiting === 0) await sleep(1)
  return { file, held, storage }
}

describe('what may tell of a commit that is not on the disk', () => {
  for (const [name, read] of Object.entries(reads)) {
    test(`waits for it: ${name}`, async (t) => {
      const { file, held, storage } = await openBehind(t)
      let isTold = false
      const told = read(storage, file).then(() => {
        isTold = true
      })
      await sleep(300)
      assert.equal(isTold, false)
      held.hold(false)
      await told
    })

    test(`is refused where the disk does not keep it: ${name}`, async (t) => {
      const { file, held, storage } = await openBehind(t)
      const told = assert.rejects(read(storage, file), { name: 'ODataError', code: 'ServiceUnavailable' })
      await sleep(300)
      held.end(new Error('on purpose'))
      await told
      await assert.rejects(read(storage, `${file}.again`), { name: 'ODataError', code: 'ServiceUnavailable' })
    })
  }

  test('is refused of a moment that was taken before the disk failed', async (t) => {
    const held = createHeldSync()
    await using storage = await openSqlite({ model, file: temporaryFile(t), sync: held.sync })
    await using moment = await storage.moment()
    await moment.read(query`SELECT tid FROM tenant`)
    held.hold(true)
    const written = assert.rejects(createTenant(storage), /read whether it did/)
    while (held.waiting === 0) await sleep(1)
    held.end(new Error('on purpose'))
    await written
    await assert.rejects(moment.read(query`SELECT tid FROM tenant`), { code: 'ServiceUnavailable' })
    held.hold(false)
  })
})

describe('the log of a database', () => {
  test('is that of the file where this is named by a link', async (t) => {
    const file = temporaryFile(t)
    const folder = join(dirname(file), 'elsewhere')
    mkdirSync(folder)
    await (await openSqlite({ model, file }))[Symbol.asyncDispose]()
    renameSync(file, join(folder, 'runstate.db'))
    symlinkSync(join(folder, 'runstate.db'), file)
    await using storage = await openSqlite({ model, file })
    await createTenant(storage)
    assert.equal(await countRows(storage, 'tenant'), 1)
    assert.deepEqual([existsSync(`${file}-wal`), existsSync(join(folder, 'runstate.db-wal'))], [false, true])
  })

  const skip = process.platform !== 'linux' && 'a device can be synced here'
  test('is copied by a worker that says so where it could not sync what it copied', { skip }, async (t) => {
    const file = temporaryFile(t)
    await using storage = await openSqlite({ model, file })
    await createTenant(storage)
    const descriptor = openSync('/dev/null', 'r+')
    t.after(() => closeSync(descriptor))
    const copier = new Copier({ file, prepare: durabilityPragmas('NORMAL'), descriptor })
    await assert.rejects(copier.pass(), SyncFailure)
    await copier.end()
  })
})
