import type { Model, OperationName } from '#model/model.ts'
import type { Principal } from './verify.ts'

/** Whether a principal may do a thing: by which permission, or why not. */
export type Decision =
  | { readonly isAllowed: true; readonly permission: string }
  | { readonly isAllowed: false; readonly reason: string }

/**
 * Decides by the permissions that an operation accepts: any one of them suffices, a scope for a user and a role
 * for an application alike. Personal accounts are refused whatever they hold.
 */
export function decide(principal: Principal, accepted: readonly string[]): Decision {
  if (principal.isPersonal) return { isAllowed: false, reason: 'personal accounts are not supported' }
  const permission = accepted.find((name) => principal.granted.has(name))
  if (permission !== undefined) return { isAllowed: true, permission }
  return { isAllowed: false, reason: `none of ${accepted.join(', ')}` }
}

/** The sentence of a refusal: who, and the permissions that would do, in the documented order. */
export function formatRefusal({ kind, isPersonal }: Principal, accepted: readonly string[]): string {
  if (isPersonal) return 'Personal Microsoft accounts are not supported for this operation.'
  const who = kind === 'application' ? 'Application' : 'User'
  return `${who} is not authorized to perform this operation. ${who} must have one of the following scopes: ${accepted.join(', ')}`
}

/** Every permission that some operation of the model accepts. */
export function permissionsOf({ entityTypes }: Model): readonly string[] {
  const names = new Set<string>()
  const operations: readonly OperationName[] = ['list', 'get', 'create', 'update', 'delete']
  for (const { permissions, actions } of entityTypes.values()) {
    for (const operation of operations) for (const name of permissions[operation] ?? []) names.add(name)
    for (const action of actions.values()) for (const name of action.permissions) names.add(name)
  }
  return [...names]
}
