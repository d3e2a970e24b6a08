import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type PrimitiveName, primitives, type Scalar, timestampOf } from './edm.ts'

/** A scalar as JSON writes it: in quotes a string, else a word or a number. */
function scalarOf(json: string): Scalar {
  if (json.startsWith('"')) return { kind: 'string', text: json.slice(1, -1) }
  return { kind: json === 'true' || json === 'false' ? 'boolean' : 'number', text: json }
}

function parse(type: PrimitiveName, json: string): unknown {
  return primitives[type].parse(scalarOf(json))
}

/** A scalar as it appears in the name of a test: control characters and surrogates spelled out. */
function spell(json: string): string {
  const text = json.replace(/[\p{Cc}\p{Cs}\u00a0]/gu, (c) => `<${c.charCodeAt(0).toString(16)}>`)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

const refused: Readonly<Record<PrimitiveName, readonly string[]>> = {
  'Edm.String': ['1', '1.5', 'true', 'false', '"\u0000"', '"a\u0000b"', '"\ud800"', '"\udc00\ud800"'],
  'Edm.Int32': [
    ...['2147483648', '-2147483649', '2.5', '1e-1', '1e10', '1e400', '9007199254740993', 'true', 'false'],
    ...[
      '""',
      '" "',
      '"2.0"',
      '"1e2"',
      '"0x1"',
      '"a"',
      '"1 2"',
      '"--1"',
      '"+"',
      '"1_000"',
      '"1,000"',
      '"NaN"',
    ],
    ...['"Infinity"', '"2147483648"', '"١"'],
  ],
  'Edm.Boolean': ['0', '1', '"0"', '"1"', '""', '"yes"', '"truee"', '"t"', '"null"'],
  'Edm.Binary': [
    '1',
    'true',
    '"a"',
    '"YQ"',
    '"YQ="',
    '"YQ==="',
    '"Y=Q="',
    '"===="',
    '"-_-_"',
    '"YQ==YQ=="',
    '"é==="',
  ],
  'Edm.DateTimeOffset': [
    ...[
      '0',
      'true',
      '""',
      '"2026-11-23"',
      '"2026-11-23T18:00:00"',
      '"20261123T180000Z"',
      '"2026-11-23 18:00:00Z"',
    ],
    ...['"2026-11-23T18Z"', '"2026-11-23T18:00:00.Z"', '"2026-11-23T18:00.5Z"', '"2026-11-23T18:00:00,5Z"'],
    ...[
      '"2026-11-23T18:00:00+0100"',
      '"2026-11-23T18:00:00+1"',
      '"2026-11-23T18:00:00 Z"',
      '"2026-11-23T18:00:00Z "',
    ],
    ...[
      '"2026-13-01T00:00:00Z"',
      '"2026-00-01T00:00:00Z"',
      '"2026-01-32T00:00:00Z"',
      '"2026-01-00T00:00:00Z"',
    ],
    ...[
      '"2026-11-31T00:00:00Z"',
      '"2026-02-29T00:00:00Z"',
      '"1900-02-29T00:00:00Z"',
      '"2100-02-29T00:00:00Z"',
    ],
    ...[
      '"2026-11-23T24:00:00Z"',
      '"2026-11-23T23:60:00Z"',
      '"2026-11-23T23:59:60Z"',
      '"2026-11-23T00:00:00+24:00"',
    ],
    ...[
      '"2026-11-23T00:00:00+00:60"',
      '"0000-01-01T00:00:00Z"',
      '"0001-01-01T00:00:00+00:01"',
      '"-2026-01-01T00:00:00Z"',
    ],
    ...[
      '"9999-12-31T23:59:59.9999999-00:01"',
      '"10000-01-01T00:00:00Z"',
      '"+002026-01-01T00:00:00Z"',
      '"/Date(0)/"',
    ],
    ...['"٢٠٢٦-01-01T00:00:00Z"', '"2026-11-23T18:00:00Z\n"'],
  ],
  'Edm.Duration': [
    ...[
      '0',
      'true',
      '""',
      '"P"',
      '"-P"',
      '"PT"',
      '"-PT"',
      '"P1DT"',
      '"P1"',
      '"PT1"',
      '"1D"',
      '"1"',
      '"T1H"',
      '"P1Y"',
      '"P1M"',
    ],
    ...[
      '"P1Y1D"',
      '"P1M1D"',
      '"P1H"',
      '"PT1D"',
      '"PT1W"',
      '"P1W1D"',
      '"P1WT1H"',
      '"PT1.S"',
      '"PT.5S"',
      '"PT1.5M"',
      '"PT1.5H"',
    ],
    ...[
      '"P1.5D"',
      '"PT1,5S"',
      '"PT1S1M"',
      '"PT1M1H"',
      '"PT1H1H"',
      '"P1D1D"',
      '"p1d"',
      '"PT1h"',
      '"+P1D"',
      '"--P1D"',
      '"P-1D"',
    ],
    ...['" P1D"', '"P1D "', '"P 1D"', '"P1D\n"', '"01:00:00"', '"P٣D"', '"PT1E2S"'],
  ],
  'Edm.Date': [
    ...['0', '20210430', 'true', '""', '"2021"', '"2021-04"', '"2021-4-30"', '"2021-04-3"', '"20210430"'],
    ...['"2021-04-30T00:00:00Z"', '"2021-04-30Z"', '" 2021-04-30"', '"2021-04-30 "', '"2021-04-30\n"'],
    ...['"2021-13-01"', '"2021-00-10"', '"2021-01-00"', '"2021-01-32"', '"2021-04-31"', '"30-04-2021"'],
    ...['"2021-02-29"', '"1900-02-29"', '"2100-02-29"', '"2024-02-30"', '"0000-01-01"', '"10000-01-01"'],
    ...['"-2021-04-30"', '"+002021-04-30"', '"٢٠٢١-04-30"', '"2021/04/30"'],
  ],
  'Edm.TimeOfDay': [
    ...['0', '16', 'true', '""', '"16"', '"16:"', '":0"', '"16:0:"', '"16:0:0."', '"16:00.5"', '"160000"'],
    ...['"24:00:00"', '"24:0:0"', '"23:60:00"', '"23:59:60"', '"99:00:00"', '"016:00:00"', '"16:000:00"'],
    ...['"16:00:00Z"', '"16:00:00+01:00"', '"T16:00:00"', '"-1:00:00"', '"16:-1:00"', '"16:00:00,5"'],
    ...['" 16:00:00"', '"16:00:00 "', '"16:00:00\n"', '"4:00 PM"', '"16:00:00:00"', '"١٦:00:00"', '"PT16H"'],
  ],
}

const accepted: Readonly<Record<PrimitiveName, readonly (readonly [json: string, value: unknown])[]>> = {
  'Edm.String': [
    ['""', ''],
    ['"1"', '1'],
    ['"true"', 'true'],
    ['" a b "', ' a b '],
    ['"a\n\t\u007f"', 'a\n\t\u007f'],
    ['"😀\uffff"', '😀\uffff'],
  ],
  'Edm.Int32': [
    ['0', 0],
    ['-0', 0],
    ['-0.0', 0],
    ['7', 7],
    ['-7', -7],
    ['2.0', 2],
    ['2.', 2],
    ['1e2', 100],
    ['1500e-2', 15],
    ['2147483647', 2_147_483_647],
    ['-2147483648', -2_147_483_648],
    ['"2"', 2],
    ['"+2"', 2],
    ['"-2"', -2],
    ['"007"', 7],
    ['" 3\t"', 3],
    ['"2147483647"', 2_147_483_647],
  ],
  'Edm.Boolean': [
    ['true', true],
    ['false', false],
    ['"true"', true],
    ['"False"', false],
    ['" TRUE "', true],
  ],
  'Edm.Binary': [
    ['""', Buffer.from('')],
    ['"YQ=="', Buffer.from('a')],
    ['"YR=="', Buffer.from('a')],
    ['"YWI="', Buffer.from('ab')],
    ['"+/+/"', Buffer.from([0xfb, 0xff, 0xbf])],
    ['" Y\r\nQ\t== "', Buffer.from('a')],
    ['"c2NyaXB0Q29udGVudA=="', Buffer.from('scriptContent')],
  ],
  'Edm.DateTimeOffset': [
    ['"2026-11-23T18:00:00Z"', '2026-11-23T18:00:00.0000000Z'],
    ['"2026-11-23T18:00Z"', '2026-11-23T18:00:00.0000000Z'],
    ['"2026-11-23t18:00:00z"', '2026-11-23T18:00:00.0000000Z'],
    ['"2026-11-23T18:00:00.5Z"', '2026-11-23T18:00:00.5000000Z'],
    ['"2026-11-23T18:00:00.0000001Z"', '2026-11-23T18:00:00.0000001Z'],
    ['"2026-11-23T18:00:00.12345678Z"', '2026-11-23T18:00:00.1234567Z'],
    ['"2026-11-23T18:00:00.99999999999999Z"', '2026-11-23T18:00:00.9999999Z'],
    ['"2017-01-01T00:02:43.5775965-08:00"', '2017-01-01T08:02:43.5775965Z'],
    ['"2026-12-31T23:30:00-01:00"', '2027-01-01T00:30:00.0000000Z'],
    ['"2027-01-01T00:30:00+01:00"', '2026-12-31T23:30:00.0000000Z'],
    ['"2024-03-01T00:00:00+00:01"', '2024-02-29T23:59:00.0000000Z'],
    ['"2025-03-01T00:00:00+00:01"', '2025-02-28T23:59:00.0000000Z'],
    ['"2026-11-23T18:00:00-00:00"', '2026-11-23T18:00:00.0000000Z'],
    ['"2026-11-23T18:00:00+14:00"', '2026-11-23T04:00:00.0000000Z'],
    ['"2000-02-29T00:00:00Z"', '2000-02-29T00:00:00.0000000Z'],
    ['"2024-02-29T23:59:59.9999999Z"', '2024-02-29T23:59:59.9999999Z'],
    ['"1582-10-10T00:00:00Z"', '1582-10-10T00:00:00.0000000Z'],
    ['"0001-01-01T00:00:00Z"', '0001-01-01T00:00:00.0000000Z'],
    ['"0001-01-01T00:00:00-00:01"', '0001-01-01T00:01:00.0000000Z'],
    ['"9999-12-31T23:59:59.9999999Z"', '9999-12-31T23:59:59.9999999Z'],
  ],
  'Edm.Duration': [
    ['"PT0S"', 0],
    ['"-PT0S"', 0],
    ['"P0D"', 0],
    ['"PT0M"', 0],
    ['"PT15M"', 9_000_000_000],
    ['"PT24H"', 864_000_000_000],
    ['"P1D"', 864_000_000_000],
    ['"P1W"', 6_048_000_000_000],
    ['"P7D"', 6_048_000_000_000],
    ['"-P1DT1H1M1.5S"', -900_615_000_000],
    ['"PT2M43.444327S"', 1_634_443_270],
    ['"PT0.0000001S"', 1],
    ['"PT0.00000019S"', 1],
    ['"-PT0.00000001S"', 0],
    ['"PT00000000000000000000001S"', 10_000_000],
    ['"PT900719925.4740991S"', Number.MAX_SAFE_INTEGER],
    ['"-PT900719925.4740991S"', Number.MIN_SAFE_INTEGER],
  ],
  'Edm.Date': [
    ['"2021-04-30"', '2021-04-30'],
    ['"2024-02-29"', '2024-02-29'],
    ['"2000-02-29"', '2000-02-29'],
    ['"2021-02-28"', '2021-02-28'],
    ['"2021-12-31"', '2021-12-31'],
    ['"1582-10-10"', '1582-10-10'],
    ['"0001-01-01"', '0001-01-01'],
    ['"9999-12-31"', '9999-12-31'],
  ],
  'Edm.TimeOfDay': [
    ['"16:0:0"', '16:00:00.0000000'],
    ['"0:0"', '00:00:00.0000000'],
    ['"9:5"', '09:05:00.0000000'],
    ['"18:00"', '18:00:00.0000000'],
    ['"18:00:00"', '18:00:00.0000000'],
    ['"00:00:00"', '00:00:00.0000000'],
    ['"23:59:59.9999999"', '23:59:59.9999999'],
    ['"11:58:36.2550000"', '11:58:36.2550000'],
    ['"11:58:36.255"', '11:58:36.2550000'],
    ['"1:2:3.4"', '01:02:03.4000000'],
    ['"11:58:36.12345678"', '11:58:36.1234567'],
    ['"23:59:59.99999999"', '23:59:59.9999999'],
  ],
}

const TYPES: readonly PrimitiveName[] = [
  'Edm.String',
  'Edm.Int32',
  'Edm.Boolean',
  'Edm.Binary',
  'Edm.DateTimeOffset',
  'Edm.Duration',
  'Edm.Date',
  'Edm.TimeOfDay',
]

for (const type of TYPES) {
  describe(`${type} takes`, () => {
    for (const [json, value] of accepted[type])
      test(spell(json), () => assert.deepEqual(parse(type, json), value))
  })
  describe(`${type} refuses`, () => {
    for (const json of refused[type]) test(spell(json), () => assert.equal(parse(type, json), undefined))
  })
}

describe('what was written is read again as the same value, of', () => {
  test('Edm.String', () => {
    const texts = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'))
    fc.assert(
      fc.property(texts, (value) => {
        const text = String(primitives['Edm.String'].format(value))
        assert.equal(primitives['Edm.String'].parse({ kind: 'string', text }), value)
      }),
    )
  })

  test('Edm.Int32, as a number and as a string', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const text = String(primitives['Edm.Int32'].format(value))
        assert.equal(primitives['Edm.Int32'].parse({ kind: 'number', text }), value)
        assert.equal(primitives['Edm.Int32'].parse({ kind: 'string', text }), value)
      }),
    )
  })

  test('Edm.Boolean', () => {
    for (const value of [true, false]) {
      const text = String(primitives['Edm.Boolean'].format(value))
      assert.equal(primitives['Edm.Boolean'].parse({ kind: 'boolean', text }), value)
    }
  })

  test('Edm.Binary, also where the bytes are a part of others', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), fc.nat(9), (bytes, start) => {
        const value = bytes.subarray(start)
        const text = String(primitives['Edm.Binary'].format(value))
        const read = primitives['Edm.Binary'].parse({ kind: 'string', text })
        assert(read !== undefined && Buffer.compare(read, value) === 0)
      }),
    )
  })
})

test('an Int32 is any number that is whole and fits, however it is written', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      const fits = Number.isInteger(number) && Math.abs(number + 0.5) <= 2 ** 31
      const texts = [String(number), number.toExponential()]
      for (const text of texts.filter((one) => /^[-\d.e+]+$/.test(one)))
        assert.equal(parse('Edm.Int32', text), fits ? number + 0 : undefined, text)
    }),
  )
})

describe('an instant in milliseconds', () => {
  const table = [
    [0, '1970-01-01T00:00:00.0000000Z'],
    [-1, '1969-12-31T23:59:59.9990000Z'],
    [1_795_456_800_123, '2026-11-23T18:00:00.1230000Z'],
  ] as const
  for (const [ms, timestamp] of table)
    test(`${ms} is ${timestamp}`, () => assert.equal(timestampOf(ms), timestamp))

  test('is a timestamp whose text order is the order of time', () => {
    const instants = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 })
    fc.assert(
      fc.property(instants, instants, (a, b) => {
        assert.equal(timestampOf(a) < timestampOf(b), a < b)
        assert.equal(parse('Edm.DateTimeOffset', `"${timestampOf(a)}"`), timestampOf(a))
      }),
    )
  })
})
