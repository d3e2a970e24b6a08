import { type HttpRequest, limits, splitTarget } from '#base/base.ts'
import { ODataError, type ResourcePath } from '#odata/odata.ts'
import { backendPath, backendQuery } from './backend.ts'
import { causeOf } from './refusal.ts'

/** What is said in place of our own sentence, where recordings show no other. */
const sentences: Readonly<Record<string, string>> = {
  ResourceNotFound: 'An error has occurred',
  InternalServerError: 'An internal server error has occurred',
}

/** No operation of the service behind: recordings have zeros here. */
const OPERATION = '00000000-0000-0000-0000-000000000000'

/**
 * What was thrown, as the real service behind Graph's gateway says it: the message is JSON in itself, of `_version` 3,
 * indented and with CRLF. What the gateway or the reader of the body refuses comes back as it is. The URL in it is our
 * own: of the recorded one it has the path's form and the version.
 */
export function wrapError(error: unknown, request: HttpRequest, path: ResourcePath): unknown {
  const refusal = error instanceof ODataError ? error : new ODataError('InternalServerError', '')
  if (!refusal.isOfService) return error
  const { code, headers } = refusal
  const url = `${request.origin}${backendPath(path)}?${backendQuery(splitTarget(request.target).query)}`
  const text = [
    sentences[code] ?? refusal.message,
    `Operation ID (for customer support): ${OPERATION}`,
    `Activity ID: ${request.headers['client-request-id'] ?? request.id}`,
    `Url: ${url.slice(0, limits.urlBytes)}`,
  ].join(' - ')
  return new ODataError(code, formatMessage(text), {
    headers,
    cause: refusal.status < 500 ? refusal.cause : causeOf(error),
  })
}

function formatMessage(text: string): string {
  const members = {
    _version: 3,
    Message: text,
    CustomApiErrorPhrase: '',
    RetryAfter: null,
    ErrorSourceService: '',
    HttpHeaders: '{}',
  }
  return JSON.stringify(members, undefined, 2).replaceAll('\n', '\r\n')
}
