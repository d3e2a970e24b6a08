import type { CacheFigures, Clock } from '#base/base.ts'
import type { Storage } from '#storage/storage.ts'
import { type Cloud, clouds, GRAPH_APPLICATION } from './clouds.ts'
import { Directory } from './directory.ts'
import type { Client } from './grants/grant.ts'
import { issueToken, TOKEN_LIFETIME, type TokenClaims } from './issue.ts'
import { openSigningKey, type SigningKey } from './keys.ts'
import { type Principal, Verifier } from './verify.ts'

/** Everything about who calls. */
export interface Identity {
  readonly directory: Directory
  readonly key: SigningKey
  readonly client: Client
  readonly clock: Clock
  /** The audience of a token for Graph, where nobody asks for another. */
  readonly graph: string
  /** Whether a token for this audience is for us: Graph's root or id, or an origin of this server. */
  readonly isAudience: (audience: string) => boolean
  /** Makes a token's audience of an origin under which this server is reached. */
  addOrigin(origin: string): void
  issue(claims: TokenClaims): Promise<string>
  /** Signs a token for whoever runs the server. @throws ODataError `BadRequest` for an unknown tenant. */
  mint(options: TokenOptions, issuer: string): Promise<string>
  /** The principal of an `Authorization` header. @throws ODataError `InvalidAuthenticationToken`. */
  authenticate(authorization: string | undefined): Promise<Principal>
  /** How often a token that came was known. */
  readonly tokens: CacheFigures
}

/** What a token is to say; what is left out is the server's own client in its own tenant, with every permission. */
export interface TokenOptions {
  /** Application permissions; names are not checked. */
  readonly roles?: readonly string[] | undefined
  /** Delegated permissions of `user`; names are not checked. */
  readonly scopes?: readonly string[] | undefined
  /** User principal name. */
  readonly user?: string | undefined
  /** Tenant, by its id or domain. */
  readonly tenant?: string | undefined
  /** Seconds the token lives; may be below zero, for one that has expired. */
  readonly lifetime?: number | undefined
}

/** How identity is set up. */
export interface IdentityOptions {
  readonly storage: Storage
  readonly client: Client
  /** The id of the tenant that is meant where none is named. */
  readonly tenant: string
  readonly cloud: Cloud
  /** The wall clock: tokens never run on the domain's. */
  readonly clock: Clock
}

/** Opens the directory and the signing key of a database. */
export async function openIdentity(options: IdentityOptions): Promise<Identity> {
  const { storage, client, cloud, clock } = options
  const directory = new Directory(storage, clock)
  await directory.revision()
  const key = await openSigningKey(storage)
  const { graph } = clouds[cloud]
  const audiences = new Set([graph, GRAPH_APPLICATION])
  const isAudience = (audience: string): boolean => audiences.has(audience.replace(/\/$/, ''))
  const verifier = new Verifier({ key, directory, clock, isAudience })
  const issue = (claims: TokenClaims): Promise<string> => issueToken(key, claims, clock.now())
  return {
    directory,
    key,
    client,
    clock,
    graph,
    isAudience,
    addOrigin: (origin) => void audiences.add(origin),
    issue,
    mint: async (
      { roles, scopes, user, tenant: name = options.tenant, lifetime = TOKEN_LIFETIME },
      issuer,
    ) => {
      const tenant = await directory.existingTenant(name)
      const granted = scopes === undefined ? { roles: roles ?? client.roles } : { scopes }
      const claims = { tid: tenant.tid, clientId: client.id, audience: graph, issuer, lifetime, ...granted }
      return await issue(user === undefined ? claims : { ...claims, user })
    },
    authenticate: (authorization) => verifier.authenticate(authorization),
    tokens: verifier.figures,
  }
}
