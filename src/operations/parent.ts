/** Under which numbered row the rows of a scope live. */
import { one, POSITION, type Scope, type Transaction } from '#storage/storage.ts'
import { notFound } from './context.ts'

/** The scope in which rows have their ids: what is linked to an entity lives beside it. */
export function withoutLink({ link, ...within }: Scope): Scope {
  return link === undefined ? within : (within.parent?.within ?? within)
}

/**
 * The number of the row that rows of a scope live under; it stays until the transaction ends. With the lock `change` no
 * other transaction that asks so too goes on before.
 */
export function* numberOf(
  parent: Scope['parent'],
  lock: 'share' | 'change' = 'share',
): Transaction<number | undefined> {
  if (parent === undefined) return undefined
  const row = yield* one({ kind: 'select', only: 'position', lock, ...parent })
  if (row === undefined) throw notFound(parent.type, parent.key)
  return parent.type.table.numbered === true
    ? Number(row[POSITION])
    : yield* numberOf(parent.within.parent, lock)
}
