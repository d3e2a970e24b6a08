import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { limits } from '#base/base.ts'
import { ODataError } from '../errors.ts'
import { parseExpand, parseSelect } from './expand-parser.ts'

type Shown = readonly (string | readonly [name: string, options: Readonly<Record<string, string>>])[]

/** Each item as its name, with its options where it has some. */
function show(text: string): Shown {
  return parseExpand(text).map(({ name, options }) =>
    options.length === 0
      ? name
      : [name, Object.fromEntries(options.map((option) => [option.name, option.text]))],
  )
}

const expands: Readonly<Record<string, readonly (readonly [text: string, items: Shown])[]>> = {
  item: [
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    [' a\t, b ', ['a', 'b']],
    ['a,a', ['a', 'a']],
    ['größe_1', ['größe_1']],
    ['a($top=1),b', [['a', { $top: '1' }], 'b']],
    ['a ( $top=1 ) , b', [['a', { $top: '1' }], 'b']],
  ],
  option: [
    ['a($select=b,c;$count=true)', [['a', { $select: 'b,c', $count: 'true' }]]],
    ['a(select=b;TOP=1;$OrderBy=c desc)', [['a', { $select: 'b', $top: '1', $orderby: 'c desc' }]]],
    ['a( $top = 1 ; $skip\t=\t2 )', [['a', { $top: '1', $skip: '2' }]]],
    ['a($top=1;)', [['a', { $top: '1' }]]],
    ['a($top=1; )', [['a', { $top: '1' }]]],
    ['a($top=;$skip=)', [['a', { $top: '', $skip: '' }]]],
    ['a($filter=b=c)', [['a', { $filter: 'b=c' }]]],
    ['a($nonsense=1)', [['a', { $nonsense: '1' }]]],
    ['a($constructor=1)', [['a', { $constructor: '1' }]]],
  ],
  value: [
    ["a($filter=contains(b,';)');$top=5)", [['a', { $filter: "contains(b,';)')", $top: '5' }]]],
    ["a($filter=b eq 'it''s;)(';$top=5)", [['a', { $filter: "b eq 'it''s;)('", $top: '5' }]]],
    ["a($filter=b eq '\"';$top=5)", [['a', { $filter: "b eq '\"'", $top: '5' }]]],
    ['a($search="it\'s;) \\";";$top=5)', [['a', { $search: '"it\'s;) \\";"', $top: '5' }]]],
    ['a($filter=(b or (c));$top=5)', [['a', { $filter: '(b or (c))', $top: '5' }]]],
    ["a($filter=b in ('x','y'))", [['a', { $filter: "b in ('x','y')" }]]],
    [
      'a($expand=b($expand=c($top=1);$top=2);$top=3)',
      [['a', { $expand: 'b($expand=c($top=1);$top=2)', $top: '3' }]],
    ],
    ['a($expand=b,c),d', [['a', { $expand: 'b,c' }], 'd']],
  ],
}

const TERM = (term: string) => `Term '${term}' is not valid in a $select or $expand expression`
const NESTED = 'Expand one level within the other, as in a($expand=…).'

const refusedExpands: readonly (readonly [text: string, what: string, hint?: string])[] = [
  ['', `${TERM('')} at position 0`],
  [' ', `${TERM('')} at position 1`],
  ['a,', `${TERM('')} at position 2`],
  [',a', `${TERM('')} at position 0`],
  ['a,,b', `${TERM('')} at position 2`],
  ['a b', 'Syntax error at position 2'],
  ['a)', 'Syntax error at position 1'],
  ['a;b', 'Syntax error at position 1'],
  ['a($top=1)b', 'Syntax error at position 9'],
  ['a($top=1)($top=1)', 'Syntax error at position 9'],
  ['1a', `${TERM('1a')} at position 0`],
  ["'a'", `${TERM("'a'")} at position 0`],
  ['a,$b', `${TERM('$b')} at position 2`],
  ['a.b', `${TERM('a.b')} at position 0`],
  ['*', "Expanding '*' is not supported at position 0", 'Name each navigation, as in a,b.'],
  ['a,*($levels=2)', "Expanding '*' is not supported at position 2", 'Name each navigation, as in a,b.'],
  ['a/$ref', "Expanding 'a/$ref' is not supported at position 0", 'Expand the navigation alone.'],
  ['b,a/$count', "Expanding 'a/$count' is not supported at position 2", 'Expand the navigation alone.'],
  ['a/b', "Expanding the path 'a/b' is not supported at position 0", NESTED],
  ['a/', "Expanding the path 'a/' is not supported at position 0", NESTED],
  [
    'a()',
    "Missing expand option on navigation property 'a' at position 1",
    'Leave out the empty parentheses.',
  ],
  [
    'a( )',
    "Missing expand option on navigation property 'a' at position 1",
    'Leave out the empty parentheses.',
  ],
  ['a(;)', 'The name of a query option was expected at position 2'],
  ['a($top=1;;$skip=1)', 'The name of a query option was expected at position 9'],
  ['a($=1)', 'The name of a query option was expected at position 2'],
  ["a('b')", 'The name of a query option was expected at position 2'],
  ['a(', 'The name of a query option was expected at position 2'],
  ['a($top)', "'=' expected at position 6"],
  ['a(b)', "'=' expected at position 3"],
  ['a($top 1)', "'=' expected at position 7"],
  ['a($top=1', "')' or ';' expected at position 8"],
  ['a($filter=(b)', "')' or ';' expected at position 13"],
  ["a($filter='b)", 'There is an unterminated string literal at position 10'],
  ['a($search="b)', 'There is an unterminated string literal at position 10'],
  ['a($top=1;top=2)', "The query option '$top' is given twice at position 9"],
  ['a($TOP=1;$top=1)', "The query option '$top' is given twice at position 9"],
  [
    'a($levels=2)',
    "The query option '$levels' is not supported at position 2",
    'Write each level with its own $expand.',
  ],
]

const selects: readonly (readonly [text: string, segments: readonly string[]])[] = [
  ['a', ['a']],
  ['a,b', ['a', 'b']],
  [' a\t, b ', ['a', 'b']],
  ['*', ['*']],
  ['a,*', ['a', '*']],
  ['a,a', ['a', 'a']],
  ['a/b/c', ['a>b>c']],
  ['microsoft.graph.x/a', ['microsoft.graph.x>a']],
  ['größe_1', ['größe_1']],
]

const refusedSelects: readonly (readonly [text: string, what: string])[] = [
  ['', `${TERM('')} at position 0`],
  [' ', `${TERM('')} at position 1`],
  ['a,', `${TERM('')} at position 2`],
  [',a', `${TERM('')} at position 0`],
  ['a, ,b', `${TERM('')} at position 3`],
  ['a/', `${TERM('a/')} at position 0`],
  ['a//b', `${TERM('a//b')} at position 0`],
  ['a/*', `${TERM('a/*')} at position 0`],
  ['a.*', `${TERM('a.*')} at position 0`],
  ['b,1a', `${TERM('1a')} at position 2`],
  ["'a'", `${TERM("'a'")} at position 0`],
  ['a\n', `${TERM('a\n')} at position 0`],
  ['a/$ref', "Found system token '$ref' in a $select expression at position 0"],
  ['b,$count', "Found system token '$count' in a $select expression at position 2"],
  ['a b', 'Syntax error at position 2'],
  ['a($select=b)', 'Syntax error at position 1'],
  ['a;b', 'Syntax error at position 1'],
]

describe('an expand is read:', () => {
  for (const [rule, cases] of Object.entries(expands)) {
    for (const [text, items] of cases) {
      test(`${rule} ${JSON.stringify(text)}`, () => {
        assert.deepEqual(show(text), items)
      })
    }
  }

  test('with the place of each name and value', () => {
    const text = ' a, b ( $top = 1 ;$expand=c($top=2))'
    const [a, b] = parseExpand(text)
    assert.deepEqual(a, { name: 'a', at: 1, options: [] })
    assert.deepEqual(b, {
      name: 'b',
      at: 4,
      options: [
        { name: '$top', text: '1', at: 15 },
        { name: '$expand', text: 'c($top=2)', at: 26 },
      ],
    })
  })
})

describe('an expand is refused:', () => {
  for (const [text, what, hint] of refusedExpands) {
    test(JSON.stringify(text), () => {
      assert.throws(() => parseExpand(text), {
        name: 'ODataError',
        code: 'BadRequest',
        message: `${what} in '${text}'.${hint === undefined ? '' : ` ${hint}`}`,
      })
    })
  }

  test('where it is nested deeper than any filter in any expand may be', () => {
    const depth = limits.filterDepth + limits.expandDepth
    const nest = (count: number) => `a($filter=${'('.repeat(count)}b${')'.repeat(count)})`
    assert.doesNotThrow(() => parseExpand(nest(depth)))
    assert.throws(() => parseExpand(nest(depth + 1)), {
      name: 'ODataError',
      message: /^The text is nested deeper than 104 at position 114 in '/,
    })
  })
})

describe('a select is read:', () => {
  for (const [text, segments] of selects) {
    test(JSON.stringify(text), () => {
      assert.deepEqual(
        parseSelect(text).map((item) => item.segments.join('>')),
        segments,
      )
    })
  }

  test('with the place of each item', () => {
    assert.deepEqual(parseSelect(' a ,b/c'), [
      { segments: ['a'], at: 1 },
      { segments: ['b', 'c'], at: 4 },
    ])
  })
})

describe('a select is refused:', () => {
  for (const [text, what] of refusedSelects) {
    test(JSON.stringify(text), () => {
      assert.throws(() => parseSelect(text), {
        name: 'ODataError',
        code: 'BadRequest',
        message: `${what} in '${text}'.`,
      })
    })
  }
})

const names = fc.stringMatching(/^[A-Za-z_]\w{0,5}$/)
const strings = fc.string({ unit: fc.constantFrom("'", '"', ';', '(', ')', ',', '\\', 'a', '😀') })
const values = fc.oneof(
  strings.map((text) => `b eq '${text.replaceAll("'", "''")}'`),
  strings.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`),
  strings.map((text) => `((b) or f(c,'${text.replaceAll("'", "''")}'))`),
  names.map((name) => `${name}($filter=a;$top=1),b`),
)
const options = fc.dictionary(
  fc.stringMatching(/^\$[a-z]{1,6}$/).filter((name) => name !== '$levels'),
  values,
  { noNullPrototype: true, maxKeys: 3 },
)

describe('an expand', () => {
  test('is read back as it was written, whatever the items', () => {
    const items = fc.array(fc.tuple(names, options), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(items, (expected) => {
        const text = expected.map(([name, given]) => {
          const inside = Object.entries(given).map(([option, value]) => `${option}=${value}`)
          return inside.length === 0 ? name : `${name}(${inside.join(';')})`
        })
        assert.deepEqual(
          parseExpand(text.join(',')).map((item) => [
            item.name,
            Object.fromEntries(item.options.map((option) => [option.name, option.text])),
          ]),
          expected,
        )
      }),
    )
  })

  const pieces = fc.oneof(
    fc.constantFrom(...'()(),;=\'"\\*/$ \ta'.split(''), '$top=', '$expand=b(', '$filter=', 'a($top=1'),
    fc.string({ unit: 'binary', maxLength: 2 }),
  )
  test('or a select is read or refused, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => assertSettled(parts.join(''))),
      { numRuns: 3000 },
    )
  })

  for (const part of [
    '(',
    ')',
    'a(',
    'a($b=',
    'a,',
    ';',
    "'",
    "''",
    '"',
    '\\"',
    'a',
    'a/',
    ' ',
    '$b=c;',
    '=',
  ]) {
    test(`or a select ends soon, ${JSON.stringify(part)} 200,000 times`, () => {
      const repeated = part.repeat(200_000)
      for (const text of [
        repeated,
        `a(${repeated}`,
        `a($b=${repeated}`,
        `a($b="${repeated}`,
        `a($b='${repeated}')`,
      ]) {
        const start = performance.now()
        assertSettled(text)
        assert(performance.now() - start < 2000)
      }
    })
  }
})

/** Asserts that a text is read or refused by both, and nothing else. */
function assertSettled(text: string): void {
  for (const parse of [parseExpand, parseSelect]) {
    try {
      parse(text)
    } catch (error) {
      assert(error instanceof ODataError, String(error))
    }
  }
}
