import assert from 'node:assert/strict'
import type { Clock, HttpRequest, Quirks } from '#base/base.ts'
import { type OperationName, permissionsFor, scriptPermissions, timestampOf } from '#model/model.ts'
import {
  assertAcceptable,
  isJsonType,
  type MetadataLevel,
  metadataLevelOf,
  methods,
  noOptions,
  ODataError,
  type OptionsTarget,
  parseOptions,
  parsePreferences,
  type QueryOptions,
  type ResourcePath,
} from '#odata/odata.ts'
import {
  actions,
  type Operation,
  type OperationContext,
  type OperationRequest,
  type OperationResult,
  operations,
} from '#operations/operations.ts'

/** What a request comes to: an operation with its path bound, and the permissions that it accepts. */
export interface Task {
  readonly name: string
  readonly accepted: readonly string[]
  /** @param clock the domain's, for expressions. @throws ODataError where the request's options or headers are amiss. */
  prepare(request: HttpRequest, query: string, clock: Clock): PreparedTask
}

/** A task whose request has been read. */
export interface PreparedTask {
  /** The permissions that are accepted for each entity set that the answer reads beside its own. */
  readonly alsoAccepted: readonly (readonly string[])[]
  readonly metadata: MetadataLevel
  run(context: OperationContext): Promise<OperationResult>
}

type Kind = ResourcePath['kind']
type PathOf<K extends Kind> = Extract<ResourcePath, { readonly kind: K }>

/** @throws ODataError `MethodNotAllowed`, with what is allowed, for a method that the path does not take. */
export function taskFor(path: ResourcePath, method: string, quirks: Quirks): Task {
  const verb = method === 'HEAD' ? 'GET' : method
  switch (path.kind) {
    case 'collection':
      return operationTask(operations.collection, path, { verb, quirks, taken: methods.collection })
    case 'count':
      return operationTask(operations.count, path, { verb, quirks, taken: methods.count })
    case 'entity':
      return operationTask(operations.entity, path, { verb, quirks, taken: methods.entity })
    case 'single':
      return operationTask(operations.single, path, { verb, quirks, taken: methods.single })
    case 'action':
      return actionTask(path, { verb, quirks })
  }
}

interface Asking {
  readonly verb: string
  readonly quirks: Quirks
  /** The operations that the kind of path takes, by method. */
  readonly taken: Readonly<Record<string, OperationName>>
}

/** A method is taken where it has an operation, and the entity type says who may do it. */
function operationTask<K extends Kind>(
  runs: { readonly [Name in OperationName]?: Operation<K> },
  path: PathOf<K>,
  { verb, quirks, taken }: Asking,
): Task {
  const name = Object.hasOwn(taken, verb) ? taken[verb] : undefined
  const accepted = name && permissionsFor(path.navigation, name)
  const run = name && runs[name]
  if (name === undefined || accepted === undefined || run === undefined) {
    const offered = Object.entries(taken).filter(
      ([, each]) => permissionsFor(path.navigation, each) !== undefined,
    )
    throw notAllowed(
      verb,
      offered.map(([method]) => method),
    )
  }
  const isAccepted = quirks('script-permissions-below') === 'accepted'
  return {
    name,
    accepted: isAccepted && path.parents.length > 0 ? [...accepted, ...scriptPermissions[name]] : accepted,
    prepare: (request, query, clock) => {
      const body = name === 'create' || name === 'update' ? readBody(request) : undefined
      const isRead = name === 'list' || name === 'get'
      const prepared = requestOf(path, { headers: request.headers, body }, { query, clock, isRead })
      return {
        alsoAccepted: listPermissions(prepared.options, isAccepted),
        metadata: prepared.metadata,
        run: (context) => run(context, prepared),
      }
    },
  }
}

function actionTask(path: PathOf<'action'>, { verb, quirks }: Omit<Asking, 'taken'>): Task {
  const { name, permissions } = path.action
  if (verb !== 'POST') throw notAllowed(verb, ['POST'])
  const run = actions[name]
  assert(run, `the action ${name} is declared, but nothing does it`)
  const below = quirks('script-permissions-below') === 'accepted'
  return {
    name,
    accepted: below ? [...new Set([...permissions, ...scriptPermissions.update])] : permissions,
    prepare: (request, query, clock) => {
      const { headers } = request
      const prepared = requestOf(path, { headers, body: readBody(request) }, { query, clock, isRead: false })
      return { alsoAccepted: [], metadata: prepared.metadata, run: (context) => run(context, prepared) }
    },
  }
}

interface Reading {
  readonly query: string
  readonly clock: Clock
  /** Whether the operation only reads, and so takes options. */
  readonly isRead: boolean
}

const JSON_TYPE = 'application/json'

const NO_BODY = new Uint8Array()

/** By which options each kind of path is read. */
const optionKinds: Readonly<Record<Kind, OptionsTarget['kind']>> = {
  collection: 'collection',
  count: 'count',
  entity: 'entity',
  single: 'entity',
  action: 'change',
}

function requestOf<K extends Kind>(
  path: PathOf<K>,
  { headers, body }: Pick<HttpRequest, 'headers' | 'body'>,
  { query, clock, isRead }: Reading,
): OperationRequest<K> {
  const kind = isRead ? optionKinds[path.kind] : 'change'
  const type = path.navigation.target
  const options =
    query === '' ? noOptions : parseOptions(query, { type, kind, now: timestampOf(clock.now()) })
  if (options.format === undefined) {
    assertAcceptable(headers['accept'], path.kind === 'count' ? ['text/plain', JSON_TYPE] : [JSON_TYPE])
  }
  return {
    path,
    query,
    options,
    body: body ?? NO_BODY,
    preferences: parsePreferences(headers['prefer']),
    metadata: options.format ?? metadataLevelOf(headers['accept']),
  }
}

/**
 * What is contained is read with its root; what is only referred to has permissions of its own.
 *
 * @param isAccepted whether those of the scripts count for what is below a script too.
 */
function listPermissions({ expand }: QueryOptions, isAccepted: boolean): readonly (readonly string[])[] {
  return expand.flatMap(({ navigation, options }) => {
    const own = navigation.contained ? undefined : permissionsFor(navigation, 'get')
    const accepted = own === undefined || !isAccepted ? own : [...own, ...scriptPermissions.get]
    return [...(accepted === undefined ? [] : [accepted]), ...listPermissions(options, isAccepted)]
  })
}

/** The refusal of a method, with those that would do. */
export function notAllowed(verb: string, allowed: readonly string[]): ODataError {
  const allow = allowed.join(', ')
  return new ODataError('MethodNotAllowed', `The method ${verb} is not allowed here; allowed are ${allow}.`, {
    headers: { allow },
  })
}

/**
 * The body of a request that must have one, as JSON says it is.
 *
 * @throws ODataError `BadRequest` where no type is given, `UnsupportedMediaType` where it is another.
 */
export function readBody({ headers, body }: HttpRequest): Uint8Array {
  const type = headers['content-type']
  if (type === undefined) {
    throw new ODataError(
      'BadRequest',
      'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
    )
  }
  if (!isJsonType(type)) {
    throw new ODataError(
      'UnsupportedMediaType',
      `A body of the type '${type.slice(0, 100)}' is not supported: send application/json.`,
    )
  }
  return body ?? NO_BODY
}
