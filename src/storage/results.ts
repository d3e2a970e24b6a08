/** From the rows of a driver to what was asked for. */
import { limits } from '#base/base.ts'
import { ODataError, type Row } from '#odata/odata.ts'
import { decodeRow, decodeWithExtras, plainValue, type SqlRow } from './columns.ts'
import type { Dialect } from './dialect.ts'
import { type Plan, type RelatedPlan, ranksOf } from './plan.ts'
import type { Page, PagePlan } from './seam.ts'

/** The rows of a scan; `isCut` where the limit of bytes ended it. */
export interface Scan {
  readonly rows: readonly SqlRow[]
  readonly isCut: boolean
}

const TOO_MUCH = `What is expanded is larger than ${limits.expandedBytes} bytes: ask for less with $top or $select.`

/** The rows of a plan, in the terms of the model where it is on entities. */
export function rowsOf(plan: Plan, rows: readonly SqlRow[], dialect: Dialect): readonly Row[] {
  if (!('type' in plan) || plan.kind === 'purge' || plan.kind === 'count' || plan.kind === 'present') {
    return rows.map(plain)
  }
  const hasExtras = plan.kind === 'select' && (plan.withParent === true || plan.holder !== undefined)
  const decode = hasExtras ? decodeWithExtras : decodeRow
  return rows.map((row) => decode(plan.type, row, dialect))
}

function plain(row: SqlRow): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainValue(value)]))
}

/** The page of a scan that asked for one row more than fits. */
export function pageOf(plan: PagePlan, { rows, isCut }: Scan, dialect: Dialect): Page {
  const page = rows.slice(0, plan.limit).map((row) => decodeWithExtras(plan.type, row, dialect))
  const last = page.at(-1)
  const isLast = !isCut && rows.length <= plan.limit
  return {
    rows: page,
    next: isLast || last === undefined ? undefined : ranksOf(last, plan.order?.length ?? 0),
  }
}

/** What a navigation leads to. @throws ODataError `BadRequest` where the scan was cut. */
export function relatedOf(plan: RelatedPlan, { rows, isCut }: Scan, dialect: Dialect): readonly Row[] {
  if (isCut) throw new ODataError('BadRequest', TOO_MUCH)
  return rows.map((row) => decodeWithExtras(plan.navigation.target, row, dialect))
}

/** As many of the rows as the limit of bytes lets through, the first in any case. */
export function rowsUpTo(maxBytes: number, rows: Iterable<SqlRow>): Scan {
  const taken: SqlRow[] = []
  let bytes = 0
  for (const row of rows) {
    bytes += sizeOf(row)
    if (bytes > maxBytes && taken.length > 0) return { rows: taken, isCut: true }
    taken.push(row)
  }
  return { rows: taken, isCut: false }
}

/** What a row counts for where bytes are limited. */
export function sizeOf(row: SqlRow): number {
  let bytes = 0
  for (const value of Object.values(row)) {
    bytes += typeof value === 'string' ? value.length : value instanceof Uint8Array ? value.byteLength : 8
  }
  return bytes
}
