/**
 * With RUNSTATE_TEST_RECORDING=folder, what servers are asked and answer goes into a file for each test file, so that the
 * answers of two databases can be compared byte for byte. What is random is drawn from a fixed row, so that an order by ids
 * is the same in every recording.
 */
import crypto from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join, relative } from 'node:path'
import { getTestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { guidOf, wallClock } from '#base/base.ts'
import type { RunstateServer, ServerParts } from '#server.ts'
import { isCompared } from './differences.ts'
import { type Exchange, formatExchanges } from './exchanges.ts'

const folder = process.env['RUNSTATE_TEST_RECORDING']
const root = join(import.meta.dirname, '../..')
const exchanges: Exchange[] = []
let moments = 0
let servers = 0
let latest = 0
let asked = 0
let current = ''
/** Where the row of guids stands: each test begins one, so that none depends on what happened in those before. */
let draws = { row: 0, drawn: 0 }

if (folder !== undefined) {
  const file = relative(root, process.argv[1] ?? '').replaceAll(/[/\\]/g, '.')
  const since = Date.now()
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 1 })
  crypto.randomUUID = drawGuid
  syncBuiltinESMExports()
  process.on('exit', () => {
    writeFileSync(
      join(folder, `${file}.jsonl`),
      formatExchanges(exchanges, { since, until: Math.max(Date.now(), latest) }),
    )
  })
}

function beginRow(test: string): void {
  asked += 1
  if (test === current) return
  current = test
  draws = { row: asked, drawn: 0 }
}

function drawGuid(): ReturnType<typeof crypto.randomUUID> {
  draws.drawn += 1
  const guid = guidOf(`drawn ${draws.row} ${draws.drawn}`)
  const [first = '', second = '', third = '', fourth = '', fifth = ''] = guid.split('-')
  return `${first}-${second}-${third}-${fourth}-${fifth}`
}

/** The parts of a server that is recorded: a clock that never says the same twice, so that equal times mean one moment. */
export function recordedParts(parts: ServerParts): ServerParts {
  if (folder === undefined || parts.clock !== undefined) return parts
  const now = (): number => {
    latest = Math.max(latest + 1, wallClock.now())
    return latest
  }
  return { ...parts, clock: { ...wallClock, now } }
}

/** Has a server's answers to {@link RunstateServer.fetch} recorded. */
export function recordAnswers(server: RunstateServer): void {
  if (folder === undefined) return
  servers += 1
  const number = servers
  const fetch = server.fetch.bind(server)
  server.fetch = async (input, init) => {
    moments += 1
    const begins = moments
    const test = getTestContext()?.fullName ?? ''
    beginRow(test)
    const request = describeRequest(input, init)
    const response = await fetch(input, init)
    moments += 1
    const ends = moments
    const answer = await describeAnswer(response.clone())
    if (isCompared(test))
      exchanges.push({ test, server: number, request: await request, answer, begins, ends })
    return response
  }
}

/** As the test gives it; the token is the test's own matter. */
async function describeRequest(input: string | URL | Request, init: RequestInit = {}): Promise<string> {
  if (input instanceof Request) return `${input.method} ${input.url}\n${await input.clone().text()}`
  const headers = [...new Headers(init.headers)].filter(([name]) => name !== 'authorization')
  const body = init.body instanceof Blob ? await init.body.text() : String(init.body ?? '')
  return `${init.method ?? 'GET'} ${input}\n${JSON.stringify(headers)}\n${body}`
}

async function describeAnswer(response: Response): Promise<string> {
  const bytes = Buffer.from(await response.arrayBuffer())
  const isCompressed = response.headers.get('content-encoding') === 'gzip'
  const body = (isCompressed ? gunzipSync(bytes) : bytes).toString()
  return `${response.status}\n${JSON.stringify([...response.headers])}\n${body}`
}
