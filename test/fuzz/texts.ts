/** Texts that programs stumble over, and ways to spoil a good one. */
import type { Random } from './random.ts'

const TEXTS: readonly string[] = [
  ...['', ' ', "'", "''", '"', '\\', '`', '%', '%%', '_', '*', '?', '??', '#', '&', '=', ';', ',', '.', '..'],
  ...['\u0000', 'a\u0000b', '\u0001', '\t', '\n', '\r\n', '\u0085', '\u2028', '\ufeff', '\u202e', '\ufffd'],
  ...['\ud800', '\udfff', 'a\udc00', '😀', '\u{10ffff}', 'e\u0301', 'İ', 'ẞ', 'ﬁ', 'ı', 'K', 'Ω', 'ａ'],
  ...["' OR 1=1 --", "'; DROP TABLE script; --", "x' or 'x' eq 'x", '?1', '$1', ':id', '@id', '/* */', '--'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', 'NaN', 'INF', 'true'],
  ...['0', '-0', '-1', '2147483647', '2147483648', '-2147483648', '-2147483649', '1e400', '9'.repeat(400)],
  ...['9007199254740993', '0x10', '1.5', '.5', '1.', '1e-9', '00', '+1', '١', '1_000', '2e0', ' 1 '],
  ...['0000-00-00', '9999-12-31T23:59:59.9999999Z', '0001-01-01T00:00:00+14:00', '2024-02-30T00:00:00Z'],
  ...['2017-01-01T00:02:58.4418045-08:00', '2016-12-31T23:59:60Z', 'P1D', 'PT24H', '-P1D', 'P', 'PT', 'P1Y'],
  ...['P99999999999D', '24:00:00', '23:59:59.9999999', '../../etc/passwd', 'http://127.0.0.1/', 'file:///x'],
  ...[
    'adadadad-808e-44e2-905a-0b7873a8a531',
    'acacacac-9df4-4c7d-9d50-4ef0226f57a9',
    'c2NyaXB0',
    'c2Ny=',
    '====',
  ],
  ...[
    '00000000-0000-0000-0000-000000000000',
    '$it',
    '$count',
    '$batch',
    'assign',
    'id',
    '<script>',
    '#{x}',
    '{{x}}',
  ],
]

/** A text to stumble over: a known one, one of any characters, or now and then a long one. */
export function hostileText(random: Random): string {
  return random.weighted([
    [12, () => random.pick(TEXTS)],
    [3, () => anyText(random, 12)],
    [2, () => random.pick(TEXTS) + random.pick(TEXTS)],
    [0.3, () => anyText(random, 300)],
    [0.1, () => random.pick(['a', "'", '(', '😀', '%', '-']).repeat(random.below(5000))],
  ])
}

/** Characters of every plane, also those that are none. */
function anyText(random: Random, most: number): string {
  const points = random.list(most, () =>
    random.weighted([
      [6, () => 32 + random.below(95)],
      [1, () => random.below(32)],
      [2, () => random.below(0x800)],
      [1, () => random.below(0x10000)],
      [1, () => 0x10000 + random.below(0x100000)],
    ]),
  )
  return points.map((point) => String.fromCodePoint(point)).join('')
}

/** An ordinary text, as a client would send it. */
export function plainText(random: Random): string {
  const words = [
    'Ada',
    'script',
    'Fix printers',
    'a@contoso.com',
    'grace@contoso.com',
    "O'Neill",
    'Zürich',
    'x',
  ]
  return random.pick(words)
}

/** The text with a few characters taken out, doubled, exchanged or put in. */
export function spoilText(random: Random, text: string): string {
  let spoilt = text
  for (let times = 1 + random.below(3); times > 0; times -= 1) {
    const at = random.below(spoilt.length + 1)
    const length = 1 + random.below(8)
    spoilt = random.weighted([
      [2, () => spoilt.slice(0, at) + spoilt.slice(at + length)],
      [2, () => spoilt.slice(0, at) + hostileText(random) + spoilt.slice(at)],
      [1, () => spoilt.slice(0, at) + spoilt.slice(at, at + length) + spoilt.slice(at)],
      [1, () => spoilt.slice(0, at)],
      [1, () => spoilt.slice(0, at) + random.pick([...'()\'",:;/$%-= {}[]']) + spoilt.slice(at + 1)],
    ])
  }
  return spoilt.slice(0, 20_000)
}

/** Percent-encoded; what has no UTF-8 form becomes U+FFFD, as in a browser. */
export function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}
