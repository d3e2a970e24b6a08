/** The rows that the server and the floor are measured on: the same in both. */

import path from 'node:path'
import { type EntityType, model } from '#model/model.ts'
import { insertEntity } from '#operations/operations.ts'
import { createServer } from '#server.ts'
import { openStorage, type Transaction } from '#storage/storage.ts'

export const SCRIPTS = 100
export const STATES = 100_000

export function scriptId(n: number): string {
  return `s${n}`
}

export function stateId(n: number): string {
  return `id${n}`
}

/** How many rows there are to be. */
export interface RowCounts {
  readonly scripts: number
  readonly states: number
}

/** Where rows go: a data folder, or with a URL a database of PostgreSQL beside it. */
interface Place {
  readonly data: string
  readonly database?: string
}

const NOW = '2026-11-23T00:00:00.0000000Z'

/** Transactions at a time, no more than a server has connections. */
const AT_ONCE = 8

/** Fills a new data folder with the scripts and the states, in turn of each script; the server's own tenant is in it. */
export async function fillFolder(data: string, counts: RowCounts): Promise<void> {
  await fill({ data }, counts)
}

/** Fills a new database, as {@link fillFolder} a folder; gives the number of the tenant. */
export async function fill(place: Place, { scripts, states }: RowCounts): Promise<number> {
  const tenant = await firstTenant(place)
  const { data, database } = place
  const where = database === undefined ? { file: path.join(data, 'runstate.db') } : { database }
  await using storage = await openStorage({ model, ...where })
  let next = 0
  const fillScripts = async (): Promise<void> => {
    while (next < scripts) {
      const n = next
      next += 1
      // Apart: on PostgreSQL other scripts wait for their numbers until the one before is committed.
      await storage.transact(() => insertScript(n, tenant))
      await storage.transact(() => insertStates(n, { tenant, scripts, states }))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, fillScripts))
  return tenant
}

function* insertScript(script: number, tenant: number): Transaction<void> {
  const type = typeNamed('deviceShellScript')
  const members = { id: scriptId(script), displayName: `Script ${script}` }
  yield* insertEntity({ type, within: { tenant }, members, now: NOW })
}

/** Those of the states that are a script's own. */
function* insertStates(
  script: number,
  { tenant, scripts, states }: RowCounts & { readonly tenant: number },
): Transaction<void> {
  const type = typeNamed('deviceShellScript')
  const within = { tenant, parent: { type, within: { tenant }, key: scriptId(script) } }
  for (let n = script; n < states; n += scripts) {
    const state = {
      id: stateId(n),
      successDeviceCount: n % 7,
      errorDeviceCount: n % 3,
      userPrincipalName: `user${n}@contoso.com`,
    }
    yield* insertEntity({
      type: typeNamed('deviceManagementScriptUserState'),
      within,
      members: state,
      now: NOW,
    })
  }
}

export function typeNamed(name: string): EntityType {
  const type = model.entityTypes.get(name)
  if (type === undefined) throw new Error(`the model has no ${name} now`)
  return type
}

async function firstTenant({ data, database }: Place): Promise<number> {
  await using server = await createServer({ data, ...(database === undefined ? {} : { database }) })
  const [tenant] = await server.tenants()
  return tenant?.number ?? 0
}
