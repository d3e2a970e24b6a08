import { hash } from 'node:crypto'
import type { JWTPayload } from 'jose'
import { type CacheFigures, type Clock, limits } from '#base/base.ts'
import { ODataError } from '#odata/odata.ts'
import { PERSONAL_TENANT } from './clouds.ts'
import type { Directory, Tenant } from './directory.ts'
import type { SigningKey } from './keys.ts'

/** Who is calling, as the token says. */
export interface Principal {
  readonly kind: 'application' | 'delegated'
  readonly tenant: Tenant
  /** The application's id, or the user's principal name. */
  readonly name: string
  readonly granted: ReadonlySet<string>
  /** A personal Microsoft account. */
  readonly isPersonal: boolean
}

interface Verified {
  readonly principal: Principal
  /** Milliseconds. */
  readonly expiresAt: number
  readonly revision: number
}

/** What tokens are held against. */
export interface VerifierOptions {
  readonly key: SigningKey
  readonly directory: Directory
  readonly clock: Clock
  /** Whether a token for this audience is for us. */
  readonly isAudience: (audience: string) => boolean
}

/**
 * Turns bearer tokens into principals. A signature is checked once: then the token is known by its digest, until
 * it expires or the directory changes.
 */
export class Verifier {
  readonly #options: VerifierOptions
  readonly #known = new Map<string, Verified>()
  #last = { token: '', digest: '' }
  readonly #figures = { hits: 0, misses: 0 }

  constructor(options: VerifierOptions) {
    this.#options = options
  }

  /** How often a token was known, and how often its signature was to be checked. */
  get figures(): CacheFigures {
    return this.#figures
  }

  /**
   * The principal of an `Authorization` header.
   *
   * @throws ODataError `InvalidAuthenticationToken`.
   */
  async authenticate(authorization: string | undefined): Promise<Principal> {
    const token = tokenIn(authorization)
    if (token === undefined) throw refused('Access token is empty.')
    const digest = this.#digestOf(token)
    const revision = await this.#options.directory.revision()
    const known = this.#known.get(digest)
    if (known !== undefined && known.revision === revision) {
      this.#figures.hits += 1
      if (known.expiresAt > this.#options.clock.now()) return known.principal
      this.#known.delete(digest)
      throw refused(EXPIRED)
    }
    this.#figures.misses += 1
    const verified = { ...(await this.#verify(token)), revision }
    this.#remember(digest, verified)
    return verified.principal
  }

  /** Most clients send one token many times, so that of the last is not worked out again. */
  #digestOf(token: string): string {
    if (token !== this.#last.token) this.#last = { token, digest: hash('sha256', token, 'base64') }
    return this.#last.digest
  }

  #remember(digest: string, verified: Verified): void {
    this.#known.delete(digest)
    for (const oldest of this.#known.keys()) {
      if (this.#known.size < limits.cachedTokens) break
      this.#known.delete(oldest)
    }
    this.#known.set(digest, verified)
  }

  async #verify(token: string): Promise<Omit<Verified, 'revision'>> {
    const claims = await this.#readClaims(token)
    const { aud, exp = 0 } = claims
    const audiences = (Array.isArray(aud) ? aud : [aud]).map(text)
    if (!audiences.some((audience) => this.#options.isAudience(audience))) {
      throw refused('Access token validation failure. Invalid audience.')
    }
    const tid = text(claims['tid'])
    const tenant = await this.#options.directory.tenant(tid)
    if (tenant?.tid !== tid || !text(claims.iss).endsWith(`/${tid}/v2.0`)) {
      throw refused('Access token validation failure. The tenant is not known here.')
    }
    return { principal: principalOf(claims, tenant), expiresAt: exp * 1000 }
  }

  async #readClaims(token: string): Promise<JWTPayload> {
    const { jwtVerify } = await import('jose')
    const { key, clock } = this.#options
    try {
      const currentDate = new Date(clock.now())
      const required = { algorithms: ['RS256'], requiredClaims: ['exp', 'tid', 'aud'], currentDate }
      const { payload, protectedHeader } = await jwtVerify(token, key.publicKey, required)
      if (protectedHeader.kid === key.kid) return payload
    } catch (error) {
      throw refused(reasonOf(error), error)
    }
    throw refused(WRONG_SIGNATURE)
  }
}

/** The token of a header that has one. Without an expression, for a token is a thousand characters long. */
function tokenIn(authorization = ''): string | undefined {
  const [scheme, rest] = [authorization.slice(0, 7), authorization.slice(7).trim()]
  return scheme.toLowerCase() !== 'bearer ' || rest === '' || rest.includes(' ') ? undefined : rest
}

const EXPIRED = 'Lifetime validation failed, the token is expired.'
const WRONG_SIGNATURE = 'Access token validation failure. Invalid signature.'

/** The real service's words where they are known. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'ERR_JWT_EXPIRED') return EXPIRED
  if (code === 'ERR_JWT_CLAIM_VALIDATION_FAILED') {
    const claim = error instanceof Error && 'claim' in error ? error.claim : ''
    if (claim === 'nbf') return 'Lifetime validation failed, the token is not yet valid.'
    return `Access token validation failure. The claim '${claim}' is missing or is not what it must be.`
  }
  if (code === 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED') return WRONG_SIGNATURE
  return 'CompactToken parsing failed with error code: 80049217'
}

function principalOf(claims: JWTPayload, tenant: Tenant): Principal {
  const { scp, roles } = claims
  const isDelegated = typeof scp === 'string'
  const granted = isDelegated ? scp.split(' ') : Array.isArray(roles) ? roles.map(String) : []
  return {
    kind: isDelegated ? 'delegated' : 'application',
    tenant,
    name: text(isDelegated ? claims['upn'] : claims['appid']),
    granted: new Set(granted),
    isPersonal: tenant.tid === PERSONAL_TENANT,
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function refused(message: string, cause?: unknown): ODataError {
  return new ODataError('InvalidAuthenticationToken', message, { cause })
}
