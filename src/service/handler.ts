import { type Clock, type HttpRequest, type HttpResponse, type Quirks, splitTarget } from '#base/base.ts'
import { decide, formatRefusal, type Identity, type Principal } from '#identity/identity.ts'
import type { Model } from '#model/model.ts'
import { isBatchPath, type MetadataLevel, ODataError, PathReader } from '#odata/odata.ts'
import type { OperationContext, OperationResult } from '#operations/operations.ts'
import type { Storage } from '#storage/storage.ts'
import { answerBatch } from './batch.ts'
import type { Arrival, Served, Service } from './outcome.ts'
import { type RequestRecord, startRecord } from './record.ts'
import { assertRouted, type Gap, gapsOf } from './routing.ts'
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

/** What single requests are read with, made once. */
interface SingleOptions extends ServiceOptions {
  readonly paths: PathReader
  readonly gaps: readonly Gap[]
}

/** Makes the service: who is it, what is it about, may they, do it, say it. A batch is many of these in one. */
export function createService(options: ServiceOptions): Service {
  const { model, identity, quirks } = options
  const reading = { ...options, paths: new PathReader(model), gaps: gapsOf(quirks) }
  const single = receiver(identity, (arrival) => answerSingle(arrival, reading))
  const batchOptions = { model, wallClock: identity.clock, answer: single }
  const batch = receiver(identity, (arrival) => answerBatch(arrival, batchOptions))
  return (request) => (isBatchPath(splitTarget(request.target).path) ? batch(request) : single(request))
}

/** Asks of every request who it is, and keeps its record, whatever becomes of it. */
function receiver(identity: Identity, serve: (arrival: Arrival) => Promise<Served>): Service {
  return async (request) => {
    const { record, lap } = startRecord(request.id)
    try {
      const principal = await identity.authenticate(request.headers['authorization'])
      record.principal = principal.name
      record.tenant = principal.tenant.tid
      record.stages.authenticate = lap()
      return { record, ...(await serve({ request, principal, record, lap })) }
    } catch (error) {
      record.stages.refuse = lap()
      return { record, error }
    }
  }
}

async function answerSingle(
  { request, principal, record, lap }: Arrival,
  options: SingleOptions,
): Promise<Served> {
  const { path: pathText, query } = splitTarget(request.target)
  const path = options.paths.read(pathText)
  assertRouted(path, request.method, options.gaps)
  const task = taskFor(path, request.method, options.quirks)
  record.operation = `${task.name} ${path.navigation.target.name}`
  record.stages.resolve = lap()
  try {
    record.permission = authorize(principal, task.accepted, record)
    const prepared = task.prepare(request, query, options.clock)
    for (const accepted of prepared.alsoAccepted) authorize(principal, accepted, record)
    const result = await prepared.run(contextOf(options, request, principal))
    record.rowsWritten = result.rowsWritten
    record.stages.operate = lap()
    const response = respond(result, prepared.metadata)
    record.stages.write = lap()
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

/** Of every answer under a version of the API. */
const COMMON = { 'odata-version': '4.0', 'cache-control': 'no-cache' } as const

function respond({ status, headers, body, text }: OperationResult, metadata: MetadataLevel): HttpResponse {
  if (text !== undefined)
    return { status, headers: { ...COMMON, 'content-type': 'text/plain', ...headers }, body: text }
  if (body === undefined) return { status, headers: { ...COMMON, ...headers } }
  const typed = { ...COMMON, 'content-type': jsonTypes[metadata], ...headers }
  return { status, headers: typed, body: JSON.stringify(body) }
}
