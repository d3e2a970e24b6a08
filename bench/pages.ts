/**
 * Pages of 100 out of very many user run states of one script, filtered and ordered, the first page and the last.
 *
 *     node bench/pages.ts [states]
 *
 * And a page of 100 scripts with three expansions.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createServer, type RunstateServer } from '#server.ts'
import { line, percentile, time } from './figures.ts'
import { fillFolder, scriptId } from './rows.ts'

const [states = 1_000_000] = process.argv.slice(2).map(Number)
const RUNS = 200

type Get = (
  url: string,
) => Promise<{ readonly value: readonly unknown[]; readonly '@odata.nextLink'?: string }>

async function client(server: RunstateServer): Promise<Get> {
  const authorization = `Bearer ${await server.token()}`
  return async (url) => {
    const response = await server.fetch(url, { headers: { authorization } })
    if (!response.ok) throw new Error(await response.text())
    const page: Awaited<ReturnType<Get>> = JSON.parse(await response.text())
    return page
  }
}

/** The link to the last page, by way of all before it. */
async function lastPage(get: Get, url: string): Promise<string> {
  let link = url
  for (;;) {
    const { '@odata.nextLink': next } = await get(link.replace('$top=100', '$top=1000'))
    if (next === undefined) return link
    link = next.replace('$top=1000', '$top=100')
  }
}

async function measure(get: Get, name: string, url: string): Promise<void> {
  const last = await lastPage(get, url)
  for (const [which, page] of [
    ['first', url],
    ['last', last],
  ] as const) {
    await time(20, () => get(page))
    const all = await time(RUNS, () => get(page))
    line(
      `${name}, ${which}`,
      `p50 ${percentile(all, 50).toFixed(2)} ms   p99 ${percentile(all, 99).toFixed(2)} ms`,
    )
  }
}

const data = mkdtempSync(path.join(os.tmpdir(), 'runstate-bench-'))
try {
  await fillFolder(data, { scripts: 1, states })
  await using server = await createServer({ data })
  const get = await client(server)
  const collection = `/beta/deviceManagement/deviceShellScripts/${scriptId(0)}/userRunStates`
  await measure(get, 'by position', `${collection}?$top=100`)
  await measure(get, 'ordered by userPrincipalName', `${collection}?$orderby=userPrincipalName&$top=100`)
  await measure(
    get,
    'errorDeviceCount eq 2, ordered by userPrincipalName',
    `${collection}?$filter=errorDeviceCount%20eq%202&$orderby=userPrincipalName&$top=100`,
  )
  await measure(
    get,
    'ordered by errorDeviceCount desc',
    `${collection}?$orderby=errorDeviceCount%20desc&$top=100`,
  )
} finally {
  rmSync(data, { recursive: true, force: true })
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'runstate-bench-'))
try {
  await fillFolder(folder, { scripts: 100, states: 10_000 })
  await using server = await createServer({ data: folder })
  const get = await client(server)
  const url =
    '/beta/deviceManagement/deviceShellScripts?$select=id&$expand=assignments,runSummary,userRunStates($top=10)'
  const all = await time(RUNS, () => get(url))
  line(
    '100 scripts with three expansions',
    `p50 ${percentile(all, 50).toFixed(2)} ms   p99 ${percentile(all, 99).toFixed(2)} ms`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
