/** The door of the storage: what holds the rows, and all that may be asked of it. */
import type { PostgresOptions } from './postgres/postgres.ts'
import type { Storage } from './seam.ts'
import { openSqlite, type SqliteOptions } from './sqlite/sqlite.ts'

export { type DataFolder, makeDataFolder, takeDataFolder } from './data-folder.ts'
export {
  type AddPlan,
  COUNT,
  command,
  type EntityReference,
  HOLDER,
  type Holder,
  type InsertPlan,
  OF,
  PARENT,
  PLACE,
  POSITION,
  query,
  type ReadPlan,
  ranksOf,
  type Scope,
} from './plan.ts'
export { discardTenant, removeEntity } from './purge.ts'
export type { Page, PagePlan, Snapshot, Storage } from './seam.ts'
export { type FolderLock, lockFolder } from './sqlite/folder-lock.ts'
export { all, one, type Transaction } from './transaction.ts'

/** How a database is opened: by its file, or by its address. */
export type StorageOptions = SqliteOptions | PostgresOptions

/** Opens the database, creating and migrating it where needed. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  if (!('database' in options)) return await openSqlite(options)
  const { openPostgres } = await import('./postgres/postgres.ts')
  return await openPostgres(options)
}
