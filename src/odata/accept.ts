import { isExcluded } from '#base/base.ts'
import { ODataError } from './errors.ts'

/**
 * Asserts that an answer in one of our types may be sent. A range with `q=0` excludes; parameters such as
 * `odata.metadata` do not matter here.
 *
 * @param accept the header; absent where the client takes anything.
 * @param types the types that the answer may have.
 * @throws ODataError `NotAcceptable` where none of them is wanted.
 */
export function assertAcceptable(accept: string | undefined, types: readonly string[]): void {
  if (accept === undefined || accept.trim() === '') return
  const ranges = accept.split(',').map(parseRange)
  if (types.some((type) => isWanted(type, ranges))) return
  throw new ODataError(
    'NotAcceptable',
    `None of '${accept.slice(0, 100)}' can be sent: accept ${types.join(' or ')}.`,
  )
}

/** Whether a Content-Type says JSON, whatever its parameters. */
export function isJsonType(type: string): boolean {
  return /^\s*application\/json\s*(?:;|$)/i.test(type)
}

/** How much control information an answer has (OData JSON Format 4.01 §3.1). */
export type MetadataLevel = 'none' | 'minimal' | 'full'

/** The level that `Accept` asks for; minimal where it does not say. */
export function metadataLevelOf(accept: string | undefined): MetadataLevel {
  const [, level] = /;\s*(?:odata\.)?metadata\s*=\s*"?(none|minimal|full)\b/i.exec(accept ?? '') ?? []
  return asLevel(level)
}

/**
 * The level that `$format` asks for.
 *
 * @throws ODataError `NotAcceptable` where it asks for anything but JSON.
 */
export function parseFormat(format: string): MetadataLevel {
  if (format.toLowerCase() === 'json') return 'minimal'
  assertAcceptable(format, ['application/json'])
  return metadataLevelOf(format)
}

function asLevel(text: string | undefined): MetadataLevel {
  const level = text?.toLowerCase()
  return level === 'none' || level === 'full' ? level : 'minimal'
}

interface MediaRange {
  readonly name: string
  readonly isExcluded: boolean
}

function parseRange(text: string): MediaRange {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  return { name, isExcluded: isExcluded(parameters) }
}

/** The most specific range that fits a type decides. */
function isWanted(type: string, ranges: readonly MediaRange[]): boolean {
  const [group = ''] = type.split('/')
  for (const name of [type, `${group}/*`, '*/*']) {
    const range = ranges.find((each) => each.name === name)
    if (range !== undefined) return !range.isExcluded
  }
  return false
}
