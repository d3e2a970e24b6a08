/** The application that may ask for tokens. */
export interface Client {
  readonly id: string
  readonly secret: string
  /** Its application permissions. */
  readonly roles: readonly string[]
}

/** A request to the token endpoint, its form read. */
export interface GrantRequest {
  /** The value of a form parameter; throws the right error where it is missing. */
  readonly parameter: (name: string) => string
  readonly client: Client
  readonly isAudience: (audience: string) => boolean
}

/** What a grant gives: the token's particulars. */
export interface TokenGrant {
  readonly clientId: string
  readonly audience: string
  readonly roles: readonly string[]
}
