/** The rows `unrouted-navigations` and `writable-run-states`: documented routes that are there, or are not. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ServerConfig } from '#server.ts'
import { type Answer, errorOf, type Runstate, startRunstate } from '../support/runstate.ts'
import { assertRefused, families, readText, rowsOf, useRunstate } from './families.ts'
import { ids } from './health.ts'
import { configsWith } from './quirks.ts'
import { surface } from './surface.ts'

const NO_ROUTE = 'No method match route template'
const GROUP = '11111111-2222-4333-8444-555555555555'
const HEALTH = `deviceHealthScripts/${ids.script}`
const PREFIX = '/DeviceFE/StatelessDeviceFEService/deviceManagement/'

/** One of the model's own operations: what it is asked, and by which row it may be without a route. */
interface Request {
  readonly method: string
  readonly path: string
  readonly body?: unknown
}

/** Every documented operation, with the body that the pages print; its group is a GUID. */
const all: readonly Request[] = surface.map(({ method, path, body, family }) => {
  const text = JSON.stringify(body?.(family))?.replace('Target Group Id value', GROUP)
  return { method, path, ...(text === undefined ? {} : { body: text }) }
})

const unrouted = all.filter(
  ({ method, path }) =>
    /^device(?:CustomAttribute)?ShellScripts\/[^/]+\/assignments/.test(path) ||
    (method === 'POST' && path.endsWith('/assignments')) ||
    (method !== 'GET' && path.includes('/groupAssignments')),
)

const writes = all.filter(
  ({ method, path }) => method !== 'GET' && /\/(?:deviceRunStates|userRunStates|runSummary)/.test(path),
)

/** The message of a request without a route. */
function messageOf(template: string, method: string, path: string): string {
  return `No OData route exists that match template ${template} with http verb ${method} for request ${PREFIX}${path}.`
}

async function perform(runstate: Runstate, { method, path, body }: Request): Promise<Answer> {
  return await runstate.send(method, path, body === undefined ? {} : { body })
}

/** All that hangs below the documentation's scripts, as far as it can be read. */
async function readAll(runstate: Runstate): Promise<string> {
  const texts: string[] = []
  for (const { method, path } of all) {
    if (method === 'GET') texts.push((await runstate.send(method, path)).text)
  }
  for (const { example } of families)
    texts.push((await runstate.send('GET', `deviceManagementScripts/${example['id']}/assignments`)).text)
  for (const below of ['assignments', 'deviceRunStates', 'runSummary'])
    texts.push(await readText(runstate, `${HEALTH}/${below}`))
  return texts.join('\n').replace(/"(?:date|request-id|client-request-id)":"[^"]*"|Activity ID: \S+/g, '')
}

async function assertUnrouted(config: ServerConfig, requests: readonly Request[]): Promise<void> {
  await using runstate = await startRunstate({ ...config, demo: true })
  const before = await readAll(runstate)
  for (const request of requests) {
    const answer = await perform(runstate, request)
    assertRefused(answer, 400, NO_ROUTE)
    assert(errorOf(answer).message.includes(` with http verb ${request.method} for request ${PREFIX}`))
  }
  assert.equal(await readAll(runstate), before)
}

/** Asserts of each that it is done, on a fresh server: or is a conflict with the example that is there. */
async function assertRouted(config: ServerConfig, requests: readonly Request[]): Promise<void> {
  for (const request of requests) {
    await using runstate = await startRunstate({ ...config, demo: true })
    const { status, text } = await perform(runstate, request)
    assert([200, 201, 204, 409].includes(status), `${request.method} ${request.path}: ${text}`)
  }
}

describe('the navigations that the recorded service has no route for', () => {
  for (const { name, config } of configsWith('unrouted-navigations', 'refused')) {
    test(`are refused and write nothing: ${name}`, async () => {
      assert.equal(unrouted.length, 2 * 6 + 1 + 3 * 3)
      const body = { target: { '@odata.type': '#microsoft.graph.allDevicesAssignmentTarget' } }
      await assertUnrouted(config, [
        ...unrouted,
        { method: 'POST', path: `${HEALTH}/assignments`, body },
        { method: 'GET', path: `${HEALTH}/deviceRunStates/${ids.state}` },
        ...families.map(({ set, example }) => ({ method: 'PUT', path: `${set}/${example['id']}`, body: {} })),
      ])
    })
  }

  for (const { name, config } of configsWith('unrouted-navigations', 'routed')) {
    test(`are there: ${name}`, async () => {
      await assertRouted(config, [
        ...unrouted,
        { method: 'GET', path: `${HEALTH}/deviceRunStates/${ids.state}` },
      ])
    })

    test(`PUT is a method that an entity does not take: ${name}`, async () => {
      await using runstate = await startRunstate({ ...config, demo: true })
      const answer = await runstate.send('PUT', HEALTH, { body: {} })
      assertRefused(answer, 405, 'MethodNotAllowed')
    })
  }
})

describe('without those routes', () => {
  const runstate = useRunstate({ profile: 'observed', demo: true })
  const shell = `deviceShellScripts/${families[1]?.example['id']}`
  const keyed = shell.replace('/', "('").concat("')")

  test('the message names template, method and request in the recorded form', async () => {
    const requests = [
      ['GET', `${shell}/assignments`, '~/singleton/navigation/key/navigation', `${keyed}/assignments`],
      [
        'DELETE',
        `${shell}/groupAssignments/${GROUP}`,
        '~/singleton/navigation/key/navigation/key',
        `${keyed}/groupAssignments('${GROUP}')`,
      ],
      ['PUT', shell, '~/singleton/navigation/key', keyed],
      [
        'GET',
        `${shell}/assignments/$count`,
        '~/singleton/navigation/key/navigation/$count',
        `${keyed}/assignments/$count`,
      ],
    ] as const
    for (const [method, path, template, request] of requests) {
      const answer = await runstate().send(method, path)
      assert.equal(errorOf(answer).message, messageOf(template, method, request))
    }
  })

  test('assignments of a shell script are read by the older form, and below deviceManagementScripts', async () => {
    const target = { '@odata.type': '#microsoft.graph.groupAssignmentTarget', groupId: GROUP }
    const body = { deviceManagementScriptAssignments: [{ target }] }
    assert.equal((await runstate().send('POST', `${shell}/assign`, { body })).status, 200)
    const [group = {}] = rowsOf(await runstate().send('GET', `${shell}/groupAssignments`))
    assert.equal(group['targetGroupId'], GROUP)
    const through = shell.replace('deviceShellScripts', 'deviceManagementScripts')
    assert.equal(rowsOf(await runstate().send('GET', `${through}/assignments`)).length, 1)
  })

  test('a token is asked for first', async () => {
    assertRefused(await runstate().send('GET', `${shell}/assignments`, { token: null }), 401)
  })
})

describe('writes to run states and summaries', () => {
  for (const { name, config } of configsWith('writable-run-states', 'routed')) {
    test(`are there: ${name}`, async () => {
      assert.equal(writes.length, 3 * 10)
      await assertRouted(config, writes)
    })
  }

  for (const { name, config } of configsWith('writable-run-states', 'refused')) {
    test(`are refused and write nothing, the three updates too: ${name}`, async () => {
      await assertUnrouted(config, [
        ...writes,
        { method: 'POST', path: `${HEALTH}/deviceRunStates`, body: {} },
        { method: 'PATCH', path: `${HEALTH}/deviceRunStates/${ids.state}`, body: {} },
        { method: 'DELETE', path: `${HEALTH}/deviceRunStates/${ids.state}` },
        { method: 'PATCH', path: `${HEALTH}/runSummary`, body: {} },
      ])
    })
  }
})
