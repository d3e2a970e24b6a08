import type { Clock, Quirks } from '#base/base.ts'
import type { EntityType, Model } from '#model/model.ts'
import { type KeyedStep, ODataError, type QueryOptions, type ResourcePath } from '#odata/odata.ts'
import type { EntityReference, Scope, Storage } from '#storage/storage.ts'

/** What an operation has to work with. */
export interface OperationContext {
  readonly model: Model
  readonly storage: Storage
  /** The domain's clock. */
  readonly clock: Clock
  readonly quirks: Quirks
  readonly origin: string
  /** The number of the caller's tenant. */
  readonly tenant: number
  readonly signal: AbortSignal
}

/** A request that has passed: whom it is for, what it names, and what it brings. */
export interface OperationRequest<Kind extends ResourcePath['kind'] = ResourcePath['kind']> {
  readonly path: Extract<ResourcePath, { readonly kind: Kind }>
  /** What follows the `?`, as sent; '' where there is none. */
  readonly query: string
  readonly options: QueryOptions
  readonly body: Uint8Array
  /** `Prefer: return=minimal`: the client wants no entity back. */
  readonly prefersMinimal: boolean
}

/** What came of it. */
export interface OperationResult {
  readonly status: number
  /** The members of the answer's body; absent where it has none. */
  readonly body?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly rowsWritten: number
}

/** The scope in which a path's last collection lies. */
export function scopeOf(tenant: number, parents: readonly KeyedStep[]): Scope {
  return parents.reduce<Scope>(
    (within, { navigation, key }) => ({ tenant, parent: { type: navigation.target, within, key } }),
    { tenant },
  )
}

/** The entity that a path names. */
export function entityOf(tenant: number, path: OperationRequest<'entity'>['path']): EntityReference {
  return { type: path.navigation.target, within: scopeOf(tenant, path.parents), key: path.key }
}

/** The refusal for an entity that is not there, or not there for the caller. */
export function notFound(type: EntityType, key: string): ODataError {
  return new ODataError(
    'ResourceNotFound',
    `There is no ${type.name} with the id '${key.slice(0, 100)}' here.`,
  )
}
