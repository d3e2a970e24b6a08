import { type EntityType, type Timestamp, timestampOf, type Value } from '#model/model.ts'
import { type Changes, type Row, readPayload } from '#odata/odata.ts'
import {
  all,
  type EntityReference,
  one,
  PARENT,
  type ReadPlan,
  type Scope,
  type Transaction,
} from '#storage/storage.ts'
import {
  type AnswerRequest,
  entityOf,
  notFound,
  type OperationContext,
  type OperationRequest,
  type OperationResult,
  preferenceApplied,
  scopeOf,
} from './context.ts'
import { contribute } from './contribution.ts'
import { entityBody } from './entity-body.ts'
import { numberOf } from './parent.ts'

/**
 * Changes the members of one entity that the body has, and no other; never creates. A body without members
 * changes nothing, and is answered all the same.
 */
export function update(
  context: OperationContext,
  request: OperationRequest<'entity'>,
): Promise<OperationResult> {
  const entity = entityOf(context, request.path)
  return run(context, request, {
    key: entity.key,
    plan: { kind: 'select', ...entity },
    write: (changes) => updateEntity(entity, changes),
  })
}

/** Changes the members of a single entity, as {@link update}. */
export function updateSingle(
  context: OperationContext,
  request: OperationRequest<'single'>,
): Promise<OperationResult> {
  const { path } = request
  const type = path.navigation.target
  const within = scopeOf(context, path)
  return run(context, request, {
    key: path.parents.at(-1)?.key ?? '',
    plan: { kind: 'select', type, within },
    write: (changes) => updateCounters(type, within, changes),
  })
}

/** How the one entity that a request is about is read, and how it is written. */
interface Target {
  readonly key: string
  readonly plan: ReadPlan
  readonly write: (changes: Changes) => Transaction<Row | undefined>
}

async function run(
  context: OperationContext,
  request: AnswerRequest,
  { key, plan, write }: Target,
): Promise<OperationResult> {
  const { path, body: payload, preferences } = request
  const { model, storage, clock, quirks, signal } = context
  const type = path.navigation.target
  const members = readPayload(payload, { model, type, operation: 'update', quirks })
  const isEmpty = Object.keys(members).length === 0
  const changes = isEmpty ? members : { ...members, ...modification(type, () => timestampOf(clock.now())) }
  const row = isEmpty ? (await storage.read(plan))[0] : await storage.transact(() => write(changes), signal)
  if (row === undefined) throw notFound(type, key)
  const rowsWritten = isEmpty ? 0 : 1
  const headers = preferenceApplied(preferences)
  if (preferences.returns === 'minimal') return { status: 204, headers, rowsWritten }
  return { status: 200, headers, body: entityBody(context, request, { row }), rowsWritten }
}

/** The members that say when an entity was last changed. @param now asked only where there are any. */
export function modification({ properties }: EntityType, now: () => Timestamp): Changes {
  const changes: Record<string, Value> = {}
  for (const { name, stamp } of properties) if (stamp === 'modified') changes[name] = now()
  return changes
}

/** Changes members of one entity, and what it counts for; undefined where it is not there. */
export function* updateEntity(entity: EntityReference, changes: Changes): Transaction<Row | undefined> {
  const { type, within, key } = entity
  if (type.contributes === undefined) return yield* one({ kind: 'update', ...entity, changes })
  const before = yield* one({ kind: 'select', lock: 'update', withParent: true, ...entity })
  if (before === undefined) return undefined
  const differing = differences(before, changes)
  if (Object.keys(differing).length === 0) return before
  const { tenant } = within
  const parent = Number(before[PARENT])
  yield* all({ kind: 'set', type, tenant, parent, key, changes: differing })
  const after = { ...before, ...differing }
  yield* contribute(type, { tenant, number: parent }, { before, after })
  return after
}

/** Without what the row has already: a column that is set is written again into each of its indexes, changed or not. */
function differences(before: Row, changes: Changes): Changes {
  const differing: Record<string, Value> = {}
  for (const [name, value] of Object.entries(changes)) if (before[name] !== value) differing[name] = value
  return differing
}

/**
 * Counters are set by moving them to where they are to be: what moves them later goes on from there. What is no counter
 * is set as it is.
 */
function* updateCounters(type: EntityType, within: Scope, changes: Changes): Transaction<Row | undefined> {
  const parent = yield* numberOf(within.parent, 'change')
  const before = yield* one({ kind: 'select', type, within, isExact: true })
  if (parent === undefined || before === undefined) return undefined
  const { tenant } = within
  const deltas: Record<string, number> = {}
  const others: Record<string, Value> = {}
  for (const [name, value] of Object.entries(changes)) {
    if (typeof value === 'number') deltas[name] = value - Number(before[name])
    else others[name] = value
  }
  if (Object.keys(deltas).length > 0) yield* all({ kind: 'add', type, tenant, parent, deltas })
  if (Object.keys(others).length > 0) yield* all({ kind: 'set', type, tenant, parent, changes: others })
  return yield* one({ kind: 'select', type, within })
}
