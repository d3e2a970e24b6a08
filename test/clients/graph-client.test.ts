/** Microsoft's own clients, as their documents say to use them, over TLS: no setting but those of docs/clients.md. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, describe, test } from 'node:test'
import tls from 'node:tls'
import { ClientSecretCredential } from '@azure/identity'
import { Client, GraphError, PageIterator } from '@microsoft/microsoft-graph-client'
import { TokenCredentialAuthenticationProvider } from '@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js'
import { decodeJwt } from 'jose'
import { developmentIdentity } from '#config.ts'
import { startListening } from '../support/wire.ts'

const { tenant, domain, clientId, clientSecret } = developmentIdentity
const SCRIPTS = '/deviceManagement/deviceShellScripts'
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const { url, ca } = await startListening({ after })
tls.setDefaultCACertificates([...tls.getCACertificates('default'), readFileSync(ca, 'utf8')])

interface Identity {
  readonly name?: string
  readonly secret?: string
}

function createCredential({ name = tenant, secret = clientSecret }: Identity = {}): ClientSecretCredential {
  const options = { authorityHost: url, disableInstanceDiscovery: true, retryOptions: { maxRetries: 0 } }
  return new ClientSecretCredential(name, clientId, secret, options)
}

function createClient(scope = `${url}/.default`): Client {
  const authProvider = new TokenCredentialAuthenticationProvider(createCredential(), { scopes: [scope] })
  return Client.initWithMiddleware({
    baseUrl: url,
    defaultVersion: 'beta',
    customHosts: new Set(['localhost']),
    authProvider,
  })
}

async function assertRefused(request: Promise<unknown>, expected: Partial<GraphError>): Promise<void> {
  await assert.rejects(request, (error) => {
    assert(error instanceof GraphError, String(error))
    assert.match(error.requestId ?? '', GUID)
    assert(error.date instanceof Date && !Number.isNaN(error.date.getTime()))
    const { statusCode, code } = error
    assert.deepEqual({ statusCode, code }, expected)
    return true
  })
}

describe('@azure/identity', () => {
  for (const name of [tenant, domain]) {
    test(`gets a token with the secret of the application in the tenant ${name}`, async () => {
      const { token, expiresOnTimestamp } = await createCredential({ name }).getToken(`${url}/.default`)
      const { tid, aud, appid, exp = 0 } = decodeJwt(token)
      assert.deepEqual([tid, aud, appid], [tenant, url, clientId])
      assert(Math.abs(expiresOnTimestamp - exp * 1000) < 5000)
    })
  }

  test('passes on why it gets none', async () => {
    const credential = createCredential({ secret: 'wrong' })
    await assert.rejects(credential.getToken(`${url}/.default`), /AADSTS7000215: .+ Trace ID: /)
  })
})

describe('@microsoft/microsoft-graph-client', () => {
  test('creates a script and a run state, updates it as the contract says, lists, gets and deletes', async () => {
    const client = createClient()
    const scriptContent = Buffer.from('#!/bin/zsh\necho hello\n').toString('base64')
    const given = { displayName: 'Say hello', fileName: 'say-hello.sh', runAsAccount: 'user', scriptContent }
    const script = await client.api(SCRIPTS).post(given)
    assert.match(script.id, GUID)
    const { displayName, fileName, runAsAccount, scriptContent: content } = script
    assert.deepEqual({ displayName, fileName, runAsAccount, scriptContent: content }, given)

    const states = `${SCRIPTS}/${script.id}/userRunStates`
    const created = await client.api(states).post({ userPrincipalName: 'ada@contoso.com' })
    const path = `${states}/${created.id}`
    const contract = {
      '@odata.type': '#microsoft.graph.deviceManagementScriptUserState',
      successDeviceCount: 2,
      errorDeviceCount: 0,
      userPrincipalName: 'User Principal Name value',
    }
    const { '@odata.context': context, ...updated } = await client.api(path).patch(contract)
    const { '@odata.type': type, ...counts } = contract
    assert.deepEqual(updated, { '@odata.type': type, id: created.id, ...counts })
    assert.equal(
      context,
      `${url}/beta/$metadata#deviceManagement/deviceShellScripts('${script.id}')/userRunStates/$entity`,
    )
    assert.deepEqual((await client.api(states).get()).value, [updated])
    assert.equal((await client.api(path).get()).successDeviceCount, 2)

    assert.equal(await client.api(path).delete(), undefined)
    assert.deepEqual((await client.api(states).get()).value, [])
    await client.api(`${SCRIPTS}/${script.id}`).delete()
    await assertRefused(client.api(path).get(), { statusCode: 404, code: 'ResourceNotFound' })
  })

  test('follows the links of a long list to its end', async () => {
    const client = createClient('https://graph.microsoft.com/.default')
    const script = await client.api(SCRIPTS).post({ displayName: 'listed' })
    const states = `${SCRIPTS}/${script.id}/userRunStates`
    const ids: string[] = []
    for (let i = 0; i < 5; i += 1) ids.push((await client.api(states).post({ successDeviceCount: i })).id)
    const seen: string[] = []
    const page = await client.api(states).top(2).get()
    assert(page['@odata.nextLink'].startsWith(`${url}/beta/deviceManagement/`))
    await new PageIterator(client, page, ({ id }) => seen.push(id) > 0).iterate()
    assert.deepEqual(seen.sort(), ids.sort())
  })

  test('reads our refusals as Graph’s', async () => {
    const client = createClient()
    const script = await client.api(SCRIPTS).post({ displayName: 'refused' })
    const states = `${SCRIPTS}/${script.id}/userRunStates`
    for (const [request, expected] of [
      [() => client.api(`${SCRIPTS}/nobody`).get(), { statusCode: 404, code: 'ResourceNotFound' }],
      [() => client.api(`${states}/nobody`).patch({}), { statusCode: 404, code: 'ResourceNotFound' }],
      [
        () => client.api(states).post({ successDeviceCount: 'two' }),
        { statusCode: 400, code: 'ModelValidationFailure' },
      ],
      [() => client.api('/deviceManagement/nothing').get(), { statusCode: 400, code: 'BadRequest' }],
      [() => client.api(SCRIPTS).version('v0.9').get(), { statusCode: 404, code: 'ResourceNotFound' }],
    ] as const)
      await assertRefused(request(), expected)
  })

  test('gets nothing without a token', async () => {
    const authProvider = { getAccessToken: async () => 'junk' }
    const customHosts = new Set(['localhost'])
    const client = Client.initWithMiddleware({
      baseUrl: url,
      defaultVersion: 'beta',
      customHosts,
      authProvider,
    })
    await assertRefused(client.api(SCRIPTS).get(), { statusCode: 401, code: 'InvalidAuthenticationToken' })
  })
})

test('the example runs against a server, and says what it did', async () => {
  const root = join(import.meta.dirname, '..', '..')
  const child = spawn(process.execPath, [join(root, 'examples', 'shell-script.ts')], {
    env: {
      ...process.env,
      RUNSTATE_URL: url,
      RUNSTATE_CA: ca,
      AZURE_TENANT_ID: tenant,
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: clientSecret,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  assert.deepEqual([code, stderr], [0, ''])
  const steps = stdout.split('\n').filter((line) => /^\S/.test(line))
  assert.deepEqual(steps, [
    'A script from examples/say-hello.sh',
    'It ran on one device of a user',
    'It ran on another',
    'The run states of the script',
    'The one',
    'And the script is deleted',
  ])
  assert.match(
    stdout,
    /"successDeviceCount": 2,\n +"errorDeviceCount": 0,\n +"userPrincipalName": "ada@contoso\.com"/,
  )
})
