/** What the tests of JSON batches send, and how they read what comes back. */
import assert from 'node:assert/strict'
import type { Answer, Runstate, Sending } from '../support/runstate.ts'
import { createUserState, shellFamily } from './families.ts'

export type Members = Readonly<Record<string, unknown>>

/** What an answer has, whichever it is. */
interface PartBody {
  readonly id: string
  readonly displayName: string
  readonly successDeviceCount: number
  readonly '@odata.nextLink': string
  readonly value: readonly Members[]
  readonly error: { readonly code: string; readonly message: string; readonly innerError: Members }
}

/** The answer to one part. */
export interface PartAnswer {
  readonly id: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Where the answer has one. */
  readonly body: PartBody
}

export const SCRIPTS = 'deviceManagement/deviceShellScripts'
export const ODATA_JSON =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8'

/** Sends a batch. */
export async function post(runstate: Runstate, requests: unknown, sending: Sending = {}): Promise<Answer> {
  return await runstate.send('POST', '/beta/$batch', { body: { requests }, ...sending })
}

/** Sends a batch that is taken; gives the answers of its parts by their ids. */
export async function run(
  runstate: Runstate,
  requests: readonly Members[],
  sending: Sending = {},
): Promise<Readonly<Record<string, PartAnswer>>> {
  const answer = await post(runstate, requests, sending)
  assert.equal(answer.status, 200, answer.text)
  const { responses }: { readonly responses: readonly PartAnswer[] } = JSON.parse(answer.text)
  assert.equal(responses.length, requests.length)
  return Object.fromEntries(responses.map((each) => [each.id, each]))
}

/** As {@link run}: the statuses by the ids. */
export async function statusesOf(runstate: Runstate, requests: readonly Members[]): Promise<Members> {
  const answers = await run(runstate, requests)
  return Object.fromEntries(Object.entries(answers).map(([id, { status }]) => [id, status]))
}

/** The error that a part was answered with. */
export function errorIn(part: PartAnswer | undefined): PartBody['error'] {
  assert(part !== undefined)
  return part.body.error
}

/** Creates a script with one user state; gives the path of the state, relative to the version. */
export async function createState(runstate: Runstate): Promise<string> {
  return `deviceManagement/${await createUserState(runstate, shellFamily)}`
}

/** The `successDeviceCount` that a state has now. */
export async function countOf(runstate: Runstate, state: string): Promise<unknown> {
  return (await runstate.send('GET', `/beta/${state}`)).body['successDeviceCount']
}

/** A part that sets it; the documentation's own state begins with 2. */
export function set(state: string, successDeviceCount: unknown, more: Members = {}): Members {
  return { method: 'PATCH', url: `/${state}`, body: { successDeviceCount }, ...more }
}
