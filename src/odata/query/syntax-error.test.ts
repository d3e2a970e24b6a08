import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { syntaxError } from './syntax-error.ts'

const LONG = '0123456789'.repeat(30)

describe('a syntax error', () => {
  test('says what, where and in what text, and then what to write', () => {
    const error = syntaxError('Syntax error', { text: 'a b', at: 2 }, 'Write an operator.')
    assert.equal(error.code, 'BadRequest')
    assert.equal(error.message, "Syntax error at position 2 in 'a b'. Write an operator.")
  })

  const excerpts: readonly (readonly [text: string, at: number, excerpt: string])[] = [
    ['', 0, ''],
    [LONG.slice(0, 100), 100, LONG.slice(0, 100)],
    [LONG.slice(0, 101), 0, `${LONG.slice(0, 100)}…`],
    [LONG.slice(0, 101), 101, `…${LONG.slice(1, 101)}`],
    [LONG, 50, `${LONG.slice(0, 100)}…`],
    [LONG, 51, `…${LONG.slice(1, 101)}…`],
    [LONG, 300, `…${LONG.slice(200)}`],
  ]
  for (const [text, at, excerpt] of excerpts) {
    test(`shows at most 100 characters around ${at} of ${text.length}`, () => {
      assert.equal(
        syntaxError('Syntax error', { text, at }).message,
        `Syntax error at position ${at} in '${excerpt}'.`,
      )
    })
  }
})
