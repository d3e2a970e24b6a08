import { KEY, timestampOf } from '#model/model.ts'
import { readPayload, resourceUrl } from '#odata/odata.ts'
import { type OperationContext, type OperationRequest, type OperationResult, scopeOf } from './context.ts'
import { entityBody } from './entity-body.ts'
import { insertEntity } from './new-entity.ts'

/** Creates an entity in a collection. */
export async function create(
  context: OperationContext,
  { path, body: payload }: OperationRequest<'collection'>,
): Promise<OperationResult> {
  const { model, storage, clock, origin, quirks, signal } = context
  const type = path.navigation.target
  const members = readPayload(payload, { model, type, operation: 'create', quirks })
  const entity = { type, within: scopeOf(context, path), members, now: timestampOf(clock.now()) }
  const row = await storage.transact(() => insertEntity(entity), signal)
  const body = entityBody(context, path, { row })
  const location = resourceUrl(origin, path, String(row[KEY]))
  return { status: 201, headers: { location }, body, rowsWritten: 1 }
}
