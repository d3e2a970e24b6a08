/** A cluster of PostgreSQL as what a campaign runs on, and the ways in which it is killed. */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import type { Ending } from '../support/command-line.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { countOrphans } from './check.ts'
import type { Outage, Subject } from './subject.ts'

/** Sessions of a server of Runstate's. */
const SERVED = `application_name = 'runstate' AND datname = current_database()`

/** What clusters of tests otherwise leave out. */
const durable = { fsync: 'on', full_page_writes: 'on' }

/** The subject, its cluster set up as PostgreSQL is by default, but for the `settings`. It goes at the end. */
export async function clusterSubject(
  ending: Ending,
  data: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Subject & { readonly url: string }> {
  const cluster = await startPostgres({ settings: { ...durable, ...settings } })
  ending.after(async () => await cluster[Symbol.asyncDispose]())
  const url = await cluster.create('campaign')
  const numbers = (sql: string): Promise<readonly number[]> => lend(url, (client) => numbersOf(client, sql))
  return {
    url,
    flags: ['--data', data, '--database', url],
    outages: outagesOf(cluster, url),
    quiet: async () => {
      const isBusy = async (): Promise<boolean> =>
        (await numbers(`SELECT pid FROM pg_stat_activity WHERE ${SERVED}`)).length > 0
      for (let tries = 0; await isBusy(); tries++) {
        assert(tries < 500, 'the sessions of a server that was killed come to their end')
        await delay(20)
      }
    },
    inspect: () => [],
    inspectOrphans: () => countOrphans(async (sql) => (await numbers(sql))[0] ?? 0),
  }
}

function outagesOf(cluster: Postgres, url: string): readonly Outage[] {
  return [
    {
      name: 'backend',
      isTotal: false,
      begin: () => lend(url, killBackend),
      end: () => untilBack(url),
    },
    {
      name: 'cluster',
      isTotal: true,
      begin: () => lend(url, (client) => killCluster(client, cluster.processId())),
      end: () => cluster.start(),
    },
  ]
}

/** Kills one session, at work if any is: PostgreSQL then ends all others, this one too, and recovers as after a crash. */
async function killBackend(client: Client): Promise<void> {
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()))
  const [pid] = await numbersOf(
    client,
    `SELECT pid FROM pg_stat_activity WHERE ${SERVED} ORDER BY state <> 'active', random() LIMIT 1`,
  )
  assert(pid !== undefined, 'the server has a session')
  kill(pid)
  await ended
}

/** Resolves when a session can be opened again. */
async function untilBack(url: string): Promise<void> {
  const isBack = (): Promise<boolean> =>
    lend(url, (client) => client.query('SELECT 1')).then(
      () => true,
      () => false,
    )
  for (let tries = 0; !(await isBack()); tries++) {
    assert(tries < 500, 'PostgreSQL recovers')
    await delay(20)
  }
}

/** Kills every process of a cluster; the first is held, so that it does not react to the end of the others. */
async function killCluster(client: Client, first: number): Promise<void> {
  process.kill(first, 'SIGSTOP')
  const children = await numbersOf(client, 'SELECT pid FROM pg_stat_activity')
  for (const pid of [...children, first]) kill(pid)
}

/** A session may have ended since it was asked for. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Lends a session of its own, which may end while it is lent. */
export async function lend<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(url)
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

/** The first column of what a query gives. */
async function numbersOf(client: Client, sql: string): Promise<readonly number[]> {
  const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' })
  return rows.map(([number]) => Number(number))
}
