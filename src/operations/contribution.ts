import type { EntityType, Timestamp } from '#model/model.ts'
import type { Row } from '#odata/odata.ts'
import { type AddPlan, all, type Scope, type Transaction } from '#storage/storage.ts'
import { numberOf, withoutLink } from './parent.ts'

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
export function* contribute(type: EntityType, place: Place, change: Change): Transaction<void> {
  const deltas = deltasOf(type, change)
  if (deltas !== undefined) yield* move(type, place, deltas)
}

/** As {@link contribute}, for the entities of a scope: the row above is looked up only where a counter is to move. */
export function* contributeWithin(type: EntityType, within: Scope, change: Change): Transaction<void> {
  const deltas = deltasOf(type, change)
  if (deltas === undefined) return
  const number = yield* numberOf(withoutLink(within).parent)
  if (number !== undefined) yield* move(type, { tenant: within.tenant, number }, deltas)
}

/** Moves the counters by all that new entities of one place count for, at once. */
export function* contributeAll(type: EntityType, place: Place, rows: readonly Row[]): Transaction<void> {
  const sums: Record<string, number | Timestamp> = {}
  for (const after of rows) {
    for (const [name, delta] of Object.entries(deltasOf(type, { after }) ?? {})) {
      const sum = sums[name]
      if (typeof delta === 'number') sums[name] = Number(sum ?? 0) + delta
      else if (sum === undefined || delta > String(sum)) sums[name] = delta
    }
  }
  if (Object.keys(sums).length > 0) yield* move(type, place, sums)
}

type Deltas = AddPlan['deltas']

/** Undefined where nothing moves. */
function deltasOf({ contributes }: EntityType, { before, after }: Change): Deltas | undefined {
  if (contributes === undefined) return undefined
  const was = before === undefined ? {} : contributes.measure(before)
  const is = after === undefined ? {} : contributes.measure(after)
  const deltas: Record<string, number | Timestamp> = {}
  for (const name in { ...was, ...is }) {
    const [from = 0, to = 0] = [was[name], is[name]]
    if (from === to) continue
    if (typeof to === 'string') deltas[name] = to
    else if (typeof from === 'number') deltas[name] = to - from
  }
  return Object.keys(deltas).length > 0 ? deltas : undefined
}

function* move({ contributes }: EntityType, { tenant, number }: Place, deltas: Deltas): Transaction<void> {
  if (contributes === undefined) return
  yield* all({ kind: 'add', type: contributes.to, tenant, parent: number, deltas })
}
