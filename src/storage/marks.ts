/**
 * Marks: states of a tenant that a reset goes back to. The rows of a mark are kept under a tenant number of their own
 * and never change; a copy of them stands ready, to which the tenant's name is given in one small transaction, and the
 * next copy is made a bounded number of rows a commit. Whoever makes a piece of it, in any process, goes on where the
 * last one ended.
 */
import { limits } from '#base/base.ts'
import type { Model } from '#model/model.ts'
import { ODataError, type Row } from '#odata/odata.ts'
import { command, query, type Table, type TableKey } from './plan.ts'
import { discardTenant } from './purge.ts'
import { tablesOf } from './tables.ts'
import { all, one, type Transaction } from './transaction.ts'

/** A mark, by the id of its tenant and its name there. */
export interface MarkReference {
  readonly tid: string
  readonly name: string
}

/** Keeps the state of a tenant at this moment; a mark of the same name is replaced. */
export function* putMark(model: Model, { tid, name }: MarkReference): Transaction<void> {
  yield* all({ kind: 'moment' })
  yield* removeMark({ tid, name })
  const tenant = yield* one(query`SELECT number FROM tenant WHERE tid = ${tid}`)
  if (tenant === undefined) throw new ODataError('BadRequest', `The tenant '${tid}' is not known here.`)
  const from = Number(tenant['number'])
  const to = yield* addNamelessTenant(from)
  for (const table of tablesOf(model)) yield* all({ kind: 'copy', table, from, to })
  yield* all(command`INSERT INTO mark (tid, name, number) VALUES (${tid}, ${name}, ${to})`)
}

/** Forgets a mark, and leaves its rows to the purge. False where there is none. */
export function* removeMark({ tid, name }: MarkReference): Transaction<boolean> {
  const mark = yield* one(
    command`DELETE FROM mark WHERE tid = ${tid} AND name = ${name} RETURNING number, copy`,
  )
  if (mark === undefined) return false
  yield* discardTenant(Number(mark['number']))
  if (mark['copy'] !== null) yield* discardTenant(Number(mark['copy']))
  return true
}

/**
 * Takes the copy of a mark away from it, for a tenant to become; undefined where none is ready.
 *
 * @throws ODataError `BadRequest` where there is no such mark.
 */
export function* takeCopy({ tid, name }: MarkReference): Transaction<number | undefined> {
  const mark = yield* one(query`SELECT copy, copied_table FROM mark WHERE tid = ${tid} AND name = ${name}`)
  if (mark === undefined) throw noMark(name)
  if (mark['copy'] === null || mark['copied_table'] !== null) return undefined
  const copy = Number(mark['copy'])
  // A mark that went meanwhile has left its copy to the purge.
  const taken = yield* one(
    command`UPDATE mark SET copy = NULL WHERE tid = ${tid} AND name = ${name} AND copy = ${copy} RETURNING name`,
  )
  return taken && copy
}

/** The refusal for a mark that is not there. */
export function noMark(name: string): ODataError {
  return new ODataError('BadRequest', `The tenant has no mark '${name.slice(0, 100)}'.`)
}

/** The marks whose copy is not ready, the oldest first. */
const WAITING = query`SELECT tid, name FROM mark WHERE copy IS NULL OR copied_table IS NOT NULL
  ORDER BY number LIMIT 1`

/** Makes the next piece of a copy that some mark waits for, one commit's worth. False where none does. */
export function* copySome(model: Model): Transaction<boolean> {
  const mark = yield* one(WAITING)
  if (mark === undefined) return false
  yield* copySomeOf(model, { tid: String(mark['tid']), name: String(mark['name']) })
  return true
}

/** Makes the next piece of the copy of one mark. False where its copy is ready, or the mark is gone. */
export function* copySomeOf(model: Model, reference: MarkReference): Transaction<boolean> {
  const mark = yield* lockMark(reference)
  if (mark === undefined) return false
  const tables = tablesOf(model)
  const { number: from, copy, ...reached } = progressOf(mark)
  const to = copy ?? (yield* addNamelessTenant(from))
  const first = Math.max(
    tables.findIndex(({ name }) => name === reached.table),
    0,
  )
  const next = yield* copyPiece({ tables: tables.slice(first), from, to, after: reached.key })
  yield* all(command`UPDATE mark SET copy = ${to}, copied_table = ${next?.table ?? null},
    copied_key = ${next === undefined ? null : JSON.stringify(next.key)} WHERE number = ${from}`)
  return next !== undefined
}

/** Keeps the mark to the transaction: two that made the same piece would store its rows twice. */
function* lockMark({ tid, name }: MarkReference): Transaction<Row | undefined> {
  return yield* one(command`UPDATE mark SET copied_key = copied_key
    WHERE tid = ${tid} AND name = ${name} AND (copy IS NULL OR copied_table IS NOT NULL)
    RETURNING number, copy, copied_table, copied_key`)
}

interface Progress {
  readonly number: number
  readonly copy: number | undefined
  readonly table: string | undefined
  readonly key: TableKey | undefined
}

function progressOf(mark: Row): Progress {
  const { number, copy, copied_table: table, copied_key: key } = mark
  return {
    number: Number(number),
    copy: copy == null ? undefined : Number(copy),
    table: table == null ? undefined : String(table),
    key: key == null ? undefined : JSON.parse(String(key)),
  }
}

interface Piece {
  /** What is left of the tables; the first is copied from `after` on. */
  readonly tables: readonly Table[]
  readonly from: number
  readonly to: number
  readonly after: TableKey | undefined
}

/** Copies `limits.copyRows` rows, and tells the table and the key of the last; undefined where fewer were left. */
function* copyPiece({
  tables,
  from,
  to,
  after,
}: Piece): Transaction<{ readonly table: string; readonly key: TableKey } | undefined> {
  let room: number = limits.copyRows
  for (const [i, table] of tables.entries()) {
    const begin = i === 0 ? after : undefined
    const last = yield* one({ kind: 'key', table, tenant: from, after: begin, skip: room - 1 })
    const through = last && table.key.map((column) => keyValue(last[column]))
    const copied = yield* all({ kind: 'copy', table, from, to, piece: { after: begin, through } })
    if (through !== undefined) return { table: table.name, key: through }
    room -= copied.length
  }
  return undefined
}

function keyValue(value: Row[string] | undefined): string | number {
  return typeof value === 'number' ? value : String(value)
}

/** A number for rows that nobody reaches yet, with another tenant's count of the numbers it gave. */
function* addNamelessTenant(like: number): Transaction<number> {
  const row = yield* one(command`INSERT INTO tenant (last_number)
    SELECT last_number FROM tenant WHERE number = ${like} RETURNING number`)
  return Number(row?.['number'])
}
