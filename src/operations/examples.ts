import { quirksOf } from '#base/base.ts'
import { type Model, type Navigation, timestampOf } from '#model/model.ts'
import { readPayload } from '#odata/odata.ts'
import type { Scope, Transaction } from '#storage/storage.ts'
import { insertEntity } from './new-entity.ts'

/** Where the documentation's examples are to be stored. */
export interface ExampleStore {
  readonly model: Model
  readonly tenant: number
  /** Milliseconds, of the domain's clock. */
  readonly now: number
}

/**
 * Stores the entities of the documentation's examples with their documented ids, in every collection of the
 * model and in every collection below, so that the documents' requests work as they are printed.
 */
export function* storeExamples(store: ExampleStore): Transaction<void> {
  for (const { singletons } of store.model.versions.values()) {
    for (const { navigations } of singletons.values())
      yield* storeBelow(navigations, { tenant: store.tenant }, store)
  }
}

function* storeBelow(
  navigations: ReadonlyMap<string, Navigation>,
  within: Scope,
  { model, tenant, now }: ExampleStore,
): Transaction<void> {
  for (const { target: type, collection, contained } of navigations.values()) {
    if (!collection || !contained) continue
    const json = Buffer.from(JSON.stringify(type.example))
    const members = readPayload(json, { model, type, operation: 'restore', quirks: quirksOf('documented') })
    const key = String(members['id'])
    yield* insertEntity({ type, within, members, id: key, now: timestampOf(now) })
    yield* storeBelow(type.navigations, { tenant, parent: { type, within, key } }, { model, tenant, now })
  }
}
