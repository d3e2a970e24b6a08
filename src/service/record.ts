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
  /** Microseconds of each stage that was passed. */
  readonly stages: Record<string, number>
}

/** A new record, and the watch that times its stages. */
export function startRecord(id: string): {
  readonly record: RequestRecord
  readonly endStage: (name: string) => void
} {
  const record: RequestRecord = { id, rowsWritten: 0, stages: {} }
  let since = performance.now()
  const endStage = (name: string): void => {
    const now = performance.now()
    record.stages[name] = Math.round((now - since) * 1000)
    since = now
  }
  return { record, endStage }
}
