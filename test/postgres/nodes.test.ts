/** Several servers on one database are one server: nothing that they must share is kept by one alone. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createServer } from '#server.ts'
import { groupOf, readAll } from '../faults/check.ts'
import { type Client, list, type Members } from '../faults/client.ts'
import { Ledger } from '../faults/ledger.ts'
import { send, type Target } from '../faults/load.ts'
import { createScript, formatOf, nextOrders, type Order, SCRIPTS, SHARED } from '../faults/orders.ts'
import { run } from '../support/command-line.ts'
import { createDice } from '../support/dice.ts'
import { noPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import { startNode, startTwo } from './nodes.ts'

/** What the documents promise: within this time every server has seen a change of tenants, licences or keys. */
const SEEN_MS = 1000
const WRITERS = 4
const ROUNDS = 60

describe('servers on one database', { skip: noPostgres }, () => {
  let cluster: Postgres
  before(async () => {
    cluster = await startPostgres()
  })
  after(async () => {
    await cluster[Symbol.asyncDispose]()
  })

  for (const count of [2, 4]) {
    test(`start ${count} at once on an empty one, with one key, one tenant and the examples once`, async (t) => {
      const options = { database: await cluster.create(`empty${count}`), flags: ['--demo'] }
      const nodes = await Promise.all(Array.from({ length: count }, () => startNode(t, options)))
      const keys = nodes.map(async ({ serving: { ready } }) => {
        return await (await fetch(`${ready.httpUrl}/${ready.tenant}/discovery/v2.0/keys`)).text()
      })
      assert.equal(new Set(await Promise.all(keys)).size, 1)
      const scripts = await Promise.all(nodes.map(({ client }) => list(client, SCRIPTS)))
      assert.equal(scripts[0]?.length, 1)
      for (const each of scripts) assert.deepEqual(each, scripts[0])
      const { stdout } = await run(['tenant', 'list', '--database', cluster.url(`empty${count}`)])
      assert.equal(stdout.trim().split('\n').length, 1)
    })
  }

  test('see each write with the next read, whichever did it', async (t) => {
    const [one, two] = await startTwo(t, { database: await cluster.create('writes') })
    const [ledger, objections] = [new Ledger(), [] as string[]]
    const toward = (client: Client): Target => ({
      client,
      phase: () => 'served',
      isOver: () => false,
      object: (violation) => void objections.push(violation),
      tell: () => undefined,
    })
    let number = 0
    const next = (): number => ++number
    const writeAndRead = async (orders: readonly Order[], turn: number): Promise<void> => {
      const [writing, reading] = turn % 2 === 0 ? [one, two] : [two, one]
      await send(orders, { ledger }, toward(writing.client))
      for (const order of orders) await assertSeen(reading.client, { ledger, order })
    }
    await writeAndRead([createScript(SHARED, next())], 0)
    const write = async (index: number): Promise<void> => {
      const writer = { name: `w${index}`, ledger, roll: createDice(index), next }
      for (let round = 0; round < ROUNDS; round++) await writeAndRead(nextOrders(writer), index + round)
    }
    await Promise.all(Array.from({ length: WRITERS }, (_, index) => write(index)))
    assert.deepEqual(objections, [])
    assert(ledger.acknowledged > WRITERS * ROUNDS, `${ledger.acknowledged} writes`)
    for (const { client } of [one, two]) assert.deepEqual((await readAll(client)).violations, [])
  })

  test('take the tokens of each other', async (t) => {
    const nodes = await startTwo(t, { database: await cluster.create('tokens') })
    for (const { data } of nodes) {
      const { stdout } = await run(['token', '--data', data])
      for (const { client } of nodes) {
        const headers = { authorization: `Bearer ${stdout.trim()}` }
        assert.equal((await client('GET', SCRIPTS, undefined, headers)).status, 200)
      }
    }
  })

  test('know within a second of a tenant that another was told of, its licence and its domain', async (t) => {
    const [one, two] = await startTwo(t, { database: await cluster.create('tenants') })
    const tid = '11111111-1111-4111-8111-111111111111'
    const put = async (...flags: string[]): Promise<void> => {
      const { code, stderr } = await run(['tenant', 'put', tid, ...flags, '--data', one.data])
      assert.deepEqual([code, stderr], [0, ''])
      await delay(SEEN_MS)
    }
    await put('--domain', 'other.example')
    const { stdout, stderr } = await run(['token', '--tenant', 'other.example', '--data', two.data])
    assert.equal(stderr, '')
    const headers = { authorization: `Bearer ${stdout.trim()}` }
    const statuses = (): Promise<readonly number[]> =>
      Promise.all(
        [one, two].map(async ({ client }) => (await client('GET', SCRIPTS, undefined, headers)).status),
      )
    assert.deepEqual(await statuses(), [200, 200])
    await put('--no-licence')
    assert.deepEqual(await statuses(), [400, 400])
    await put('--licence')
    assert.deepEqual(await statuses(), [200, 200])
  })

  test('know within a second that another emptied a tenant, and write into the new one', async () => {
    const database = await cluster.create('reset')
    await using one = await createServer({ database, demo: true })
    await using two = await createServer({ database, demo: true })
    const authorization = `Bearer ${await one.token()}`
    const ask = async (server: typeof one, init: RequestInit = {}): Promise<Members> => {
      const headers = { authorization, 'content-type': 'application/json' }
      const response = await server.fetch(`/beta/${SCRIPTS}`, { headers, ...init })
      assert(response.ok, await response.clone().text())
      return Object(await response.json())
    }
    const namesOn = async (server: typeof one): Promise<readonly unknown[]> => {
      const { value } = await ask(server)
      assert(Array.isArray(value))
      return value.map(({ displayName }) => displayName)
    }
    const post = (server: typeof one, displayName: string): Promise<Members> =>
      ask(server, { method: 'POST', body: JSON.stringify({ displayName }) })
    const examples = await namesOn(two)
    await post(two, 'before')
    assert.deepEqual(await namesOn(one), [...examples, 'before'])
    await one.reset()
    assert.deepEqual(await namesOn(one), examples)
    await delay(SEEN_MS)
    assert.deepEqual(await namesOn(two), examples)
    await post(two, 'after')
    assert.deepEqual(await namesOn(one), [...examples, 'after'])
  })
})

interface Seeing {
  readonly ledger: Ledger
  readonly order: Order
}

/** Reads what an order wrote; what is deleted is gone by its own path, and with it what hung below it. */
async function assertSeen(client: Client, { ledger, order: { method, path, step } }: Seeing): Promise<void> {
  if (method === 'DELETE') return assert.equal((await client('GET', path)).status, 404, path)
  for (const [name, value] of step.values)
    assert.equal(await readOne(client, name, ledger.get(name)?.path ?? ''), value, name)
}

/** What there is of a name, in the words of the ledger. */
async function readOne(client: Client, name: string, path: string): Promise<string> {
  if (name.endsWith('/assigned'))
    return formatOf.assigned((await list(client, `${path}/assignments`)).map(groupOf))
  const { status, body } = await client('GET', path)
  assert.equal(status, 200, `GET ${path}`)
  const kind = name.includes('/user/') ? 'user' : name.includes('/device/') ? 'device' : 'script'
  return formatOf[kind](body)
}
