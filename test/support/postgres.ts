/** The databases of a PostgreSQL that runs for tests: made, spoken to, and gone with the test. */
import { Client, type QueryArrayResult } from 'pg'
import type { Statement } from '#storage/compile.ts'
import type { SqlValue } from '#storage/dialect.ts'
import { type Cluster, type ClusterOptions, startCluster, urlOf } from './postgres-cluster.ts'

export { noPostgres } from './postgres-cluster.ts'

/** The rows of a statement, a text each: the columns joined by `|`, null as nothing. */
export type Lines = readonly string[]

/** A server with databases. Disposing of it ends it and removes its files. */
export interface Postgres extends Cluster {
  /** Makes a database, empty or like another, and gives its URL. */
  create(name: string, template?: string): Promise<string>
  /** Removes a database, whoever uses it. */
  drop(name: string): Promise<void>
  /** The URL of a database. */
  url(name: string): string
  /** Runs SQL up to its first error, in the database `postgres` where none is named, and gives the rows of all of it. */
  run(sql: string, database?: string): Promise<Lines>
  /** Runs a statement with its parameters in the database `postgres`. */
  execute(statement: Statement): Promise<Lines>
  /** As {@link execute}, of many in one session, the rows of each. */
  executeAll(statements: readonly Statement[]): Promise<readonly Lines[]>
  /** How each of many would be executed under the given settings, as lines of a plan. */
  explainAll(statements: readonly Statement[], settings: string): Promise<readonly Lines[]>
}

/** Starts a server of the test's own. Use it with `await using`. */
export async function startPostgres(options: ClusterOptions = {}): Promise<Postgres> {
  const cluster = await startCluster(options)
  return { ...databasesOf(cluster.folder, options.settings?.['port']), ...cluster }
}

/** What can be done with the databases of a server, whoever started it. */
export type Databases = Omit<Postgres, keyof Cluster>

/** The databases of a server that another process started. */
export function databasesOf(folder: string, port?: string): Databases {
  const url = (name: string): string => urlOf(folder, name, port)
  const inSession = async <T>(use: (client: Client) => Promise<T>, database = 'postgres'): Promise<T> => {
    const client = new Client(url(database))
    await client.connect()
    return await use(client).finally(() => client.end())
  }
  const run: Postgres['run'] = (sql, database) => inSession((client) => ask(client, sql), database)
  const executeAll: Postgres['executeAll'] = (statements) =>
    inSession((client) => askAll(client, statements, (statement) => statement))
  return {
    ...{ url, run, executeAll },
    execute: async (statement) => (await executeAll([statement])).flat(),
    explainAll: (statements, settings) =>
      inSession(async (client) => {
        await ask(client, settings)
        return await askAll(client, statements, (each) => ({
          ...each,
          text: `EXPLAIN (COSTS OFF) ${each.text}`,
        }))
      }),
    create: async (name, template = 'template0') => {
      await run(`CREATE DATABASE ${name} TEMPLATE ${template}`)
      return url(name)
    },
    drop: async (name) => {
      await run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

async function askAll(
  client: Client,
  statements: readonly Statement[],
  as: (statement: Statement) => Statement,
): Promise<readonly Lines[]> {
  const found: Lines[] = []
  for (const { text, values } of statements.map(as)) found.push(await ask(client, text, values))
  return found
}

/** A value as the server writes it. */
const types = { getTypeParser: () => (text: string | Buffer) => String(text) }

async function ask(client: Client, text: string, values: readonly SqlValue[] = []): Promise<Lines> {
  const answer: QueryArrayResult<unknown[]> | readonly QueryArrayResult<unknown[]>[] = await client.query({
    ...{ text, rowMode: 'array', types },
    ...(values.length === 0 ? {} : { values: [...values] }),
  })
  return [answer].flat().flatMap(({ rows }) => rows.map((row) => row.map((value) => value ?? '').join('|')))
}
