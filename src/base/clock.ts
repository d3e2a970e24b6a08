/**
 * A source of the present. The domain runs on one that a test may turn; tokens, certificates and logs
 * always run on {@link wallClock}.
 */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number
}

/** The machine's own clock. */
export const wallClock: Clock = { now: () => Date.now() }
