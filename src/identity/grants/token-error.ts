/** The refusals of the token service: OAuth's error, Entra's number, and the HTTP status. */
const tokenErrors = {
  missingParameter: { error: 'invalid_request', number: 900144, status: 400 },
  malformedRequest: { error: 'invalid_request', number: 900561, status: 400 },
  unknownTenant: { error: 'invalid_request', number: 90002, status: 400 },
  unsupportedGrant: { error: 'unsupported_grant_type', number: 70003, status: 400 },
  unknownClient: { error: 'unauthorized_client', number: 700016, status: 400 },
  wrongSecret: { error: 'invalid_client', number: 7000215, status: 401 },
  invalidScope: { error: 'invalid_scope', number: 1002012, status: 400 },
  unknownResource: { error: 'invalid_resource', number: 500011, status: 400 },
} as const satisfies Record<
  string,
  { readonly error: string; readonly number: number; readonly status: number }
>

/** Why the token service gives no token, in OAuth's terms with Entra's number. */
export class TokenError extends Error {
  override readonly name = 'TokenError'
  readonly error: string
  readonly number: number
  readonly status: number

  constructor(reason: keyof typeof tokenErrors, message: string) {
    super(message)
    const { error, number, status } = tokenErrors[reason]
    this.error = error
    this.number = number
    this.status = status
  }
}
