import type { PostgresOptions } from './postgres/postgres.ts'
import type { Storage } from './seam.ts'
import { openSqlite, type SqliteOptions } from './sqlite/sqlite.ts'

/** How a database is opened: by its file, or by its address. */
export type StorageOptions = SqliteOptions | PostgresOptions

/** Opens the database, creating and migrating it where needed. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  if (!('database' in options)) return await openSqlite(options)
  const { openPostgres } = await import('./postgres/postgres.ts')
  return await openPostgres(options)
}
