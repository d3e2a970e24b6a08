import { KEY } from '#model/model.ts'
import { contextUrl, type EntityJson, entityUrl, type Row, writeEntity } from '#odata/odata.ts'
import type { AnswerRequest, OperationContext } from './context.ts'

/** The body of an answer that is one entity: what the path leads to, its context before its members. */
export function entityBody(
  { origin, quirks }: Pick<OperationContext, 'origin' | 'quirks'>,
  { path, options, metadata }: AnswerRequest,
  { row, expanded }: { readonly row: Row; readonly expanded?: EntityJson | undefined },
): EntityJson {
  const url = metadata === 'full' ? entityUrl(origin, path, String(row[KEY])) : ''
  const isSaid = metadata !== 'none'
  const context = isSaid ? contextUrl(origin, path, { isEntity: true, selection: options }) : undefined
  return writeEntity(path.navigation.target, row, {
    quirks,
    metadata,
    select: options.select,
    context,
    url,
    expanded,
  })
}
