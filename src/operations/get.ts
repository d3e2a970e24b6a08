import type { EntityJson, Row } from '#odata/odata.ts'
import {
  type AnswerRequest,
  entityOf,
  notFound,
  type OperationContext,
  type OperationRequest,
  type OperationResult,
  scopeOf,
} from './context.ts'
import { entityBody } from './entity-body.ts'
import { expandRows } from './expand.ts'

/** Reads one entity. */
export async function get(
  context: OperationContext,
  request: OperationRequest<'entity'>,
): Promise<OperationResult> {
  const entity = entityOf(context, request.path)
  const withParent = request.options.expand.length > 0
  const [row] = await context.storage.read({ kind: 'select', ...entity, withParent })
  if (row === undefined) throw notFound(entity.type, entity.key)
  const expanded = withParent ? await expandRow(context, request, row) : undefined
  return { status: 200, body: entityBody(context, request, { row, expanded }), rowsWritten: 0 }
}

/** Reads the entity at the end of a single navigation: one of its own, or one that the entity before refers to. */
export async function getSingle(
  context: OperationContext,
  request: OperationRequest<'single'>,
): Promise<OperationResult> {
  const { path, options } = request
  const { link, target } = path.navigation
  const row = link === undefined ? await readOwn(context, request) : await readReferred(context, request)
  if (row === undefined) throw notFound(target, path.parents.at(-1)?.key ?? '')
  const expanded = options.expand.length > 0 ? await expandRow(context, request, row) : undefined
  return { status: 200, body: entityBody(context, request, { row, expanded }), rowsWritten: 0 }
}

async function readOwn(
  context: OperationContext,
  { path }: OperationRequest<'single'>,
): Promise<Row | undefined> {
  const within = scopeOf(context, path)
  const [row] = await context.storage.read({ kind: 'select', type: path.navigation.target, within })
  return row
}

async function readReferred(
  context: OperationContext,
  { path }: OperationRequest<'single'>,
): Promise<Row | undefined> {
  const { storage, tenant } = context
  const { parent } = scopeOf(context, path)
  if (parent === undefined) return undefined
  const [row] = await storage.read({ kind: 'select', ...parent })
  if (row === undefined) throw notFound(parent.type, parent.key)
  const key = row[path.navigation.name]
  if (typeof key !== 'string') return undefined
  const [referred] = await storage.read({
    kind: 'select',
    type: path.navigation.target,
    within: { tenant },
    key,
  })
  return referred
}

/** What is expanded of the one row. */
async function expandRow(
  context: OperationContext,
  { path, options, metadata }: AnswerRequest,
  row: Row,
): Promise<EntityJson | undefined> {
  const [expanded] = await expandRows(context, [{ path, row }], { expand: options.expand, metadata })
  return expanded
}
