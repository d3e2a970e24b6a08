import { removeEntity } from '#storage/storage.ts'
import {
  entityOf,
  notFound,
  type OperationContext,
  type OperationRequest,
  type OperationResult,
} from './context.ts'

/** Deletes one entity; what hangs below it is out of reach at once and removed in the background. */
export async function remove(
  { model, storage, tenant, quirks, signal }: OperationContext,
  { path }: OperationRequest<'entity'>,
): Promise<OperationResult> {
  const entity = entityOf(tenant, path)
  const row = await storage.transact(() => removeEntity(model, entity), signal)
  if (row === undefined) throw notFound(entity.type, entity.key)
  void storage.purge()
  return { status: quirks('delete-status'), rowsWritten: 1 }
}
