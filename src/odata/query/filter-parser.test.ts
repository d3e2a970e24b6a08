import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { limits, unreachable } from '#base/base.ts'
import { ODataError } from '../errors.ts'
import type { Expression } from './expression.ts'
import { parseFilter } from './filter-parser.ts'

/** The tree as text, every operator in parentheses. */
function show(node: Expression): string {
  switch (node.kind) {
    case 'literal':
      return node.literal === 'string' ? `'${node.text}'` : node.text
    case 'path':
      return node.segments.join('/')
    case 'count':
      return `#${node.path.join('/')}${node.filter === undefined ? '' : `[${show(node.filter)}]`}`
    case 'unary':
      return `(${node.operator} ${show(node.operand)})`
    case 'binary':
      return `(${show(node.left)} ${node.operator} ${show(node.right)})`
    case 'in':
      return `(${show(node.operand)} in [${node.items.map(show).join(' ')}])`
    case 'call':
      return `${node.name}(${node.args.map(show).join(' ')})`
    case 'lambda': {
      const body = node.body === undefined ? '' : `${node.body.variable}: ${show(node.body.predicate)}`
      return `${node.quantifier} of ${node.path.join('/')} [${body}]`
    }
    default:
      return unreachable(node)
  }
}

const accepted: Readonly<Record<string, readonly (readonly [text: string, tree: string])[]>> = {
  operand: [
    ['a', 'a'],
    [' a ', 'a'],
    ["'a'", "'a'"],
    ['-1', '-1'],
    ['NULL', 'null'],
    ['((a))', 'a'],
    ['eq eq eq', '(eq eq eq)'],
    ['and and or', '(and and or)'],
    ['in in (in)', '(in in [in])'],
    ['has eq 1', '(has eq 1)'],
    ['not/a eq 1', '(not/a eq 1)'],
    ['any eq all', '(any eq all)'],
  ],
  precedence: [
    ['a or b and c', '(a or (b and c))'],
    ['a and b or c', '((a and b) or c)'],
    ['a and b eq c', '(a and (b eq c))'],
    ['a eq b gt c', '(a eq (b gt c))'],
    ['a gt b eq c', '((a gt b) eq c)'],
    ['a gt b add c', '(a gt (b add c))'],
    ['a add b mul c', '(a add (b mul c))'],
    ['a mul b add c', '((a mul b) add c)'],
    ['a mul -b', '(a mul (negate b))'],
    ['-a mul b', '((negate a) mul b)'],
    ['a or b and c eq d gt e add f mul -g', '(a or (b and (c eq (d gt (e add (f mul (negate g)))))))'],
    ['-a mul b add c gt d eq e and f or g', '(((((((negate a) mul b) add c) gt d) eq e) and f) or g)'],
    ['(a or b) and c', '((a or b) and c)'],
    ['a mul (b add c)', '(a mul (b add c))'],
    ['(a)and(b)', '(a and b)'],
    ["a eq('x')", "(a eq 'x')"],
  ],
  'from left to right': [
    ['a or b or c', '((a or b) or c)'],
    ['a and b and c', '((a and b) and c)'],
    ['a eq b ne c', '((a eq b) ne c)'],
    ['a gt b ge c lt d le e', '((((a gt b) ge c) lt d) le e)'],
    ['a sub b add c', '((a sub b) add c)'],
    ['a div b mul c mod d divby e', '((((a div b) mul c) mod d) divby e)'],
    ['a sub (b sub c)', '(a sub (b sub c))'],
    ['a sub -5', '(a sub -5)'],
  ],
  'any case': [
    ['a EQ b Or NOT c', '((a eq b) or (not c))'],
    ['a DivBy b IN (1)', '((a divby b) in [1])'],
    ['x/ANY(t:t eq 1)', 'any of x [t: (t eq 1)]'],
    ['x/$COUNT gt 1', '(#x gt 1)'],
    ['Contains(DisplayName,A)', 'Contains(DisplayName A)'],
  ],
  unary: [
    ['not a', '(not a)'],
    ['not(a)', '(not a)'],
    ['not a eq 1', '(not (a eq 1))'],
    ['not (a) eq 1', '(not (a eq 1))'],
    ['not a add 1 gt 2', '(not ((a add 1) gt 2))'],
    ['not a in (1,2)', '(not (a in [1 2]))'],
    ['not a and b', '((not a) and b)'],
    ['not a or b', '((not a) or b)'],
    ['not not a eq 1', '(not (not (a eq 1)))'],
    ['not(not(a))', '(not (not a))'],
    ['a and not b', '(a and (not b))'],
    ['a eq not b eq c', '(a eq (not (b eq c)))'],
    ["not contains(a,'b') and c", "((not contains(a 'b')) and c)"],
    ['- a', '(negate a)'],
    ['--a', '(negate (negate a))'],
    ['- 1', '(negate 1)'],
    ['--1', '(negate -1)'],
    ['-(a add 1)', '(negate (a add 1))'],
    ['-length(a)', '(negate length(a))'],
  ],
  in: [
    ["a in ('x')", "(a in ['x'])"],
    ["a in('x','y')", "(a in ['x' 'y'])"],
    ["a in ( 'x' , 'y' )", "(a in ['x' 'y'])"],
    ['a add 1 in (2, b mul 3)', '((a add 1) in [2 (b mul 3)])'],
    ['a in (1) eq true', '((a in [1]) eq true)'],
    ['a in (1) and b in (2)', '((a in [1]) and (b in [2]))'],
    ["tolower(a) in ('x')", "(tolower(a) in ['x'])"],
  ],
  path: [
    ['target/groupId', 'target/groupId'],
    ['target/microsoft.graph.x/groupId eq 1', '(target/microsoft.graph.x/groupId eq 1)'],
    ['$it/a', '$it/a'],
    ['$IT eq 1', '($IT eq 1)'],
    ['x/any', 'x/any'],
  ],
  count: [
    ['x/$count', '#x'],
    ['$it/x/y/$count eq 0', '(#$it/x/y eq 0)'],
    ['x/$count($filter=a eq 1) gt 2', '(#x[(a eq 1)] gt 2)'],
    ['x/$count ( filter = a )', '#x[a]'],
    ['x/$count($Filter=y/$count($filter=b) eq 1)', '#x[(#y[b] eq 1)]'],
  ],
  call: [
    ['now()', 'now()'],
    ['now( )', 'now()'],
    ["contains(displayName,'x')", "contains(displayName 'x')"],
    ["contains ( displayName , 'x' )", "contains(displayName 'x')"],
    ["contains(tolower(a),concat('x',b)) eq true", "(contains(tolower(a) concat('x' b)) eq true)"],
    ['f(a or b, not c)', 'f((a or b) (not c))'],
    ['isof(microsoft.graph.x)', 'isof(microsoft.graph.x)'],
    ['geo.distance(a,b) lt 1', '(geo.distance(a b) lt 1)'],
    ["assignments('x')", "assignments('x')"],
    ['a/f(b)', 'a/f(b)'],
    ['any(t)', 'any(t)'],
  ],
  lambda: [
    ["roleScopeTagIds/any(t:t eq '0')", "any of roleScopeTagIds [t: (t eq '0')]"],
    ['x/any()', 'any of x []'],
    ['x/any( )', 'any of x []'],
    ['x/all(t:true)', 'all of x [t: true]'],
    ['x/any( t : t/a eq 1 or b )', 'any of x [t: ((t/a eq 1) or b)]'],
    ['$it/x/y/any(t:t)', 'any of $it/x/y [t: t]'],
    ['x/any(t:t/y/all(u:u eq t))', 'any of x [t: all of t/y [u: (u eq t)]]'],
    ['not x/any(t:t) and y', '((not any of x [t: t]) and y)'],
  ],
}

const refused: Readonly<Record<string, readonly (readonly [text: string, what: string, hint?: string])[]>> = {
  operand: [
    ['', 'Expression expected at position 0'],
    ['  ', 'Expression expected at position 2'],
    ['displayName eq', 'Expression expected at position 14'],
    ['a and ', 'Expression expected at position 6'],
    ['not', 'Expression expected at position 3'],
    ['-', 'Expression expected at position 1'],
    [')', 'Expression expected at position 0'],
    ['()', 'Expression expected at position 1'],
    [', a', 'Expression expected at position 0'],
    ['a eq = b', 'Expression expected at position 5'],
  ],
  operator: [
    ['a b', 'Syntax error at position 2'],
    ['a eq b c', 'Syntax error at position 7'],
    ['a = 1', 'Syntax error at position 2'],
    ['a 1', 'Syntax error at position 2'],
    ['1 -2', 'Syntax error at position 2'],
    ['a not b', 'Syntax error at position 2'],
    ['a, b', 'Syntax error at position 1'],
    ['a constructor b', 'Syntax error at position 2'],
    ['a desc', 'Syntax error at position 2'],
    [
      "a has b.c'd'",
      "The operator 'has' is not supported at position 2",
      'No enumeration here has flags: use eq.',
    ],
  ],
  parentheses: [
    ['(a', "')' or operator expected at position 2"],
    ['(a, b)', "')' or operator expected at position 2"],
    ['(a b)', "')' or operator expected at position 3"],
    ['a)', 'Syntax error at position 1'],
    ['(a))', 'Syntax error at position 3'],
    ['(a)(b)', 'Syntax error at position 3'],
  ],
  in: [
    ['a in', "'(' expected at position 4"],
    ['a in b', "'(' expected at position 5"],
    ['a in ()', "An empty list after 'in' at position 5"],
    ['a in (1', "')' or ',' expected at position 7"],
    ['a in (1,)', 'Expression expected at position 8'],
    ['a in (,1)', 'Expression expected at position 6'],
    ['a in (1 2)', "')' or ',' expected at position 8"],
    ['(a,b) in ((1,2))', "')' or operator expected at position 2"],
  ],
  path: [
    ['$root/a', "The segment '$root' is not supported at position 0"],
    ['$count gt 1', "The segment '$count' is not supported at position 0"],
    ['a/$ref', "The segment '$ref' is not supported at position 2"],
    ['a/bc/$it/d', "The segment '$it' is not supported at position 5"],
    ['a/$count/b', "The segment '$count' is not supported at position 2"],
    ['b eq $f(a)', "The segment '$f' is not supported at position 5"],
    ['a/$x/$count', "The segment '$x' is not supported at position 2"],
    ['a/$x/any()', "The segment '$x' is not supported at position 2"],
  ],
  count: [
    ['x/$count()', "'$filter' expected at position 9"],
    ['x/$count(a)', "'$filter' expected at position 9"],
    ['x/$count($search=a)', "'$filter' expected at position 9"],
    ['x/$count($filter a)', "'=' expected at position 17"],
    ['x/$count($filter=)', 'Expression expected at position 17'],
    ['x/$count($filter=a', "')' or operator expected at position 18"],
    ['x/$count(filter=a,b)', "')' or operator expected at position 17"],
  ],
  call: [
    ['f(', 'Expression expected at position 2'],
    ['f(a', "')' or ',' expected at position 3"],
    ['f(a,)', 'Expression expected at position 4'],
    ['f(,a)', 'Expression expected at position 2'],
    ['f(a b)', "')' or ',' expected at position 4"],
    ['f(x=1)', "')' or ',' expected at position 3"],
    ['any(t:t)', "')' or ',' expected at position 5"],
  ],
  lambda: [
    ['x/all()', 'A variable was expected at position 6', "As in all(x:x eq 'a')."],
    ['x/any(1)', 'A variable was expected at position 6', "As in any(x:x eq 'a')."],
    ['x/any(a/b:c)', 'A variable was expected at position 6', "As in any(x:x eq 'a')."],
    ['x/any(a.b:c)', 'A variable was expected at position 6', "As in any(x:x eq 'a')."],
    ['x/any($it:c)', 'A variable was expected at position 6', "As in any(x:x eq 'a')."],
    ['x/any(t)', "':' expected at position 7"],
    ['x/any(t,u)', "':' expected at position 7"],
    ['x/any(t:)', 'Expression expected at position 8'],
    ['x/any(t:t', "')' or operator expected at position 9"],
    ['x/any(t:t,u)', "')' or operator expected at position 9"],
  ],
}

function refuses(text: string, message: string): void {
  assert.throws(() => parseFilter(text), { name: 'ODataError', code: 'BadRequest', message })
}

describe('a filter is read:', () => {
  for (const [rule, cases] of Object.entries(accepted)) {
    for (const [text, tree] of cases) {
      test(`${rule} ${JSON.stringify(text)}`, () => {
        assert.equal(show(parseFilter(text)), tree)
      })
    }
  }
})

describe('a filter is refused:', () => {
  for (const [rule, cases] of Object.entries(refused)) {
    for (const [text, what, hint] of cases) {
      test(`${rule} ${JSON.stringify(text)}`, () => {
        refuses(text, `${what} in '${text}'.${hint === undefined ? '' : ` ${hint}`}`)
      })
    }
  }
})

describe('a node knows its place:', () => {
  const places: readonly (readonly [text: string, at: number])[] = [
    [' a/b', 1],
    [" 'a'", 1],
    [' (a)', 2],
    [' not a', 1],
    ['  -a', 2],
    ['a eq b', 2],
    ['a in (b)', 2],
    [' f(a)', 1],
    [' x/$count', 1],
    [' x/any()', 1],
  ]
  for (const [text, at] of places) {
    test(JSON.stringify(text), () => {
      assert.equal(parseFilter(text).at, at)
    })
  }

  test('and so do the nodes below', () => {
    assert.deepEqual(parseFilter("x/any(t:t eq a.b'c')"), {
      kind: 'lambda',
      quantifier: 'any',
      path: ['x'],
      body: {
        variable: 't',
        predicate: {
          kind: 'binary',
          operator: 'eq',
          left: { kind: 'path', segments: ['t'], at: 8 },
          right: { kind: 'literal', literal: 'enum', enumType: 'a.b', text: 'c', at: 13 },
          at: 10,
        },
      },
      at: 0,
    })
  })
})

describe('a filter is nested at most 100 deep:', () => {
  const forms: readonly (readonly [open: string, close: string])[] = [
    ['(', ')'],
    ['not ', ''],
    ['- ', ''],
    ['f(', ')'],
    ['f(1,', ')'],
    ['b in (', ')'],
    ['x/any(t:', ')'],
    ['x/$count($filter=', ')'],
    ['b or c and d eq e gt f add g mul (', ')'],
  ]
  for (const [open, close] of forms) {
    test(open, () => {
      const nested = (depth: number) => `${open.repeat(depth)}a${close.repeat(depth)}`
      assert.doesNotThrow(() => parseFilter(nested(limits.filterDepth)))
      assert.throws(() => parseFilter(nested(limits.filterDepth + 1)), {
        name: 'ODataError',
        message: /^The expression is nested deeper than 100 at position \d+ in '/,
      })
    })
  }
})

describe('a filter has at most 2,000 nodes:', () => {
  const forms: Readonly<Record<string, (nodes: number) => string>> = {
    operators: (nodes) => `${nodes % 2 === 0 ? 'not ' : ''}a${' or a'.repeat(Math.floor((nodes - 1) / 2))}`,
    items: (nodes) => `a in (1${',1'.repeat(nodes - 3)})`,
    arguments: (nodes) => `f(a${',a'.repeat(nodes - 2)})`,
  }
  for (const [what, textOf] of Object.entries(forms)) {
    test(what, () => {
      assert.doesNotThrow(() => parseFilter(textOf(limits.filterNodes)))
      assert.throws(() => parseFilter(textOf(limits.filterNodes + 1)), {
        name: 'ODataError',
        message: /^The expression has more than 2000 operators and operands at position \d+ in '/,
      })
    })
  }
})

describe('a hostile text ends soon:', () => {
  const parts = [
    ...['(', 'not ', '-', '- ', 'f(', 'f(a,', 'x/any(t:', 'x/$count($filter=', 'a or ', 'a in (', 'a eq '],
    ...["'", "''", "'a'", "'a", 'a/', 'a.', 'a', '1', '1 ', '11-', '-INF', ' ', '\t', '$', '$a/', ',', '😀'],
    ...['2026-01-01T', '0f8fad5b-', 'a/$count/'],
  ]
  for (const part of parts) {
    test(`${JSON.stringify(part)} 200,000 times`, () => {
      const repeated = part.repeat(200_000)
      for (const text of [repeated, `a eq ${repeated}`, `'${repeated}'`]) {
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
    parseFilter(text)
  } catch (error) {
    assert(error instanceof ODataError, String(error))
    assert(error.message.length < 500)
  }
}
