/** A request as plain data: what arrives at any route, whether from a socket, in process or out of a batch. */
export interface HttpRequest {
  readonly method: string
  /** The path and query as sent, percent-encoding untouched. */
  readonly target: string
  /** By lower-case name; a name that came twice holds its values joined with `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** Absent where the request announced no body. */
  readonly body?: Uint8Array | undefined
  /** Scheme, host and port under which the client reached us, or the public URL where one is fixed. */
  readonly origin: string
  /** The GUID of this request, sent back as `request-id`. */
  readonly id: string
  /** Aborts when the client is gone, the server stops or the deadline passes. */
  readonly signal: AbortSignal
}

/** An answer as plain data. */
export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | undefined
}

/** The path of a target and its query, which is '' where there is none. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const mark = target.indexOf('?')
  return mark === -1
    ? { path: target, query: '' }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) }
}
