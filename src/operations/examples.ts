import { limits, quirksOf } from '#base/base.ts'
import { type EntityType, KEY, type Model, type Navigation, timestampOf, type Value } from '#model/model.ts'
import { type Changes, readPayload } from '#odata/odata.ts'
import { all, one, type Scope, type Transaction } from '#storage/storage.ts'
import { insertEntity } from './new-entity.ts'
import { numberOf, withoutLink } from './parent.ts'

/** Where the documentation's examples are to be stored. */
export interface ExampleStore {
  readonly model: Model
  readonly tenant: number
  /** Milliseconds, of the domain's clock. */
  readonly now: number
}

/**
 * Stores the entities of the documentation's examples with their documented ids, in every collection of the
 * model and in every collection below, so that the documents' requests work as they are printed. What they refer to is
 * the example of its type.
 */
export function* storeExamples(store: ExampleStore): Transaction<void> {
  for (const { singletons } of store.model.versions.values()) {
    for (const { navigations } of singletons.values()) {
      yield* storeBelow(navigations, { tenant: store.tenant }, store)
    }
  }
}

/** What has nothing below it comes first, for others may refer to it; counters last, for others move them. */
function* storeBelow(
  navigations: ReadonlyMap<string, Navigation>,
  within: Scope,
  store: ExampleStore,
): Transaction<void> {
  const contained = [...navigations.values()].filter((navigation) => navigation.contained)
  const collections = contained.filter(({ collection }) => collection)
  for (const navigation of collections.toSorted(
    (a, b) => a.target.navigations.size - b.target.navigations.size,
  )) {
    yield* storeIn(navigation, { ...within, link: navigation.link }, store)
  }
  for (const { target, collection } of contained) if (!collection) yield* replaceSingle(target, within, store)
}

/** An example that is there already has been stored by another way to the same collection. */
function* storeIn({ target: type }: Navigation, within: Scope, store: ExampleStore): Transaction<void> {
  const members = exampleOf(type, store)
  const key = String(members[KEY])
  const known = yield* one({ kind: 'select', only: 'position', type, within: withoutLink(within), key })
  if (known !== undefined) return
  yield* insertEntity({ type, within, members, now: timestampOf(store.now) })
  yield* storeBelow(type.navigations, { tenant: store.tenant, parent: { type, within, key } }, store)
}

function* replaceSingle(type: EntityType, within: Scope, store: ExampleStore): Transaction<void> {
  const number = yield* numberOf(within.parent)
  if (number === undefined) return
  const { tenant } = store
  yield* all({ kind: 'purge', type, tenant, parent: number, limit: limits.purgeRows })
  yield* all({ kind: 'insert', type, tenant, number, row: exampleOf(type, store) })
}

function exampleOf(type: EntityType, { model }: ExampleStore): Changes {
  const json = Buffer.from(JSON.stringify(type.example))
  const members = readPayload(json, { model, type, operation: 'restore', quirks: quirksOf('documented') })
  const references = type.references.map(({ name, target }): [string, Value] => [
    name,
    String(target.example[KEY]),
  ])
  return { ...members, ...Object.fromEntries(references) }
}
