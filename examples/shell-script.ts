/**
 * A shell script and a user's run state, by Microsoft's own clients against a running server.
 *
 *     npm start            in one terminal
 *     npm run example      in another
 *
 * RUNSTATE_URL, RUNSTATE_CA, AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET say where another server is.
 */
import { readFile } from 'node:fs/promises'
import tls from 'node:tls'
import { ClientSecretCredential } from '@azure/identity'
import { Client } from '@microsoft/microsoft-graph-client'
import { TokenCredentialAuthenticationProvider } from '@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js'

const {
  RUNSTATE_URL: url = 'https://localhost:8443',
  RUNSTATE_CA: ca = new URL('../.runstate/ca.pem', import.meta.url),
  AZURE_TENANT_ID: tenant = '7e57ab1e-0000-4000-8000-000000000001',
  AZURE_CLIENT_ID: clientId = '7e57ab1e-0000-4000-8000-00000000c11e',
  AZURE_CLIENT_SECRET: clientSecret = 'runstate-development-secret',
} = process.env

// The server's own CA, trusted by this process alone.
tls.setDefaultCACertificates([
  ...tls.getCACertificates('default'),
  await readFile(ca, 'utf8').catch(notStarted),
])

const options = { authorityHost: url, disableInstanceDiscovery: true }
const credential = new ClientSecretCredential(tenant, clientId, clientSecret, options)
const client = Client.initWithMiddleware({
  baseUrl: url,
  defaultVersion: 'beta',
  customHosts: new Set([new URL(url).hostname]),
  authProvider: new TokenCredentialAuthenticationProvider(credential, { scopes: [`${url}/.default`] }),
})
const scripts = '/deviceManagement/deviceShellScripts'
const content = await readFile(new URL('say-hello.sh', import.meta.url), 'base64')
const given = {
  displayName: 'Say hello',
  fileName: 'say-hello.sh',
  runAsAccount: 'user',
  scriptContent: content,
}

const script = await client.api(scripts).post(given)
print('A script from examples/say-hello.sh', script)

const states = `${scripts}/${script.id}/userRunStates`
const state = await client.api(states).post({ userPrincipalName: 'ada@contoso.com', successDeviceCount: 1 })
print('It ran on one device of a user', state)

const counts = { '@odata.type': state['@odata.type'], successDeviceCount: 2, errorDeviceCount: 0 }
print('It ran on another', await client.api(`${states}/${state.id}`).patch(counts))
print('The run states of the script', await client.api(states).get())
print('The one', await client.api(`${states}/${state.id}`).get())

await client.api(`${scripts}/${script.id}`).delete()
print('And the script is deleted', { id: script.id })

function print(step: string, value: object): void {
  process.stdout.write(`${step}\n${JSON.stringify(value, null, 2).replace(/^/gm, '  ')}\n\n`)
}

function notStarted(cause: unknown): never {
  throw new Error(`There is no CA certificate in ${ca}: start the server first, with npm start.`, { cause })
}
