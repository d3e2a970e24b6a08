/** What each kind of path takes, but for actions: by HTTP method the operation, by whose name it is permitted. */
import type { OperationName } from '#model/model.ts'
import type { ResourcePath } from './path.ts'

/** What a path can end in, without the actions. */
export type NamedKind = Exclude<ResourcePath['kind'], 'action'>

export const methods = {
  collection: { GET: 'list', POST: 'create' },
  count: { GET: 'list' },
  entity: { GET: 'get', PATCH: 'update', DELETE: 'delete' },
  single: { GET: 'get', PATCH: 'update' },
} as const satisfies Readonly<Record<NamedKind, Readonly<Record<string, OperationName>>>>
