import assert from 'node:assert/strict'
import { hasPayloadLinkResultItem, NAMESPACE } from '#model/model.ts'
import { ODataError, readTextsParameter } from '#odata/odata.ts'
import type { OperationContext, OperationRequest, OperationResult } from '../context.ts'

/** The qualified name of an item of the answer. */
const ITEM = `${NAMESPACE}.${hasPayloadLinkResultItem.name}`

/** Payloads that one request may ask about. */
const MAX_PAYLOADS = 1000

/** `hasPayloadLinks`: which of the scripts have an assignment; what is no script has none. */
export async function hasPayloadLinks(
  { storage, tenant, origin }: OperationContext,
  { path, body, metadata }: OperationRequest<'action'>,
): Promise<OperationResult> {
  const ids = readTextsParameter(body, 'payloadIds')
  if (ids.length > MAX_PAYLOADS)
    throw new ODataError('BadRequest', `At most ${MAX_PAYLOADS} payloads can be asked about.`, {
      isOfService: true,
    })
  const assignments = path.navigation.target.navigations.get('assignments')
  assert(assignments, `${path.navigation.target.name} has no assignments`)
  const value: unknown[] = []
  for (const key of ids) {
    const parent = { type: path.navigation.target, within: { tenant, isShared: true }, key }
    const [first] = await storage.read({
      kind: 'select',
      only: 'position',
      type: assignments.target,
      within: { tenant, parent },
      limit: 1,
    })
    const hasLink = first !== undefined
    value.push({
      ...(metadata === 'none' ? {} : { '@odata.type': `#${ITEM}` }),
      payloadId: key,
      hasLink,
      error: '',
      sources: hasLink ? ['direct'] : [],
    })
  }
  const context = `${origin}/${path.version.name}/$metadata#Collection(${ITEM})`
  const about = metadata === 'none' ? {} : { '@odata.context': context }
  return { status: 200, body: { ...about, value }, rowsWritten: 0 }
}
