import { type Clock, type HttpRequest, type HttpResponse, type Quirks, splitTarget } from '#base/base.ts'
import { decide, formatRefusal, type Identity, type Principal } from '#identity/identity.ts'
import type { Model } from '#model/model.ts'
import { isBatchPath, type MetadataLevel, ODataError, parsePath } from '#odata/odata.ts'
import type { OperationContext, OperationResult } from '#operations/operations.ts'
import type { Storage } from '#storage/storage.ts'
import { answerBatch } from './batch.ts'
import type { Arrival, Served, Service } from './outcome.ts'
import { type RequestRecord, startRecord } from './record.ts'
import { assertRouted } from './routing.ts'
import { taskFor } from './task.ts'
import { wrapError } from './wrapped-error.ts'

/** What the service is made of. */
export interface ServiceOptions {
  readonly model: Model
  readonly storage: Storage
  readonly identity: Identity
  readonly quirks: Quirks
  /** The domain's clock. */
  readonly clock: Clock
}

/** Makes the service: who is it, what is it about, may they, do it, say it. A batch is many of these in one. */
export function createService(options: ServiceOptions): Service {
  const { model, identity } = options
  const single = receiver(identity, (arrival) => answerSingle(arrival, options))
  const batchOptions = { model, wallClock: identity.clock, answer: single }
  const batch = receiver(identity, (arrival) => answerBatch(arrival, batchOptions))
  return (request) => (isBatchPath(splitTarget(request.target).path) ? batch(request) : single(request))
}

/** Asks of every request who it is, and keeps its record, whatever becomes of it. */
function receiver(identity: Identity, serve: (arrival: Arrival) => Promise<Served>): Service {
  return async (request) => {
    const { record, endStage } = startRecord(request.id)
    try {
      const principal = await identity.authenticate(request.headers['authorization'])
      record.principal = principal.name
      record.tenant = principal.tenant.tid
      endStage('authenticate')
      return { record, ...(await serve({ request, principal, record, endStage })) }
    } catch (error) {
      endStage('refuse')
      return { record, error }
    }
  }
}

async function answerSingle(
  { request, principal, record, endStage }: Arrival,
  options: ServiceOptions,
): Promise<Served> {
  const { path: pathText, query } = splitTarget(request.target)
  const path = parsePath(pathText, options.model)
  assertRouted(path, request.method, options.quirks)
  const task = taskFor(path, request.method, options.quirks)
  record.operation = `${task.name} ${path.navigation.target.name}`
  endStage('resolve')
  try {
    record.permission = authorize(principal, task.accepted, record)
    const prepared = task.prepare(request, query, options.clock)
    for (const accepted of prepared.alsoAccepted) authorize(principal, accepted, record)
    const result = await prepared.run(contextOf(options, request, principal))
    record.rowsWritten = result.rowsWritten
    endStage('operate')
    const response = respond(result, prepared.metadata)
    endStage('write')
    return { response }
  } catch (error) {
    throw options.quirks('error-shape') === 'wrapped' ? wrapError(error, request, path) : error
  }
}

/** A tenant without a licence is refused before anything is asked of permissions, in the real service's words. */
function authorize(principal: Principal, accepted: readonly string[], record: RequestRecord): string {
  if (!principal.tenant.licensed) {
    record.denied = 'the tenant has no Intune licence'
    throw new ODataError('BadRequest', 'Request not applicable to target tenant.')
  }
  const decision = decide(principal, accepted)
  if (decision.isAllowed) return decision.permission
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

/** The type of every JSON body with entities. */
const jsonTypes: Readonly<Record<MetadataLevel, string>> = {
  none: jsonType('none'),
  minimal: jsonType('minimal'),
  full: jsonType('full'),
}

function jsonType(metadata: MetadataLevel): string {
  return `application/json;odata.metadata=${metadata};odata.streaming=true;IEEE754Compatible=false;charset=utf-8`
}

function respond({ status, headers, body, text }: OperationResult, metadata: MetadataLevel): HttpResponse {
  const common = { 'odata-version': '4.0', 'cache-control': 'no-cache', ...headers }
  if (text !== undefined) return { status, headers: { 'content-type': 'text/plain', ...common }, body: text }
  if (body === undefined) return { status, headers: common }
  return { status, headers: { 'content-type': jsonTypes[metadata], ...common }, body: JSON.stringify(body) }
}
