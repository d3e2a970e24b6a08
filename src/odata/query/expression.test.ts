import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { unreachable } from '#base/base.ts'
import { ODataError } from '../errors.ts'
import type { BinaryOperator, Expression, Literal, PlainLiteral } from './expression.ts'
import { parseFilter } from './filter-parser.ts'
import { parseOrderBy } from './order-parser.ts'

const OPERATORS: readonly (readonly BinaryOperator[])[] = [
  ['or'],
  ['and'],
  ['eq', 'ne'],
  ['gt', 'ge', 'lt', 'le'],
  ['add', 'sub'],
  ['mul', 'div', 'divby', 'mod'],
]
const NOT = 2.5
const IN = 4
const TIGHTEST = 7

const words = fc.oneof(
  fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/),
  fc.constantFrom('eq', 'and', 'in', 'any', 'has', 'asc', 'e1', 'deadbeef', 'Größe', '日本', 'constructor'),
)
const types = fc.tuple(words, words, words).map((parts) => parts.join('.'))
const segments = fc.oneof({ weight: 4, arbitrary: words }, types)
const paths = fc
  .tuple(fc.oneof(words, fc.constant('$it')), fc.array(segments, { maxLength: 2 }))
  .map(([first, rest]) => [first, ...rest])
  .filter((found) => !isReserved(found.join('/')))
const digits = fc.stringMatching(/^\d{1,12}$/)

/** Whether a word is no name where an operand is due. */
function isReserved(word: string): boolean {
  return /^(?:not|null|true|false)$/i.test(word) || word === 'INF' || word === 'NaN'
}

function literals(literal: PlainLiteral['literal'], texts: fc.Arbitrary<string>): fc.Arbitrary<Literal> {
  return texts.map((text) => ({ kind: 'literal', literal, text, at: 0 }))
}

const anyLiteral: fc.Arbitrary<Literal> = fc.oneof(
  literals('string', fc.string({ unit: 'binary' })),
  literals('string', fc.string({ unit: fc.constantFrom("'", '"', '(', ')', ',', ';', ' ', 'a', '\\') })),
  literals('number', fc.oneof(fc.integer().map(String), digits, fc.constantFrom('INF', '-INF', 'NaN'))),
  literals('number', fc.stringMatching(/^-?\d{1,9}(?:\.\d{1,9})?(?:[eE][+-]?\d{1,3})?$/)),
  literals('boolean', fc.constantFrom('true', 'false')),
  literals('null', fc.constant('null')),
  literals('guid', fc.uuid()),
  literals('date', fc.stringMatching(/^\d{4}-\d\d-\d\d$/)),
  literals('timeOfDay', fc.stringMatching(/^\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?$/)),
  literals(
    'dateTimeOffset',
    fc.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?(?:Z|[+-]\d\d:\d\d)$/),
  ),
  literals('duration', fc.constantFrom('PT5M', '-P1DT0.5S', '')),
  fc
    .record({ enumType: types, text: fc.string() })
    .map((parts): Literal => ({ kind: 'literal', literal: 'enum', at: 0, ...parts })),
)

const leaves: fc.Arbitrary<Expression> = fc.oneof(
  anyLiteral,
  paths.map((found): Expression => ({ kind: 'path', segments: found, at: 0 })),
)

const { tree: trees } = fc.letrec<{ tree: Expression }>((tie) => {
  const tree = tie('tree')
  return {
    tree: fc.oneof(
      { maxDepth: 5, depthSize: 'max', depthIdentifier: 'tree' },
      leaves,
      fc.record({
        kind: fc.constant('unary'),
        operator: fc.constantFrom('not', 'negate'),
        operand: tree,
        at: fc.constant(0),
      }),
      fc.record({
        kind: fc.constant('binary'),
        operator: fc.constantFrom(...OPERATORS.flat()),
        left: tree,
        right: tree,
        at: fc.constant(0),
      }),
      fc.record({
        kind: fc.constant('in'),
        operand: tree,
        items: fc.array(tree, { minLength: 1, maxLength: 3, depthIdentifier: 'tree' }),
        at: fc.constant(0),
      }),
      fc.record({
        kind: fc.constant('call'),
        name: fc.oneof(words, types).filter((name) => !isReserved(name)),
        args: fc.array(tree, { maxLength: 3, depthIdentifier: 'tree' }),
        at: fc.constant(0),
      }),
      fc.record({
        kind: fc.constant('count'),
        path: paths,
        filter: fc.option(tree, { nil: undefined }),
        at: fc.constant(0),
      }),
      fc.record({
        kind: fc.constant('lambda'),
        quantifier: fc.constantFrom('any', 'all'),
        path: paths,
        body: fc.record({ variable: words.filter((word) => !isReserved(word)), predicate: tree }),
        at: fc.constant(0),
      }),
      fc.record({
        kind: fc.constant('lambda'),
        quantifier: fc.constant('any'),
        path: paths,
        body: fc.constant(undefined),
        at: fc.constant(0),
      }),
    ),
  }
})

/** How a tree is written: what is not in the tree. */
interface Style {
  /** Parentheses around everything, or only where they are needed. */
  readonly wrapped: boolean
  /** Between words. */
  readonly space: string
  /** Around marks. */
  readonly gap: string
  readonly upper: boolean
}

const styles: fc.Arbitrary<Style> = fc.record({
  wrapped: fc.boolean(),
  space: fc.constantFrom(' ', '\t', ' \t  '),
  gap: fc.constantFrom('', ' ', '\t '),
  upper: fc.boolean(),
})

function bindingOf(node: Expression): number {
  if (node.kind === 'binary') return OPERATORS.findIndex((group) => group.includes(node.operator)) + 1
  if (node.kind === 'in') return IN
  return node.kind === 'unary' && node.operator === 'not' ? NOT : TIGHTEST
}

/** Writes a tree where nothing may stand bare that binds looser than `floor`. */
function print(node: Expression, style: Style, floor = 0): string {
  const text = printBare(node, style)
  const needed = bindingOf(node) < floor
  return needed || style.wrapped ? `(${style.gap}${text}${style.gap})` : text
}

function printBare(node: Expression, style: Style): string {
  const { space, gap } = style
  const word = (text: string) => (style.upper ? text.toUpperCase() : text)
  const list = (items: readonly Expression[]) =>
    `${gap}(${gap}${items.map((item) => print(item, style)).join(`${gap},${gap}`)}${gap})`
  switch (node.kind) {
    case 'literal':
      return printLiteral(node)
    case 'path':
      return node.segments.join('/')
    case 'unary':
      return node.operator === 'not'
        ? `${word('not')}${space}${print(node.operand, style, 3)}`
        : `-${space}${print(node.operand, style, TIGHTEST)}`
    case 'binary': {
      const power = bindingOf(node)
      const left = print(node.left, style, power)
      return `${left}${space}${word(node.operator)}${space}${print(node.right, style, power + 0.1)}`
    }
    case 'in':
      return `${print(node.operand, style, IN)}${space}${word('in')}${list(node.items)}`
    case 'call':
      return `${node.name}${list(node.args)}`
    case 'count': {
      const filter =
        node.filter === undefined
          ? ''
          : `${gap}(${gap}$filter${gap}=${gap}${print(node.filter, style)}${gap})`
      return `${node.path.join('/')}/${word('$count')}${filter}`
    }
    case 'lambda': {
      const { body } = node
      const inside =
        body === undefined ? '' : `${body.variable}${gap}:${gap}${print(body.predicate, style)}${gap}`
      return `${node.path.join('/')}/${word(node.quantifier)}${gap}(${gap}${inside})`
    }
    default:
      return unreachable(node)
  }
}

function printLiteral(node: Literal): string {
  const quoted = `'${node.text.replaceAll("'", "''")}'`
  if (node.literal === 'enum') return `${node.enumType}${quoted}`
  if (node.literal === 'duration') return `duration${quoted}`
  return node.literal === 'string' ? quoted : node.text
}

/** The same tree with every place at 0. */
function placeless(node: unknown): unknown {
  return JSON.parse(JSON.stringify(node, (key, value) => (key === 'at' ? 0 : value)))
}

const pieces = fc.oneof(
  fc.constantFrom(...'()(),:=-/.$@\'" \t'.split(''), ' ', ' ', "''", 'a', 'b', '1', 'é', '😀'),
  fc.constantFrom(
    ' eq ',
    ' and ',
    ' or ',
    'not ',
    ' in ',
    'any(',
    'all(',
    '/$count',
    '$filter=',
    '$it/',
    ' has ',
  ),
  fc.constantFrom('null', 'true', 'INF', 'NaN', '2026-01-01', 'T00:00Z', '11:58', ' desc', 'duration', 'a.b'),
  fc.string({ unit: 'binary', maxLength: 3 }),
)

describe('an expression', () => {
  test('is read back as it was written, whatever the tree and the style', () => {
    fc.assert(
      fc.property(trees, styles, (tree, style) => {
        const text = print(tree, style)
        assert.deepEqual(placeless(parseFilter(text)), placeless(tree), text)
      }),
      { numRuns: 1000 },
    )
  })

  test('may be a key of an order', () => {
    fc.assert(
      fc.property(fc.array(trees, { minLength: 1, maxLength: 3 }), styles, (keys, style) => {
        const text = keys.map((key) => `${print(key, style)}${style.space}desc`).join(',')
        const items = parseOrderBy(text)
        assert.deepEqual(
          items.map(({ expression, direction }) => [placeless(expression), direction]),
          keys.map((key) => [placeless(key), 'desc']),
          text,
        )
      }),
    )
  })

  test('is read or refused, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const text = parts.join('')
        for (const parse of [parseFilter, parseOrderBy]) {
          try {
            parse(text)
          } catch (error) {
            assert(error instanceof ODataError, String(error))
            assert.equal(error.code, 'BadRequest')
          }
        }
      }),
      { numRuns: 5000 },
    )
  })
})
