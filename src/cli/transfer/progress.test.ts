import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Progress } from './progress.ts'

function tracked(isTTY: boolean) {
  const written: string[] = []
  const clock = { now: 0 }
  const stream = { isTTY, write: (text: string) => written.push(text) }
  return { written, clock, progress: new Progress(stream, () => clock.now) }
}

describe('progress', () => {
  test('is a bar on a terminal, drawn again ten times a second at most', () => {
    const { written, clock, progress } = tracked(true)
    progress.tell(1, 0.1)
    clock.now = 1000
    progress.tell(500, 0.5)
    clock.now = 1050
    progress.tell(600, 0.6)
    progress.say('line 7: bad')
    const bar = `[${'#'.repeat(15)}${'.'.repeat(15)}] 50 %, 500 rows, 500 rows/s`
    assert.deepEqual(written, [`\r\x1b[K${bar}`, '\r\x1b[Kline 7: bad\n'])
  })

  test('is a plain line every five seconds elsewhere', () => {
    const { written, clock, progress } = tracked(false)
    for (clock.now = 0; clock.now <= 12_000; clock.now += 1000) progress.tell(clock.now, clock.now / 20_000)
    progress.say('done')
    assert.deepEqual(written, ['25 %, 5000 rows, 1000 rows/s\n', '50 %, 10000 rows, 1000 rows/s\n', 'done\n'])
  })

  test('has no share where nobody knows the whole', () => {
    const { written, clock, progress } = tracked(true)
    clock.now = 2000
    progress.tell(10)
    assert.deepEqual(written, ['\r\x1b[K10 rows, 5 rows/s'])
  })
})
