/**
 * Reads the path of a URL against the model.
 *
 *     path       = "/" version "/" singleton { "/" navigation [ key ] }
 *     key        = "/" segment | "(" quoted ")" | "(id=" quoted ")"
 *     quoted     = "'" { any but "'" | "''" } "'"
 *
 * Names are read in any case, empty segments (a trailing or a double slash) are passed over, and each segment is
 * percent-decoded by itself. Keys are exact.
 */
import type { Model, Navigation, Singleton, Version } from '#model/model.ts'
import { ODataError } from './errors.ts'

/** An entity on the way: the navigation that was taken, and the key. */
export interface KeyedStep {
  readonly navigation: Navigation
  readonly key: string
}

/** What a URL names: a collection, or one entity of it. */
export type ResourcePath = {
  readonly version: Version
  readonly singleton: Singleton
  /** The entities above, the root's first. */
  readonly parents: readonly KeyedStep[]
  readonly navigation: Navigation
} & ({ readonly kind: 'collection' } | { readonly kind: 'entity'; readonly key: string })

/**
 * Resolves the path of a URL.
 *
 * @param path the path as sent, still percent-encoded, without the query.
 * @throws ODataError `ResourceNotFound` for an unknown version; `BadRequest` naming the first segment that leads
 *   nowhere, or that cannot be decoded.
 */
export function parsePath(path: string, model: Model): ResourcePath {
  const [versionName = '', singletonName = '', ...rest] = path
    .split('/')
    .filter((text) => text !== '')
    .map(decode)
  const version = model.versions.get(versionName.toLowerCase())
  if (version === undefined)
    throw new ODataError('ResourceNotFound', `Invalid version: ${versionName.slice(0, 100)}`)
  const singleton = version.singletons.get(singletonName.toLowerCase())
  if (singleton === undefined || rest.length === 0) throw noSegment(singletonName)
  const steps = readSteps(rest, singleton)
  const last = steps.pop()
  if (last === undefined) throw noSegment(singletonName)
  const parents = steps.map(({ navigation, key }) => {
    if (key === undefined) throw noSegment(navigation.name)
    return { navigation, key }
  })
  const place = { version, singleton, parents, navigation: last.navigation }
  return last.key === undefined
    ? { kind: 'collection', ...place }
    : { kind: 'entity', key: last.key, ...place }
}

interface Step {
  readonly navigation: Navigation
  readonly key: string | undefined
}

function readSteps(segments: readonly string[], root: Singleton): Step[] {
  const steps: Step[] = []
  let navigations = root.navigations
  for (let at = 0; at < segments.length; at += 1) {
    const segment = segments[at] ?? ''
    const { name, key: quoted } = readSegment(segment)
    const navigation = navigations.get(name.toLowerCase())
    if (navigation === undefined) throw noSegment(segment)
    const following = segments[at + 1]
    const isKeySegment = quoted === undefined && following !== undefined
    if (isKeySegment && following.startsWith('$')) throw noSegment(following)
    if (isKeySegment) at += 1
    steps.push({ navigation, key: isKeySegment ? following : quoted })
    navigations = navigation.target.navigations
  }
  return steps
}

const KEYED = /^([^(]+)\((?:id=)?'((?:[^']|'')*)'\)$/is

function readSegment(segment: string): { readonly name: string; readonly key: string | undefined } {
  const [, name, key] = KEYED.exec(segment) ?? []
  return name === undefined ? { name: segment, key: undefined } : { name, key: key?.replaceAll("''", "'") }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new ODataError(
      'BadRequest',
      `The segment '${segment.slice(0, 100)}' of the URL cannot be percent-decoded.`,
    )
  }
}

function noSegment(segment: string): ODataError {
  return new ODataError('BadRequest', `Resource not found for the segment '${segment.slice(0, 100)}'.`)
}

/** `@odata.context` for what the path names: keys in parentheses, `/$entity` at the end of a single one. */
export function contextUrl(origin: string, path: ResourcePath, kind: ResourcePath['kind']): string {
  const above = path.parents.map(({ navigation, key }) => `/${navigation.name}${keyInParentheses(key)}`)
  const suffix = kind === 'entity' ? '/$entity' : ''
  return `${origin}/${path.version.name}/$metadata#${path.singleton.name}${above.join('')}/${path.navigation.name}${suffix}`
}

/** The URL of the collection in the path, or of one entity of it. */
export function resourceUrl(origin: string, path: ResourcePath, key?: string): string {
  const above = path.parents.map((step) => `/${step.navigation.name}${keySegment(step.key)}`)
  const last = key === undefined ? '' : keySegment(key)
  return `${origin}/${path.version.name}/${path.singleton.name}${above.join('')}/${path.navigation.name}${last}`
}

/** As Graph's documents write a key; but what would not be read as one in a segment stands in parentheses. */
function keySegment(key: string): string {
  return /^(?:\$|\.{0,2}$)/.test(key) ? keyInParentheses(key) : `/${encodeKey(key)}`
}

function keyInParentheses(key: string): string {
  return `('${encodeKey(key).replaceAll("'", "''")}')`
}

/** A colon may stand in a URL, and does in the real service's ids. */
function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%3A', ':')
}
