/** Reads what is expanded: one statement a navigation, however many rows it is expanded in, and however deep. */
import { KEY, type Navigation } from '#model/model.ts'
import {
  contextUrl,
  type EntityJson,
  type Expansion,
  entityUrl,
  type MetadataLevel,
  type ResourcePath,
  type Row,
  resourceUrl,
  writeEntity,
  writeListed,
} from '#odata/odata.ts'
import { COUNT, type Holder, OF, PARENT, PLACE, POSITION, ranksOf } from '#storage/storage.ts'
import type { OperationContext } from './context.ts'
import { formatPageToken } from './page-token.ts'

/** A row of an answer, and the collection that it is in. */
export interface Placed {
  readonly path: ResourcePath
  readonly row: Row
}

/** What is expanded, and how it is written. */
export interface Expanding {
  readonly expand: readonly Expansion[]
  readonly metadata: MetadataLevel
}

/** The members that the expansions add to each of the rows, in the order of the rows. */
export async function expandRows(
  context: OperationContext,
  rows: readonly Placed[],
  { expand, metadata }: Expanding,
): Promise<readonly EntityJson[]> {
  const members: EntityJson[] = rows.map(() => ({}))
  if (rows.length === 0) return members
  for (const expansion of expand) {
    const added = await expandOne(context, rows, { expansion, metadata })
    for (const [i, each] of added.entries()) Object.assign(members[i] ?? {}, each)
  }
  return members
}

interface ExpandingOne {
  readonly expansion: Expansion
  readonly metadata: MetadataLevel
}

async function expandOne(
  context: OperationContext,
  rows: readonly Placed[],
  { expansion, metadata }: ExpandingOne,
): Promise<readonly EntityJson[]> {
  const { navigation, options } = expansion
  const { top, skip, order, condition, isCounted } = options
  const holders = rows.map(({ row }) => holderOf(navigation, row)).filter((holder) => holder !== undefined)
  const plan = { kind: 'related', tenant: context.tenant, navigation, holders } as const
  const related = await context.storage.related(
    { ...plan, condition, order, skip, limit: top + 1, isCounted },
    context.signal,
  )
  const found = Map.groupBy(related, (row) => holderName(relatedHolder(navigation, row)))
  const groups = rows.map(({ path, row }): Group => {
    const holder = holderOf(navigation, row)
    const all = holder === undefined ? [] : (found.get(holderName(holder)) ?? [])
    const wanted = all.filter((each) => Number(each[PLACE] ?? 1) > skip)
    const below = pathBelow(path, row, navigation)
    const placed = wanted.slice(0, top).map((each) => ({ path: below, row: each }))
    return { path: below, all, placed, hasMore: wanted.length > top }
  })
  const placed = groups.flatMap((group) => group.placed)
  const nested = await expandRows(context, placed, { expand: options.expand, metadata })
  const written = new Map(
    placed.map((each, i) => [
      each,
      write(context, { ...each, expanded: nested[i] }, { expansion, metadata }),
    ]),
  )
  return groups.map((group) => membersOf(context, group, { expansion, metadata, written }))
}

/** What one row is related to. */
interface Group {
  readonly path: ResourcePath
  /** Those that were read, for what all of them tell. */
  readonly all: readonly Row[]
  /** Those that are wanted; one that many rows refer to is placed below each. */
  readonly placed: readonly Placed[]
  readonly hasMore: boolean
}

/** What the target's rows hold of a row; undefined where the row refers to nothing. */
function holderOf({ collection, link, name }: Navigation, row: Row): Holder | undefined {
  if (!collection && link !== undefined) {
    const id = row[name] ?? null
    return id === null ? undefined : String(id)
  }
  return link === undefined ? Number(row[POSITION]) : [Number(row[PARENT]), String(row[KEY])]
}

function relatedHolder({ collection, link }: Navigation, row: Row): Holder {
  return collection && link !== undefined ? [Number(row[PARENT]), String(row[OF])] : String(row[OF])
}

function holderName(holder: Holder): string {
  return String(holder)
}

function pathBelow(path: ResourcePath, row: Row, navigation: Navigation): ResourcePath {
  const { version, singleton } = path
  const parents = [...path.parents, { navigation: path.navigation, key: String(row[KEY]) }]
  return { kind: navigation.collection ? 'collection' : 'single', version, singleton, parents, navigation }
}

function write(
  { origin, quirks }: OperationContext,
  { path, row, expanded }: Placed & { readonly expanded: EntityJson | undefined },
  { expansion: { navigation, options }, metadata }: ExpandingOne,
): EntityJson {
  const url = metadata === 'full' ? entityUrl(origin, path, String(row[KEY])) : ''
  const writing = { quirks, metadata, select: options.select, url, expanded }
  return navigation.collection
    ? writeListed(navigation.target, row, writing)
    : writeEntity(navigation.target, row, writing)
}

/** The members of the row that is expanded: what it is related to, and before it what is to be known of that. */
function membersOf(
  { origin }: OperationContext,
  { path, all, placed, hasMore }: Group,
  { expansion, metadata, written }: ExpandingOne & { readonly written: ReadonlyMap<Placed, EntityJson> },
): EntityJson {
  const { navigation, options, query } = expansion
  const { name, collection, contained } = navigation
  const value = placed.map((each): EntityJson => written.get(each) ?? {})
  const members: EntityJson = {}
  if (contained && metadata !== 'none') {
    const about = { isEntity: !collection, selection: options }
    members[`${name}@odata.context`] = contextUrl(origin, path, about)
  }
  if (!collection) return Object.assign(members, { [name]: value[0] ?? null })
  if (options.isCounted) members[`${name}@odata.count`] = Number(all[0]?.[COUNT] ?? 0)
  const last = placed.at(-1)?.row
  if (hasMore && last !== undefined) {
    const after = ranksOf(last, options.order.length)
    const token = formatPageToken(path, options.identity, after)
    const kept = query === '' ? '' : `${query}&`
    members[`${name}@odata.nextLink`] = `${resourceUrl(origin, path)}?${kept}$skiptoken=${token}`
  }
  members[name] = value
  return members
}
