/** The door of the operations: what a request does, one file each. */
import type { OperationName } from '#model/model.ts'
import type { ResourcePath } from '#odata/odata.ts'
import type { OperationContext, OperationRequest, OperationResult } from './context.ts'
import { create } from './create.ts'
import { remove } from './delete.ts'
import { get } from './get.ts'
import { list } from './list.ts'
import { update } from './update.ts'

export type { OperationContext, OperationRequest, OperationResult } from './context.ts'
export { storeExamples } from './examples.ts'
export { insertEntity, type NewEntity } from './new-entity.ts'

/** An operation, and how it is run. */
export interface Operation<Kind extends ResourcePath['kind']> {
  readonly name: OperationName
  /** Whether it reads a body. */
  readonly hasBody: boolean
  run(context: OperationContext, request: OperationRequest<Kind>): Promise<OperationResult>
}

/** What can be done to what a path names, by HTTP method. */
export const operations: {
  readonly [Kind in ResourcePath['kind']]: Readonly<Record<string, Operation<Kind>>>
} = {
  collection: {
    GET: { name: 'list', hasBody: false, run: list },
    POST: { name: 'create', hasBody: true, run: create },
  },
  entity: {
    GET: { name: 'get', hasBody: false, run: get },
    PATCH: { name: 'update', hasBody: true, run: update },
    DELETE: { name: 'delete', hasBody: false, run: remove },
  },
}
