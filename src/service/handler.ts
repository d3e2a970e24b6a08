import type { Clock, HttpRequest, HttpResponse, Quirks } from '#base/base.ts'
import { decide, formatRefusal, type Identity, type Principal } from '#identity/identity.ts'
import type { Model } from '#model/model.ts'
import { ODataError, parseOptions, parsePath, type ResourcePath } from '#odata/odata.ts'
import {
  type Operation,
  type OperationContext,
  type OperationResult,
  operations,
} from '#operations/operations.ts'
import type { Storage } from '#storage/storage.ts'
import { type RequestRecord, startRecord } from './record.ts'

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
      const task = operationFor(path, request.method)
      record.operation = `${task.name} ${path.navigation.target.name}`
      endStage('resolve')
      authorize(principal, path.navigation.target.permissions[task.name], record)
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

/** An operation with its path bound: what remains is to run it. */
interface Task {
  readonly name: Operation<'entity'>['name']
  run(context: OperationContext, request: HttpRequest, query: string): Promise<OperationResult>
}

function operationFor(path: ResourcePath, method: string): Task {
  return path.kind === 'collection'
    ? bind(operations.collection, path, method)
    : bind(operations.entity, path, method)
}

function bind<Kind extends ResourcePath['kind']>(
  byMethod: Readonly<Record<string, Operation<Kind>>>,
  path: Extract<ResourcePath, { readonly kind: Kind }>,
  method: string,
): Task {
  const verb = method === 'HEAD' ? 'GET' : method
  const operation = Object.hasOwn(byMethod, verb) ? byMethod[verb] : undefined
  if (operation === undefined) {
    const allow = Object.keys(byMethod).join(', ')
    throw new ODataError(
      'MethodNotAllowed',
      `The method ${method} is not allowed here; allowed are ${allow}.`,
      {
        headers: { allow },
      },
    )
  }
  const { name, hasBody } = operation
  return {
    name,
    run: async (context, request, query) =>
      await operation.run(context, {
        path,
        query,
        options: parseOptions(query),
        body: hasBody ? readBody(request) : new Uint8Array(),
        prefersMinimal: /(?:^|[,;\s])return\s*=\s*minimal(?:$|[,;\s])/i.test(request.headers['prefer'] ?? ''),
      }),
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

/** The body of a request that must have one, as JSON says it is. */
function readBody({ headers, body }: HttpRequest): Uint8Array {
  const type = headers['content-type']
  if (type === undefined) {
    throw new ODataError(
      'BadRequest',
      'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
    )
  }
  if (!/^\s*application\/json\s*(?:;|$)/i.test(type)) {
    throw new ODataError(
      'UnsupportedMediaType',
      `A body of the type '${type.slice(0, 100)}' is not supported: send application/json.`,
    )
  }
  return body ?? new Uint8Array()
}

function respond({ status, headers, body }: OperationResult): HttpResponse {
  const common = { 'odata-version': '4.0', 'cache-control': 'no-cache', ...headers }
  if (body === undefined) return { status, headers: common }
  return { status, headers: { 'content-type': ODATA_JSON, ...common }, body: JSON.stringify(body) }
}
