/** Writes the URLs that answers have in them. */

import type { ResourcePath } from './path.ts'
import type { QueryOptions } from './query/options.ts'

/** What of an entity is in an answer. */
export type Selection = Pick<QueryOptions, 'select' | 'expand'>

/**
 * `@odata.context` for what the path names: keys in parentheses, the chosen and expanded members, `/$entity` after a
 * single one.
 */
export function contextUrl(
  origin: string,
  path: ResourcePath,
  { isEntity, selection }: { readonly isEntity: boolean; readonly selection?: Selection | undefined },
): string {
  const above = path.parents.map(({ navigation, key }) => `/${navigation.name}${keyInParentheses(key)}`)
  const chosen = selection === undefined ? [] : membersOf(selection)
  const members = chosen.length === 0 ? '' : `(${chosen.join(',')})`
  const suffix = isEntity ? '/$entity' : ''
  return `${origin}/${path.version.name}/$metadata#${path.singleton.name}${above.join('')}/${path.navigation.name}${members}${suffix}`
}

/** `id,displayName,assignments()`. */
function membersOf({ select = [], expand }: Selection): readonly string[] {
  return [
    ...select,
    ...expand.map(({ navigation, options }) => `${navigation.name}(${membersOf(options).join(',')})`),
  ]
}

/** The URL of the collection in the path, or of one entity of it. */
export function resourceUrl(origin: string, path: ResourcePath, key?: string): string {
  const above = path.parents.map((step) => `/${step.navigation.name}${keySegment(step.key)}`)
  const last = key === undefined ? '' : keySegment(key)
  return `${origin}/${path.version.name}/${path.singleton.name}${above.join('')}/${path.navigation.name}${last}`
}

/** The URL by which control information names an entity: all keys in parentheses; none for a single one. */
export function entityUrl(origin: string, path: ResourcePath, key: string): string {
  const above = path.parents.map((step) => `/${step.navigation.name}${keyInParentheses(step.key)}`)
  const last = path.navigation.collection ? keyInParentheses(key) : ''
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
