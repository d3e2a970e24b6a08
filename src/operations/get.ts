import { contextUrl, writeEntity } from '#odata/odata.ts'
import {
  entityOf,
  notFound,
  type OperationContext,
  type OperationRequest,
  type OperationResult,
} from './context.ts'

/** Reads one entity. */
export async function get(
  { storage, tenant, origin, quirks }: OperationContext,
  { path }: OperationRequest<'entity'>,
): Promise<OperationResult> {
  const entity = entityOf(tenant, path)
  const [row] = await storage.read({ kind: 'select', ...entity })
  if (row === undefined) throw notFound(entity.type, entity.key)
  const body = {
    '@odata.context': contextUrl(origin, path, 'entity'),
    ...writeEntity(entity.type, row, quirks),
  }
  return { status: 200, body, rowsWritten: 0 }
}
