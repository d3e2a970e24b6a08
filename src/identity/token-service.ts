/** The token endpoint: `/{tenant}/oauth2/v2.0/token`, with Entra's answers and error numbers. */
import { type HttpRequest, type HttpResponse, newGuid } from '#base/base.ts'
import type { Identity } from './authority.ts'
import { grantClientCredentials } from './grants/client-credentials.ts'
import type { GrantRequest, TokenGrant } from './grants/grant.ts'
import { TokenError } from './grants/token-error.ts'
import { TOKEN_LIFETIME } from './issue.ts'

const grants: Readonly<Record<string, (request: GrantRequest) => TokenGrant>> = {
  client_credentials: grantClientCredentials,
}

/** Answers a request for a token; refusals are answers too. */
export async function answerTokenRequest(
  request: HttpRequest,
  tenantName: string,
  identity: Identity,
): Promise<HttpResponse> {
  try {
    const tenant = await identity.directory.tenant(tenantName)
    if (tenant === undefined)
      throw new TokenError('unknownTenant', `The tenant '${tenantName.slice(0, 100)}' is not known here.`)
    const parameters = readForm(request)
    const parameter = (name: string): string => {
      const value = parameters.get(name)
      if (value === null || value === '')
        throw new TokenError('missingParameter', `The parameter '${name}' is missing.`)
      return value
    }
    const type = parameter('grant_type')
    const grant = Object.hasOwn(grants, type) ? grants[type] : undefined
    if (grant === undefined) {
      throw new TokenError('unsupportedGrant', `The grant type '${type.slice(0, 100)}' is not supported.`)
    }
    const granted = grant({ parameter, client: identity.client, isAudience: identity.isAudience })
    const issuer = request.origin
    const token = await identity.issue({ ...granted, tid: tenant.tid, issuer, lifetime: TOKEN_LIFETIME })
    return json(200, {
      token_type: 'Bearer',
      expires_in: TOKEN_LIFETIME,
      ext_expires_in: TOKEN_LIFETIME,
      access_token: token,
    })
  } catch (error) {
    if (error instanceof TokenError) return refuse(error, request, identity.clock.now())
    throw error
  }
}

/** The form, with the client's credentials from an `Authorization: Basic` header where they are not in it. */
function readForm({ method, headers, body }: HttpRequest): URLSearchParams {
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  if (method !== 'POST' || type.trim().toLowerCase() !== 'application/x-www-form-urlencoded') {
    throw new TokenError(
      'malformedRequest',
      'The endpoint takes a POST with a form (application/x-www-form-urlencoded).',
    )
  }
  const form = new URLSearchParams(Buffer.from(body ?? []).toString())
  const basic = /^Basic +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1]
  if (basic === undefined) return form
  const [id = '', ...secret] = Buffer.from(basic, 'base64').toString().split(':')
  if (!form.has('client_id')) form.set('client_id', formDecoded(id))
  if (!form.has('client_secret')) form.set('client_secret', formDecoded(secret.join(':')))
  return form
}

/** Both halves of Basic credentials are form-encoded first (RFC 6749 §2.3.1); not every client does it to `:` and `&`. */
function formDecoded(text: string): string {
  return new URLSearchParams(`value=${text.replaceAll('&', '%26')}`).get('value') ?? ''
}

function refuse(
  { error, number, status, message }: TokenError,
  { id, headers }: HttpRequest,
  now: number,
): HttpResponse {
  const timestamp = `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}Z`
  const correlation = headers['client-request-id'] ?? newGuid()
  return json(status, {
    error,
    error_description: `AADSTS${number}: ${message} Trace ID: ${id} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
    error_codes: [number],
    timestamp,
    trace_id: id,
    correlation_id: correlation,
  })
}

function json(status: number, body: unknown): HttpResponse {
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    pragma: 'no-cache',
  }
  return { status, headers, body: JSON.stringify(body) }
}
