/** A process that is killed while it saves or restores: the snapshot and the database are whole, or what they were. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { model } from '#model/model.ts'
import { openStorage, restoreSnapshot, saveSnapshot, takeDataFolder } from '#storage/storage.ts'
import { createFolder, root, run } from '../support/command-line.ts'
import { createScript, createTenant, createUserStates } from '../support/storage.ts'

const STATES = 60_000
const KILLS = 8

/** A data folder with so many user states of one tenant, that no server has. */
async function createPlace(t: TestContext, tid: string, states: number): Promise<string> {
  const data = createFolder(t)
  using folder = await takeDataFolder(data)
  await using storage = await openStorage({ model, file: folder.databaseFile })
  await createUserStates(storage, await createScript(storage, await createTenant(storage, tid), 'a'), states)
  return data
}

/** Whose states a file has, and how many; it is whole. */
function contentOf(file: string): string {
  using database = new DatabaseSync(file)
  assert.equal(database.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok')
  const { tid } = database.prepare('SELECT tid FROM tenant').get() ?? {}
  const { count } = database.prepare('SELECT count(*) AS count FROM user_state').get() ?? {}
  return `${tid} ${count}`
}

/** A command, and how long after a file of its own has come it is killed. */
interface Kill {
  readonly args: readonly string[]
  readonly hasBegun: () => boolean
  readonly afterMs: number
}

async function killCommand(t: TestContext, { args, hasBegun, afterMs }: Kill): Promise<void> {
  const child = spawn(process.execPath, [path.join(root, 'bin', 'runstate.js'), ...args], { stdio: 'ignore' })
  t.after(() => child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  while (!hasBegun() && child.exitCode === null) await delay(1)
  await delay(afterMs)
  child.kill('SIGKILL')
  await ended
}

/** Milliseconds from kill to kill, so that they are spread over what a thing takes here and a little more. */
async function spreadOver(work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await work()
  return ((performance.now() - began) * 1.2) / KILLS
}

function partsIn(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.includes('.partial'))
}

describe('a kill', { concurrency: 1 }, () => {
  test('while a snapshot is saved leaves the one before, until the new one is whole', async (t) => {
    const data = await createPlace(t, 'new', STATES)
    const folder = createFolder(t)
    const file = path.join(folder, 'a.snapshot')
    const timed = path.join(createFolder(t), 'timed')
    const step = await spreadOver(() =>
      saveSnapshot({ model, place: { data }, file: timed, isReplaced: false }),
    )
    const old = { data: await createPlace(t, 'old', 1) }
    const found: string[] = []
    const args = ['snapshot', 'save', file, '--force', '--data', data]
    for (let kill = 0; kill < KILLS; kill += 1) {
      await saveSnapshot({ model, place: old, file, isReplaced: true })
      const before = partsIn(folder).length
      await killCommand(t, { args, hasBegun: () => partsIn(folder).length > before, afterMs: step * kill })
      found.push(contentOf(file))
    }
    assert(new Set(found).isSubsetOf(new Set(['old 1', `new ${STATES}`])), String(found))
    assert(found.includes('old 1') && partsIn(folder).length > 0, 'a kill came before the end')
    assert(readdirSync(folder).every((name) => name === 'a.snapshot' || partsIn(folder).includes(name)))
    assert.equal((await run(args)).code, 0)
    assert.equal(contentOf(file), `new ${STATES}`)
    assert.equal(contentOf(path.join(data, 'runstate.db')), `new ${STATES}`)
  })

  test('while a snapshot is restored leaves the database before or after, and the next one is done', async (t) => {
    const file = path.join(createFolder(t), 'a.snapshot')
    const place = { data: await createPlace(t, 'new', STATES) }
    await saveSnapshot({ model, place, file, isReplaced: false })
    const bytes = readFileSync(file)
    const step = await spreadOver(() => restoreSnapshot(file, { data: createFolder(t) }))
    const found: string[] = []
    for (let kill = 0; kill < KILLS; kill += 1) {
      const data = await createPlace(t, 'old', 100)
      const hasBegun = (): boolean => readdirSync(data).includes('runstate.db.restore')
      const args = ['snapshot', 'restore', file, '--data', data]
      await killCommand(t, { args, hasBegun, afterMs: step * kill })
      {
        using folder = await takeDataFolder(data)
        await using _ = await openStorage({ model, file: folder.databaseFile })
      }
      found.push(contentOf(path.join(data, 'runstate.db')))
      assert.equal((await run(args)).code, 0)
      assert.deepEqual(readdirSync(data).sort(), ['lock.db', 'runstate.db'])
      assert.equal(contentOf(path.join(data, 'runstate.db')), `new ${STATES}`)
    }
    assert(new Set(found).isSubsetOf(new Set(['old 100', `new ${STATES}`])), String(found))
    assert(found.includes('old 100'), 'a kill came before the end')
    assert(readFileSync(file).equals(bytes))
  })
})
