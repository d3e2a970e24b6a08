/**
 * What the protocol itself costs, without a socket: reading and printing a query, writing a page, a batch.
 *
 *     node bench/protocol.ts
 */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { quirksOf } from '#base/base.ts'
import { model } from '#model/model.ts'
import { parseOptions, type Row, readPayload, writeListed } from '#odata/odata.ts'
import { createServer, type RunstateServer } from '#server.ts'
import { compile } from '../src/storage/compile.ts'
import { sqlite } from '../src/storage/dialect.ts'
import { line, median, time } from './figures.ts'
import { fillFolder, scriptId, stateId } from './rows.ts'

const ROUNDS = 7
const quirks = quirksOf('documented')

/** A list as tools ask for it. */
const QUERY =
  "$filter=contains(displayName,'install')%20and%20runAsAccount%20eq%20'system'&$orderby=displayName&$select=id,displayName&$expand=assignments&$top=100"

function typeNamed(name: string) {
  const type = model.entityTypes.get(name)
  if (type === undefined) throw new Error(`the model has no ${name} now`)
  return type
}

/** Microseconds of one of many runs, the median of the rounds. */
async function microseconds(runs: number, run: () => unknown): Promise<number> {
  const rounds = await time(ROUNDS, () => {
    for (let i = 0; i < runs; i += 1) run()
  })
  return (median(rounds) * 1000) / runs
}

async function measureQuery(): Promise<void> {
  const type = typeNamed('deviceShellScript')
  const target = { type, kind: 'collection', now: '2026-11-23T00:00:00.0000000Z' } as const
  const read = (): ReturnType<typeof parseOptions> => parseOptions(QUERY, target)
  const options = read()
  const plan = { kind: 'select', type, within: { tenant: 1 }, limit: 100 } as const
  const print = (): unknown =>
    compile({ ...plan, condition: options.condition, order: options.order }, sqlite)
  line('reading the options of a typical list', `${(await microseconds(10_000, read)).toFixed(1)} µs`)
  line('printing its statement', `${(await microseconds(10_000, print)).toFixed(1)} µs`)
}

async function measurePage(): Promise<void> {
  const type = typeNamed('deviceManagementScriptUserState')
  const body = Buffer.from(JSON.stringify(type.example))
  const row: Row = readPayload(body, { model, type, operation: 'restore', quirks })
  const rows = Array.from({ length: 100 }, () => row)
  for (const metadata of ['minimal', 'full'] as const) {
    const write = (): string =>
      JSON.stringify({
        value: rows.map((each) => writeListed(type, each, { quirks, metadata, url: 'https://x' })),
      })
    line(`writing a page of 100, ${metadata} metadata`, `${(await microseconds(500, write)).toFixed(0)} µs`)
  }
}

async function measureBatch(server: RunstateServer): Promise<void> {
  const token = await server.token()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const send = async (method: string, url: string, body: unknown): Promise<void> => {
    const response = await server.fetch(url, { method, headers, body: JSON.stringify(body) })
    if (!response.ok) throw new Error(await response.text())
    await response.arrayBuffer()
  }
  const urls = Array.from(
    { length: 20 },
    (_, n) => `/deviceManagement/deviceShellScripts/${scriptId(n)}/userRunStates/${stateId(n)}`,
  )
  let changes = 0
  const change = (): unknown => {
    changes += 1
    return { userPrincipalName: `user${changes}@contoso.com` }
  }
  const batch = await time(100, () => {
    const requests = urls.map((url, id) => ({ id: String(id), method: 'PATCH', url, body: change() }))
    return send('POST', '/beta/$batch', { requests })
  })
  const single = await time(100, async () => {
    for (const url of urls) await send('PATCH', `/beta${url}`, change())
  })
  line('a batch of 20 PATCHes', `${median(batch).toFixed(2)} ms`)
  line(
    '20 PATCHes one after another',
    `${median(single).toFixed(2)} ms, ${(median(single) / median(batch)).toFixed(1)} times as long`,
  )
}

await measureQuery()
await measurePage()
const data = mkdtempSync(path.join(os.tmpdir(), 'runstate-bench-'))
try {
  await fillFolder(data, { scripts: 100, states: 1000 })
  await using server = await createServer({ data })
  await measureBatch(server)
} finally {
  rmSync(data, { recursive: true, force: true })
}
