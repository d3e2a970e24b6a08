/** Prints the copying of rows from one tenant to another. */
import type { CopyPlan, KeyPlan } from './plan.ts'
import type { Bind } from './scope.ts'

/** What waits for its purge is out of reach already, and is not copied. */
export function printCopy({ table, from, to, piece }: CopyPlan, bind: Bind): string {
  const { name, columns, parent } = table
  const names = columns.join(', ')
  const target = `INSERT INTO ${name} (tenant, ${names}) SELECT CAST(${bind(to)} AS INTEGER), ${names}`
  const conditions = [`tenant = ${bind(from)}`]
  if (parent !== undefined) {
    conditions.push(
      `${parent} NOT IN (SELECT parent FROM purge WHERE tenant = ${bind(from)} AND parent_table = ${bind(parent)})`,
    )
  }
  const place = printTuple(table.key)
  if (piece?.after !== undefined) conditions.push(`${place} > ${printTuple(piece.after.map(bind))}`)
  if (piece?.through !== undefined) conditions.push(`${place} <= ${printTuple(piece.through.map(bind))}`)
  const counted = piece === undefined ? '' : ' RETURNING 1 AS copied'
  return `${target} FROM ${name} WHERE ${conditions.join(' AND ')}${counted}`
}

export function printTableKey({ table, tenant, after, skip }: KeyPlan, bind: Bind): string {
  const { name, key } = table
  const conditions = [`tenant = ${bind(tenant)}`]
  if (after !== undefined) conditions.push(`${printTuple(key)} > ${printTuple(after.map(bind))}`)
  const columns = key.join(', ')
  return `SELECT ${columns} FROM ${name} WHERE ${conditions.join(' AND ')} ORDER BY ${columns} LIMIT 1 OFFSET ${bind(skip)}`
}

function printTuple(parts: readonly string[]): string {
  return `(${parts.join(', ')})`
}
