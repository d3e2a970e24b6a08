/** The door of the operations: what a request does, one file each. */
import type { OperationName } from '#model/model.ts'
import type { NamedKind, ResourcePath } from '#odata/odata.ts'
import { assign } from './actions/assign.ts'
import { hasPayloadLinks } from './actions/has-payload-links.ts'
import type { OperationContext, OperationRequest, OperationResult } from './context.ts'
import { count } from './count.ts'
import { create } from './create.ts'
import { remove } from './delete.ts'
import { get, getSingle } from './get.ts'
import { list } from './list.ts'
import { update, updateSingle } from './update.ts'

export type { OperationContext, OperationRequest, OperationResult } from './context.ts'
export { storeExamples } from './examples.ts'
export { insertEntity, type NewEntity } from './new-entity.ts'
export { openTransfer } from './transfer/open.ts'
export type { BadLine, BatchOutcome, ImportBatch, ImportStart, Transfer } from './transfer/transfer.ts'

/** How an operation is run on what a path names. */
export type Operation<Kind extends ResourcePath['kind']> = (
  context: OperationContext,
  request: OperationRequest<Kind>,
) => Promise<OperationResult>

/** How each operation is run, by the kind of path that takes it. */
export const operations: {
  readonly [Kind in NamedKind]: { readonly [Name in OperationName]?: Operation<Kind> }
} = {
  collection: { list, create },
  count: { list: count },
  entity: { get, update, delete: remove },
  single: { get: getSingle, update: updateSingle },
}

/** What the actions of the model do, by their names. */
export const actions: Readonly<Record<string, Operation<'action'>>> = { assign, hasPayloadLinks }
