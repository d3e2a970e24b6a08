/** What happened in one request: all that logs and metrics know of it. */
export interface RequestRecord {
  /** The request's id, as the answer's `request-id` says it. */
  readonly id: string
  /** The id of the batch that it was a part of. */
  readonly batch?: string
  /** What was done to which type, `update deviceManagementScriptUserState`; absent where it did not come to that. */
  operation?: string
  /** The caller's application id or user principal name. */
  principal?: string
  tenant?: string
  /** The permission that let the request through. */
  permission?: string
  /** Why it was not let through. */
  denied?: string
  rowsWritten: number
  readonly stages: Stages
}

/** Microseconds of each stage that was passed. */
export interface Stages {
  authenticate?: number
  resolve?: number
  operate?: number
  write?: number
  /** From the stage before to the refusal. */
  refuse?: number
}

/** A new record, and the watch that times its stages: microseconds since it was last asked. */
export function startRecord(id: string): { readonly record: RequestRecord; readonly lap: () => number } {
  let since = performance.now()
  const lap = (): number => {
    const now = performance.now()
    const microseconds = Math.round((now - since) * 1000)
    since = now
    return microseconds
  }
  return { record: { id, rowsWritten: 0, stages: {} }, lap }
}
