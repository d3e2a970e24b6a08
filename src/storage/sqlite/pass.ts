/** What the checkpoints and their worker tell each other. */

/** What the worker is started with. */
export interface PassSetup {
  readonly file: string
  /** Statements that make its connection as careful as the one that writes. */
  readonly prepare: string
  /** Of the file, for a sync; absent where nothing is synced. */
  readonly descriptor: number | undefined
}

/** A pass over the log, or the end of the worker. */
export type PassOrder = 'pass' | 'end'

/** Empty where the pass was made, if perhaps not to the end of the log. */
export interface PassAnswer {
  readonly failure?: string
  /** Whether what failed was a sync. */
  readonly isOfSync?: boolean
}
