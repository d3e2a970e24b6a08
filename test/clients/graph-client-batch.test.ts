/** Microsoft's plain client of Graph builds a batch and reads its answer, over TLS. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  BatchRequestContent,
  type BatchRequestStep,
  BatchResponseContent,
  Client,
} from '@microsoft/microsoft-graph-client'
import { TokenCredentialAuthenticationProvider } from '@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js'
import { type Listening, startListening } from '../support/listening.ts'

const SCRIPTS = '/deviceManagement/deviceShellScripts'

function createClient({ url, credential, scope }: Listening): Client {
  return Client.initWithMiddleware({
    baseUrl: url,
    defaultVersion: 'beta',
    customHosts: new Set(['localhost']),
    authProvider: new TokenCredentialAuthenticationProvider(credential, { scopes: [scope] }),
  })
}

/** A step as Microsoft's page writes it: a Request to Graph, without a version. */
function step(id: string, line: string, body?: object): BatchRequestStep {
  const [method = '', path = ''] = line.split(' ')
  const headers = { 'Content-Type': 'application/json' }
  const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) }
  return { id, request: new Request(`https://graph.microsoft.com${path}`, init) }
}

async function send(client: Client, content: BatchRequestContent): Promise<BatchResponseContent> {
  return new BatchResponseContent(await client.api('/$batch').post(await content.getContent()))
}

/** What an answer has, whichever it is. */
interface Body {
  readonly id: string
  readonly displayName: string
  readonly value: readonly unknown[]
  readonly error: { readonly code: string }
}

async function readJson(batch: BatchResponseContent, id: string): Promise<Body> {
  return JSON.parse(await batch.getResponseById(id).text())
}

describe("Microsoft's Graph client", () => {
  test('creates, lists and counts in one batch, each answer a Response of its own', async () => {
    await using listening = await startListening()
    const client = createClient(listening)
    const given = { displayName: 'Batched', fileName: 'a.sh', scriptContent: 'Cg==' }
    const created = await send(client, new BatchRequestContent([step('new', `POST ${SCRIPTS}`, given)]))
    assert.equal(created.getResponseById('new').status, 201)
    const { id, displayName } = await readJson(created, 'new')
    assert.equal(displayName, 'Batched')
    assert.equal(
      created.getResponseById('new').headers.get('location'),
      `${listening.url}/beta${SCRIPTS}/${id}`,
    )

    const batch = await send(
      client,
      new BatchRequestContent([
        step('list', `GET ${SCRIPTS}?$select=id`),
        step('one', `GET ${SCRIPTS}/${id}`),
        step('count', `GET ${SCRIPTS}/$count`),
        step('none', `GET ${SCRIPTS}/nobody`),
        step('rename', `PATCH ${SCRIPTS}/${id}`, { displayName: 'Renamed' }),
      ]),
    )
    assert.equal(batch.getResponses().size, 5)
    assert.deepEqual((await readJson(batch, 'list')).value.length, 1)
    assert.equal((await readJson(batch, 'one')).id, id)
    assert.equal(await batch.getResponseById('count').text(), '1')
    assert.equal(batch.getResponseById('none').status, 404)
    assert.equal((await readJson(batch, 'none')).error.code, 'ResourceNotFound')
    assert.equal((await readJson(batch, 'rename')).displayName, 'Renamed')
  })

  test('runs steps one after the other, up to the first that fails', async () => {
    await using listening = await startListening()
    const client = createClient(listening)
    const { id } = await client.api(SCRIPTS).post({ displayName: 'First', fileName: 'a.sh' })
    const path = `${SCRIPTS}/${id}`
    const content = new BatchRequestContent([
      step('1', `PATCH ${path}`, { displayName: 'Second' }),
      step('2', `DELETE ${path}`),
      step('3', `GET ${path}`),
      step('4', `POST ${SCRIPTS}`, { displayName: 'Never' }),
    ])
    for (const dependent of ['2', '3', '4']) content.addDependency(dependent)
    const batch = await send(client, content)
    const statuses = ['1', '2', '3', '4'].map((each) => batch.getResponseById(each).status)
    assert.deepEqual(statuses, [200, 204, 404, 424])
    assert.equal((await readJson(batch, '4')).error.code, 'FailedDependency')
    assert.deepEqual((await client.api(SCRIPTS).get()).value, [])
  })

  test('sends the most it may, 20 steps', async () => {
    await using listening = await startListening()
    const client = createClient(listening)
    const steps = Array.from({ length: 20 }, (_, i) =>
      step(`${i}`, `POST ${SCRIPTS}`, { displayName: `${i}` }),
    )
    const batch = await send(client, new BatchRequestContent(steps))
    for (const [id, response] of batch.getResponses()) assert.equal(response.status, 201, id)
    assert.equal((await client.api(SCRIPTS).get()).value.length, 20)
  })
})
