/** Prints plans as SQL. Names come from the model alone; whatever a client sent is a parameter. */
import { unreachable } from '#base/base.ts'
import { type EntityType, KEY } from '#model/model.ts'
import { encodeMembers, positionColumn } from './columns.ts'
import { printCopy, printTableKey } from './copy.ts'
import type { Dialect, SqlValue } from './dialect.ts'
import type {
  EntityReference,
  InsertManyPlan,
  InsertPlan,
  Plan,
  PurgePlan,
  SelectPlan,
  SetPlan,
  UpdatePlan,
} from './plan.ts'
import { addKeyShape, addKeyValues, type Bind, printColumns, printKey } from './scope.ts'
import { printCount, printPresent, printRelated, printSelect } from './select.ts'
import { addValues, printAdd } from './slotted.ts'
import { StatementTexts } from './statement-texts.ts'

/** A statement as a driver takes it. */
export interface Statement {
  readonly text: string
  readonly values: readonly SqlValue[]
}

const texts = new StatementTexts(1000)

/** The statement of a plan in a database's dialect. The same shape of plan always prints the same text. */
export function compile(plan: Plan, dialect: Dialect): Statement {
  const shaped = shapeOf(plan, dialect)
  if (shaped === undefined) return printStatement(plan, dialect)
  const text = texts.of(shaped.shape, () => printStatement(plan, dialect).text)
  return { text, values: shaped.values }
}

function printStatement(plan: Plan, dialect: Dialect): Statement {
  const values: SqlValue[] = []
  const bind = (value: SqlValue): string => dialect.parameter(values.push(value))
  return { text: print(plan, dialect, bind), values }
}

/** All that the text of a plan on one entity depends on, and its values; undefined for other plans. */
function shapeOf(plan: Plan, dialect: Dialect): Shaped | undefined {
  const shape: unknown[] = [dialect, plan.kind]
  const values: SqlValue[] = []
  switch (plan.kind) {
    case 'select':
      if (!isOfOne(plan)) return undefined
      shape.push(plan.only, plan.lock, plan.withParent)
      addKeyShape(plan, shape)
      addKeyValues(plan, values)
      return { shape, values }
    case 'update':
      addKeyShape(plan, shape)
      addChanges(plan, dialect, { shape, values })
      addKeyValues(plan, values)
      return { shape, values }
    case 'set':
      shape.push(plan.type, plan.key === undefined)
      addChanges(plan, dialect, { shape, values })
      values.push(plan.tenant, plan.parent)
      if (plan.key !== undefined) values.push(plan.key)
      return { shape, values }
    case 'add':
      shape.push(plan.type)
      return { shape, values: addValues(plan, dialect) }
    default:
      return undefined
  }
}

interface Shaped {
  readonly shape: readonly unknown[]
  readonly values: readonly SqlValue[]
}

function isOfOne(plan: SelectPlan): plan is SelectPlan & EntityReference {
  return plan.key !== undefined && plan.holder === undefined && plan.type.table.slotted !== true
}

function addChanges(
  { type, changes }: UpdatePlan | SetPlan,
  dialect: Dialect,
  { shape, values }: { readonly shape: unknown[]; readonly values: SqlValue[] },
): void {
  for (const [name, value] of encodeMembers(type, changes, dialect)) {
    shape.push(name)
    values.push(value)
  }
}

function print(plan: Plan, dialect: Dialect, bind: Bind): string {
  switch (plan.kind) {
    case 'query':
    case 'command':
      return plan.parts
        .map((part, i) => (i === 0 ? part : `${bind(plan.values[i - 1] ?? null)}${part}`))
        .join('')
    case 'select':
      return printSelect(plan, { dialect, bind })
    case 'count':
      return printCount(plan, { dialect, bind })
    case 'related':
      return printRelated(plan, { dialect, bind })
    case 'present':
      return printPresent(plan, { dialect, bind })
    case 'insert':
      return printInsert(plan, dialect, bind)
    case 'insertMany':
      return printInsertMany(plan, dialect, bind)
    case 'add':
      return printAdd(plan, dialect, bind)
    case 'set':
      return printSet(plan, dialect, bind)
    case 'update':
      return `${printChanges(plan, dialect, bind)} WHERE ${printKey(plan, { bind })} RETURNING ${printColumns(plan.type)}`
    case 'delete':
      return `DELETE FROM ${plan.type.table.name} WHERE ${printKey(plan, { bind })} RETURNING ${printColumns(plan.type)}`
    case 'purge':
      return printPurge(plan, bind)
    case 'copy':
      return printCopy(plan, bind)
    case 'key':
      return printTableKey(plan, bind)
    case 'moment':
      return dialect.oneMoment
    default:
      return unreachable(plan)
  }
}

function printChanges({ type, changes }: UpdatePlan | SetPlan, dialect: Dialect, bind: Bind): string {
  const columns = encodeMembers(type, changes, dialect)
  return `UPDATE ${type.table.name} SET ${columns.map(([name, value]) => `${name} = ${bind(value)}`).join(', ')}`
}

function printSet(plan: SetPlan, dialect: Dialect, bind: Bind): string {
  const { type, tenant, parent, key } = plan
  const changes = printChanges(plan, dialect, bind)
  const where = [`tenant = ${bind(tenant)}`, `${type.table.parent} = ${bind(parent)}`]
  if (key !== undefined) where.push(`${KEY} = ${bind(key)}`)
  return `${changes} WHERE ${where.join(' AND ')}`
}

function printInsert(plan: InsertPlan, dialect: Dialect, bind: Bind): string {
  const columns = columnsOf(plan, dialect)
  const names = columns.map(([name]) => name).join(', ')
  return `INSERT INTO ${plan.type.table.name} (${names}) VALUES (${columns.map(([, value]) => bind(value)).join(', ')})`
}

function printInsertMany({ rows, ...shared }: InsertManyPlan, dialect: Dialect, bind: Bind): string {
  const all = rows.map((row) => columnsOf({ ...shared, ...row }, dialect))
  const names = all[0]?.map(([name]) => name).join(', ')
  const values = all.map((columns) => `(${columns.map(([, value]) => bind(value)).join(', ')})`)
  return `INSERT INTO ${shared.type.table.name} (${names}) VALUES ${values.join(', ')}`
}

/** The statement that stores one row of many, and the values of each: where nothing travels, faster than all at once. */
export function compileEach(
  { rows, ...shared }: InsertManyPlan,
  dialect: Dialect,
): { readonly text: string; readonly values: Iterable<readonly SqlValue[]> } {
  const all = rows.map((row) => columnsOf({ ...shared, ...row }, dialect))
  const [first = []] = all
  const names = first.map(([name]) => name).join(', ')
  const parameters = first.map((_, i) => dialect.parameter(i + 1)).join(', ')
  return {
    text: `INSERT INTO ${shared.type.table.name} (${names}) VALUES (${parameters})`,
    values: all.map((columns) => columns.map(([, value]) => value)),
  }
}

function columnsOf(
  { type, tenant, number, row, link }: Omit<InsertPlan, 'kind'>,
  dialect: Dialect,
): [column: string, value: SqlValue][] {
  const linked: [string, SqlValue][] = link === undefined ? [] : [[link.column, link.id]]
  return [...placeOf(type, { tenant, number }), ...encodeMembers(type, row, dialect), ...linked]
}

function placeOf(
  { table }: EntityType,
  { tenant, number = null }: { readonly tenant: number; readonly number: number | null | undefined },
): [column: string, value: SqlValue][] {
  const place: [string, SqlValue][] = [['tenant', tenant]]
  if (table.numbered === true) place.push(['number', number])
  if (table.parent !== undefined) place.push([table.parent, number])
  if (table.slotted === true) place.push(['slot', 0])
  if (table.discriminator !== undefined) place.push([table.discriminator.column, table.discriminator.value])
  return place
}

function printPurge({ type, tenant, parent, limit }: PurgePlan, bind: Bind): string {
  const { name, parent: column } = type.table
  const place = column === undefined ? positionColumn(type) : `${column}, ${KEY}`
  const conditions = [`tenant = ${bind(tenant)}`]
  if (parent !== undefined) conditions.push(`${column} = ${bind(parent)}`)
  const where = conditions.join(' AND ')
  return `DELETE FROM ${name} WHERE ${where} AND (${place}) IN (SELECT ${place} FROM ${name} WHERE ${where} LIMIT ${bind(limit)}) RETURNING 1 AS purged`
}
