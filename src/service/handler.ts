import type { Clock, HttpRequest, HttpResponse, Quirks } from '#base/base.ts'
import { decide, formatRefusal, type Identity, type Principal } from '#identity/identity.ts'
import type { Model } from '#model/model.ts'
import { assertAcceptable, ODataError, parsePath } from '#odata/odata.ts'
import type { OperationContext, OperationResult } from '#operations/operations.ts'
import type { Storage } from '#storage/storage.ts'
import { type RequestRecord, startRecord } from './record.ts'
import { taskFor } from './task.ts'

/** What the service is made of. */
export interface ServiceOptions {
  readonly model: Model
  readonly storage: Storage
  readonly identity: Identity
  readonly quirks: Quirks
  /** The domain's clock. */
  readonly clock: Clock
}

/** An answer or a refusal, and the record of it. */
export type Outcome =
  | { readonly record: RequestRecord; readonly response: HttpResponse }
  | { readonly record: RequestRecord; readonly error: unknown }

/** Answers requests under a version of the API. Whatever is thrown comes out in the outcome, with the record. */
export type Service = (request: HttpRequest) => Promise<Outcome>

const JSON_TYPE = 'application/json'

/** The type of every JSON body with entities. */
const ODATA_JSON =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8'

/** Makes the service: who is it, what is it about, may they, do it, say it. */
export function createService(options: ServiceOptions): Service {
  return async (request) => {
    const { record, endStage } = startRecord(request.id)
    try {
      const principal = await options.identity.authenticate(request.headers['authorization'])
      record.principal = principal.name
      record.tenant = principal.tenant.tid
      endStage('authenticate')
      const [pathText = '', ...queryParts] = request.target.split('?')
      const path = parsePath(pathText, options.model)
      const task = taskFor(path, request.method, options.quirks)
      record.operation = `${task.name} ${path.navigation.target.name}`
      assertAcceptable(
        request.headers['accept'],
        path.kind === 'count' ? ['text/plain', JSON_TYPE] : [JSON_TYPE],
      )
      endStage('resolve')
      authorize(principal, task.accepted, record)
      const result = await task.run(contextOf(options, request, principal), request, queryParts.join('?'))
      record.rowsWritten = result.rowsWritten
      endStage('operate')
      const response = respond(result)
      endStage('write')
      return { record, response }
    } catch (error) {
      endStage('refuse')
      return { record, error }
    }
  }
}

/** A tenant without a licence is refused before anything is asked of permissions, in the real service's words. */
function authorize(principal: Principal, accepted: readonly string[], record: RequestRecord): void {
  if (!principal.tenant.licensed) {
    record.denied = 'the tenant has no Intune licence'
    throw new ODataError('BadRequest', 'Request not applicable to target tenant.')
  }
  const decision = decide(principal, accepted)
  if (decision.isAllowed) {
    record.permission = decision.permission
    return
  }
  record.denied = decision.reason
  throw new ODataError('Forbidden', formatRefusal(principal, accepted))
}

function contextOf(
  { model, storage, clock, quirks }: ServiceOptions,
  { origin, signal }: HttpRequest,
  { tenant }: Principal,
): OperationContext {
  return { model, storage, clock, quirks, origin, signal, tenant: tenant.number }
}

function respond({ status, headers, body, text }: OperationResult): HttpResponse {
  const common = { 'odata-version': '4.0', 'cache-control': 'no-cache', ...headers }
  if (text !== undefined) return { status, headers: { 'content-type': 'text/plain', ...common }, body: text }
  if (body === undefined) return { status, headers: common }
  return { status, headers: { 'content-type': ODATA_JSON, ...common }, body: JSON.stringify(body) }
}
