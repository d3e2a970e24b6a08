import { KEY } from '#model/model.ts'
import {
  contextUrl,
  type EntityJson,
  entityUrl,
  type ResourcePath,
  type Row,
  writeEntity,
} from '#odata/odata.ts'
import type { AnswerRequest, OperationContext } from './context.ts'
import { expandRows } from './expand.ts'

/** The body of an answer that is one entity: what the path leads to, its context before its members. */
export async function entityBody(
  context: OperationContext,
  { path, options, metadata }: AnswerRequest & { readonly path: ResourcePath },
  row: Row,
): Promise<EntityJson> {
  const { origin, quirks } = context
  const [expanded] =
    options.expand.length === 0
      ? []
      : await expandRows(context, [{ path, row }], { expand: options.expand, metadata })
  const url = metadata === 'full' ? entityUrl(origin, path, String(row[KEY])) : ''
  const entity = writeEntity(path.navigation.target, row, {
    quirks,
    metadata,
    select: options.select,
    url,
    expanded,
  })
  if (metadata === 'none') return entity
  return { '@odata.context': contextUrl(origin, path, { isEntity: true, selection: options }), ...entity }
}
