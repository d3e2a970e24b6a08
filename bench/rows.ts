/** The rows that the server and the floor are measured on: the same in both. */

import path from 'node:path'
import { model } from '#model/model.ts'
import { insertEntity } from '#operations/operations.ts'
import { createServer } from '#server.ts'
import { openStorage } from '#storage/storage.ts'

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

/** Fills a new data folder with the scripts and the states, in turn of each script; the server's own tenant is in it. */
export async function fillFolder(
  data: string,
  { scripts, states }: RowCounts = { scripts: SCRIPTS, states: STATES },
): Promise<void> {
  const tenant = await firstTenant(data)
  const script = model.entityTypes.get('deviceShellScript')
  const state = model.entityTypes.get('deviceManagementScriptUserState')
  if (script === undefined || state === undefined) throw new Error('the model has other types now')
  await using storage = await openStorage({ model, file: path.join(data, 'runstate.db') })
  const now = '2026-11-23T00:00:00.0000000Z'
  await storage.transact(function* () {
    for (let n = 0; n < scripts; n += 1) {
      yield* insertEntity({
        type: script,
        within: { tenant },
        members: { id: scriptId(n), displayName: `Script ${n}` },
        now,
      })
    }
    for (let n = 0; n < states; n += 1) {
      const within = { tenant, parent: { type: script, within: { tenant }, key: scriptId(n % scripts) } }
      const members = {
        id: stateId(n),
        successDeviceCount: n % 7,
        errorDeviceCount: n % 3,
        userPrincipalName: `user${n}@contoso.com`,
      }
      yield* insertEntity({ type: state, within, members, now })
    }
  })
}

async function firstTenant(data: string): Promise<number> {
  await using server = await createServer({ data })
  const [tenant] = await server.tenants()
  return tenant?.number ?? 0
}
