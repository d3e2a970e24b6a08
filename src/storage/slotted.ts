/** Rows that are kept in several slots: their counters summed on reading, the latest of their instants. */
import { type EntityType, KEY } from '#model/model.ts'
import { oncePerType } from './columns.ts'
import type { Dialect, SqlValue } from './dialect.ts'
import { type AddPlan, OF, type SelectPlan } from './plan.ts'
import { type Bind, scopeConditions } from './scope.ts'

const MAX_INT32 = 2_147_483_647

interface SlottedColumn {
  readonly column: string
  readonly name: string
  /** Summed over the slots; of what is no counter the greatest stands for all. */
  readonly isCounter: boolean
}

const slottedColumns = oncePerType(({ properties }): readonly SlottedColumn[] =>
  properties
    .filter((property) => property.kind === 'primitive')
    .map(({ name, column }) => ({ column: column.name, name, isCounter: column.kind !== 'text' })),
)

/** One column of a slotted row. But for the exact sums, nothing is counted below zero or above the largest Edm.Int32. */
function printColumn({ column, isCounter }: Omit<SlottedColumn, 'name'>, isExact: boolean): string {
  if (!isCounter) return `MAX(${column})`
  const sum = `SUM(${column})`
  return isExact
    ? sum
    : `CASE WHEN ${sum} < 0 THEN 0 WHEN ${sum} > ${MAX_INT32} THEN ${MAX_INT32} ELSE ${sum} END`
}

/** A member of a slotted row, of rows that have a name in the statement. */
export function printSlotted(
  type: EntityType,
  { row, column }: { readonly row: string; readonly column: string },
): string {
  const isCounter = slottedColumns(type).some((each) => each.column === column && each.isCounter)
  return printColumn({ column: `${row}.${column}`, isCounter }, false)
}

function printMembers(type: EntityType, isExact: boolean): string {
  const columns = slottedColumns(type).map((member) => `${printColumn(member, isExact)} AS "${member.name}"`)
  return columns.join(', ')
}

/** A slotted row as one; its id is that of the slot that has it. */
export function printSum({ type, within, isExact = false }: SelectPlan, bind: Bind): string {
  const { name, parent } = type.table
  const where = scopeConditions(type, within, { bind }).join(' AND ')
  return `SELECT ${printMembers(type, isExact)} FROM ${name} WHERE ${where} GROUP BY ${parent}`
}

/** The slotted rows of many, each with the number of its own. */
export function printSums(type: EntityType, where: string): string {
  const { name, parent } = type.table
  return `SELECT ${printMembers(type, false)}, ${parent} AS "${OF}" FROM ${name} WHERE ${where} GROUP BY ${parent}`
}

/** A slot that is new has no id: the one made with the parent has it. */
export function printAdd(plan: AddPlan, dialect: Dialect, bind: Bind): string {
  const { name, parent } = plan.type.table
  const members = countedMembers(plan.type)
  const columns = ['tenant', parent, 'slot', KEY, ...members.map(({ column }) => column)]
  const moves = members.map(({ column, isCounter }) => {
    const [kept, added] = [`${name}.${column}`, `excluded.${column}`]
    const moved = isCounter
      ? `${kept} + ${added}`
      : `CASE WHEN ${kept} IS NULL OR ${added} > ${kept} THEN ${added} ELSE ${kept} END`
    return `${column} = ${moved}`
  })
  return `INSERT INTO ${name} (${columns.join(', ')}) VALUES (${addValues(plan, dialect).map(bind).join(', ')}) ON CONFLICT (tenant, ${parent}, slot) DO UPDATE SET ${moves.join(', ')}`
}

/** The values of {@link printAdd}, in the order of its parameters; the slot is any. */
export function addValues(
  { type, tenant, parent, deltas }: AddPlan,
  { slots }: Dialect,
): readonly SqlValue[] {
  const slot = Math.floor(Math.random() * slots)
  const values = countedMembers(type).map(({ name, isCounter }) => deltas[name] ?? (isCounter ? 0 : null))
  return [tenant, parent, slot, '', ...values]
}

const countedMembers = oncePerType((type) => slottedColumns(type).filter(({ column }) => column !== KEY))
