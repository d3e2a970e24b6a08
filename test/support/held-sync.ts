/** A disk that has what it is given when a test says so. */
import type { Sync } from '#storage/sqlite/log-sync.ts'

/** Syncs that were asked for, and how they end. */
export interface HeldSync {
  readonly sync: Sync
  /** Syncs that have not ended. */
  readonly waiting: number
  /** Ends the first that waits. */
  end(error?: Error): void
  /** Holds what comes, or ends it and what waits. */
  hold(isHeld: boolean): void
}

/** Nothing is held at first. */
export function createHeldSync(): HeldSync {
  const waiting: ((error: Error | null) => void)[] = []
  let isHeld = false
  return {
    sync: (_descriptor, done) => {
      if (isHeld) waiting.push(done)
      else setImmediate(done, null)
    },
    get waiting() {
      return waiting.length
    },
    end: (error) => waiting.shift()?.(error ?? null),
    hold: (held) => {
      isHeld = held
      if (!held) for (const done of waiting.splice(0)) done(null)
    },
  }
}
