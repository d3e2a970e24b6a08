import { hash, timingSafeEqual } from 'node:crypto'
import type { GrantRequest, TokenGrant } from './grant.ts'
import { TokenError } from './token-error.ts'

/**
 * The grant of RFC 6749 §4.4: an application by its secret, for all that it was granted (`…/.default`).
 *
 * @throws TokenError for an unknown client, a wrong secret, or a scope that is not one resource's `.default`.
 */
export function grantClientCredentials({ parameter, client, isAudience }: GrantRequest): TokenGrant {
  const clientId = parameter('client_id')
  const secret = parameter('client_secret')
  if (clientId.toLowerCase() !== client.id.toLowerCase()) {
    throw new TokenError('unknownClient', `The application '${clientId.slice(0, 100)}' is not known here.`)
  }
  if (!timingSafeEqual(hash('sha256', secret, 'buffer'), hash('sha256', client.secret, 'buffer'))) {
    throw new TokenError(
      'wrongSecret',
      `The client secret for the application '${clientId.slice(0, 100)}' is not the right one.`,
    )
  }
  const scope = parameter('scope')
  const audience = /^(\S+)\/\.default$/.exec(scope)?.[1]
  if (audience === undefined) {
    throw new TokenError(
      'invalidScope',
      `The scope '${scope.slice(0, 100)}' must be one resource followed by '/.default'.`,
    )
  }
  if (!isAudience(audience)) {
    throw new TokenError(
      'unknownResource',
      `The resource '${audience.slice(0, 100)}' is neither Graph nor this server.`,
    )
  }
  return { clientId: client.id, audience, roles: client.roles }
}
