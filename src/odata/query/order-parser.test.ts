import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { limits } from '#base/base.ts'
import { parseOrderBy } from './order-parser.ts'

/** Each item as what it orders by, its direction, and its place. */
function show(text: string): readonly string[] {
  return parseOrderBy(text).map(({ expression, direction, at }) => {
    const what = expression.kind === 'path' ? expression.segments.join('/') : expression.kind
    return `${what} ${direction} ${at}`
  })
}

const accepted: readonly (readonly [text: string, items: readonly string[]])[] = [
  ['a', ['a asc 0']],
  [' a ', ['a asc 1']],
  ['a asc', ['a asc 0']],
  ['a desc', ['a desc 0']],
  ['a DESC,b Asc', ['a desc 0', 'b asc 7']],
  ['a,b', ['a asc 0', 'b asc 2']],
  ['a \t desc , b', ['a desc 0', 'b asc 11']],
  ['a/b.c/d desc', ['a/b.c/d desc 0']],
  ['$it/a', ['$it/a asc 0']],
  ['desc desc', ['desc desc 0']],
  ['asc', ['asc asc 0']],
  ['(a)desc', ['a desc 0']],
  ['length(a) desc', ['call desc 0']],
  ["concat(a,'x,y') desc,b", ['call desc 0', 'b asc 21']],
  ['a add b mul 2 desc', ['binary desc 0']],
  ['not a desc', ['unary desc 0']],
  ['x/$count desc', ['count desc 0']],
  ['a,a', ['a asc 0', 'a asc 2']],
]

const refused: readonly (readonly [text: string, what: string])[] = [
  ['', 'Expression expected at position 0'],
  [' ', 'Expression expected at position 1'],
  [',a', 'Expression expected at position 0'],
  ['a,', 'Expression expected at position 2'],
  ['a,,b', 'Expression expected at position 2'],
  ['a b', 'Syntax error at position 2'],
  ['a descending', 'Syntax error at position 2'],
  ['a desc b', 'Syntax error at position 7'],
  ['a desc desc', 'Syntax error at position 7'],
  ['a desc eq b', 'Syntax error at position 7'],
  ["a 'desc'", 'Syntax error at position 2'],
  ['a)', 'Syntax error at position 1'],
  ['(a desc)', "')' or operator expected at position 3"],
  ['a;b', "Syntax error: character ';' is not valid at position 1"],
]

describe('an order is read:', () => {
  for (const [text, items] of accepted) {
    test(JSON.stringify(text), () => {
      assert.deepEqual(show(text), items)
    })
  }
})

describe('an order is refused:', () => {
  for (const [text, what] of refused) {
    test(JSON.stringify(text), () => {
      assert.throws(() => parseOrderBy(text), {
        name: 'ODataError',
        code: 'BadRequest',
        message: `${what} in '${text}'.`,
      })
    })
  }
})

describe('the items of an order', () => {
  test('have their nodes counted together', () => {
    const text = `a${',a'.repeat(limits.filterNodes - 1)}`
    assert.equal(parseOrderBy(text).length, limits.filterNodes)
    assert.throws(() => parseOrderBy(`${text},a`), {
      name: 'ODataError',
      message: /^The expression has more than 2000 operators and operands at position 4000 in '/,
    })
  })

  test('are each as deep as a filter', () => {
    const nest = (depth: number) => `${'('.repeat(depth)}a${')'.repeat(depth)}`
    assert.equal(parseOrderBy(`${nest(limits.filterDepth)},${nest(limits.filterDepth)}`).length, 2)
    assert.throws(() => parseOrderBy(`a,${nest(limits.filterDepth + 1)}`), {
      name: 'ODataError',
      message: /^The expression is nested deeper than 100 at position 102 in '/,
    })
  })
})
