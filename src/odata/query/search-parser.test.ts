import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { limits, unreachable } from '#base/base.ts'
import { ODataError } from '../errors.ts'
import { parseSearch, type Search } from './search-parser.ts'

function show(search: Search): string {
  switch (search.kind) {
    case 'term':
      return `<${search.text}>`
    case 'not':
      return `(not ${show(search.operand)})`
    case 'and':
    case 'or':
      return `(${show(search.left)} ${search.kind} ${show(search.right)})`
    default:
      return unreachable(search)
  }
}

const accepted: readonly (readonly [text: string, tree: string])[] = [
  ['a', '<a>'],
  [' \ta ', '<a>'],
  ['"a b"', '<a b>'],
  ['"(a OR b)"', '<(a OR b)>'],
  ['"a \\" b \\\\"', '<a " b \\>'],
  ['"\\n"', '<\\n>'],
  ['"AND"', '<AND>'],
  ["it's", "<it's>"],
  ['a,b;c:d', '<a,b;c:d>'],
  ['"displayName:clean"', '<displayName:clean>'],
  ['日本 😀', '(<日本> and <😀>)'],
  ['a b c', '((<a> and <b>) and <c>)'],
  ['a AND b', '(<a> and <b>)'],
  ['a AND b c', '((<a> and <b>) and <c>)'],
  ['a OR b', '(<a> or <b>)'],
  ['a OR b OR c', '((<a> or <b>) or <c>)'],
  ['a OR b AND c', '(<a> or (<b> and <c>))'],
  ['a b OR c d', '((<a> and <b>) or (<c> and <d>))'],
  ['(a OR b) c', '((<a> or <b>) and <c>)'],
  ['(a)(b)', '(<a> and <b>)'],
  ['a"b c"d', '((<a> and <b c>) and <d>)'],
  ['((a))', '<a>'],
  ['NOT a', '(not <a>)'],
  ['NOT(a b)', '(not (<a> and <b>))'],
  ['NOT a b', '((not <a>) and <b>)'],
  ['NOT a OR b', '((not <a>) or <b>)'],
  ['a NOT b', '(<a> and (not <b>))'],
  ['a AND NOT b', '(<a> and (not <b>))'],
  ['NOT NOT a', '(not (not <a>))'],
  ['a and or not', '(((<a> and <and>) and <or>) and <not>)'],
  ['ANDROID NOTE ORDER', '((<ANDROID> and <NOTE>) and <ORDER>)'],
]

const TERM = 'A word or a phrase was expected'
const refused: readonly (readonly [text: string, what: string])[] = [
  ['', `${TERM} at position 0`],
  ['  ', `${TERM} at position 2`],
  ['AND', `${TERM} at position 0`],
  ['OR a', `${TERM} at position 0`],
  ['a AND', `${TERM} at position 5`],
  ['a OR', `${TERM} at position 4`],
  ['a AND OR b', `${TERM} at position 6`],
  ['a OR AND b', `${TERM} at position 5`],
  ['a AND AND b', `${TERM} at position 6`],
  ['NOT', `${TERM} at position 3`],
  ['NOT AND a', `${TERM} at position 4`],
  ['()', `${TERM} at position 1`],
  ['(a', "')' expected at position 2"],
  ['(a OR', `${TERM} at position 5`],
  ['a)', 'Syntax error at position 1'],
  ['""', 'There is an empty phrase at position 0'],
  ['a\0', 'The character U+0000 can be in no value at position 1'],
  ['"\0"', 'The character U+0000 can be in no value at position 1'],
  ['a "b', 'There is an unterminated phrase at position 2'],
  ['a"', 'There is an unterminated phrase at position 1'],
  ['"a\\"', 'There is an unterminated phrase at position 0'],
  ['"\\', 'There is an unterminated phrase at position 0'],
]

describe('a search is read:', () => {
  for (const [text, tree] of accepted) {
    test(JSON.stringify(text), () => {
      assert.equal(show(parseSearch(text)), tree)
    })
  }

  test('with the place of each node', () => {
    assert.deepEqual(parseSearch(' a OR NOT b c'), {
      kind: 'or',
      left: { kind: 'term', text: 'a', at: 1 },
      right: {
        kind: 'and',
        left: { kind: 'not', operand: { kind: 'term', text: 'b', at: 10 }, at: 6 },
        right: { kind: 'term', text: 'c', at: 12 },
        at: 12,
      },
      at: 3,
    })
  })
})

describe('a search is refused:', () => {
  for (const [text, what] of refused) {
    test(JSON.stringify(text), () => {
      assert.throws(() => parseSearch(text), {
        name: 'ODataError',
        code: 'BadRequest',
        message: `${what} in '${text}'.`,
      })
    })
  }
})

describe('a search has limits:', () => {
  for (const [open, close] of [['(', ')'] as const, ['NOT ', ''] as const, ['a OR b NOT (', ')'] as const]) {
    test(`its depth, of ${open}`, () => {
      const nest = (depth: number) => `${open.repeat(depth)}a${close.repeat(depth)}`
      const deepest = Math.floor(limits.filterDepth / (open.endsWith('NOT (') ? 2 : 1))
      assert.doesNotThrow(() => parseSearch(nest(deepest)))
      assert.throws(() => parseSearch(nest(deepest + 1)), {
        name: 'ODataError',
        message: /^The search is nested deeper than 100 at position \d+ in '/,
      })
    })
  }

  test('its nodes', () => {
    const text = `NOT a${' a'.repeat(limits.filterNodes / 2 - 1)}`
    assert.doesNotThrow(() => parseSearch(text))
    assert.throws(() => parseSearch(`a${' a'.repeat(limits.filterNodes / 2)}`), {
      name: 'ODataError',
      message: /^The search has more than 2000 operators and terms at position \d+ in '/,
    })
  })
})

const words = fc.stringMatching(/^[a-z'\d]{1,5}$/)
const { tree: trees } = fc.letrec<{ tree: Search }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthSize: 'max', depthIdentifier: 'tree' },
    fc.oneof(words, fc.string({ minLength: 1 })).map((text): Search => ({ kind: 'term', text, at: 0 })),
    tie('tree').map((operand): Search => ({ kind: 'not', operand, at: 0 })),
    fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), tie('tree'), tie('tree'))
      .map(([kind, left, right]): Search => ({ kind, left, right, at: 0 })),
  ),
}))

/** Writes a search with as few words and parentheses as it can. */
function print(search: Search): string {
  const grouped = (inner: Search, isBare: boolean) => (isBare ? print(inner) : `(${print(inner)})`)
  switch (search.kind) {
    case 'term':
      return /^[a-z'\d]+$/.test(search.text) ? search.text : `"${search.text.replace(/["\\]/g, '\\$&')}"`
    case 'not':
      return `NOT ${grouped(search.operand, search.operand.kind === 'term' || search.operand.kind === 'not')}`
    case 'and':
      return `${grouped(search.left, search.left.kind !== 'or')} ${grouped(search.right, search.right.kind === 'term' || search.right.kind === 'not')}`
    case 'or':
      return `${print(search.left)} OR ${grouped(search.right, search.right.kind !== 'or')}`
    default:
      return unreachable(search)
  }
}

describe('a search', () => {
  test('is read back as it was written, whatever the tree', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        assert.equal(show(parseSearch(print(tree))), show(tree))
      }),
      { numRuns: 1000 },
    )
  })

  const pieces = fc.oneof(
    fc.constantFrom('(', ')', '"', '\\', ' ', '\t', 'AND ', 'OR ', 'NOT ', 'a', '😀'),
    fc.string({ unit: 'binary', maxLength: 2 }),
  )
  test('is read or refused, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => assertSettled(parts.join(''))),
      { numRuns: 3000 },
    )
  })

  for (const part of ['(', ')', 'NOT ', 'a ', 'a', '"', '"a"', '"a', '\\', '\\"', 'OR ', 'a OR ', ' ']) {
    test(`ends soon, ${JSON.stringify(part)} 200,000 times`, () => {
      const repeated = part.repeat(200_000)
      for (const text of [repeated, `"${repeated}`, `"${repeated}"`]) {
        const start = performance.now()
        assertSettled(text)
        assert(performance.now() - start < 2000)
      }
    })
  }
})

/** Asserts that a text is read or refused, and nothing else. */
function assertSettled(text: string): void {
  try {
    parseSearch(text)
  } catch (error) {
    assert(error instanceof ODataError, String(error))
  }
}
