import { KEY, timestampOf } from '#model/model.ts'
import { readPayload, resourceUrl } from '#odata/odata.ts'
import {
  type OperationContext,
  type OperationRequest,
  type OperationResult,
  preferenceApplied,
  scopeOf,
} from './context.ts'
import { entityBody } from './entity-body.ts'
import { insertEntity } from './new-entity.ts'

/** Creates an entity in a collection. */
export async function create(
  context: OperationContext,
  request: OperationRequest<'collection'>,
): Promise<OperationResult> {
  const { path, body: payload, preferences } = request
  const { model, storage, clock, origin, quirks, signal } = context
  const type = path.navigation.target
  const members = readPayload(payload, { model, type, operation: 'create', quirks })
  const entity = { type, within: scopeOf(context, path), members, now: timestampOf(clock.now()) }
  const row = await storage.transact(() => insertEntity(entity), signal)
  const location = resourceUrl(origin, path, String(row[KEY]))
  const headers = { location, ...preferenceApplied(preferences) }
  if (preferences.returns === 'minimal') {
    return { status: 204, headers: { ...headers, 'odata-entityid': location }, rowsWritten: 1 }
  }
  return { status: 201, headers, body: entityBody(context, request, { row }), rowsWritten: 1 }
}
