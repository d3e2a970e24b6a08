/** Stores the rows of an import, those in one place with few statements; what cannot be stored is said, row by row. */
import { quirksOf } from '#base/base.ts'
import { KEY, type Timestamp } from '#model/model.ts'
import { type Changes, ODataError, type Row } from '#odata/odata.ts'
import { all, one, type Scope, type Transaction } from '#storage/storage.ts'
import { notFound, scopeOf } from '../context.ts'
import { contributeAll } from '../contribution.ts'
import { initialRow, insertSingles, linkOf, type NewEntity, nextNumbers } from '../new-entity.ts'
import { numberOf, withoutLink } from '../parent.ts'
import { modification, updateEntity } from '../update.ts'
import type { ImportRow, Place } from './import-line.ts'

/** Where and when rows are stored. */
export interface Restoring {
  readonly tenant: number
  readonly now: Timestamp
  /** What is there already takes the members of its row, in place of being refused. */
  readonly updates: boolean
}

/** A row with its index in the batch. */
export interface IndexedRow extends ImportRow {
  readonly index: number
}

/** A row that cannot be stored, and why. */
export interface BadRow {
  readonly index: number
  readonly error: ODataError
}

/** Stores what can be stored; gives the rest. */
export function* restoreRows(
  rows: readonly IndexedRow[],
  restoring: Restoring,
): Transaction<readonly BadRow[]> {
  const bad: BadRow[] = []
  for (const group of groupByPlace(rows)) {
    const within = scopeOf({ tenant: restoring.tenant, quirks: quirksOf('documented') }, group.place)
    const restore = group.place.kind === 'single' ? restoreSingle : restoreCollection
    bad.push(...(yield* restore({ ...group, within }, restoring)))
  }
  return bad
}

interface Group {
  readonly place: Place
  readonly rows: readonly IndexedRow[]
}

interface PlacedGroup extends Group {
  readonly within: Scope
}

/** Rows that follow each other in one place, no key twice: each has to see what was stored before it. */
function* groupByPlace(rows: readonly IndexedRow[]): Iterable<Group> {
  let group: IndexedRow[] = []
  const keys = new Set<unknown>()
  for (const row of rows) {
    const { place, members } = row
    const [first] = group
    if (first !== undefined && (first.place !== place || keys.has(members[KEY]))) {
      yield { place: first.place, rows: group }
      group = []
      keys.clear()
    }
    group.push(row)
    if (members[KEY] !== undefined) keys.add(members[KEY])
  }
  if (group[0] !== undefined) yield { place: group[0].place, rows: group }
}

/** A single entity is made with its parent: it is put in the place of that one, members that are not said as they are. */
function* restoreSingle({ place, rows, within }: PlacedGroup): Transaction<readonly BadRow[]> {
  const type = place.navigation.target
  const { tenant, parent } = within
  const number = yield* parentNumber(within)
  const before = number === undefined ? undefined : yield* one({ kind: 'select', type, within })
  if (number === undefined || before === undefined) return orphans(rows, within)
  const members: Changes = Object.assign({}, ...rows.map((row) => row.members))
  const row: Row = { ...before, [KEY]: before[KEY] ?? parent?.key ?? null, ...members }
  let purged: readonly Row[]
  do purged = yield* all({ kind: 'purge', type, tenant, parent: number, limit: PURGED })
  while (purged.length === PURGED)
  yield* all({ kind: 'insert', type, tenant, number, row })
  return []
}

/** Rows that are removed at once; a single entity has at most as many as there are slots. */
const PURGED = 100

function* restoreCollection(
  { place, rows, within }: PlacedGroup,
  restoring: Restoring,
): Transaction<readonly BadRow[]> {
  const type = place.navigation.target
  const number = yield* parentNumber(within)
  if (number === undefined && within.parent !== undefined) return orphans(rows, within)
  const bad: BadRow[] = []
  const prepared = prepare(rows, { place, within, restoring }, bad)
  const referring = yield* withReferences(prepared, { place, within }, bad)
  const keys = referring.map(({ key }) => key)
  const known = new Set(yield* present({ type, within: { ...withoutLink(within), isShared: true }, keys }))
  const fresh = referring.filter(({ key }) => !known.has(key))
  yield* insert(fresh, { place, within, number, restoring })
  for (const row of referring.filter(({ key }) => known.has(key))) {
    const error = yield* restoreKnown(row, { place, within, restoring })
    if (error !== undefined) bad.push({ index: row.index, error })
  }
  return bad
}

interface PreparedRow {
  readonly index: number
  readonly members: Changes
  readonly row: Row
  readonly key: string
}

interface Storing {
  readonly place: Place
  readonly within: Scope
  readonly restoring: Restoring
}

/** Two rows without a key may come to the same one: the later is refused, for they were meant to be two. */
function prepare(
  rows: readonly IndexedRow[],
  { place, within, restoring }: Storing,
  bad: BadRow[],
): readonly PreparedRow[] {
  const type = place.navigation.target
  const keys = new Set<string>()
  return rows.flatMap(({ index, members }) => {
    try {
      const row = initialRow({ type, within, members, now: restoring.now })
      const key = String(row[KEY])
      if (keys.has(key)) throw conflict(place, key)
      keys.add(key)
      return [{ index, members, row, key }]
    } catch (error) {
      if (!(error instanceof ODataError)) throw error
      bad.push({ index, error })
      return []
    }
  })
}

/** Those rows that refer to nothing that is not there. */
function* withReferences(
  rows: readonly PreparedRow[],
  { place, within: { tenant } }: Omit<Storing, 'restoring'>,
  bad: BadRow[],
): Transaction<readonly PreparedRow[]> {
  let good = rows
  for (const { name, target: type } of place.navigation.target.references) {
    const keys = new Set(good.flatMap(({ row }) => (row[name] == null ? [] : [String(row[name])])))
    const known = new Set(yield* present({ type, within: { tenant }, keys: [...keys] }))
    const isMet = ({ row }: PreparedRow): boolean => row[name] == null || known.has(String(row[name]))
    for (const row of good.filter((each) => !isMet(each))) {
      bad.push({ index: row.index, error: notFound(type, String(row.row[name])) })
    }
    good = good.filter(isMet)
  }
  return good
}

function* present({
  type,
  within,
  keys,
}: {
  readonly type: NewEntity['type']
  readonly within: Scope
  readonly keys: readonly string[]
}): Transaction<readonly string[]> {
  if (keys.length === 0) return []
  const rows = yield* all({ kind: 'present', type, within, keys })
  return rows.map((row) => String(row[KEY]))
}

function* insert(
  rows: readonly PreparedRow[],
  { place, within, number, restoring }: Storing & { readonly number: number | undefined },
): Transaction<void> {
  if (rows.length === 0) return
  const type = place.navigation.target
  const { tenant } = within
  const isNumbered = type.table.numbered === true
  const first = isNumbered ? yield* nextNumbers(tenant, rows.length) : 0
  const numbered = rows.map(({ row }, i) => ({ row, number: isNumbered ? first + i : number }))
  // Rows that lie beside each other change the same pages.
  if (!isNumbered) numbered.sort((a, b) => (String(a.row[KEY]) < String(b.row[KEY]) ? -1 : 1))
  for (const part of partsOf(numbered)) {
    yield* all({ kind: 'insertMany', type, tenant, rows: part, link: linkOf(within) })
  }
  if (isNumbered) {
    for (const { row, number: own } of numbered) {
      const entity = { type, within, members: {}, now: restoring.now }
      yield* insertSingles(entity, { id: String(row[KEY]), number: own })
    }
  } else if (number !== undefined) {
    const stored = rows.map(({ row }) => row)
    yield* contributeAll(type, { tenant, number }, stored)
  }
}

const LARGEST_PART = 64

/** In parts of 64, 32, 16… rows: so few statements are ever prepared, whatever the number of rows. */
function* partsOf<T>(rows: readonly T[]): Iterable<readonly T[]> {
  let at = 0
  for (let size = LARGEST_PART; at < rows.length; size /= 2) {
    for (; at + size <= rows.length; at += size) yield rows.slice(at, at + size)
  }
}

/** What is there is refused, or takes the members of its row. */
function* restoreKnown(
  { members, key }: PreparedRow,
  { place, within, restoring }: Storing,
): Transaction<ODataError | undefined> {
  if (!restoring.updates) return conflict(place, key)
  const type = place.navigation.target
  const { [KEY]: _key, ...said } = members
  const changes = { ...modification(type, () => restoring.now), ...said }
  const entity = { type, within, key }
  const row =
    Object.keys(changes).length === 0
      ? yield* one({ kind: 'select', only: 'position', ...entity })
      : yield* updateEntity(entity, changes)
  return row === undefined ? conflict(place, key) : undefined
}

function conflict({ navigation: { target } }: Place, key: string): ODataError {
  return new ODataError('Conflict', `There already is a ${target.name} with the id '${key.slice(0, 100)}'.`)
}

function orphans(rows: readonly IndexedRow[], { parent }: Scope): readonly BadRow[] {
  if (parent === undefined) return []
  const error = notFound(parent.type, parent.key)
  return rows.map(({ index }) => ({ index, error }))
}

/** The number of the row above; undefined where there is none. */
function* parentNumber({ parent }: Scope): Transaction<number | undefined> {
  try {
    return yield* numberOf(parent)
  } catch (error) {
    if (error instanceof ODataError && error.code === 'ResourceNotFound') return undefined
    throw error
  }
}
