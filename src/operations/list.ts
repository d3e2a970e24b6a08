import {
  contextUrl,
  digestOf,
  formatSkipToken,
  ODataError,
  type ResourcePath,
  resourceUrl,
  writeListed,
} from '#odata/odata.ts'
import type { Storage } from '#storage/storage.ts'
import {
  notFound,
  type OperationContext,
  type OperationRequest,
  type OperationResult,
  scopeOf,
} from './context.ts'

/** Reads one page of a collection, with a link to the next while rows remain. */
export async function list(
  context: OperationContext,
  { path, options, query }: OperationRequest<'collection'>,
): Promise<OperationResult> {
  const { storage, tenant, origin, quirks, signal } = context
  const type = path.navigation.target
  const digest = digestOf(resourceUrl('', path))
  const { top: limit, skipToken } = options
  if (skipToken !== undefined && skipToken.query !== digest) {
    throw new ODataError(
      'BadRequest',
      "The value of the query option '$skiptoken' belongs to another request.",
    )
  }
  const within = scopeOf(tenant, path.parents)
  await assertParent(storage, within.parent)
  const { rows, next } = await storage.page(
    { kind: 'select', type, within, after: skipToken?.after, limit },
    signal,
  )
  const token = next === undefined ? undefined : formatSkipToken({ after: next, query: digest })
  const body = {
    '@odata.context': contextUrl(origin, path, 'collection'),
    ...(token === undefined ? {} : { '@odata.nextLink': nextLink(origin, path, { query, token }) }),
    value: rows.map((row) => writeListed(type, row, quirks)),
  }
  return { status: 200, body, rowsWritten: 0 }
}

async function assertParent(storage: Storage, parent: ReturnType<typeof scopeOf>['parent']): Promise<void> {
  if (parent === undefined) return
  const [row] = await storage.read({ kind: 'select', only: 'position', ...parent })
  if (row === undefined) throw notFound(parent.type, parent.key)
}

/** The same request with the place to continue at; absolute, on the host by which the client came. */
function nextLink(
  origin: string,
  path: ResourcePath,
  { query, token }: { readonly query: string; readonly token: string },
): string {
  const kept = query.split('&').filter((part) => part !== '' && !/^(?:\$|%24)?skiptoken=/i.test(part))
  return `${resourceUrl(origin, path)}?${[...kept, `$skiptoken=${token}`].join('&')}`
}
