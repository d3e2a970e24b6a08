import { type EntityType, KEY, type Property, type Timestamp, type Value } from '#model/model.ts'
import { type Changes, ODataError, type Row } from '#odata/odata.ts'
import { all, command, one, POSITION, type Scope, type Transaction } from '#storage/storage.ts'
import { notFound } from './context.ts'

/** A new entity: what it is set to, and what the service gives it. */
export interface NewEntity {
  readonly type: EntityType
  readonly within: Scope
  readonly members: Changes
  readonly id: string
  readonly now: Timestamp
}

/**
 * Stores a new entity, and gives it back with its defaults.
 *
 * @throws ODataError `ResourceNotFound` where what it is to live under is not there; `ServiceUnavailable` where the
 *   tenant is not there any more.
 */
export function* insertEntity(entity: NewEntity): Transaction<Row> {
  const { type, within } = entity
  const { tenant, parent } = within
  const row: Record<string, Value> = {}
  for (const property of type.properties) row[property.name] = initialValue(property, entity)
  const number = type.table.numbered === true ? yield* nextNumber(tenant) : yield* numberOf(parent)
  yield* all({ kind: 'insert', type, tenant, number, row })
  return row
}

function initialValue({ name, stamp, default: fallback }: Property, { members, id, now }: NewEntity): Value {
  const given = members[name]
  if (given !== undefined) return given
  if (name === KEY) return id
  if (stamp !== undefined) return now
  const takesFrom = typeof fallback === 'object' && fallback !== null && 'from' in fallback
  return takesFrom ? (members[fallback.from] ?? null) : fallback
}

/** A number that no row of the tenant ever had. */
function* nextNumber(tenant: number): Transaction<number> {
  const row = yield* one(
    command`UPDATE tenant SET last_number = last_number + 1 WHERE number = ${tenant} RETURNING last_number`,
  )
  if (row === undefined) {
    throw new ODataError('ServiceUnavailable', 'The tenant was reset meanwhile: send the request again.')
  }
  return Number(row['last_number'])
}

/** The number of the row that a new one is to live under; it stays until the transaction ends. */
function* numberOf(parent: Scope['parent']): Transaction<number | undefined> {
  if (parent === undefined) return undefined
  const row = yield* one({ kind: 'select', only: 'position', lock: 'share', ...parent })
  if (row === undefined) throw notFound(parent.type, parent.key)
  return Number(row[POSITION])
}
