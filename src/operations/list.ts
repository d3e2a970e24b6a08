import {
  contextUrl,
  digestOf,
  formatSkipToken,
  ODataError,
  type ResourcePath,
  resourceUrl,
  writeListed,
} from '#odata/odata.ts'
import {
  assertParent,
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
  const { storage, origin, quirks, signal } = context
  const type = path.navigation.target
  const digest = digestOf(resourceUrl('', path))
  const { top: limit, skipToken, select } = options
  if (skipToken !== undefined && skipToken.query !== digest) {
    throw new ODataError(
      'BadRequest',
      "The value of the query option '$skiptoken' belongs to another request.",
    )
  }
  const within = scopeOf(context, path)
  await assertParent(context, within)
  const { rows, next } = await storage.page(
    { kind: 'select', type, within, after: skipToken?.after, limit },
    signal,
  )
  const token = next === undefined ? undefined : formatSkipToken({ after: next, query: digest })
  const body = {
    '@odata.context': contextUrl(origin, path, { isEntity: false, select }),
    ...(token === undefined ? {} : { '@odata.nextLink': nextLink(origin, path, { query, token }) }),
    value: rows.map((row) => writeListed(type, row, { quirks, select })),
  }
  return { status: 200, body, rowsWritten: 0 }
}

/** The same request with the place to continue at; absolute, on the host by which the client came. */
function nextLink(
  origin: string,
  path: ResourcePath,
  { query, token }: { readonly query: string; readonly token: string },
): string {
  const kept = query.split('&').filter((part) => part !== '' && !isSkipToken(part))
  return `${resourceUrl(origin, path)}?${[...kept, `$skiptoken=${token}`].join('&')}`
}

/** Whether a part of a query is the place of the page before, however its name is spelled. */
function isSkipToken(part: string): boolean {
  const [[name = ''] = []] = [...new URLSearchParams(part)]
  return /^\$?skiptoken$/i.test(name)
}
