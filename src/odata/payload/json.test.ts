import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { limits } from '#base/base.ts'
import { type Json, parseJson } from './json.ts'

const SENTENCE =
  'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.'

function read(text: string): Json {
  return parseJson(Buffer.from(text))
}

/** The value that JSON.parse would have given. */
function plain(json: Json): unknown {
  switch (json.kind) {
    case 'null':
      return null
    case 'array':
      return json.items.map(plain)
    case 'object':
      return Object.fromEntries([...json.members].map(([name, value]) => [name, plain(value)]))
    case 'number':
      return Number(json.text)
    case 'boolean':
      return json.text === 'true'
    default:
      return json.text
  }
}

function refuses(bytes: Uint8Array | string, reason: string): void {
  assert.throws(() => parseJson(Buffer.from(bytes)), {
    name: 'ODataError',
    code: 'BadRequest',
    message: `${SENTENCE} (${reason})`,
  })
}

/** A text as the name of a test says it. */
function spell(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\ufeff]/gu, (c) => `<${c.charCodeAt(0).toString(16)}>`)
}

const accepted: Readonly<Record<string, readonly (readonly [text: string, value: unknown])[]>> = {
  value: [
    [' \t\r\n1 \t\r\n', 1],
    ['true', true],
    ['false', false],
    ['null', null],
    ['""', ''],
    ['{}', {}],
    ['[]', []],
  ],
  object: [
    ['{ "a" : 1 , "b" : { } }', { a: 1, b: {} }],
    ["{'a':'b'}", { a: 'b' }],
    [`{'a"':"b'"}`, { 'a"': "b'" }],
    ['{"":0}', { '': 0 }],
    ['{"a":1,"A":2}', { a: 1, A: 2 }],
    ['{"a":{"a":1}}', { a: { a: 1 } }],
    ['[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
    ['{"constructor":1,"toString":2}', { constructor: 1, toString: 2 }],
  ],
  array: [
    ['[ 1 , [ 2 ] , "3" ]', [1, [2], '3']],
    ['[null,true,{}]', [null, true, {}]],
  ],
  string: [
    ['"\\"\\\'\\\\\\/\\b\\f\\n\\r\\t"', '"\'\\/\b\f\n\r\t'],
    ["'it\\'s \\\"it\\\"'", 'it\'s "it"'],
    ["'\"'", '"'],
    ['"\'"', "'"],
    ['"\\u0041\\u00e9\\u20AC\\ud83d\\ude00"', 'Aé€😀'],
    ['"\\\\u0041"', '\\u0041'],
    ['"\\\\\\\\"', '\\\\'],
    ['"\\\\\\""', '\\"'],
    ['"\\u0000\\u001f"', '\0\u001f'],
    ['"\\ud800"', '\ud800'],
    ['"\\udc00\\ud800"', '\udc00\ud800'],
    ['"\u007f\u2028\ufffe😀"', '\u007f\u2028\ufffe😀'],
  ],
  number: [
    ['0', 0],
    ['-0', -0],
    ['120', 120],
    ['-1.50', -1.5],
    ['1.', 1],
    ['.5', 0.5],
    ['-.5', -0.5],
    ['1e2', 100],
    ['1E+2', 100],
    ['1.5e-1', 0.15],
    ['.5e1', 5],
    ['1.e1', 10],
    ['1e400', Number.POSITIVE_INFINITY],
  ],
}

const refused: Readonly<Record<string, readonly (readonly [text: string, reason: string])[]>> = {
  value: [
    ['', 'it ends too soon'],
    [' \n', 'it ends too soon'],
    ['tru', "unexpected 't' at position 0"],
    ['True', "unexpected 'T' at position 0"],
    ['nullx', "unexpected 'x' at position 4"],
    ['1 2', "unexpected '2' at position 2"],
    ['{} {}', "unexpected '{' at position 3"],
    ['undefined', "unexpected 'u' at position 0"],
    ['NaN', "unexpected 'N' at position 0"],
    ['-Infinity', "unexpected '-' at position 0"],
    ['/* a */ 1', "unexpected '/' at position 0"],
    ['a=1', "unexpected 'a' at position 0"],
    ['\u00a01', "unexpected '\u00a0' at position 0"],
    ['\v1', "unexpected '\v' at position 0"],
    ['1\0', "unexpected '\0' at position 1"],
    ['  😀', "unexpected '😀' at position 2"],
  ],
  object: [
    ['{', 'it ends too soon'],
    ['{"a"', 'it ends too soon'],
    ['{"a":', 'it ends too soon'],
    ['{"a":1', 'it ends too soon'],
    ['{"a":1,', 'it ends too soon'],
    ['{"a":1,}', "unexpected '}' at position 7"],
    ['{,}', "unexpected ',' at position 1"],
    ['{a:1}', "unexpected 'a' at position 1"],
    ['{1:1}', "unexpected '1' at position 1"],
    ['{"a" 1}', "unexpected '1' at position 5"],
    ['{"a"::1}', "unexpected ':' at position 5"],
    ['{"a":1 "b":2}', "unexpected '\"' at position 7"],
    ['{"a":1]', "unexpected ']' at position 6"],
    ['}', "unexpected '}' at position 0"],
    ['{"a":1,"a":1}', "the member 'a' is given twice"],
    ['{"a":1,"b":2,\'a\':3}', "the member 'a' is given twice"],
    ['{"a":1,"\\u0061":1}', "the member 'a' is given twice"],
    ['[{"b":{"":1,"":2}}]', "the member '' is given twice"],
    ['{"__proto__":1,"__proto__":2}', "the member '__proto__' is given twice"],
  ],
  array: [
    ['[', 'it ends too soon'],
    ['[1', 'it ends too soon'],
    ['[1,', 'it ends too soon'],
    ['[1,]', "unexpected ']' at position 3"],
    ['[,]', "unexpected ',' at position 1"],
    ['[1,,2]', "unexpected ',' at position 3"],
    ['[1 2]', "unexpected '2' at position 3"],
    ['[1}', "unexpected '}' at position 2"],
    ['["a","b"', 'it ends too soon'],
  ],
  string: [
    ['"', 'the string at position 0 does not end'],
    ['"a', 'the string at position 0 does not end'],
    ['"a\\"', 'the string at position 0 does not end'],
    ['"a\\\\\\"', 'the string at position 0 does not end'],
    ['"a\'', 'the string at position 0 does not end'],
    [`["a", 'b"]`, 'the string at position 6 does not end'],
    ['[1, "\\x"]', 'the string at position 4 holds an unknown escape'],
    ['"\\N"', 'the string at position 0 holds an unknown escape'],
    ['"\\0"', 'the string at position 0 holds an unknown escape'],
    ['"\\ "', 'the string at position 0 holds an unknown escape'],
    ['"\\😀"', 'the string at position 0 holds an unknown escape'],
    ['"\\u"', 'the string at position 0 holds an unknown escape'],
    ['"\\u12"', 'the string at position 0 holds an unknown escape'],
    ['"\\u12g4"', 'the string at position 0 holds an unknown escape'],
    ['"\\u{41}"', 'the string at position 0 holds an unknown escape'],
    ['"\\U0041"', 'the string at position 0 holds an unknown escape'],
    ['"\\u\\\\0041"', 'the string at position 0 holds an unknown escape'],
    ['{"\\q":1}', 'the string at position 1 holds an unknown escape'],
    ['"a\nb"', 'the string at position 0 holds a control character'],
    ['["\t"]', 'the string at position 1 holds a control character'],
    ['"\0"', 'the string at position 0 holds a control character'],
    ["'\u001f'", 'the string at position 0 holds a control character'],
    ['"\\\n"', 'the string at position 0 holds a control character'],
  ],
  number: [
    ['-', "unexpected '-' at position 0"],
    ['+1', "unexpected '+' at position 0"],
    ['.', "unexpected '.' at position 0"],
    ['-.', "unexpected '-' at position 0"],
    ['01', "unexpected '1' at position 1"],
    ['-01', "unexpected '1' at position 2"],
    ['1..2', "unexpected '.' at position 2"],
    ['1e', "unexpected 'e' at position 1"],
    ['1e+', "unexpected 'e' at position 1"],
    ['1e1.5', "unexpected '.' at position 3"],
    ['0x10', "unexpected 'x' at position 1"],
    ['1_000', "unexpected '_' at position 1"],
    ['--1', "unexpected '-' at position 0"],
    ['1n', "unexpected 'n' at position 1"],
    ['١', "unexpected '١' at position 0"],
  ],
}

for (const [rule, rows] of Object.entries(accepted)) {
  describe(`as ${rule} is read`, () => {
    for (const [text, value] of rows) test(spell(text), () => assert.deepEqual(plain(read(text)), value))
  })
}

for (const [rule, rows] of Object.entries(refused)) {
  describe(`as ${rule} is refused`, () => {
    for (const [text, reason] of rows) test(spell(text), () => refuses(text, reason))
  })
}

describe('a JSON text', () => {
  test('of the standard is what JSON.parse makes of it, however it is spaced', () => {
    const spaces = fc.constantFrom(undefined, 1, '\t', '\r\n')
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), spaces, (value, space) => {
        const text = JSON.stringify(value, undefined, space)
        assert.deepEqual(plain(read(text)), JSON.parse(text))
      }),
      { numRuns: 500 },
    )
  })

  test('that JSON.parse takes is taken for the same value, but for a member given twice', () => {
    const letters = fc.constantFrom(...'{}[]",:\\/bu0019.-eE+ tnrulfase\n'.split(''))
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 8 }), (text) => {
        const theirs = attempt(() => JSON.parse(text))
        const ours = attempt(() => plain(read(text)))
        const isTwice = ours instanceof Error && ours.message.includes('given twice')
        if (!(theirs instanceof Error) && !isTwice) assert.deepEqual(ours, theirs, text)
      }),
      { numRuns: 5000 },
    )
  })

  test('keeps a number’s text, so that 2, 2.0 and 2e0 can be told apart', () => {
    for (const text of ['2', '2.0', '2e0', '.20', '12345678901234567890', '-0'])
      assert.deepEqual(read(text), { kind: 'number', text })
  })

  test('names a member given twice by no more than its first 100 letters', () => {
    const name = 'x'.repeat(101)
    refuses(`{"${name}":1,"${name}":2}`, `the member '${name.slice(1)}' is given twice`)
  })
})

/** What the body gives, or what it throws. */
function attempt(body: () => unknown): unknown {
  try {
    return body()
  } catch (error) {
    return error
  }
}

describe('the bytes of a body', () => {
  const notUtf8 = [
    ['a lone continuation', [0x22, 0x80, 0x22]],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['a surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['past the last code point', [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]],
    ['cut short', [0x22, 0xe2, 0x82]],
    ['UTF-16', [...Buffer.from('\ufeff{}', 'utf16le')]],
  ] as const
  for (const [what, bytes] of notUtf8)
    test(`are refused where they are ${what}`, () =>
      refuses(Uint8Array.from(bytes), 'the bytes are not UTF-8'))

  test('may begin with a byte order mark, which no position counts', () => {
    assert.deepEqual(plain(read('\ufeff{"a":1}')), { a: 1 })
    refuses('\ufeff{a', "unexpected 'a' at position 1")
    refuses('\ufeff\ufeff1', "unexpected '\ufeff' at position 0")
  })

  test('are read as UTF-8 that JSON.parse would read the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.equal(plain(read(JSON.stringify(text))), text)
      }),
    )
  })
})

describe('nesting', () => {
  const nest = (depth: number, inner = '', [open, close] = ['[', ']']): string =>
    open.repeat(depth) + inner + close.repeat(depth)

  for (const inner of ['', '1', 'null', '"a"']) {
    test(`is taken to the limit, ${inner || 'nothing'} inside`, () => {
      assert.equal(read(nest(limits.jsonDepth, inner)).kind, 'array')
    })

    test(`is refused one past the limit, ${inner || 'nothing'} inside`, () => {
      refuses(nest(limits.jsonDepth + 1, inner), 'nested deeper than 100 at position 100')
    })
  }

  test('counts arrays and objects alike, and not those that are closed', () => {
    const objects = nest(limits.jsonDepth - 1, '[]', ['{"a":', '}'])
    assert.equal(read(objects).kind, 'object')
    refuses(objects.replace('[]', '[ {}]'), 'nested deeper than 100 at position 497')
    assert.equal(read(`[${'[],{},'.repeat(500)}0]`).kind, 'array')
  })

  for (const open of ['[', '{"a":', '[{"a":']) {
    test(`200,000 times ${open} is refused and does not fill the stack`, () => {
      assert.throws(() => read(open.repeat(200_000)), {
        code: 'BadRequest',
        message: /nested deeper than 100/,
      })
    })
  }
})

describe('a body of 4 MiB takes less than a second of the processor, of', () => {
  const bodies = {
    'one plain string': `"${'x'.repeat(limits.bodyBytes - 2)}"`,
    'one string of escapes': `"${'\\n'.repeat(limits.bodyBytes / 2 - 1)}"`,
    'one string of escaped quotes': `"${'\\"'.repeat(limits.bodyBytes / 2 - 1)}"`,
    'one string of backslashes': `"${'\\\\'.repeat(limits.bodyBytes / 2 - 1)}"`,
    'a string in Chinese': `"${'字'.repeat(limits.bodyBytes / 3 - 1)}"`,
    'one number': '1'.repeat(limits.bodyBytes),
    spaces: `${' '.repeat(limits.bodyBytes - 1)}1`,
    'a string that does not end': `"${'\\"'.repeat(limits.bodyBytes / 2 - 1)}`,
  }
  for (const [what, text] of Object.entries(bodies)) {
    test(what, () => {
      const bytes = Buffer.from(text)
      const before = process.cpuUsage()
      const kind = attempt(() => parseJson(bytes).kind)
      assert(process.cpuUsage(before).user < 1_000_000)
      assert.equal(kind instanceof Error, what.endsWith('does not end'))
    })
  }
})
