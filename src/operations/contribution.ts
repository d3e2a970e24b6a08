import type { EntityType } from '#model/model.ts'
import type { Row } from '#odata/odata.ts'
import { all, type Transaction } from '#storage/storage.ts'

/** Whose counters are moved: those below this numbered row. */
interface Place {
  readonly tenant: number
  readonly number: number
}

/** An entity as it was and as it is; absent where it was or is not. */
interface Change {
  readonly before?: Row | undefined
  readonly after?: Row | undefined
}

/** Moves the counters that entities of a type move, by the difference that a change makes. */
export function* contribute(
  type: EntityType,
  { tenant, number }: Place,
  { before, after }: Change,
): Transaction<void> {
  if (type.contributes === undefined) return
  const { measure, to } = type.contributes
  const was = before === undefined ? {} : measure(before)
  const is = after === undefined ? {} : measure(after)
  const names = new Set([...Object.keys(was), ...Object.keys(is)])
  const deltas = Object.fromEntries([...names].map((name) => [name, (is[name] ?? 0) - (was[name] ?? 0)]))
  if (Object.values(deltas).every((delta) => delta === 0)) return
  yield* all({ kind: 'add', type: to, tenant, parent: number, deltas })
}
