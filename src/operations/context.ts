import type { Clock, Quirks } from '#base/base.ts'
import type { EntityType, Model, Navigation } from '#model/model.ts'
import {
  type MetadataLevel,
  ODataError,
  type Preferences,
  type QueryOptions,
  type ResourcePath,
} from '#odata/odata.ts'
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
  readonly preferences: Preferences
  readonly metadata: MetadataLevel
}

/** What an answer needs to know of its request, whatever was done. */
export type AnswerRequest = Pick<OperationRequest, 'options' | 'preferences' | 'metadata' | 'body'> & {
  readonly path: ResourcePath
}

/** What came of it. */
export interface OperationResult {
  readonly status: number
  /** The members of the answer's body; absent where it has none. */
  readonly body?: Readonly<Record<string, unknown>>
  /** A plain text in place of a body. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly rowsWritten: number
}

/** The scope of what a path ends in. A script above may be of another family, where the quirk says so. */
export function scopeOf(
  { tenant, quirks }: Pick<OperationContext, 'tenant' | 'quirks'>,
  { parents, navigation }: Pick<ResourcePath, 'parents' | 'navigation'>,
): Scope {
  let scope: Scope = { tenant }
  for (const [i, { navigation: above, key }] of parents.entries()) {
    const within = { ...scope, isShared: isShared({ quirks }) }
    const parent = { type: above.target, within, key }
    scope = { tenant, parent, link: linkOf(parents[i + 1]?.navigation ?? navigation) }
  }
  return scope
}

/** Whether what hangs below a script is reached through every family. */
export function isShared({ quirks }: Pick<OperationContext, 'quirks'>): boolean {
  return quirks('shared-navigations') === 'shared'
}

function linkOf({ collection, link }: Navigation): string | undefined {
  return collection ? link : undefined
}

/** The entity that a path names. */
export function entityOf(
  context: OperationContext,
  path: OperationRequest<'entity'>['path'],
): EntityReference {
  return { type: path.navigation.target, within: scopeOf(context, path), key: path.key }
}

/**
 * Asserts that the entity is there under which a collection lies: an empty page of nothing would say that it is.
 *
 * @throws ODataError `ResourceNotFound`.
 */
export async function assertParent({ storage }: OperationContext, { parent }: Scope): Promise<void> {
  if (parent === undefined) return
  const [row] = await storage.read({ kind: 'select', only: 'position', ...parent })
  if (row === undefined) throw notFound(parent.type, parent.key)
}

/** The refusal for an entity that is not there, or not there for the caller. */
export function notFound(type: EntityType, key: string): ODataError {
  return new ODataError(
    'ResourceNotFound',
    `There is no ${type.name} with the id '${key.slice(0, 100)}' here.`,
  )
}

/** Says that the client's wish for an entity, or for none, is met. */
export function preferenceApplied({ returns }: Preferences): Readonly<Record<string, string>> {
  return returns === undefined ? {} : { 'preference-applied': `return=${returns}` }
}
