/** The documents by which a client finds the token service and its keys (OpenID Connect Discovery 1.0). */
import type { Identity } from './authority.ts'
import { publicJwk } from './keys.ts'

/**
 * The discovery document of a tenant. MSAL insists on an authorization endpoint; nobody can sign in there yet.
 *
 * @param tenantName the tenant as the client wrote it, by id or by domain: its endpoints keep that form.
 */
export function discoveryDocument(
  origin: string,
  tenantName: string,
  tid: string,
): Readonly<Record<string, unknown>> {
  const base = `${origin}/${tenantName}`
  return {
    issuer: `${origin}/${tid}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    grant_types_supported: ['client_credentials'],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid'],
  }
}

/** The keys that verify our tokens (RFC 7517). */
export function keySet({ key }: Identity): Readonly<Record<string, unknown>> {
  return { keys: [publicJwk(key)] }
}
