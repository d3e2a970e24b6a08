/** Every error code that a client can meet, with its HTTP status. docs/errors.md tells what to do about each. */
export const errorStatus = {
  BadRequest: 400,
  ModelValidationFailure: 400,
  UnknownError: 400,
  'No method match route template': 400,
  InvalidAuthenticationToken: 401,
  Forbidden: 403,
  ResourceNotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  RequestTimeout: 408,
  Conflict: 409,
  RequestEntityTooLarge: 413,
  RequestUriTooLong: 414,
  UnsupportedMediaType: 415,
  FailedDependency: 424,
  RequestHeaderFieldsTooLarge: 431,
  InternalServerError: 500,
  ServiceUnavailable: 503,
} as const satisfies Record<string, number>

export type ErrorCode = keyof typeof errorStatus

/** What the service behind the gateway says, as a rule. */
const serviceCodes: ReadonlySet<ErrorCode> = new Set([
  'Forbidden',
  'ResourceNotFound',
  'Conflict',
  'InternalServerError',
])

interface ErrorDetails {
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
  readonly isOfService?: boolean
}

/** A refusal in Graph's terms: what the client did or met, never what went wrong inside. */
export class ODataError extends Error {
  override readonly name = 'ODataError'
  readonly code: ErrorCode
  readonly status: number
  /** Headers that belong to the answer, `Allow` for one. */
  readonly headers: Readonly<Record<string, string>>
  /** Refused for what is stored, not for how the request reads: the service behind Graph's gateway would say it. */
  readonly isOfService: boolean

  /**
   * @param details the answer's headers; what lies behind it: the cause is logged and never sent; and who refuses, by
   *   the code where it is not said.
   */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const { headers = {}, cause, isOfService = serviceCodes.has(code) } = details
    super(message, { cause })
    this.isOfService = isOfService
    this.code = code
    this.status = errorStatus[code]
    this.headers = headers
  }
}

/** What an error's body tells of the request it answers. */
export interface ErrorOccasion {
  /** The wall clock's instant, in milliseconds. */
  readonly at: number
  readonly requestId: string
  readonly clientRequestId: string
}

/**
 * The JSON body of an error, as docs `concepts/errors.md` gives it. `date` has no zone. A model validation
 * failure says its message again inside, as the real service does.
 */
export function formatError(
  { code, message }: ODataError,
  { at, requestId, clientRequestId }: ErrorOccasion,
): string {
  const occasion = {
    date: new Date(at).toISOString().slice(0, 19),
    'request-id': requestId,
    'client-request-id': clientRequestId,
  }
  const innerError = code === 'ModelValidationFailure' ? { message, ...occasion } : occasion
  return JSON.stringify({ error: { code, message, innerError } })
}
