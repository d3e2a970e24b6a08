/**
 * A transaction is written once for both databases, as a generator that yields plans and is given rows. What
 * drives it may be synchronous (SQLite) or wait for each answer (PostgreSQL); nothing else can be awaited inside.
 * A statement that fails ends the transaction: the generator cannot catch it.
 */
import type { Row } from '#odata/odata.ts'
import type { Plan } from './plan.ts'

/** The body of a transaction that results in a T. */
export type Transaction<T> = Generator<Plan, T, readonly Row[]>

/** The rows of a plan. */
export function* all(plan: Plan): Transaction<readonly Row[]> {
  return yield plan
}

/** The first row of a plan, where there is one. */
export function* one(plan: Plan): Transaction<Row | undefined> {
  const rows = yield plan
  return rows[0]
}
