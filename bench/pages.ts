/**
 * Pages of 100 out of very many user run states of one script, filtered and ordered, the last page beside the first; and a
 * page of 100 scripts with three expansions.
 */
import { createServer } from '#server.ts'
import { createClient, type Page, type Send } from './client.ts'
import { median, percentile, ratiosOf, time } from './figures.ts'
import type { BenchOptions, Figure } from './figures-table.ts'
import { temporaryFolder } from './folder.ts'
import { fillFolder, scriptId } from './rows.ts'

const MOST = 1.2
const RUNS = 40

/** Each a list that an index serves. */
const LISTS = {
  'by position': '',
  'ordered by userPrincipalName': '$orderby=userPrincipalName&',
  'filtered, ordered by userPrincipalName': '$filter=errorDeviceCount%20eq%202&$orderby=userPrincipalName&',
  'ordered by errorDeviceCount desc': '$orderby=errorDeviceCount%20desc&',
} as const

export async function measure({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const states = isQuick ? 10_000 : 1_000_000
  const rounds = isQuick ? 2 : 5
  return [...(await measureLists({ states, rounds })), await measureExpansions(rounds)]
}

interface Extent {
  readonly states: number
  readonly rounds: number
}

async function measureLists({ states, rounds }: Extent): Promise<readonly Figure[]> {
  using data = temporaryFolder()
  await fillFolder(data.path, { scripts: 1, states })
  await using server = await createServer({ data: data.path })
  const send = await createClient(server)
  const collection = `/beta/deviceManagement/deviceShellScripts/${scriptId(0)}/userRunStates`
  const figures: Figure[] = []
  for (const [name, options] of Object.entries(LISTS)) {
    const first = `${collection}?${options}$top=100`
    const last = await lastPage(send, first)
    const [firsts, lasts]: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round += 1) {
      firsts.push(median(await time(RUNS, () => send('GET', first))))
      lasts.push(median(await time(RUNS, () => send('GET', last))))
    }
    const ratio = { to: 'the first page', rounds: ratiosOf(lasts, firsts) }
    figures.push({
      figure: `last page of ${states.toLocaleString('en')} states, ${name}`,
      value: `${median(lasts).toFixed(2)} ms`,
      ratio,
      goal: { bound: 'at most', limit: MOST, reached: median(ratio.rounds) },
    })
  }
  return figures
}

/** The link to the last page, by way of all before it. */
async function lastPage(send: Send, url: string): Promise<string> {
  let link = url
  for (;;) {
    const page: Page = pageOf(await send('GET', link.replace('$top=100', '$top=1000')))
    const next = page['@odata.nextLink']
    if (next === undefined) return link
    link = next.replace('$top=1000', '$top=100')
  }
}

function pageOf(answer: unknown): Page {
  if (typeof answer === 'object' && answer !== null && 'value' in answer && Array.isArray(answer.value)) {
    const next = '@odata.nextLink' in answer ? answer['@odata.nextLink'] : undefined
    return { value: answer.value, ...(typeof next === 'string' ? { '@odata.nextLink': next } : {}) }
  }
  throw new Error('the answer is no page')
}

async function measureExpansions(rounds: number): Promise<Figure> {
  using data = temporaryFolder()
  await fillFolder(data.path, { scripts: 100, states: 10_000 })
  await using server = await createServer({ data: data.path })
  const send = await createClient(server)
  const url =
    '/beta/deviceManagement/deviceShellScripts?$select=id&$expand=assignments,runSummary,userRunStates($top=10)'
  const all = await time(rounds * RUNS, () => send('GET', url))
  return {
    figure: '100 scripts with three expansions',
    value: `${median(all).toFixed(2)} ms, p99 ${percentile(all, 99).toFixed(2)} ms`,
  }
}
