import { limits } from '#base/base.ts'
import {
  digestOf,
  formatSkipToken,
  ODataError,
  type Rank,
  type ResourcePath,
  resourceUrl,
} from '#odata/odata.ts'

/** What binds a place in the pages of a collection to the question that they answer. */
export function pageDigest(path: ResourcePath, identity: string): string {
  return digestOf(`${resourceUrl('', path)}?${identity}`)
}

/**
 * The token of the page that comes after a row.
 *
 * @param after what the row stands by.
 * @throws ODataError `BadRequest` where it is too long for a URL: the collection is ordered by very long texts.
 */
export function formatPageToken(path: ResourcePath, identity: string, after: readonly Rank[]): string {
  const token = formatSkipToken({ after, query: pageDigest(path, identity) })
  if (token.length <= limits.skipTokenBytes) return token
  throw new ODataError(
    'BadRequest',
    'No link to the next page can be given: what the collection is ordered by is too long there. Order it by something else.',
  )
}
