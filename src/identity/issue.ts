import { guidOf, newGuid } from '#base/base.ts'
import type { SigningKey } from './keys.ts'

/** What a token is to say. */
export interface TokenClaims {
  readonly tid: string
  readonly clientId: string
  /** What the token is for: Graph's root, its application id, or one of our origins. */
  readonly audience: string
  /** Application permissions; a token has these or scopes. */
  readonly roles?: readonly string[]
  /** Delegated permissions, for the user. */
  readonly scopes?: readonly string[]
  /** The user principal name of the user who signed in. */
  readonly user?: string
  /** The origin of the issuer. */
  readonly issuer: string
  /** Seconds the token lives. */
  readonly lifetime: number
}

/** Seconds that a token lives where nobody says otherwise, as Entra's do. */
export const TOKEN_LIFETIME = 3599

/** Seconds before its issue from which a token is good, for clocks that differ or are set back, as Entra gives. */
const CLOCK_LEEWAY = 300

/** Signs a token with the claims that Entra gives to Graph's, as far as anyone reads them. */
export async function issueToken(key: SigningKey, claims: TokenClaims, now: number): Promise<string> {
  const { SignJWT } = await import('jose')
  const { tid, clientId, user } = claims
  const seconds = Math.floor(now / 1000)
  const isDelegated = claims.scopes !== undefined
  const oid = guidOf(`${tid} ${isDelegated ? (user ?? '') : clientId}`)
  const payload = {
    ...(isDelegated
      ? { idtyp: 'user', scp: claims.scopes.join(' ') }
      : { idtyp: 'app', roles: claims.roles ?? [] }),
    ...(user === undefined ? {} : { upn: user, preferred_username: user }),
    appid: clientId,
    azp: clientId,
    oid,
    sub: oid,
    tid,
    uti: newGuid(),
    ver: '2.0',
  }
  return await new SignJWT(payload)
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.kid })
    .setIssuer(`${claims.issuer}/${tid}/v2.0`)
    .setAudience(claims.audience)
    .setIssuedAt(seconds)
    .setNotBefore(seconds - CLOCK_LEEWAY)
    .setExpirationTime(seconds + claims.lifetime)
    .sign(key.privateKey)
}
