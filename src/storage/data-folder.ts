import { access, constants, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type FolderLock, LOCK_FILE, lockFolder } from './sqlite/folder-lock.ts'

/** A data folder that is this process's, with the file of the database in it. */
export interface DataFolder extends Disposable {
  readonly databaseFile: string
}

/**
 * Makes the data folder, and takes it for this process.
 *
 * @throws Error in one sentence, where another process has it or it cannot be written.
 */
export async function takeDataFolder(folder: string): Promise<DataFolder> {
  await makeDataFolder(folder)
  const databaseFile = path.join(folder, 'runstate.db')
  await keepPrivate(databaseFile)
  await keepPrivate(path.join(folder, LOCK_FILE))
  const lock = takeLock(folder)
  if (lock === undefined) {
    throw new Error(
      `Another Runstate serves the data folder ${folder}: stop it, or choose another with --data.`,
    )
  }
  return { databaseFile, [Symbol.dispose]: () => lock[Symbol.dispose]() }
}

function takeLock(folder: string): FolderLock | undefined {
  try {
    return lockFolder(folder)
  } catch (cause) {
    throw unusable(folder, cause)
  }
}

/** Makes the data folder where there is none; one that is made here keeps itself out of version control. */
export async function makeDataFolder(folder: string): Promise<void> {
  try {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 })
    if (made !== undefined) await writeFile(path.join(folder, '.gitignore'), '*\n')
    await access(folder, constants.W_OK)
  } catch (cause) {
    throw unusable(folder, cause)
  }
}

/**
 * The database holds the key that signs tokens, and the lock is not for others to hold: a new file is its owner's alone,
 * whatever folder it is in. SQLite gives its mode to the files beside it, so one that is read-only is refused before
 * SQLite sees it. One that is there is not opened: to close it would let go of SQLite's locks.
 */
async function keepPrivate(file: string): Promise<void> {
  try {
    await writeFile(file, '', { flag: 'wx', mode: 0o600 }).catch(async (cause: unknown) => {
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause
      await access(file, constants.W_OK)
    })
  } catch (cause) {
    throw unusable(path.dirname(file), cause)
  }
}

function unusable(folder: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new Error(
    `The data folder ${folder} cannot be used: make it writable, or choose another with --data (${reason}).`,
    { cause },
  )
}
