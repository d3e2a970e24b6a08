/**
 * Reads the query of a URL. A name may stand without its `$` and in any case; a name that is no OData option is
 * passed over, as the real service does with what a shell left of one.
 */
import { limits } from '#base/base.ts'
import type { EntityType } from '#model/model.ts'
import { ODataError } from './errors.ts'
import { parseSkipToken, type SkipToken } from './skip-token.ts'

/** The options of a request. */
export interface QueryOptions {
  /** Rows of a page, at most. */
  readonly top: number
  readonly skipToken: SkipToken | undefined
  /** The names of the members that are wanted, in the model's spelling and order; all where absent. */
  readonly select: readonly string[] | undefined
}

const SERVED = ['$top', '$skiptoken', '$select']

const KNOWN = new Set([
  ...SERVED,
  ...[
    '$apply',
    '$compute',
    '$count',
    '$deltatoken',
    '$expand',
    '$filter',
    '$format',
    '$index',
    '$levels',
    '$orderby',
  ],
  ...['$schemaversion', '$search', '$skip'],
])

/**
 * Reads the options of a query for entities of a type.
 *
 * @param query what follows the `?`, still percent-encoded; '' where there is none.
 * @throws ODataError `BadRequest` naming the option that is given twice, is malformed, or is not served here.
 */
export function parseOptions(query: string, type: EntityType): QueryOptions {
  const given = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(query)) {
    const option = nameOf(name)
    if (option === undefined) continue
    if (given.has(option)) throw new ODataError('BadRequest', `The query option '${option}' is given twice.`)
    given.set(option, value)
  }
  for (const option of given.keys()) {
    if (!SERVED.includes(option))
      throw new ODataError('BadRequest', `The query option '${option}' is not supported.`)
  }
  const token = given.get('$skiptoken')
  return {
    top: readTop(given.get('$top')),
    skipToken: token === undefined ? undefined : parseSkipToken(token),
    select: readSelect(given.get('$select'), type),
  }
}

function nameOf(name: string): string | undefined {
  const lower = name.toLowerCase()
  if (lower.startsWith('$')) return lower.slice(0, 100)
  return KNOWN.has(`$${lower}`) ? `$${lower}` : undefined
}

function readTop(text: string | undefined): number {
  if (text === undefined) return limits.pageRows
  if (!/^0*[1-9]\d*$/.test(text)) {
    throw new ODataError(
      'BadRequest',
      `The value '${text.slice(0, 100)}' of the query option '$top' is not a positive whole number.`,
    )
  }
  return Math.min(Number(text), limits.pageRows)
}

/** Names in any case, `*` for all of them; a name that the type lacks is refused in the real service's words. */
function readSelect(
  text: string | undefined,
  { properties, qualifiedName }: EntityType,
): readonly string[] | undefined {
  if (text === undefined) return undefined
  const wanted = new Map(text.split(',').map((name) => [name.trim().toLowerCase(), name.trim()]))
  if (wanted.delete('*')) return undefined
  const names = properties.map(({ name }) => name).filter((name) => wanted.delete(name.toLowerCase()))
  const [unknown] = wanted.values()
  if (unknown === undefined) return names
  throw new ODataError(
    'BadRequest',
    `Parsing OData Select and Expand failed: Could not find a property named '${unknown.slice(0, 100)}' on type '${qualifiedName}'.`,
  )
}
