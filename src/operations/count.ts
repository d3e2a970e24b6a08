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
  { path, options: { condition } }: OperationRequest<'count'>,
): Promise<OperationResult> {
  const within = scopeOf(context, path)
  await assertParent(context, within)
  const counted = { type: path.navigation.target, within, condition }
  const total = await context.storage.count(counted, context.signal)
  return { status: 200, text: String(total), rowsWritten: 0 }
}
