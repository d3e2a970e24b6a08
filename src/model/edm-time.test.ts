/** Instants, durations, days and times of the day, held against oracles that count in whole numbers of any size. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { primitives } from './edm.ts'

const instant = primitives['Edm.DateTimeOffset']
const duration = primitives['Edm.Duration']
const date = primitives['Edm.Date']
const timeOfDay = primitives['Edm.TimeOfDay']

function parseInstant(text: string): string | undefined {
  return instant.parse({ kind: 'string', text })
}

function parseDuration(text: string): number | undefined {
  return duration.parse({ kind: 'string', text })
}

const TICKS_PER_SECOND = 10_000_000n
const MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

interface Civil {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly second: number
  readonly fraction: string
  /** Minutes east of Greenwich. */
  readonly offset: number
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

function daysIn(year: number, month: number): number {
  return (MONTHS[month - 1] ?? 0) + (month === 2 && isLeap(year) ? 1 : 0)
}

/** Days since the first day of the year 1, counted year by year and month by month. */
function dayNumber({ year, month, day }: Civil): number {
  const before = year - 1
  let days = before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400)
  for (let m = 1; m < month; m += 1) days += daysIn(year, m)
  return days + day - 1
}

/** Ticks since the beginning of the year 1 in UTC. */
function ticksOf(civil: Civil): bigint {
  const seconds = BigInt(dayNumber(civil)) * 86_400n + BigInt(civil.second - civil.offset * 60)
  return seconds * TICKS_PER_SECOND + BigInt(civil.fraction.padEnd(7, '0').slice(0, 7))
}

/** Ticks of a stored timestamp. */
function ticksOfStored(text: string): bigint {
  const [, year, month, day, hour, minute, second, fraction = ''] =
    /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{7})Z$/.exec(text) ?? []
  const ofDay = Number(hour) * 3600 + Number(minute) * 60 + Number(second)
  return ticksOf({
    year: Number(year),
    month: Number(month),
    day: Number(day),
    second: ofDay,
    fraction,
    offset: 0,
  })
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}

function write({ year, month, day, second, fraction, offset }: Civil): string {
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`
  const time = `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`
  const minutes = Math.abs(offset)
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
  return `${date}T${time}${fraction === '' ? '' : `.${fraction}`}${zone}`
}

const civils: fc.Arbitrary<Civil> = fc.record({
  year: fc.oneof(fc.integer({ min: 1, max: 9999 }), fc.constantFrom(1, 4, 100, 1900, 2000, 2024, 9999)),
  month: fc.integer({ min: 1, max: 12 }),
  day: fc.integer({ min: 1, max: 31 }),
  second: fc.integer({ min: 0, max: 86_399 }),
  fraction: fc.stringMatching(/^[0-9]{0,10}$/),
  offset: fc.integer({ min: -14 * 60, max: 14 * 60 }),
})

describe('an instant', () => {
  const end = ticksOf({ year: 9999, month: 12, day: 31, second: 86_399, fraction: '9999999', offset: 0 })

  test('is the same number of ticks as its date, time and offset, wherever they meet a border', () => {
    fc.assert(
      fc.property(civils, (civil) => {
        const stored = parseInstant(write(civil))
        const ticks = ticksOf(civil)
        const isReal = civil.day <= daysIn(civil.year, civil.month) && ticks >= 0n && ticks <= end
        assert.equal(stored === undefined, !isReal, write(civil))
        if (stored !== undefined) assert.equal(ticksOfStored(stored), ticks)
      }),
      { numRuns: 2000 },
    )
  })

  test('crosses the year by its offset at both ends of every year', () => {
    for (let year = 2; year < 9999; year += 1) {
      const first = { year, month: 1, day: 1, second: 0, fraction: '', offset: 1 }
      const last = { year, month: 12, day: 31, second: 86_399, fraction: '', offset: -1 }
      assert.equal(ticksOfStored(parseInstant(write(first)) ?? ''), ticksOf(first))
      assert.equal(ticksOfStored(parseInstant(write(last)) ?? ''), ticksOf(last))
    }
  })

  test('is written without trailing zeros, and read again as the same', () => {
    fc.assert(
      fc.property(civils, (civil) => {
        const stored = parseInstant(write({ ...civil, offset: 0, day: Math.min(civil.day, 28) }))
        assert(stored !== undefined)
        const written = String(instant.format(stored))
        assert.match(written, /T\d\d:\d\d:\d\d(?:\.\d{0,6}[1-9])?Z$/)
        assert.equal(parseInstant(written), stored)
      }),
    )
  })

  test('of a whole second, ten or hour keeps the zeros that count', () => {
    const table = ['2000-10-10T10:10:10Z', '2000-01-01T00:00:00Z', '2000-01-01T00:00:00.1Z']
    for (const text of table) assert.equal(instant.format(parseInstant(text) ?? ''), text)
  })
})

interface Parts {
  readonly isNegative: boolean
  readonly days: bigint | undefined
  readonly hours: bigint | undefined
  readonly minutes: bigint | undefined
  readonly seconds: bigint | undefined
  readonly fraction: string
}

const amounts = fc.option(
  fc.oneof(fc.bigInt({ min: 0n, max: 70n }), fc.bigInt({ min: 0n, max: 10n ** 12n })),
  {
    nil: undefined,
  },
)

const durations: fc.Arbitrary<Parts> = fc.record({
  isNegative: fc.boolean(),
  days: amounts,
  hours: amounts,
  minutes: amounts,
  seconds: amounts,
  fraction: fc.stringMatching(/^[0-9]{0,9}$/),
})

function unit(amount: bigint | undefined, letter: string): string {
  return amount === undefined ? '' : `${amount}${letter}`
}

function writeDuration({ isNegative, days, hours, minutes, seconds, fraction }: Parts): string {
  const whole = fraction === '' ? 'S' : `.${fraction}S`
  const time = unit(hours, 'H') + unit(minutes, 'M') + unit(seconds, whole)
  return `${isNegative ? '-' : ''}P${unit(days, 'D')}${time === '' ? '' : `T${time}`}`
}

/** The ticks of a duration, without a limit. */
function ticksOfParts({ isNegative, days = 0n, hours = 0n, minutes = 0n, seconds, fraction }: Parts): bigint {
  const whole = ((days * 24n + hours) * 60n + minutes) * 60n + (seconds ?? 0n)
  const rest = seconds === undefined ? 0n : BigInt(fraction.padEnd(7, '0').slice(0, 7))
  const ticks = whole * TICKS_PER_SECOND + rest
  return isNegative ? -ticks : ticks
}

/** The form that .NET writes: each unit below its successor, none that is zero, and never empty. */
const NORMAL =
  /^-?P(?=.)(?:[1-9]\d*D)?(?:T(?=.)(?:([1-9]\d?)H)?(?:([1-9]\d?)M)?(?:(\d\d?)(?:\.\d{0,6}[1-9])?S)?)?$/

describe('a duration', () => {
  test('is the sum of its parts, or nothing where that is beyond 2^53 ticks', () => {
    fc.assert(
      fc.property(durations, (parts) => {
        const text = writeDuration(parts)
        fc.pre(!text.endsWith('P'))
        const ticks = ticksOfParts(parts)
        const isSafe = ticks <= Number.MAX_SAFE_INTEGER && ticks >= Number.MIN_SAFE_INTEGER
        assert.equal(parseDuration(text), isSafe ? Number(ticks) : undefined, text)
      }),
      { numRuns: 2000 },
    )
  })

  test('in weeks is seven days each', () => {
    fc.assert(
      fc.property(fc.nat(2000), (weeks) => {
        assert.equal(parseDuration(`P${weeks}W`), parseDuration(`P${weeks * 7}D`))
      }),
    )
  })

  const tooLong = [
    'PT900719925.4740992S',
    '-PT900719925.4740992S',
    'P10424DT86400S',
    'P10675199DT2H48M5.4775807S',
    'P1490W',
    `P${'9'.repeat(30)}D`,
    `P${'9'.repeat(400)}W`,
    `PT${'9'.repeat(400)}S`,
  ]
  for (const text of tooLong)
    test(`of ${text.slice(0, 40)} is no value`, () => assert.equal(parseDuration(text), undefined))

  test('is read again from what was written, which is .NET’s normal form', () => {
    const all = fc.oneof(
      fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
      fc.integer({ min: -1_000_000, max: 1_000_000 }),
      fc.integer({ min: -10_000, max: 10_000 }).map((days) => days * 864_000_000_000),
    )
    fc.assert(
      fc.property(all, (ticks) => {
        const written = String(duration.format(ticks))
        assert.equal(parseDuration(written), ticks)
        const [, hours = '0', minutes = '0', seconds = '0'] = NORMAL.exec(written) ?? assert.fail(written)
        assert(Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60, written)
      }),
      { numRuns: 2000 },
    )
  })

  const forms = [
    ['PT24H', 'P1D'],
    ['PT90M', 'PT1H30M'],
    ['P1W', 'P7D'],
    ['PT0M', 'PT0S'],
    ['-PT36H', '-P1DT12H'],
    ['PT60.10S', 'PT1M0.1S'],
    ['PT0.0000001S', 'PT0.0000001S'],
    ['PT2M43.444327S', 'PT2M43.444327S'],
  ] as const
  for (const [given, written] of forms) {
    test(`given as ${given} comes back as ${written}`, () => {
      assert.equal(duration.format(parseDuration(given) ?? Number.NaN), written)
    })
  }
})

describe('a day', () => {
  test('is every one that the calendar has, and no other', () => {
    for (let year = 0; year <= 9999; year += year < 1990 || year > 2110 ? 37 : 1) {
      for (let month = 0; month <= 13; month += 1) {
        for (const day of [0, 1, 28, 29, 30, 31, 32]) {
          const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`
          const exists =
            year > 0 && day > 0 && day <= (MONTHS[month - 1] === undefined ? 0 : daysIn(year, month))
          assert.equal(date.parse({ kind: 'string', text }), exists ? text : undefined, text)
        }
      }
    }
  })

  test('is written as it is kept', () => {
    assert.equal(date.format('2024-02-29'), '2024-02-29')
  })
})

describe('a time of the day', () => {
  const clock = fc.record({
    hour: fc.nat(30),
    minute: fc.nat(70),
    second: fc.nat(70),
    fraction: fc.stringMatching(/^[0-9]{0,10}$/),
    isPadded: fc.boolean(),
  })

  test('is what it says to 100 ns, in text of one width whose order is that of time', () => {
    fc.assert(
      fc.property(clock, ({ hour, minute, second, fraction, isPadded }) => {
        const parts = [hour, minute, second].map((part) => (isPadded ? two(part) : String(part)))
        const text = `${parts.join(':')}${fraction === '' ? '' : `.${fraction}`}`
        const exists = hour < 24 && minute < 60 && second < 60
        const ticks = fraction.padEnd(7, '0').slice(0, 7)
        const expected = exists ? `${two(hour)}:${two(minute)}:${two(second)}.${ticks}` : undefined
        assert.equal(timeOfDay.parse({ kind: 'string', text }), expected, text)
      }),
      { numRuns: 2000 },
    )
  })

  test('is read again from what was written, which is how it is kept', () => {
    for (const text of ['00:00:00.0000000', '11:58:36.2550000', '23:59:59.9999999']) {
      assert.equal(timeOfDay.format(text), text)
      assert.equal(timeOfDay.parse({ kind: 'string', text }), text)
    }
  })
})
