import { type EntityType, type Timestamp, timestampOf } from '#model/model.ts'
import { type Changes, contextUrl, type Row, readPayload, writeEntity } from '#odata/odata.ts'
import { type EntityReference, one } from '#storage/storage.ts'
import {
  entityOf,
  notFound,
  type OperationContext,
  type OperationRequest,
  type OperationResult,
} from './context.ts'

/**
 * Changes the members of one entity that the body has, and no other; never creates. A body without members
 * changes nothing, and is answered all the same.
 */
export async function update(
  context: OperationContext,
  { path, body: payload, prefersMinimal }: OperationRequest<'entity'>,
): Promise<OperationResult> {
  const { model, clock, tenant, origin, quirks } = context
  const entity = entityOf(tenant, path)
  const members = readPayload(payload, { model, type: entity.type, operation: 'update', quirks })
  const isEmpty = Object.keys(members).length === 0
  const changes = isEmpty ? members : { ...members, ...modification(entity.type, timestampOf(clock.now())) }
  const row = isEmpty ? await read(context, entity) : await write(context, entity, changes)
  if (row === undefined) throw notFound(entity.type, entity.key)
  const rowsWritten = isEmpty ? 0 : 1
  if (prefersMinimal) return { status: 204, headers: { 'preference-applied': 'return=minimal' }, rowsWritten }
  const body = {
    '@odata.context': contextUrl(origin, path, 'entity'),
    ...writeEntity(entity.type, row, quirks),
  }
  return { status: 200, body, rowsWritten }
}

async function read({ storage }: OperationContext, entity: EntityReference): Promise<Row | undefined> {
  const [row] = await storage.read({ kind: 'select', ...entity })
  return row
}

async function write(
  { storage, signal }: OperationContext,
  entity: EntityReference,
  changes: Changes,
): Promise<Row | undefined> {
  return await storage.transact(() => one({ kind: 'update', ...entity, changes }), signal)
}

/** The members that say when an entity was last changed. */
function modification({ properties }: EntityType, now: Timestamp): Changes {
  const stamped = properties.filter(({ stamp }) => stamp === 'modified')
  return Object.fromEntries(stamped.map(({ name }) => [name, now]))
}
