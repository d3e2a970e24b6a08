/** A server for a test that listens on TLS, whose CA this process trusts, as a client on another machine would. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { ClientSecretCredential } from '@azure/identity'
import { createServer, type ListeningServer, type RunstateServer, type ServerConfig } from '#server.ts'
import { withDatabase } from './database.ts'

/** A server and its addresses. */
export interface Listening extends ListeningServer, AsyncDisposable {
  readonly server: RunstateServer
  /** The data folder, a new one. */
  readonly data: string
  /** What a client gives Microsoft's identity library. */
  readonly credential: ClientSecretCredential
  /** The scope of every permission that the client has. */
  readonly scope: string
}

/** Starts a server on free ports. Disposing of it stops it and removes its folder. */
export async function startListening(config: ServerConfig = {}): Promise<Listening> {
  const data = await mkdtemp(join(tmpdir(), 'runstate-'))
  const server = await createServer({ port: 0, httpPort: 0, ...(await withDatabase({ ...config, data })) })
  const addresses = await server.listen()
  setDefaultCACertificates([...getCACertificates('default'), await readFile(addresses.ca, 'utf8')])
  const { tenant, clientId, clientSecret } = server.config
  const credential = new ClientSecretCredential(tenant, clientId, clientSecret, {
    authorityHost: addresses.url,
    disableInstanceDiscovery: true,
  })
  return {
    ...addresses,
    server,
    data,
    credential,
    scope: `${addresses.url}/.default`,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await rm(data, { recursive: true, force: true })
    },
  }
}
