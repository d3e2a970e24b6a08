/** What the protocol itself costs, without a socket: reading and printing a query, writing a page, a batch. */
import { quirksOf } from '#base/base.ts'
import { model } from '#model/model.ts'
import { parseOptions, type Row, readPayload, writeListed } from '#odata/odata.ts'
import { createServer } from '#server.ts'
import { compile } from '../src/storage/compile.ts'
import { sqlite } from '../src/storage/dialect.ts'
import { createClient, type Send } from './client.ts'
import { median, ratiosOf, time } from './figures.ts'
import type { BenchOptions, Figure } from './figures-table.ts'
import { temporaryFolder } from './folder.ts'
import { fillFolder, scriptId, stateId, typeNamed } from './rows.ts'

const ROUNDS = 7
const quirks = quirksOf('documented')

/** A list as tools ask for it. */
const QUERY =
  "$filter=contains(displayName,'install')%20and%20runAsAccount%20eq%20'system'&$orderby=displayName&$select=id,displayName&$expand=assignments&$top=100"

/** Microseconds of one of many runs, the median of the rounds. */
async function microseconds(runs: number, run: () => unknown): Promise<number> {
  const rounds = await time(ROUNDS, () => {
    for (let i = 0; i < runs; i += 1) run()
  })
  return (median(rounds) * 1000) / runs
}

async function measureQuery(): Promise<readonly Figure[]> {
  const type = typeNamed('deviceShellScript')
  const target = { type, kind: 'collection', now: '2026-11-23T00:00:00.0000000Z' } as const
  const read = (): ReturnType<typeof parseOptions> => parseOptions(QUERY, target)
  const options = read()
  const plan = { kind: 'select', type, within: { tenant: 1 }, limit: 100 } as const
  const print = (): unknown =>
    compile({ ...plan, condition: options.condition, order: options.order }, sqlite)
  const [reading, printing] = [await microseconds(10_000, read), await microseconds(10_000, print)]
  return [
    { figure: 'reading the options of a typical list', value: `${reading.toFixed(1)} µs` },
    { figure: 'printing its statement', value: `${printing.toFixed(1)} µs` },
  ]
}

async function measurePage(): Promise<readonly Figure[]> {
  const type = typeNamed('deviceManagementScriptUserState')
  const body = Buffer.from(JSON.stringify(type.example))
  const row: Row = readPayload(body, { model, type, operation: 'restore', quirks })
  const rows = Array.from({ length: 100 }, () => row)
  const figures: Figure[] = []
  for (const metadata of ['minimal', 'full'] as const) {
    const write = (): string =>
      JSON.stringify({
        value: rows.map((each) => writeListed(type, each, { quirks, metadata, url: 'https://x' })),
      })
    const value = `${(await microseconds(500, write)).toFixed(0)} µs`
    figures.push({ figure: `writing a page of 100, ${metadata} metadata`, value })
  }
  return figures
}

async function measureBatch(send: Send): Promise<Figure> {
  const urls = Array.from(
    { length: 20 },
    (_, n) => `/deviceManagement/deviceShellScripts/${scriptId(n)}/userRunStates/${stateId(n)}`,
  )
  let changes = 0
  const change = (): unknown => {
    changes += 1
    return { userPrincipalName: `user${changes}@contoso.com` }
  }
  const inOne = (): Promise<unknown> => {
    const requests = urls.map((url, id) => ({ id: String(id), method: 'PATCH', url, body: change() }))
    return send('POST', '/beta/$batch', { requests })
  }
  const apart = async (): Promise<void> => {
    for (const url of urls) await send('PATCH', `/beta${url}`, change())
  }
  const [batches, singles]: [number[], number[]] = [[], []]
  for (let round = 0; round < ROUNDS; round += 1) {
    batches.push(median(await time(20, inOne)))
    singles.push(median(await time(20, apart)))
  }
  return {
    figure: 'a batch of 20 PATCHes',
    value: `${median(batches).toFixed(2)} ms`,
    ratio: { to: '20 one after another', rounds: ratiosOf(batches, singles) },
  }
}

export async function measure(_options: BenchOptions): Promise<readonly Figure[]> {
  using data = temporaryFolder()
  await fillFolder(data.path, { scripts: 100, states: 1000 })
  await using server = await createServer({ data: data.path })
  const batch = await measureBatch(await createClient(server))
  return [...(await measureQuery()), ...(await measurePage()), batch]
}
