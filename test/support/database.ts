/**
 * The database of a test's server: one in memory, or with RUNSTATE_TEST_DATABASE=postgres one of PostgreSQL. All test
 * files share the server whose folder is in RUNSTATE_TEST_CLUSTER; without, each has its own.
 */
import { after } from 'node:test'
import { Client } from 'pg'
import { model } from '#model/model.ts'
import type { ServerConfig } from '#server.ts'
import { openStorage } from '#storage/storage.ts'
import { type Databases, databasesOf, startPostgres } from './postgres.ts'

/** Whether the servers of tests run on PostgreSQL. */
export const isOnPostgres = process.env['RUNSTATE_TEST_DATABASE'] === 'postgres'

/** The database whose tables are there, and which others are made after. */
export const MIGRATED = 'migrated'

let databases: Promise<Databases & Partial<AsyncDisposable>> | undefined
const ofFolders = new Map<string, string>()
const free: string[] = []
const made: string[] = []

if (isOnPostgres) after(removeAll)

/** The settings of the server of a test, its database among them: fresh, but that of a data folder that it had before. */
export async function withDatabase(config: ServerConfig): Promise<ServerConfig> {
  if (!isOnPostgres || config.database !== undefined)
    return { memory: config.database === undefined, ...config }
  const { memory = true, data = '' } = config
  const key = memory ? undefined : data
  const known = key === undefined ? undefined : ofFolders.get(key)
  const database = known ?? (await createDatabase())
  if (key !== undefined) ofFolders.set(key, database)
  return { ...config, memory: false, database }
}

/** Takes the database of a server that has stopped for another test. */
export function giveBack({ database }: { readonly database: string | undefined }): void {
  if (database !== undefined && ![...ofFolders.values()].includes(database)) free.push(database)
}

/** Makes the database that those of tests are made after. */
export async function createMigrated(postgres: Databases): Promise<void> {
  const storage = await openStorage({ model, database: await postgres.create(MIGRATED) })
  await storage[Symbol.asyncDispose]()
}

/** Everything but the tables and what migrations are known: as a database is that is new. */
const EMPTY = `DO $$
  DECLARE name text;
  BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migration' LOOP
      EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    INSERT INTO directory (revision) VALUES (1);
    ALTER SEQUENCE tenant_number_seq RESTART;
  END $$`

/** To make a database takes a quarter of a second, to empty one that is there a few milliseconds. */
async function createDatabase(): Promise<string> {
  const used = free.pop()
  if (used !== undefined) {
    const client = new Client(used)
    await client.connect()
    await client.query(EMPTY)
    await client.end()
    return used
  }
  databases ??= openDatabases()
  const { create } = await databases
  const name = `test_${process.pid}_${made.length}`
  made.push(name)
  return await create(name, MIGRATED)
}

async function openDatabases(): Promise<Databases & Partial<AsyncDisposable>> {
  const shared = process.env['RUNSTATE_TEST_CLUSTER']
  if (shared !== undefined) return databasesOf(shared)
  const own = await startPostgres()
  await createMigrated(own)
  return own
}

async function removeAll(): Promise<void> {
  const opened = await databases
  for (const name of made) await opened?.drop(name)
  await opened?.[Symbol.asyncDispose]?.()
}
