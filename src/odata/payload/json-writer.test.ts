import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseJson } from './json.ts'
import { formatJson } from './json-writer.ts'

function rewrite(text: string): string {
  return formatJson(parseJson(Buffer.from(text)))
}

describe('JSON that was read and is written again', () => {
  for (const text of ['2.0', '-0', '1e400', '.5', '9007199254740993', '2.', '1E+2']) {
    test(`keeps the number ${text} as it was written`, () => {
      assert.equal(rewrite(`{"a":[${text}]}`), `{"a":[${text}]}`)
    })
  }

  test('has double quotes, no space, and its members in their order', () => {
    assert.equal(
      rewrite(` { 'b' : [ true , null ] , "a" : 'it\\'s "x"' } `),
      '{"b":[true,null],"a":"it\'s \\"x\\""}',
    )
  })

  test('keeps half a character as an escape, for the reader to refuse', () => {
    assert.equal(rewrite('"\\ud800"'), '"\\ud800"')
  })

  test('is the same value, whatever it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        assert.deepEqual(parseJson(Buffer.from(rewrite(text))), parseJson(Buffer.from(text)))
      }),
    )
  })
})
