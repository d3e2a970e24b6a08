import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** The file that the lock is on. */
export const LOCK_FILE = 'lock.db'

/** A data folder held by this process. */
export interface FolderLock extends Disposable {}

/**
 * Takes a data folder for this process; undefined where another process has it. The lock is SQLite's own on a file
 * beside the database, so it ends with the process, however that ends.
 */
export function lockFolder(folder: string): FolderLock | undefined {
  const database = new DatabaseSync(path.join(folder, LOCK_FILE), { timeout: 0 })
  try {
    // On a file that cannot be written BEGIN EXCLUSIVE locks nothing, and is no error: what is written, and never
    // committed, is.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE; PRAGMA user_version = 1')
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined
    throw error
  }
  return { [Symbol.dispose]: () => database.close() }
}

/** SQLite's result code for a lock that another connection holds. */
const SQLITE_BUSY = 5
