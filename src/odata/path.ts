/**
 * Reads the path of a URL against the model.
 *
 *     path       = "/" version "/" singleton { "/" navigation [ key ] } [ "/" ( "$count" | action ) ]
 *     key        = "/" segment | "(" quoted ")" | "(id=" quoted ")"
 *     quoted     = "'" { any but "'" | "''" } "'"
 *
 * Names are read in any case, empty segments (a trailing or a double slash) are passed over, and each segment is
 * percent-decoded by itself. Keys are exact.
 */
import type { Action, Model, Navigation, Singleton, Version } from '#model/model.ts'
import { ODataError } from './errors.ts'

/** An entity on the way: the navigation that was taken, and the key. */
export interface KeyedStep {
  readonly navigation: Navigation
  readonly key: string
}

interface Place {
  readonly version: Version
  readonly singleton: Singleton
  /** The entities above, the root's first. */
  readonly parents: readonly KeyedStep[]
  readonly navigation: Navigation
}

/** What a URL names: a collection, its count, one entity of it, a single entity, or an action on one of these. */
export type ResourcePath = Place &
  (
    | { readonly kind: 'collection' }
    | { readonly kind: 'count' }
    | { readonly kind: 'entity'; readonly key: string }
    | { readonly kind: 'single' }
    | { readonly kind: 'action'; readonly action: Action; readonly key: string | undefined }
  )

/**
 * Resolves the path of a URL.
 *
 * @param path the path as sent, still percent-encoded, without the query.
 * @throws ODataError `ResourceNotFound` for an unknown version; `BadRequest` naming the first segment that leads
 *   nowhere, or that cannot be decoded.
 */
export function parsePath(path: string, model: Model): ResourcePath {
  const [versionName = '', singletonName = '', ...rest] = segmentsOf(path)
  const version = versionNamed(versionName, model)
  const singleton = version.singletons.get(singletonName)
  if (singleton === undefined || rest.length === 0) throw noSegment(singletonName)
  const { steps, end } = readSteps(rest, singleton)
  const last = steps.pop()
  if (last === undefined) throw noSegment(singletonName)
  const parents = steps.map(({ navigation, key }) => {
    if (key === undefined) throw noSegment(navigation.name)
    return { navigation, key }
  })
  const place = { version, singleton, parents, navigation: last.navigation }
  if (end === '$count') return { kind: 'count', ...place }
  if (end !== undefined) return { kind: 'action', action: end, key: last.key, ...place }
  if (!last.navigation.collection) return { kind: 'single', ...place }
  return last.key === undefined
    ? { kind: 'collection', ...place }
    : { kind: 'entity', key: last.key, ...place }
}

function versionNamed(name: string, model: Model): Version {
  const version = model.versions.get(name)
  if (version !== undefined) return version
  throw new ODataError('ResourceNotFound', `Invalid version: ${name.slice(0, 100)}`)
}

const BATCH = /^\/*([^/]+)\/+(?:\$|%24)batch\/*$/i

/** Whether a path is that of batches, `/beta/$batch`: of any version, known or not. */
export function isBatchPath(path: string): boolean {
  return BATCH.test(path)
}

/**
 * The version whose batches a path names.
 *
 * @throws ODataError `ResourceNotFound` for an unknown version, and for a path that is not of batches.
 */
export function parseBatchPath(path: string, model: Model): Version {
  return versionNamed(decode(BATCH.exec(path)?.[1] ?? ''), model)
}

interface Step {
  readonly navigation: Navigation
  readonly key: string | undefined
}

interface Walk {
  readonly steps: Step[]
  /** What stands after the last step. */
  readonly end: '$count' | Action | undefined
}

function readSteps(segments: readonly string[], root: Singleton): Walk {
  const steps: Step[] = []
  let navigations = root.navigations
  for (let at = 0; at < segments.length; at += 1) {
    const segment = segments[at] ?? ''
    const { name, key: quoted } = readSegment(segment)
    const navigation = navigations.get(name)
    if (navigation === undefined) {
      const action = steps.at(-1)?.navigation.target.actions.get(name)
      if (action?.boundTo === 'entity' && at === segments.length - 1) return { steps, end: action }
      throw noSegment(segment)
    }
    if (quoted !== undefined && !navigation.collection) throw noSegment(segment)
    const following = navigation.collection && quoted === undefined ? segments[at + 1] : undefined
    const end = following === undefined ? undefined : endOf(following, navigation)
    steps.push({ navigation, key: end === undefined ? (following ?? quoted) : undefined })
    if (end !== undefined && at + 2 === segments.length) return { steps, end }
    if (end !== undefined || following?.startsWith('$') === true) throw noSegment(following ?? '')
    if (following !== undefined) at += 1
    navigations = navigation.target.navigations
  }
  return { steps, end: undefined }
}

/** What a segment after a collection is, where it is no key. */
function endOf(segment: string, { target }: Navigation): '$count' | Action | undefined {
  if (segment.startsWith('$')) return segment.toLowerCase() === '$count' ? '$count' : undefined
  if (target.actions.size === 0) return undefined
  const action = target.actions.get(segment)
  return action?.boundTo === 'collection' ? action : undefined
}

/** Whether a segment after a collection, as sent, is a key and stands for itself. */
export function isPlainKey(segment: string, navigation: Navigation): boolean {
  if (segment === '' || segment.startsWith('$') || ENCODED.test(segment)) return false
  return endOf(segment, navigation) === undefined
}

const KEYED = /^([^(]+)\((?:id=)?'((?:[^']|'')*)'\)$/is

function readSegment(segment: string): { readonly name: string; readonly key: string | undefined } {
  if (!segment.endsWith(')')) return { name: segment, key: undefined }
  const [, name, key] = KEYED.exec(segment) ?? []
  return name === undefined ? { name: segment, key: undefined } : { name, key: key?.replaceAll("''", "'") }
}

const ENCODED = /[%\0]/

function segmentsOf(path: string): readonly string[] {
  const segments = path.split('/').filter((segment) => segment !== '')
  return ENCODED.test(path) ? segments.map(decode) : segments
}

/** A segment as it is meant. No id has a U+0000, which only some databases can be asked for. */
function decode(segment: string): string {
  const text = percentDecoded(segment)
  if (text?.includes('\0') === false) return text
  const reason = text === undefined ? 'cannot be percent-decoded' : 'has a U+0000, which can be in no value'
  throw new ODataError('BadRequest', `The segment '${segment.slice(0, 100)}' of the URL ${reason}.`)
}

function percentDecoded(segment: string): string | undefined {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

function noSegment(segment: string): ODataError {
  return new ODataError('BadRequest', `Resource not found for the segment '${segment.slice(0, 100)}'.`)
}
