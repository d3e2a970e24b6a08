/** Writes all that a tenant has as lines that an import reads, each entity after what it needs to be there. */
import { limits, quirksOf } from '#base/base.ts'
import { type EntityType, KEY, type Model, type Navigation } from '#model/model.ts'
import { entityUrl, type ResourcePath, type Row, writeEntity } from '#odata/odata.ts'
import { HOLDER, type Moment, type Scope } from '#storage/storage.ts'
import { scopeOf } from '../context.ts'
import type { Place } from './import-line.ts'

/** What is exported: the entities of a tenant, as they are at one moment. */
export interface Exporting {
  readonly model: Model
  readonly moment: Moment
  readonly tenant: number
}

/** Exports say all that is stored, whatever profile is served. */
const quirks = quirksOf('documented')

/** The lines of a page at a time, each line ended. */
export async function* exportLines(exporting: Exporting): AsyncGenerator<string> {
  const written = new Set<EntityType>()
  for (const version of exporting.model.versions.values()) {
    for (const singleton of version.singletons.values()) {
      for (const navigation of inOrder(singleton.navigations.values())) {
        if (written.has(navigation.target)) continue
        written.add(navigation.target)
        yield* collectionLines({ kind: 'collection', version, singleton, parents: [], navigation }, exporting)
      }
    }
  }
}

/** A collection; after each of its entities what is below it, counters last, for what was before them moves them. */
async function* collectionLines(place: Place, exporting: Exporting): AsyncGenerator<string> {
  const { target: type } = place.navigation
  const below = inOrder(type.navigations.values()).filter(({ link }) => link === undefined)
  for await (const rows of pagesOf(place, exporting)) {
    if (below.length === 0) {
      yield rows.map((row) => lineOf(place, row, exporting)).join('')
      continue
    }
    for (const row of rows) {
      yield lineOf(place, row, exporting)
      const parents = [...place.parents, { navigation: place.navigation, key: String(row[KEY]) }]
      for (const navigation of below) {
        const child = { ...place, parents, navigation }
        if (navigation.collection) yield* collectionLines({ ...child, kind: 'collection' }, exporting)
        else yield* singleLine({ ...child, kind: 'single' }, exporting)
      }
    }
  }
}

async function* pagesOf(place: Place, exporting: Exporting): AsyncGenerator<readonly Row[]> {
  const holder = holderOf(place)
  const plan = {
    kind: 'select',
    type: place.navigation.target,
    within: scopeWithin(place, exporting),
    limit: limits.pageRows,
    holder: holder && { type: holder.navigation.target, link: holder.by.link ?? '' },
  } as const
  let page = await exporting.moment.page(plan)
  yield page.rows
  while (page.next !== undefined) {
    page = await exporting.moment.page({ ...plan, after: page.next })
    yield page.rows
  }
}

async function* singleLine(place: Place, exporting: Exporting): AsyncGenerator<string> {
  const within = scopeWithin(place, exporting)
  const plan = { kind: 'select', type: place.navigation.target, within } as const
  for (const row of await exporting.moment.read(plan)) yield lineOf(place, row, exporting)
}

function scopeWithin(place: Place, { tenant }: Exporting): Scope {
  return scopeOf({ tenant, quirks }, place)
}

/** One entity: where it is, what it is, and what it refers to. */
function lineOf(place: Place, row: Row, { model }: Exporting): string {
  const type = place.navigation.target
  const bindings = type.references.flatMap(({ name, target }) => {
    const key = row[name] ?? null
    return key === null ? [] : [[`${name}@odata.bind`, bindingOf(target, String(key), model)] as const]
  })
  const line = {
    '@odata.id': entityUrl('', pathOf(place, row), String(row[KEY])),
    ...writeEntity(type, row, { quirks, metadata: 'minimal', url: '' }),
    ...Object.fromEntries(bindings),
  }
  return `${JSON.stringify(line)}\n`
}

/** An entity that is linked to a sibling is named by the way through that one. */
function pathOf(place: Place, row: Row): ResourcePath {
  const holder = holderOf(place)
  const key = row[HOLDER] ?? null
  if (holder === undefined || key === null) return place
  const parents = [...place.parents, { navigation: holder.navigation, key: String(key) }]
  return { ...place, parents, navigation: holder.by }
}

/** The sibling that entities of a place may be linked to, and the navigation by which it leads to them. */
function holderOf({ parents, navigation: { target } }: Place): Holder | undefined {
  const parent = parents.at(-1)?.navigation.target
  return parent === undefined ? undefined : holdersBelow(parent).get(target)
}

interface Holder {
  readonly navigation: Navigation
  readonly by: Navigation
}

const holders = new WeakMap<EntityType, ReadonlyMap<EntityType, Holder>>()

function holdersBelow(parent: EntityType): ReadonlyMap<EntityType, Holder> {
  const known = holders.get(parent)
  if (known !== undefined) return known
  const found = new Map<EntityType, Holder>()
  for (const navigation of parent.navigations.values()) {
    for (const by of navigation.target.navigations.values()) {
      if (by.collection && by.link !== undefined) found.set(by.target, { navigation, by })
    }
  }
  holders.set(parent, found)
  return found
}

/** The URL by which an entity at the root is referred to; a binding's key is not percent-encoded. */
function bindingOf(type: EntityType, key: string, model: Model): string {
  for (const version of model.versions.values()) {
    for (const singleton of version.singletons.values()) {
      for (const { name, target } of singleton.navigations.values()) {
        if (target !== type) continue
        return `/${version.name}/${singleton.name}/${name}('${key.replaceAll("'", "''")}')`
      }
    }
  }
  throw new Error(`${type.name} is in no entity set`)
}

/**
 * The contained navigations in the order in which an import needs their entities: what others refer to or are linked to
 * before those, what is single last. What shows some of the rows that another navigation shows whole is left out.
 */
function inOrder(navigations: Iterable<Navigation>): readonly Navigation[] {
  const contained = [...navigations].filter((each) => each.contained)
  const waiting = contained.filter((each) => !contained.some((other) => isViewOf(each, other)))
  const ordered: Navigation[] = []
  while (waiting.length > 0) {
    const free = waiting.findIndex(
      (each) => !waiting.some((other) => other !== each && isNeeded(other, each)),
    )
    ordered.push(...waiting.splice(Math.max(free, 0), 1))
  }
  return ordered
}

function isViewOf({ target: { table } }: Navigation, { target: whole }: Navigation): boolean {
  return (
    table.name === whole.table.name &&
    table.discriminator !== undefined &&
    whole.table.discriminator === undefined
  )
}

/** Whether the entities of one have to be there before those of the other. */
function isNeeded(one: Navigation, other: Navigation): boolean {
  if (one.collection !== other.collection) return one.collection
  const reached = [other.target, ...[...other.target.navigations.values()].map(({ target }) => target)]
  const isReferred = reached.some(({ references }) => references.some(({ target }) => target === one.target))
  const isHolder = [...one.target.navigations.values()].some(
    ({ target, link, collection }) => collection && link !== undefined && target === other.target,
  )
  return isReferred || isHolder
}
