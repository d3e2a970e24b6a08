import { KEY } from '#model/model.ts'
import {
  contextUrl,
  type EntityJson,
  entityUrl,
  ODataError,
  type Row,
  resourceUrl,
  writeListed,
} from '#odata/odata.ts'
import type { Page } from '#storage/storage.ts'
import {
  assertParent,
  type OperationContext,
  type OperationRequest,
  type OperationResult,
  scopeOf,
} from './context.ts'
import { expandRows } from './expand.ts'
import { formatPageToken, pageDigest } from './page-token.ts'

/** Reads one page of a collection, with a link to the next while rows remain. */
export async function list(
  context: OperationContext,
  request: OperationRequest<'collection'>,
): Promise<OperationResult> {
  const { path, options, metadata, preferences } = request
  const { storage, origin, signal } = context
  const { condition, isCounted } = options
  const within = scopeOf(context, path)
  await assertParent(context, within)
  const type = path.navigation.target
  const page = await readPage(context, request)
  const count = isCounted ? { '@odata.count': await storage.count({ type, within, condition }, signal) } : {}
  const about =
    metadata === 'none'
      ? {}
      : { '@odata.context': contextUrl(origin, path, { isEntity: false, selection: options }) }
  const body = {
    ...about,
    ...count,
    ...nextLink(context, request, page),
    value: await write(context, request, page.rows),
  }
  const size = preferences.maxPageSize
  const headers = size === undefined ? {} : { 'preference-applied': `odata.maxpagesize=${size}` }
  return { status: 200, headers, body, rowsWritten: 0 }
}

async function readPage(
  context: OperationContext,
  { path, options, preferences }: OperationRequest<'collection'>,
): Promise<Page> {
  const { condition, order, skip, skipToken, top } = options
  const after = skipToken?.after
  const isOurs = skipToken?.query === pageDigest(path, options.identity) && after?.length === order.length + 1
  if (skipToken !== undefined && !isOurs) {
    throw new ODataError(
      'BadRequest',
      "The value of the query option '$skiptoken' belongs to another request.",
    )
  }
  const plan = {
    kind: 'select',
    type: path.navigation.target,
    within: scopeOf(context, path),
    condition,
    order,
    after,
    skip: after === undefined ? skip : 0,
    limit: Math.min(top, preferences.maxPageSize ?? top),
    withParent: options.expand.length > 0,
  } as const
  return await context.storage.page(plan, context.signal)
}

async function write(
  context: OperationContext,
  { path, options, metadata }: OperationRequest<'collection'>,
  rows: readonly Row[],
): Promise<readonly EntityJson[]> {
  const { origin, quirks } = context
  const { expand, select } = options
  const placed = rows.map((row) => ({ path, row }))
  const expanded = expand.length === 0 ? [] : await expandRows(context, placed, { expand, metadata })
  return rows.map((row, i) => {
    const url = metadata === 'full' ? entityUrl(origin, path, String(row[KEY])) : ''
    return writeListed(path.navigation.target, row, { quirks, metadata, select, url, expanded: expanded[i] })
  })
}

/** The same request with the place to continue at; absolute, on the host by which the client came. */
function nextLink(
  { origin }: OperationContext,
  { path, query, options }: OperationRequest<'collection'>,
  { next: after }: Page,
): { readonly '@odata.nextLink'?: string } {
  if (after === undefined) return {}
  const token = formatPageToken(path, options.identity, after)
  return {
    '@odata.nextLink': `${resourceUrl(origin, path)}?${[...keptParts(query), `$skiptoken=${token}`].join('&')}`,
  }
}

/** All options but those that say where the page begins, however their names are spelled. */
function keptParts(query: string): readonly string[] {
  return query.split('&').filter((part) => {
    const [[name = ''] = []] = [...new URLSearchParams(part)]
    return part !== '' && !/^\$?skip(?:token)?$/i.test(name)
  })
}
