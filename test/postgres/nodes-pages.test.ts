/** Pages whose links are followed from one server to the other. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { list, type Members } from '../faults/client.ts'
import { SCRIPTS } from '../faults/orders.ts'
import { noPostgres, type Postgres, startPostgres } from '../support/postgres.ts'
import { type Node, roundRobin, startTwo } from './nodes.ts'

const ROWS = 40
const PAGE = 7

/** A collection with its query: by an index, by what every row must be read for, and with what hangs below. */
const QUERIES: readonly string[] = [
  'userRunStates?',
  'userRunStates?$orderby=userPrincipalName desc',
  'userRunStates?$orderby=errorDeviceCount,userPrincipalName',
  'userRunStates?$orderby=successDeviceCount mod 5 desc',
  "userRunStates?$filter=contains(userPrincipalName,'1') or errorDeviceCount eq null",
  'userRunStates?$count=true&$select=userPrincipalName',
  'deviceRunStates?$orderby=lastStateUpdateDateTime&$expand=managedDevice',
]

describe('servers on one database', { skip: noPostgres }, () => {
  let nodes: readonly [Node, Node]
  let script = ''
  let cluster: Postgres
  const ends: (() => Promise<void> | void)[] = []
  before(async () => {
    cluster = await startPostgres()
    const database = await cluster.create('pages')
    nodes = await startTwo({ after: (end) => ends.unshift(end) }, { database })
    const client = roundRobin(nodes.map((node) => node.client))
    const { body } = await client('POST', SCRIPTS, { displayName: 'paged' })
    script = `${SCRIPTS}/${body['id']}`
    for (let i = 0; i < ROWS; i++) {
      const counts = { successDeviceCount: i, errorDeviceCount: i % 3 }
      const userPrincipalName = i % 11 === 0 ? null : `user${(i * 17) % ROWS}`
      const states = [
        await client('POST', `${script}/userRunStates`, { userPrincipalName, ...counts }),
        await client('POST', `${script}/deviceRunStates`, { errorCode: i }),
      ]
      for (const { status } of states) assert.equal(status, 201)
    }
  })
  after(async () => {
    for (const end of ends) await end()
    await cluster[Symbol.asyncDispose]()
  })

  for (const query of QUERIES) {
    test(`go on with each other's pages of ${query}`, async () => {
      const [one, two] = nodes
      const whole = await list(one.client, `${script}/${query}`)
      assert(whole.length > PAGE)
      const paged = `${script}/${query}&$top=${PAGE}`
      for (const clients of [
        [one.client, two.client],
        [two.client, one.client],
      ]) {
        let pages = 0
        const alternating = roundRobin(clients)
        const rows = await list(async (...request) => {
          pages += 1
          return await alternating(...request)
        }, paged)
        assert.deepEqual(rows, whole)
        assert.equal(pages, Math.ceil(whole.length / PAGE))
      }
    })
  }

  test('refuse a token of another question, whoever gave it', async () => {
    const [one, two] = nodes
    const { body } = await one.client('GET', `${script}/userRunStates?$top=${PAGE}`)
    const token = new URL(String(body['@odata.nextLink'])).searchParams.get('$skiptoken')
    const asked = `${script}/deviceRunStates?$top=${PAGE}&$skiptoken=${token}`
    assert.equal((await two.client('GET', asked)).status, 400)
  })

  test('leave out no row that is there throughout, where both write while pages are turned', async () => {
    const [one, two] = nodes
    const before = await list(one.client, `${script}/userRunStates`)
    const writes: Promise<unknown>[] = []
    const alternating = roundRobin([one.client, two.client])
    const paged = `${script}/userRunStates?$orderby=userPrincipalName&$top=3`
    const rows: readonly Members[] = await list(async (...request) => {
      const page = await alternating(...request)
      for (const { client } of nodes)
        writes.push(client('POST', `${script}/userRunStates`, { userPrincipalName: `new${writes.length}` }))
      return page
    }, paged)
    await Promise.all(writes)
    const ids = rows.map(({ id }) => id)
    assert.equal(new Set(ids).size, ids.length)
    for (const { id } of before) assert(ids.includes(id), `${id} is listed`)
  })
})
