/** Times and durations, between their text in JSON and their value in memory. */
import type { Scalar } from './scalar.ts'

/** A UTC instant as text of fixed width, `2026-11-23T18:00:00.0000000Z`, so that text order is time order. */
export type Timestamp = string

const TIMESTAMP = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(?:(:\d{2})(?:\.(\d{1,7})\d*)?)?(Z|[+-]\d{2}:\d{2})$/i

/** The instant that a text with its offset stands for, in UTC. */
export function parseTimestamp({ kind, text }: Scalar): Timestamp | undefined {
  const match = kind === 'string' ? TIMESTAMP.exec(text) : null
  if (match === null) return undefined
  const [, minute = '', second = ':00', fraction = '', zone = ''] = match
  const local = new Date(`${minute}${second}Z`)
  const instant = new Date(`${minute}${second}${zone.toUpperCase()}`)
  const exists =
    !Number.isNaN(local.getTime()) && local.toISOString().startsWith(`${minute}${second}`.toUpperCase())
  if (!exists || !isStorableYear(instant)) return undefined
  return `${instant.toISOString().slice(0, 19)}.${fraction.padEnd(7, '0')}Z`
}

function isStorableYear(instant: Date): boolean {
  const year = instant.getUTCFullYear()
  return year >= 1 && year <= 9999
}

/** Drops the trailing zeros of the fraction, as .NET writes an instant. */
export function formatTimestamp(value: Timestamp): string {
  return value.replace(/\.?0*Z$/, 'Z')
}

/** The timestamp of an instant given in milliseconds since 1970. */
export function timestampOf(milliseconds: number): Timestamp {
  return `${new Date(milliseconds).toISOString().slice(0, 23)}0000Z`
}

/** A day of the calendar, as text of fixed width. */
export function parseDate({ kind, text }: Scalar): string | undefined {
  const match = kind === 'string' ? /^(\d{4})-\d{2}-\d{2}$/.exec(text) : null
  const day = new Date(`${text}T00:00Z`)
  const exists = match?.[1] !== '0000' && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
  return match !== null && exists ? text : undefined
}

const TIME_OF_DAY = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7})\d*)?)?$/

/** A time of the clock, as text of fixed width; the documentation's own `16:0:0` is one. */
export function parseTimeOfDay({ kind, text }: Scalar): string | undefined {
  const match = kind === 'string' ? TIME_OF_DAY.exec(text) : null
  if (match === null) return undefined
  const [, hour = '', minute = '', second = '0', fraction = ''] = match
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const clock = [hour, minute, second].map((part) => part.padStart(2, '0')).join(':')
  return `${clock}.${fraction.padEnd(7, '0')}`
}

const DURATION =
  /^(-)?P(?:(\d+)W|(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,7})\d*)?S)?)?)$/

const TICKS = {
  week: 6_048_000_000_000,
  day: 864_000_000_000,
  hour: 36_000_000_000,
  minute: 600_000_000,
  second: 10_000_000,
}

/** Ticks of 100 ns, as .NET's TimeSpan counts; beyond 2^53 ticks (28 years) there is no value. */
export function parseDuration({ kind, text }: Scalar): number | undefined {
  const match = kind === 'string' && text !== 'P' && text !== '-P' ? DURATION.exec(text) : null
  if (match === null) return undefined
  const [, sign, weeks = '0', days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = match
  const ticks =
    Number(weeks) * TICKS.week +
    Number(days) * TICKS.day +
    Number(hours) * TICKS.hour +
    Number(minutes) * TICKS.minute +
    Number(seconds) * TICKS.second +
    Number(fraction.padEnd(7, '0'))
  if (!Number.isSafeInteger(ticks)) return undefined
  return sign === undefined || ticks === 0 ? ticks : -ticks
}

/** Writes ticks as .NET does: days first, no weeks, so `PT24H` comes back as `P1D` and nothing as `PT0S`. */
export function formatDuration(value: number): string {
  let rest = Math.abs(value)
  const take = (unit: number): number => {
    const count = Math.floor(rest / unit)
    rest -= count * unit
    return count
  }
  const days = take(TICKS.day)
  const hours = take(TICKS.hour)
  const minutes = take(TICKS.minute)
  const seconds = take(TICKS.second)
  const fraction = rest === 0 ? '' : `.${String(rest).padStart(7, '0').replace(/0+$/, '')}`
  const date = days > 0 ? `${days}D` : ''
  const time = `${hours > 0 ? `${hours}H` : ''}${minutes > 0 ? `${minutes}M` : ''}${seconds > 0 || fraction !== '' ? `${seconds}${fraction}S` : ''}`
  if (date === '' && time === '') return 'PT0S'
  return `${value < 0 ? '-' : ''}P${date}${time === '' ? '' : `T${time}`}`
}
