import { limits, newGuid } from '#base/base.ts'
import {
  complexTypeNamed,
  type EntityType,
  isComplex,
  KEY,
  type Property,
  type Timestamp,
  type Value,
} from '#model/model.ts'
import { type Changes, ODataError, type Row } from '#odata/odata.ts'
import {
  all,
  command,
  type EntityReference,
  type InsertPlan,
  one,
  type Scope,
  type Transaction,
} from '#storage/storage.ts'
import { contribute } from './contribution.ts'
import { numberOf, withoutLink } from './parent.ts'

/** A new entity: what it is set to, and what the service gives it. */
export interface NewEntity {
  readonly type: EntityType
  readonly within: Scope
  readonly members: Changes
  readonly now: Timestamp
}

/**
 * Stores a new entity with its defaults, what is created with it, and what it counts for; gives it back.
 *
 * @throws ODataError `ResourceNotFound` where what it is to live under is not there, `BadRequest` where what it refers
 *   to is not, `Conflict` where there is one with its id, `ServiceUnavailable` where the tenant is not there any more.
 */
export function* insertEntity(entity: NewEntity): Transaction<Row> {
  const { type, within } = entity
  const { tenant, parent } = within
  const row = initialRow(entity)
  for (const { name, target } of type.references) {
    const key = row[name] ?? null
    if (key !== null) yield* assertReference({ type: target, within: { tenant }, key: String(key) })
  }
  const number = type.table.numbered === true ? yield* nextNumbers(tenant, 1) : yield* numberOf(parent)
  if (type.idFrom !== undefined)
    yield* assertFree({ type, within: withoutLink(within), key: String(row[KEY]) })
  yield* all({ kind: 'insert', type, tenant, number, row, link: linkOf(within) })
  if (type.table.numbered === true) yield* insertSingles(entity, { id: String(row[KEY]), number })
  if (number !== undefined) yield* contribute(type, { tenant, number }, { after: row })
  return row
}

/** The row of a new entity: what it is set to, its defaults, its references and its id. @throws as {@link identify}. */
export function initialRow(entity: NewEntity): Row {
  const { type, within, members } = entity
  const row: Record<string, Value> = {}
  for (const property of type.properties) row[property.name] = initialValue(property, entity)
  for (const { name } of type.references) row[name] = members[name] ?? null
  row[KEY] = members[KEY] ?? identify(type, row, within)
  return row
}

/** The column that links a row to the entity by whose way it is created. */
export function linkOf({ link, parent }: Scope): InsertPlan['link'] {
  return link === undefined || parent === undefined ? undefined : { column: link, id: parent.key }
}

function initialValue({ name, stamp, default: fallback }: Property, { members, now }: NewEntity): Value {
  const given = members[name]
  if (given !== undefined) return given
  if (stamp !== undefined) return now
  const takesFrom = typeof fallback === 'object' && fallback !== null && 'from' in fallback
  return takesFrom ? (members[fallback.from] ?? null) : fallback
}

/**
 * The id that a new entity has by what it is about, `{parent}:{identity}`; or a GUID.
 *
 * @throws ODataError `BadRequest` where it is so long that no URL could name the entity.
 */
export function identify(type: EntityType, row: Row, within: Scope): string {
  const identity = type.idFrom === undefined ? undefined : identityOf(type, row)
  const { parent } = withoutLink(within)
  if (identity === undefined || parent === undefined) return newGuid()
  const id = `${parent.key}:${identity}`
  if (id.length <= limits.idCharacters) return id
  throw new ODataError(
    'BadRequest',
    `The id that '${type.idFrom}' leads to is longer than ${limits.idCharacters} characters.`,
    { isOfService: true },
  )
}

function identityOf(type: EntityType, row: Row): string | undefined {
  const value = row[type.idFrom ?? ''] ?? null
  if (!isComplex(value)) return typeof value === 'string' ? value : undefined
  const property = type.propertyNamed.get(type.idFrom ?? '')
  if (property?.kind !== 'complex') return undefined
  const identity = complexTypeNamed(property, value.type)?.identity
  if (identity === undefined) return undefined
  if ('value' in identity) return identity.value
  const member = value.members[identity.property]
  return typeof member === 'string' ? member : undefined
}

/** What is created with a numbered entity: its single contained ones, with its id. */
export function* insertSingles(
  { type, within: { tenant }, now }: NewEntity,
  { id, number }: { readonly id: string; readonly number: number | undefined },
): Transaction<void> {
  for (const { target, collection, contained } of type.navigations.values()) {
    if (collection || !contained) continue
    const row: Record<string, Value> = {}
    for (const property of target.properties) {
      row[property.name] = initialValue(property, {
        type: target,
        within: { tenant },
        members: { [KEY]: id },
        now,
      })
    }
    yield* all({ kind: 'insert', type: target, tenant, number, row })
  }
}

/** The first of so many numbers that no row of the tenant ever had. */
export function* nextNumbers(tenant: number, count: number): Transaction<number> {
  const row = yield* one(
    command`UPDATE tenant SET last_number = last_number + ${count} WHERE number = ${tenant} RETURNING last_number`,
  )
  if (row === undefined) {
    throw new ODataError('ServiceUnavailable', 'The tenant was reset meanwhile: send the request again.')
  }
  return Number(row['last_number']) - count + 1
}

function* assertReference(reference: EntityReference): Transaction<void> {
  const row = yield* one({ kind: 'select', only: 'position', ...reference })
  if (row !== undefined) return
  throw new ODataError(
    'BadRequest',
    `There is no ${reference.type.name} with the id '${reference.key.slice(0, 100)}' to refer to.`,
    { isOfService: true },
  )
}

function* assertFree(entity: EntityReference): Transaction<void> {
  const { type, within, key } = entity
  const row = yield* one({
    kind: 'select',
    only: 'position',
    type,
    within: { ...within, isShared: true },
    key,
  })
  if (row === undefined) return
  throw new ODataError('Conflict', `There already is a ${type.name} with the id '${key.slice(0, 100)}'.`)
}
