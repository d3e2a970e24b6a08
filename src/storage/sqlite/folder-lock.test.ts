import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startChild, temporaryFolder } from '../../../test/support/storage.ts'
import { lockFolder } from './folder-lock.ts'

test('a folder that another process has is not given, and is free when that process is killed', async (t) => {
  const folder = temporaryFolder(t)
  const child = startChild(
    t,
    `import { lockFolder } from '#storage/storage.ts'
    const lock = lockFolder(${JSON.stringify(folder)})
    console.log(lock === undefined ? 'free' : 'held')
    setInterval(() => lock, 60_000)`,
  )
  assert.equal(await child.firstLine, 'held')
  assert.equal(lockFolder(folder), undefined)
  child.process.kill('SIGKILL')
  await child.ended
  const lock = lockFolder(folder)
  assert(lock !== undefined)
  lock[Symbol.dispose]()
})

test('a folder is held within the process too, until it is let go', (t) => {
  const folder = temporaryFolder(t)
  const first = lockFolder(folder)
  assert(first !== undefined)
  assert.equal(lockFolder(folder), undefined)
  first[Symbol.dispose]()
  const second = lockFolder(folder)
  assert(second !== undefined)
  second[Symbol.dispose]()
})

test('two folders are held side by side', (t) => {
  using first = lockFolder(temporaryFolder(t))
  using second = lockFolder(temporaryFolder(t))
  assert(first !== undefined && second !== undefined)
})

test('a folder that is not there is an error, not a lock that another has', (t) => {
  assert.throws(() => lockFolder(join(temporaryFolder(t), 'missing')), /unable to open database file/)
})

test('a lock file that is something else is an error, not a lock that another has', (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'lock.db'), 'These are notes and no lock.'.repeat(100))
  assert.throws(() => lockFolder(folder), /not a database/)
})
