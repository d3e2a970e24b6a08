/** Servers on one database of which one is killed: their clients go on with the other. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { readAll } from '../faults/check.ts'
import type { Client } from '../faults/client.ts'
import { SCRIPTS } from '../faults/orders.ts'
import { createDice } from '../support/dice.ts'
import { noPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import { Failover, type Owned, Owner } from './failover.ts'
import { startNode, startTwo } from './nodes.ts'

const CLIENTS = 8
const LOAD_MS = 400

describe('servers on one database, of which one is killed', { skip: noPostgres }, () => {
  let cluster: Postgres
  before(async () => {
    cluster = await startPostgres()
  })
  after(async () => {
    await cluster[Symbol.asyncDispose]()
  })

  test('lose nothing that was acknowledged, and clients that try the other see no error', async (t) => {
    const database = await cluster.create('killed')
    const [one, two] = await startTwo(t, { database })
    const failover = new Failover([one.client, two.client])
    const owners: Owner[] = []
    for (let index = 0; index < CLIENTS; index++)
      owners.push(new Owner(failover, await createOwned(one.client, index)))
    let isOver = false
    const writes = owners.map(async (owner, index) => {
      const roll = createDice(index)
      while (!isOver) await owner.write(roll)
    })
    await delay(LOAD_MS)
    await one.serving.stop('SIGKILL')
    await delay(LOAD_MS)
    const afterFirst = failover.repeated
    const three = await startNode(t, { database })
    failover.clients = [three.client, two.client]
    await delay(LOAD_MS)
    await two.serving.stop('SIGKILL')
    await delay(LOAD_MS)
    isOver = true
    await Promise.all(writes)
    for (const owner of owners) {
      assert(owner.acknowledged > 0)
      await owner.assertThere(three.client)
    }
    assert(afterFirst > 0 && failover.repeated > afterFirst, 'each kill left requests without an answer')
    assert.deepEqual((await readAll(three.client)).violations, [])
  })
})

async function createOwned(client: Client, index: number): Promise<Owned> {
  const made = async (path: string, body: unknown): Promise<string> => {
    const answer = await client('POST', path, body)
    assert.equal(answer.status, 201)
    return String(answer.body['id'])
  }
  const script = `${SCRIPTS}/${await made(SCRIPTS, { displayName: `script of ${index}` })}`
  const user = await made(`${script}/userRunStates`, { userPrincipalName: `user${index}` })
  const device = await made('deviceManagement/managedDevices', { deviceName: `device${index}` })
  return { script, user: `${script}/userRunStates/${user}`, device }
}
