import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { advance, createCursor } from './lexer.ts'

/** The tokens in short: a mark as it is, a name as `name`, a literal as `kind<text>`. */
function tokensOf(text: string): readonly string[] {
  const cursor = createCursor(text)
  const shown: string[] = []
  for (; cursor.token.kind !== 'end'; advance(cursor)) {
    const { token } = cursor
    if (token.kind === 'name') shown.push(token.text)
    else if (token.kind !== 'literal') shown.push(token.kind)
    else if (token.literal.literal === 'enum') shown.push(`${token.literal.enumType}<${token.literal.text}>`)
    else shown.push(`${token.literal.literal}<${token.literal.text}>`)
  }
  return shown
}

const GUID = '0f8fad5b-d9cb-469f-a165-70867728950E'

const accepted: Readonly<Record<string, readonly (readonly [text: string, tokens: readonly string[]])[]>> = {
  space: [
    ['', []],
    [' \t ', []],
    ['a b', ['a', 'b']],
    ['\ta \t b\t', ['a', 'b']],
    [' ( a , b ) ', ['(', 'a', ',', 'b', ')']],
    ['(a,b)', ['(', 'a', ',', 'b', ')']],
  ],
  mark: [
    ['()', ['(', ')']],
    ['t:t', ['t', ':', 't']],
    ['$filter=a', ['$filter', '=', 'a']],
    ['--a', ['-', '-', 'a']],
    ['-(a)', ['-', '(', 'a', ')']],
    ['- 1', ['-', 'number<1>']],
  ],
  name: [
    ['displayName', ['displayName']],
    ['_a1_', ['_a1_']],
    ['Überprüfung日本', ['Überprüfung日本']],
    ['𝔸b', ['𝔸b']],
    ['a/b/c', ['a/b/c']],
    ['target/microsoft.graph.x/groupId', ['target/microsoft.graph.x/groupId']],
    ['$it/a', ['$it/a']],
    ['a/$count', ['a/$count']],
    ['deadbeef', ['deadbeef']],
    ['e1', ['e1']],
    ['INFx', ['INFx']],
    ['-INFx', ['-', 'INFx']],
    ['-INF.x', ['-', 'INF.x']],
    ['-INF/x', ['-', 'INF/x']],
    ['inf nan', ['inf', 'nan']],
    ['null/true', ['null/true']],
    ['nullable trueish', ['nullable', 'trueish']],
    ['constructor toString', ['constructor', 'toString']],
    ['duration', ['duration']],
    ["duration 'P1D'", ['duration', 'string<P1D>']],
  ],
  string: [
    ["''", ['string<>']],
    ["''''", ["string<'>"]],
    ["'a''b'", ["string<a'b>"]],
    ["'''a'''", ["string<'a'>"]],
    ["'O''Brien — Zoë 日本 😀'", ["string<O'Brien — Zoë 日本 😀>"]],
    ['\' a, (b) or "c" %27\n\'', ['string< a, (b) or "c" %27\n>']],
    ["'\\'", ['string<\\>']],
    ["('a')", ['(', 'string<a>', ')']],
    ["'a','b'", ['string<a>', ',', 'string<b>']],
  ],
  number: [
    ['0', ['number<0>']],
    ['007', ['number<007>']],
    ['-1', ['number<-1>']],
    ['1.50', ['number<1.50>']],
    ['-1.5e-10', ['number<-1.5e-10>']],
    ['1E+2', ['number<1E+2>']],
    ['9999999999999999999', ['number<9999999999999999999>']],
    ['INF -INF NaN', ['number<INF>', 'number<-INF>', 'number<NaN>']],
    ['1 -2', ['number<1>', 'number<-2>']],
  ],
  word: [
    ['true', ['boolean<true>']],
    ['FALSE', ['boolean<false>']],
    ['True', ['boolean<true>']],
    ['null NULL', ['null<null>', 'null<null>']],
  ],
  time: [
    ['2026-01-01', ['date<2026-01-01>']],
    ['2026-99-99', ['date<2026-99-99>']],
    ['2026-01-01T00:00Z', ['dateTimeOffset<2026-01-01T00:00Z>']],
    ['2026-01-01t00:00:00z', ['dateTimeOffset<2026-01-01t00:00:00z>']],
    ['2026-01-01T00:00:00.1234567+05:30', ['dateTimeOffset<2026-01-01T00:00:00.1234567+05:30>']],
    ['2026-01-01T00:00:00-08:00', ['dateTimeOffset<2026-01-01T00:00:00-08:00>']],
    ['11:58', ['timeOfDay<11:58>']],
    ['11:58:36.2550000', ['timeOfDay<11:58:36.2550000>']],
    ["duration'PT5M'", ['duration<PT5M>']],
    ["Duration'-P1DT0.5S'", ['duration<-P1DT0.5S>']],
  ],
  guid: [
    [GUID, [`guid<${GUID}>`]],
    [GUID.toUpperCase(), [`guid<${GUID.toUpperCase()}>`]],
    ['abcdefab-abcd-abcd-abcd-abcdefabcdef', ['guid<abcdefab-abcd-abcd-abcd-abcdefabcdef>']],
    ['20260101-0101-0101-0101-010101010101', ['guid<20260101-0101-0101-0101-010101010101>']],
  ],
  enumeration: [
    ["microsoft.graph.runState'fail'", ['microsoft.graph.runState<fail>']],
    ["a.b'c''d'", ["a.b<c'd>"]],
  ],
}

const OFFSET_HINT = "It ends in its offset, 'Z' or '-05:00'; in a URL a '+' is written '%2B'."
const PREFIX_HINT =
  "Only duration'PT5M' and the full name of an enumeration, as in microsoft.graph.runState'fail', stand before a quote."

const refused: Readonly<Record<string, readonly (readonly [text: string, what: string, hint?: string])[]>> = {
  character: [
    ['a % b', "Syntax error: character '%' is not valid at position 2"],
    ['a>1', "Syntax error: character '>' is not valid at position 1"],
    ['a\nb', "Syntax error: character '\n' is not valid at position 1"],
    ['a\u00a0b', "Syntax error: character '\u00a0' is not valid at position 1"],
    ['"a"', "Syntax error: character '\"' is not valid at position 0"],
    ['a 😀', "Syntax error: character '😀' is not valid at position 2"],
    ['\ud800', "Syntax error: character '\ud800' is not valid at position 0"],
    ['a-1', "Syntax error: character '-' is not valid at position 1"],
    ['a $', "Syntax error: character '$' is not valid at position 2"],
    ['a$b', "Syntax error: character '$' is not valid at position 1"],
    ['/a', "Syntax error: character '/' is not valid at position 0"],
    ["['a']", "Syntax error: character '[' is not valid at position 0"],
    ['@p', 'A parameter alias is not supported at position 0', 'Write its value in its place.'],
  ],
  name: [
    ['a/', 'An identifier was expected at position 2'],
    ['a//b', 'An identifier was expected at position 2'],
    ['a/1', 'An identifier was expected at position 2'],
    ['a.', 'An identifier was expected at position 2'],
    ['a. b', 'An identifier was expected at position 2'],
    ['a /b', "Syntax error: character '/' is not valid at position 2"],
    ['(a)/b', "Syntax error: character '/' is not valid at position 3"],
  ],
  string: [
    ["'", 'There is an unterminated string literal at position 0'],
    ["a eq 'abc", 'There is an unterminated string literal at position 5'],
    ["'a''", 'There is an unterminated string literal at position 0'],
    ["'a'b", "Syntax error: character 'b' is not valid at position 3"],
    ["'a' 'b", 'There is an unterminated string literal at position 4'],
    ["duration'P1D", 'There is an unterminated string literal at position 8'],
    ["'a'/b", "Syntax error: character '/' is not valid at position 3"],
  ],
  number: [
    ['1a', "Syntax error: character 'a' is not valid at position 1"],
    ['1.', "Syntax error: character '.' is not valid at position 1"],
    ['.5', "Syntax error: character '.' is not valid at position 0"],
    ['+1', "Syntax error: character '+' is not valid at position 0"],
    ['1e', "Syntax error: character 'e' is not valid at position 1"],
    ['1-2', "Syntax error: character '-' is not valid at position 1"],
    ['1L', "Syntax error: character 'L' is not valid at position 1"],
    ['0x1F', "Syntax error: character 'x' is not valid at position 1"],
    ['１', "Syntax error: character '１' is not valid at position 0"],
  ],
  time: [
    ['2026-1-1', "Syntax error: character '-' is not valid at position 4"],
    ['2026-01-011', "Syntax error: character '1' is not valid at position 10"],
    ['2026-01-01T25', "Syntax error: character 'T' is not valid at position 10"],
    [
      '2026-01-01T00:00:00',
      "Unrecognized 'Edm.DateTimeOffset' literal '2026-01-01T00:00:00' at position 0",
      OFFSET_HINT,
    ],
    [
      '2026-01-01T00:00:00 01:00',
      "Unrecognized 'Edm.DateTimeOffset' literal '2026-01-01T00:00:00' at position 0",
      OFFSET_HINT,
    ],
    [
      '2026-01-01T00:00:00+1',
      "Unrecognized 'Edm.DateTimeOffset' literal '2026-01-01T00:00:00' at position 0",
      OFFSET_HINT,
    ],
  ],
  guid: [
    [`${GUID}0`, "Syntax error: character '0' is not valid at position 36"],
    [GUID.slice(0, -1), "Syntax error: character 'f' is not valid at position 1"],
    ['abcdefab-abcd', "Syntax error: character '-' is not valid at position 8"],
  ],
  prefix: [
    [
      "datetime'2026-01-01'",
      "Unrecognized literal prefix 'datetime' at position 0",
      'Write it without prefix and quotes, as 2026-01-01T00:00:00Z.',
    ],
    [
      `a eq Guid'${GUID}'`,
      "Unrecognized literal prefix 'Guid' at position 5",
      'Write it without prefix and quotes, as 01234567-89ab-cdef-0123-456789abcdef.',
    ],
    [
      "time'PT1H'",
      "Unrecognized literal prefix 'time' at position 0",
      'Write it without prefix and quotes, as 11:58:36.',
    ],
    ["runState'fail'", "Unrecognized literal prefix 'runState' at position 0", PREFIX_HINT],
    ["a eq'x'", "Unrecognized literal prefix 'eq' at position 2", PREFIX_HINT],
    ["null'x'", "Unrecognized literal prefix 'null' at position 0", PREFIX_HINT],
    ["a/b.c'x'", "Unrecognized literal prefix 'a/b.c' at position 0", PREFIX_HINT],
    ["binary'AA=='", "Unrecognized literal prefix 'binary' at position 0", PREFIX_HINT],
  ],
}

describe('the lexer takes', () => {
  for (const [rule, cases] of Object.entries(accepted)) {
    for (const [text, tokens] of cases) {
      test(`${rule} ${JSON.stringify(text)}`, () => {
        assert.deepEqual(tokensOf(text), tokens)
      })
    }
  }
})

describe('the lexer refuses', () => {
  for (const [rule, cases] of Object.entries(refused)) {
    for (const [text, what, hint] of cases) {
      test(`${rule} ${JSON.stringify(text)}`, () => {
        assert.throws(() => tokensOf(text), {
          name: 'ODataError',
          code: 'BadRequest',
          message: `${what} in '${text}'.${hint === undefined ? '' : ` ${hint}`}`,
        })
      })
    }
  }
})

describe('a token', () => {
  test('knows where it begins and ends', () => {
    const cursor = createCursor(" a\t'b''c' )")
    const spans: (readonly number[])[] = []
    for (; cursor.token.kind !== 'end'; advance(cursor)) spans.push([cursor.token.at, cursor.token.end])
    assert.deepEqual(spans, [
      [1, 2],
      [3, 9],
      [10, 11],
    ])
    assert.deepEqual(cursor.token, { kind: 'end', at: 11, end: 11 })
  })

  test('is read only when it is reached', () => {
    const cursor = createCursor('a %')
    assert.equal(cursor.token.kind, 'name')
    assert.throws(() => advance(cursor), { name: 'ODataError' })
  })
})
