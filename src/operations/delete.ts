import { removeEntity } from '#storage/storage.ts'
import {
  entityOf,
  notFound,
  type OperationContext,
  type OperationRequest,
  type OperationResult,
} from './context.ts'
import { contributeWithin } from './contribution.ts'

/** Deletes one entity; what hangs below it is out of reach at once and removed in the background. */
export async function remove(
  context: OperationContext,
  { path }: OperationRequest<'entity'>,
): Promise<OperationResult> {
  const { model, storage, quirks, signal } = context
  const entity = entityOf(context, path)
  await storage.transact(function* () {
    const before = yield* removeEntity(model, entity)
    if (before === undefined) throw notFound(entity.type, entity.key)
    yield* contributeWithin(entity.type, entity.within, { before })
  }, signal)
  void storage.purge()
  return { status: quirks('delete-status'), rowsWritten: 1 }
}
