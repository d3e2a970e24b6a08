/** The door of the operations: what a request does, one file each. */
import type { OperationName } from '#model/model.ts'
import type { ResourcePath } from '#odata/odata.ts'
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

/** An operation, and how it is run. */
export interface Operation<Kind extends ResourcePath['kind']> {
  /** By which its permission is declared. */
  readonly name: OperationName
  /** Whether it reads a body. */
  readonly hasBody: boolean
  run(context: OperationContext, request: OperationRequest<Kind>): Promise<OperationResult>
}

type NamedKind = Exclude<ResourcePath['kind'], 'action'>

/** What can be done to what a path names, by HTTP method. */
export const operations: { readonly [Kind in NamedKind]: Readonly<Record<string, Operation<Kind>>> } = {
  collection: {
    GET: { name: 'list', hasBody: false, run: list },
    POST: { name: 'create', hasBody: true, run: create },
  },
  count: {
    GET: { name: 'list', hasBody: false, run: count },
  },
  entity: {
    GET: { name: 'get', hasBody: false, run: get },
    PATCH: { name: 'update', hasBody: true, run: update },
    DELETE: { name: 'delete', hasBody: false, run: remove },
  },
  single: {
    GET: { name: 'get', hasBody: false, run: getSingle },
    PATCH: { name: 'update', hasBody: true, run: updateSingle },
  },
}

/** What the actions of the model do, by their names. */
export const actions: Readonly<
  Record<string, (context: OperationContext, request: OperationRequest<'action'>) => Promise<OperationResult>>
> = { assign, hasPayloadLinks }
