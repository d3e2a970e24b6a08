import { contextUrl, type EntityJson, type ResourcePath, type Row, writeEntity } from '#odata/odata.ts'
import type { OperationContext } from './context.ts'

/** The body of an answer that is one entity: what the path leads to, its context before its members. */
export function entityBody(
  { origin, quirks }: Pick<OperationContext, 'origin' | 'quirks'>,
  path: ResourcePath,
  { row, select }: { readonly row: Row; readonly select?: readonly string[] | undefined },
): EntityJson {
  const context = contextUrl(origin, path, { isEntity: true, select })
  return { '@odata.context': context, ...writeEntity(path.navigation.target, row, { quirks, select }) }
}
