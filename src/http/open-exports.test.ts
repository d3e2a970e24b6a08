import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '#base/base.ts'
import { OpenExports } from './open-exports.ts'

/** Pieces of 100,000 characters, and what became of who gives them. */
function source(pieces: number) {
  const told = { given: 0, isEnded: false }
  async function* lines(): AsyncGenerator<string> {
    try {
      for (; told.given < pieces; told.given += 1) yield `${'x'.repeat(99_999)}\n`
    } finally {
      told.isEnded = true
    }
  }
  return { lines: lines(), told }
}

test('an export is read no further than it is asked for, and is over after its last piece', async () => {
  await using exports = new OpenExports()
  const { lines, told } = source(5)
  const id = exports.open(lines)
  assert.equal(told.given, 0)
  assert.equal((await exports.next(id)).text?.length, 300_000)
  assert(told.given <= 3)
  assert.equal((await exports.next(id)).text?.length, 200_000)
  assert.deepEqual(await exports.next(id), {})
  assert.equal(told.isEnded, true)
  await assert.rejects(exports.next(id), { code: 'ResourceNotFound' })
})

test('an export that nobody asks for any more is given up, and one of a server that stops', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const [forgotten, stopped] = [source(9), source(9)]
  const exports = new OpenExports()
  const id = exports.open(forgotten.lines)
  await exports.next(id)
  t.mock.timers.tick(limits.exportIdleMs)
  await assert.rejects(exports.next(id), { code: 'ResourceNotFound' })
  await exports.next(exports.open(stopped.lines))
  await exports[Symbol.asyncDispose]()
  assert.deepEqual([forgotten.told.isEnded, stopped.told.isEnded], [true, true])
})
