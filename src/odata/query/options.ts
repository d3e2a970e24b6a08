/**
 * Reads the query of a URL. A name may stand without its `$` and in any case; a name that is no OData option is
 * passed over, as the real service does with what a shell left of one.
 */
import { limits } from '#base/base.ts'
import type { EntityType, Navigation, Timestamp } from '#model/model.ts'
import { type MetadataLevel, parseFormat } from '../accept.ts'
import { ODataError } from '../errors.ts'
import { bindFilter, bindOrder, bindSearch } from './bind.ts'
import type { Condition, OrderKey } from './condition.ts'
import { type ExpandItem, parseExpand, parseSelect } from './expand-parser.ts'
import { parseFilter } from './filter-parser.ts'
import { parseOrderBy } from './order-parser.ts'
import { parseSearch } from './search-parser.ts'
import { parseSkipToken, type SkipToken } from './skip-token.ts'

/** The options of a request, or of what is expanded in its answer. */
export interface QueryOptions {
  /** Rows of a page, at most. */
  readonly top: number
  /** Rows that are passed over before the first page. */
  readonly skip: number
  readonly skipToken: SkipToken | undefined
  /** Whether all rows are counted too. */
  readonly isCounted: boolean
  /** The names of the members that are wanted, in the model's spelling and order; all where absent. */
  readonly select: readonly string[] | undefined
  readonly expand: readonly Expansion[]
  /** What `$filter` and `$search` ask for together. */
  readonly condition: Condition | undefined
  readonly order: readonly OrderKey[]
  /** What `$format` says, which goes before `Accept`. */
  readonly format: MetadataLevel | undefined
  /** What a place in the pages depends on, so that it is of use to the same question only. */
  readonly identity: string
}

/** Of a request without a query. */
export const noOptions: QueryOptions = {
  top: limits.pageRows,
  skip: 0,
  skipToken: undefined,
  isCounted: false,
  select: undefined,
  expand: [],
  condition: undefined,
  order: [],
  format: undefined,
  identity: '',
}

/** A navigation whose targets are put into the answer. */
export interface Expansion {
  readonly navigation: Navigation
  readonly options: QueryOptions
  /** The options that a link to the next page of it keeps, as a query. */
  readonly query: string
}

/** What options are read for. */
export interface OptionsTarget {
  readonly type: EntityType
  /** Only what is read of many or of one entity takes options of its own. */
  readonly kind: 'collection' | 'count' | 'entity' | 'change'
  /** What `now()` is. */
  readonly now: Timestamp
}

const OF_ENTITY = ['$select', '$expand', '$format']
const OF_COUNT = ['$filter', '$search', '$format']
const OF_COLLECTION = [...OF_ENTITY, ...OF_COUNT, '$orderby', '$top', '$skip', '$skiptoken', '$count']

const served: Readonly<Record<OptionsTarget['kind'], readonly string[]>> = {
  collection: OF_COLLECTION,
  count: OF_COUNT,
  entity: OF_ENTITY,
  change: ['$format'],
}

const KNOWN = new Set([
  ...OF_COLLECTION,
  ...['$apply', '$compute', '$deltatoken', '$index', '$levels', '$schemaversion'],
])

/**
 * Reads the options of a query.
 *
 * @param query what follows the `?`, still percent-encoded; '' where there is none.
 * @throws ODataError `BadRequest` naming the option that is given twice, is malformed, or is not served here; in an
 *   expression with the place.
 */
export function parseOptions(query: string, target: OptionsTarget): QueryOptions {
  const given = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(query)) {
    const option = nameOf(name)
    if (option === undefined) continue
    if (given.has(option)) throw bad(`The query option '${option}' is given twice.`)
    given.set(option, value)
  }
  return readOptions(given, target, 0)
}

function nameOf(name: string): string | undefined {
  const lower = name.toLowerCase()
  if (lower.startsWith('$')) return lower.slice(0, 100)
  return KNOWN.has(`$${lower}`) ? `$${lower}` : undefined
}

/** @param depth how many `$expand`s are around. */
function readOptions(given: ReadonlyMap<string, string>, target: OptionsTarget, depth: number): QueryOptions {
  for (const option of given.keys()) assertServed(option, target)
  const { type } = target
  const token = given.get('$skiptoken')
  const format = given.get('$format')
  const maximum = depth === 0 ? limits.pageRows : limits.expandedRows
  const asked = ['$filter', '$orderby', '$search'].map((name) => given.get(name) ?? '')
  return {
    top: Math.min(readNumber('$top', given) ?? maximum, maximum),
    skip: readNumber('$skip', given) ?? 0,
    skipToken: token === undefined ? undefined : parseSkipToken(token),
    isCounted: readFlag('$count', given),
    select: readSelect(given.get('$select'), type),
    expand: readExpand(given.get('$expand'), target, depth),
    condition: readCondition(given, target),
    order: readOrder(given.get('$orderby'), target),
    format: format === undefined ? undefined : parseFormat(format),
    identity: asked.every((text) => text === '') ? '' : JSON.stringify(asked),
  }
}

function assertServed(option: string, { kind }: OptionsTarget): void {
  if (served[kind].includes(option)) return
  if (OF_COLLECTION.includes(option) && kind !== 'collection') {
    throw bad(
      `The query option '${option}' cannot be applied here: it is for ${OF_ENTITY.includes(option) ? 'what is read' : 'collections'}.`,
    )
  }
  throw bad(`The query option '${option}' is not supported.`)
}

function readNumber(name: string, given: ReadonlyMap<string, string>): number | undefined {
  const text = given.get(name)
  if (text === undefined) return undefined
  if (/^\d+$/.test(text)) return Math.min(Number(text), Number.MAX_SAFE_INTEGER)
  throw bad(
    `The value '${text.slice(0, 100)}' of the query option '${name}' is not a whole number from 0 on.`,
  )
}

function readFlag(name: string, given: ReadonlyMap<string, string>): boolean {
  const text = given.get(name)?.toLowerCase()
  if (text === undefined || text === 'true' || text === 'false') return text === 'true'
  throw bad(`The value '${text.slice(0, 100)}' of the query option '${name}' is neither true nor false.`)
}

function readCondition(
  given: ReadonlyMap<string, string>,
  { type, now }: OptionsTarget,
): Condition | undefined {
  const [filter, search] = [given.get('$filter'), given.get('$search')]
  const conditions: Condition[] = []
  if (filter !== undefined) conditions.push(bindFilter(parseFilter(filter), { text: filter, type, now }))
  if (search !== undefined) conditions.push(bindSearch(parseSearch(search), { text: search, type, now }))
  const [first] = conditions
  return conditions.length > 1 ? { kind: 'and', conditions } : first
}

function readOrder(text: string | undefined, { type, now }: OptionsTarget): readonly OrderKey[] {
  return text === undefined ? [] : bindOrder(parseOrderBy(text), { text, type, now })
}

/** Names in any case, `*` for all of them; a name that the type lacks is refused in the real service's words. */
function readSelect(text: string | undefined, type: EntityType): readonly string[] | undefined {
  if (text === undefined) return undefined
  const items = parseSelect(text)
  if (items.some(({ segments }) => segments[0] === '*')) return undefined
  const wanted = new Map(items.map(({ segments }) => [segments.join('/').toLowerCase(), segments.join('/')]))
  const names = type.properties.map(({ name }) => name).filter((name) => wanted.delete(name.toLowerCase()))
  for (const name of type.navigations.keys()) wanted.delete(name)
  const [unknown] = wanted.values()
  if (unknown === undefined) return names
  throw bad(`${SELECT_FAILED}${noProperty(unknown, type)}`)
}

const SELECT_FAILED = 'Parsing OData Select and Expand failed: '

function noProperty(name: string, { qualifiedName }: EntityType): string {
  return `Could not find a property named '${name.slice(0, 100)}' on type '${qualifiedName}'.`
}

function readExpand(text: string | undefined, target: OptionsTarget, depth: number): readonly Expansion[] {
  if (text === undefined) return []
  if (depth === limits.expandDepth) {
    throw bad(`${SELECT_FAILED}The $expand is nested deeper than ${limits.expandDepth}.`)
  }
  const expansions = parseExpand(text).map((item) => readExpansion(item, target, depth + 1))
  const names = new Set(expansions.map(({ navigation }) => navigation.name))
  if (names.size < expansions.length) throw bad(`${SELECT_FAILED}A navigation is expanded twice.`)
  return expansions
}

function readExpansion(
  { name, options }: ExpandItem,
  { type, now }: OptionsTarget,
  depth: number,
): Expansion {
  const navigation = type.navigations.get(name)
  if (navigation === undefined) throw bad(`${SELECT_FAILED}${noNavigation(name, type)}`)
  const given = new Map(options.map((option) => [option.name, option.text]))
  const kind = navigation.collection ? 'collection' : 'entity'
  const misplaced = ['$skiptoken', '$format'].find((option) => given.has(option))
  if (misplaced !== undefined) throw bad(`The query option '${misplaced}' is not supported within $expand.`)
  const kept = [...given].filter(([option]) => option !== '$skip')
  return {
    navigation,
    options: readOptions(given, { type: navigation.target, kind, now }, depth),
    query: kept.map(([option, value]) => `${option}=${encodeURIComponent(value)}`).join('&'),
  }
}

function noNavigation(name: string, type: EntityType): string {
  const property = type.properties.find((each) => each.name.toLowerCase() === name.toLowerCase())
  if (property === undefined) return noProperty(name, type)
  return `Property '${property.name}' on type '${type.qualifiedName}' is not a navigation property. Only navigation properties can be expanded.`
}

function bad(message: string): ODataError {
  return new ODataError('BadRequest', message)
}
