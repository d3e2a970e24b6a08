import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { limits } from '#base/base.ts'
import { batchesOf } from './batches.ts'
import { type FileRecord, readLines } from './lines.ts'

async function read(...pieces: readonly string[]): Promise<readonly FileRecord[]> {
  return (await Array.fromAsync(readLines(Readable.from(pieces)))).flat()
}

describe('the lines of a file', () => {
  test('are those that are not blank, wherever its pieces end', async () => {
    const expected = [
      { line: 1, text: '{"a":1}' },
      { line: 4, text: '{}\r' },
      { line: 5, text: '{"b":2}' },
    ]
    assert.deepEqual(await read('{"a":1}\n\n', '  \r\n{}\r\n{"b"', ':2}'), expected)
    assert.deepEqual(await read(), [])
  })

  test('have at most so many characters that one fits into memory', async () => {
    const longest = 'x'.repeat(limits.importLineBytes)
    assert.equal((await read('{}\n', longest)).length, 2)
    await assert.rejects(read('{}\n', longest, 'x', '\n'), /^Error: Line 2 is longer than \d+ characters\.$/)
  })
})

describe('a batch', () => {
  async function batches(records: readonly FileRecord[], fromLine = 1) {
    return await Array.fromAsync(batchesOf(Readable.from([records]), { fromLine, size: () => 2 }))
  }
  const record = (line: number): FileRecord => ({ line, text: `text ${line}` })

  test('begins where the one before it ended; the last says that it is, and may be empty', async () => {
    const [first, last, ...others] = await batches([1, 4, 5].map(record))
    assert.deepEqual([first?.lineNumbers, first?.isLast], [[1, 4, 5], false])
    assert.deepEqual([last?.lineNumbers, last?.isLast, others], [[5, 6], true, []])
    const [empty] = await batches([])
    assert.deepEqual([empty?.lines, empty?.isLast], [[], true])
  })

  test('has no line before the one to begin with, and says what could not be read', async () => {
    const [only] = await batches([record(1), record(2), { line: 3, message: 'bad' }, record(4)], 3)
    assert.deepEqual(only?.lines, ['text 4'])
    assert.deepEqual(only?.bad, [{ line: 3, message: 'bad' }])
  })
})
