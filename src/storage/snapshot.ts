/** Snapshots: a database in one file, written and put in the place of one while no server has it. */
import { chmod, constants, copyFile, mkdtemp, rm, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Model } from '#model/model.ts'
import { takeDataFolder } from './data-folder.ts'
import { openStorage } from './open.ts'
import type { Storage } from './seam.ts'
import { checkSnapshot } from './sqlite/check.ts'
import { Connection } from './sqlite/connection.ts'
import { isDamage, unopenable } from './sqlite/failure.ts'
import { isThere, moveWhole, writeWholeFile } from './whole-file.ts'

/** Where a database is: in a data folder, or a server of PostgreSQL has it. */
export type Place = { readonly data: string } | { readonly database: string }

/** A snapshot to be saved. */
export interface SaveTask {
  readonly model: Model
  readonly place: Place
  readonly file: string
  /** Whether a file that is there is replaced. */
  readonly isReplaced: boolean
}

/**
 * Saves a database that no server has, or one of PostgreSQL, whoever has it.
 *
 * @throws Error in one sentence, as {@link writeWholeFile} and where there is no database.
 */
export async function saveSnapshot({ model, place, file, isReplaced }: SaveTask): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const storage = stack.use(await openPlace({ model, place }, stack))
  await writeWholeFile({ file, isReplaced, fill: (partial) => storage.save(partial) })
}

async function openPlace(
  { model, place }: Pick<SaveTask, 'model' | 'place'>,
  stack: AsyncDisposableStack,
): Promise<Storage> {
  if ('database' in place) return await openStorage({ model, database: place.database })
  if (!(await isThere(path.join(place.data, 'runstate.db')))) {
    throw new Error(`There is no database in the data folder ${place.data}: choose another with --data.`)
  }
  const { databaseFile } = stack.use(await takeDataFolder(place.data))
  return await openStorage({ model, file: databaseFile })
}

/**
 * Replaces all that a database has by a snapshot, at one moment: until then what is there stays, and it stays where
 * this fails or the process is killed. A snapshot of an older Runstate is brought up to date.
 *
 * @throws Error in one sentence, where the file is no snapshot that this Runstate can take, or a server has the place.
 */
export async function restoreSnapshot(file: string, place: Place): Promise<void> {
  await assertAlone(file)
  if ('data' in place) await restoreFolder(file, place.data)
  else await restoreDatabase(file, place.database)
}

/** The name, in the data folder, of what is about to be the database. */
const COMING = 'runstate.db.restore'

async function restoreFolder(file: string, data: string): Promise<void> {
  using folder = await takeDataFolder(data)
  const coming = path.join(data, COMING)
  try {
    await copyChecked(file, coming)
    settle(folder.databaseFile)
    await removeLog(folder.databaseFile)
    await moveWhole(coming, folder.databaseFile)
  } finally {
    await rm(coming, { force: true })
  }
}

async function restoreDatabase(file: string, database: string): Promise<void> {
  const { restorePostgres } = await import('./postgres/restore.ts')
  const folder = await mkdtemp(path.join(os.tmpdir(), 'runstate-restore-'))
  try {
    const copy = path.join(folder, 'snapshot.db')
    await copyChecked(file, copy)
    await restorePostgres(database, copy)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The snapshot itself is never opened, so that it stays as it is. */
async function copyChecked(file: string, copy: string): Promise<void> {
  await rm(copy, { force: true })
  await copyFile(file, copy, constants.COPYFILE_EXCL)
  await chmod(copy, 0o600)
  checkSnapshot(copy, file)
}

/** What a database that was not closed has beside it belongs to it. */
async function assertAlone(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined)
  if (found?.isFile() !== true) throw new Error(`There is no snapshot ${file}.`)
  const log = await stat(`${file}-wal`).catch(() => undefined)
  if (log === undefined || log.size === 0) return
  throw new Error(
    `The file ${file} is a database that was not closed: start a server on it, or save a snapshot of it, first.`,
  )
}

/**
 * Writes the log of the database that is there into its file: a log that stayed behind would be taken for one of the
 * file that comes in its place. One that is damaged is left as it is.
 */
function settle(databaseFile: string): void {
  const connection = new Connection(databaseFile, { readOnly: false })
  try {
    connection.execute('PRAGMA journal_mode = DELETE')
  } catch (error) {
    if (!isDamage(error)) throw unopenable(databaseFile, error)
  } finally {
    connection.close()
  }
}

/** Only beside a database that is damaged something is left. */
async function removeLog(databaseFile: string): Promise<void> {
  for (const suffix of ['-wal', '-shm', '-journal']) await rm(`${databaseFile}${suffix}`, { force: true })
}
