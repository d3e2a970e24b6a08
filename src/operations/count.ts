import {
  assertParent,
  type OperationContext,
  type OperationRequest,
  type OperationResult,
  scopeOf,
} from './context.ts'

/** Counts a collection. */
export async function count(
  context: OperationContext,
  { path }: OperationRequest<'count'>,
): Promise<OperationResult> {
  const within = scopeOf(context, path)
  await assertParent(context, within)
  const total = await context.storage.count({ type: path.navigation.target, within }, context.signal)
  return { status: 200, text: String(total), rowsWritten: 0 }
}
