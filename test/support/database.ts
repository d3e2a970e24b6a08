/**
 * The database of a test's server: one in memory, or with RUNSTATE_TEST_DATABASE=postgres one of PostgreSQL, of a cluster
 * that the test file has for itself.
 */
import { after } from 'node:test'
import { model } from '#model/model.ts'
import type { ServerConfig } from '#server.ts'
import { openStorage } from '#storage/storage.ts'
import { type Postgres, startPostgres } from './postgres.ts'

/** Whether the servers of tests run on PostgreSQL. */
export const isOnPostgres = process.env['RUNSTATE_TEST_DATABASE'] === 'postgres'

let cluster: Promise<Postgres> | undefined
const ofFolders = new Map<string, string>()
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

async function createDatabase(): Promise<string> {
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
