/** Reads back what a server has, and holds it to the rules that no kill may break. */
import assert from 'node:assert/strict'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Client, list, type Members } from './client.ts'
import type { Entry } from './ledger.ts'
import { formatOf, SCRIPTS, STATES } from './orders.ts'

/** What a server has, and what is wrong with it in itself. */
export interface Reading {
  readonly found: ReadonlyMap<string, Entry>
  readonly violations: readonly string[]
}

/** Reads every script and what hangs below it. */
export async function readAll(client: Client): Promise<Reading> {
  const found = new Map<string, Entry>()
  const violations: string[] = []
  const add = (name: string, entry: Entry): void => {
    if (found.has(name)) violations.push(`there twice: ${name}`)
    found.set(name, entry)
  }
  for (const script of await list(client, SCRIPTS)) {
    const name = String(script['displayName'])
    const below = `${SCRIPTS}/${script['id']}`
    add(name, { path: below, value: formatOf.script(script) })
    const assignments = await list(client, `${below}/assignments`)
    add(`${name}/assigned`, { path: below, value: formatOf.assigned(assignments.map(groupOf)) })
    const [users, devices] = [
      await list(client, `${below}/userRunStates`),
      await list(client, `${below}/deviceRunStates`),
    ]
    for (const [kind, rows] of [['user', users] as const, ['device', devices] as const]) {
      const { collection, nameIn } = STATES[kind]
      for (const row of rows)
        add(`${name}/${kind}/${row[nameIn]}`, {
          path: `${below}/${collection}/${row['id']}`,
          value: formatOf[kind](row),
        })
    }
    const { body } = await client('GET', `${below}/runSummary`)
    const [kept, counted] = [formatSummary(body), formatSummary(count(users, devices))]
    if (kept !== counted) violations.push(`the summary of ${name} says ${kept}, and there are ${counted}`)
  }
  return { found, violations }
}

/** The group that an assignment is for. */
export function groupOf({ target }: Members): string {
  return String(Object(target)['groupId'])
}

/** What a run summary counts, by its rule. */
function count(users: readonly Members[], devices: readonly Members[]): Members {
  const failed = users.filter(({ errorDeviceCount }) => Number(errorDeviceCount) > 0)
  const fine = users.filter((user) => Number(user['successDeviceCount']) > 0 && !failed.includes(user))
  return {
    successDeviceCount: devices.filter(({ runState }) => runState === 'success').length,
    errorDeviceCount: devices.filter(({ runState }) => runState === 'fail' || runState === 'scriptError')
      .length,
    successUserCount: fine.length,
    errorUserCount: failed.length,
  }
}

function formatSummary(summary: Members): string {
  const names = ['successDeviceCount', 'errorDeviceCount', 'successUserCount', 'errorUserCount']
  return names.map((name) => summary[name]).join('/')
}

/** The database in a data folder, which a server may have open. */
export function openFile(data: string): DatabaseSync {
  return new DatabaseSync(path.join(data, 'runstate.db'), { readOnly: true, timeout: 5000 })
}

/** What SQLite itself says of the file. */
export function inspectFile(data: string): readonly string[] {
  using database = openFile(data)
  const rows = [
    ...database.prepare('PRAGMA integrity_check').all(),
    ...database.prepare('PRAGMA foreign_key_check').all(),
  ]
  return rows.map((row) => JSON.stringify(row)).filter((text) => text !== '{"integrity_check":"ok"}')
}

/** Tables of what hangs below a script. */
const CHILDREN = ['assignment', 'user_state', 'device_state', 'run_summary']

/**
 * Waits until what deletions left behind is gone; says what is still there without a script.
 *
 * @param countOf the number that a statement gives as `count`.
 */
export async function countOrphans(countOf: (sql: string) => Promise<number>): Promise<readonly string[]> {
  const left = (): Promise<number> => countOf('SELECT count(*) AS count FROM purge')
  for (let tries = 0; tries < 100 && (await left()) > 0; tries++)
    await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(await left(), 0, 'the purge comes to its end')
  const violations: string[] = []
  for (const table of CHILDREN) {
    const orphans = await countOf(`SELECT count(*) AS count FROM ${table} AS child WHERE NOT EXISTS (
      SELECT 1 FROM script WHERE script.tenant = child.tenant AND script.number = child.script)`)
    if (orphans > 0) violations.push(`${orphans} rows of ${table} have no script`)
  }
  return violations
}
