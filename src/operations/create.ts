import { newGuid } from '#base/base.ts'
import { timestampOf } from '#model/model.ts'
import { contextUrl, readPayload, resourceUrl, writeEntity } from '#odata/odata.ts'
import { type OperationContext, type OperationRequest, type OperationResult, scopeOf } from './context.ts'
import { insertEntity } from './new-entity.ts'

/** Creates an entity in a collection. */
export async function create(
  { model, storage, clock, tenant, origin, quirks, signal }: OperationContext,
  { path, body: payload }: OperationRequest<'collection'>,
): Promise<OperationResult> {
  const type = path.navigation.target
  const members = readPayload(payload, { model, type, operation: 'create', quirks })
  const id = newGuid()
  const entity = { type, within: scopeOf(tenant, path.parents), members, id, now: timestampOf(clock.now()) }
  const row = await storage.transact(() => insertEntity(entity), signal)
  const body = { '@odata.context': contextUrl(origin, path, 'entity'), ...writeEntity(type, row, quirks) }
  return { status: 201, headers: { location: resourceUrl(origin, path, id) }, body, rowsWritten: 1 }
}
