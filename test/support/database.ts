/**
 * The database of a test's server: one in memory, or with RUNSTATE_TEST_DATABASE=postgres one of PostgreSQL, of a cluster
 * that the test file has for itself.
 */
import { after } from 'node:test'
import { Client } from 'pg'
import { model } from '#model/model.ts'
import type { ServerConfig } from '#server.ts'
import { openStorage } from '#storage/storage.ts'
import { type Postgres, startPostgres } from './postgres.ts'

/** Whether the servers of tests run on PostgreSQL. */
export const isOnPostgres = process.env['RUNSTATE_TEST_DATABASE'] === 'postgres'

let cluster: Promise<Postgres> | undefined
const ofFolders = new Map<string, string>()
const free: string[] = []
let made = 0

if (isOnPostgres) {
  after(async () => {
    await (await cluster)?.[Symbol.asyncDispose]()
  })
}

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
  cluster ??= startMigrated()
  made += 1
  return (await cluster).create(`test${made}`, 'migrated')
}

/** A cluster with a database whose tables are there, and which others are made after. */
async function startMigrated(): Promise<Postgres> {
  const postgres = await startPostgres()
  const storage = await openStorage({ model, database: postgres.create('migrated') })
  await storage[Symbol.asyncDispose]()
  return postgres
}
