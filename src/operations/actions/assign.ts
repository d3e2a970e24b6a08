import assert from 'node:assert/strict'
import { limits } from '#base/base.ts'
import { type EntityType, isComplex, parameterTypes, timestampOf } from '#model/model.ts'
import { type Changes, ODataError, readEntityParameters } from '#odata/odata.ts'
import { all, type Scope, type Transaction } from '#storage/storage.ts'
import {
  isShared,
  type OperationContext,
  type OperationRequest,
  type OperationResult,
  scopeOf,
} from '../context.ts'
import { identify, insertEntity } from '../new-entity.ts'
import { numberOf } from '../parent.ts'

/**
 * `assign`: replaces all assignments of a script by those of the body, or none of them. `[]` clears. Where the action
 * takes them in an older form too, the body has the one, the other or both. Two of the same target are one, the last.
 */
export async function assign(
  context: OperationContext,
  { path, body }: OperationRequest<'action'>,
): Promise<OperationResult> {
  const { model, storage, tenant, quirks, clock, signal } = context
  const types = assignmentTypes(path)
  const given = readEntityParameters(body, types, { model, quirks })
  if (given.size === 0) {
    const names = [...types.keys()].join(' or ')
    throw new ODataError('BadRequest', `The body must have ${names}; an empty collection clears.`, {
      isOfService: true,
    })
  }
  const script = {
    type: path.navigation.target,
    within: { ...scopeOf(context, path), isShared: isShared(context) },
    key: path.key ?? '',
  }
  const within = { tenant, parent: script }
  const wanted = new Map<string, NewAssignment>()
  for (const [name, type] of types) {
    for (const members of given.get(name) ?? []) add(wanted, within, { type, members })
  }
  const now = timestampOf(clock.now())
  await storage.transact(function* () {
    for (const type of types.values()) yield* clear(type, within)
    for (const each of wanted.values()) yield* insertEntity({ ...each, within, now })
  }, signal)
  return { status: quirks('assign-status'), rowsWritten: wanted.size }
}

interface NewAssignment {
  readonly type: EntityType
  readonly members: Changes
}

/** Later ones replace earlier ones of the same target; a group that is let in and left out is a contradiction. */
function add(wanted: Map<string, NewAssignment>, within: Scope, assignment: NewAssignment): void {
  const id = identify(assignment.type, assignment.members, within)
  const known = wanted.get(id)
  if (known !== undefined && targetTypeOf(known) !== targetTypeOf(assignment)) {
    throw new ODataError('BadRequest', `The target '${id.slice(0, 200)}' is assigned in two contrary ways.`, {
      isOfService: true,
    })
  }
  wanted.set(id, assignment)
}

function targetTypeOf({ type, members: { target = null } }: NewAssignment): string | undefined {
  return isComplex(target) ? target.type : type.table.discriminator?.value
}

function* clear(type: EntityType, within: Scope): Transaction<void> {
  const number = yield* numberOf(within.parent, 'change')
  if (number === undefined) return
  const plan = {
    kind: 'purge',
    type,
    tenant: within.tenant,
    parent: number,
    limit: limits.purgeRows,
  } as const
  let cleared = yield* all(plan)
  while (cleared.length === limits.purgeRows) cleared = yield* all(plan)
}

/** The types of the assignments that the action takes, by parameter, in its order. */
function assignmentTypes({
  action,
  navigation,
}: OperationRequest<'action'>['path']): ReadonlyMap<string, EntityType> {
  const types = new Map<string, EntityType>()
  for (const [name, type] of parameterTypes(action, navigation.target)) {
    assert(type, `${name} is no collection of assignments`)
    types.set(name, type)
  }
  return types
}
