import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { digestOf, formatSkipToken, parseSkipToken } from './skip-token.ts'

const texts = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'))
const ranks = fc.oneof(
  texts,
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(0.5, -1e21),
)
const tokens = fc
  .tuple(fc.array(ranks, { minLength: 1, maxLength: 5 }), texts)
  .map(([after, query]) => ({ after, query }))

function encode(text: string): string {
  return Buffer.from(text).toString('base64url')
}

describe('a skip token', () => {
  test('is read as it was written, its ranks numbers, texts, Booleans and nulls', () => {
    fc.assert(
      fc.property(tokens, (token) => {
        assert.deepEqual(parseSkipToken(formatSkipToken(token)), token)
      }),
    )
  })

  test('may stand in a URL as it is', () => {
    fc.assert(
      fc.property(tokens, (token) => {
        assert.match(formatSkipToken(token), /^[\w-]+$/)
      }),
    )
  })

  const others: Readonly<Record<string, string>> = {
    nothing: '',
    'a word': 'nonsense',
    'no base64': '!?',
    'no JSON': encode('["a",'),
    'an object': encode('{"query":"a","after":1}'),
    'a text': encode('"a"'),
    null: encode('null'),
    'one part': encode('["a"]'),
    'a query that is a number': encode('[1,1]'),
    'a rank that is an array': encode('["a",1,[1]]'),
    'a rank that is an object': encode('["a",{}]'),
    'a rank with a U+0000': encode('["a","b\\u0000"]'),
    'a rank that is no finite number': encode('["a",1e999]'),
    'a number in another spelling': encode('["a",1.0]'),
    'the same in other spaces': encode('["a", 1]'),
    'the same in another spelling': encode('["\\u0061",1]'),
    'the same in another base64': `${formatSkipToken({ query: 'a', after: [1] })}=`,
    'the same with a letter between': formatSkipToken({ query: 'a', after: [1] }).replace('W', 'W!'),
  }
  for (const [what, text] of Object.entries(others)) {
    test(`is not ${what}`, () => {
      assert.throws(() => parseSkipToken(text), {
        name: 'ODataError',
        code: 'BadRequest',
        message: "The value of the query option '$skiptoken' is not one that this service gave.",
      })
    })
  }

  test('is refused or is the one that was written, whatever the text', () => {
    const letters = fc.constantFrom(...formatSkipToken({ query: 'ab', after: [12] }).split(''), '_', '=')
    fc.assert(
      fc.property(fc.string({ unit: letters }), (text) => {
        try {
          assert.equal(formatSkipToken(parseSkipToken(text)), text)
        } catch (error) {
          assert(error instanceof Error && error.name === 'ODataError', String(error))
        }
      }),
    )
  })
})

describe('the digest of a query', () => {
  test('is twelve letters that may stand in a URL, and the same from one run to the next', () => {
    assert.equal(digestOf(''), '47DEQpj8HBSa')
    assert.match(digestOf('/beta/deviceManagement/deviceShellScripts'), /^[\w-]{12}$/)
  })

  test('differs where the query differs', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        assert.equal(digestOf(a) === digestOf(b), a === b)
      }),
    )
  })
})
