/** The door of identity: who calls, what they may do, and the tokens that say so. */
export { type Identity, type IdentityOptions, openIdentity, type TokenOptions } from './authority.ts'
export { type Cloud, clouds, GRAPH_APPLICATION, PERSONAL_TENANT } from './clouds.ts'
export type { Directory, Tenant, TenantSettings } from './directory.ts'
export { discoveryDocument, keySet } from './discovery.ts'
export type { Client } from './grants/grant.ts'
export { type Decision, decide, formatRefusal, permissionsOf } from './permissions.ts'
export { answerTokenRequest } from './token-service.ts'
export type { Principal } from './verify.ts'
