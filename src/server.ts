/** The one file that knows every module: puts a server together, and takes it apart again. */
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Clock, newGuid, quirksOf, wallClock } from '#base/base.ts'
import { type Config, developmentIdentity, resolveConfig, type ServerConfig } from '#config.ts'
import {
  type Certificates,
  createEdge,
  createLog,
  type Edge,
  type HomeFacts,
  type Listener,
  listen,
  openCertificates,
  removeServerFile,
  silentLog,
  writeServerFile,
} from '#http/http.ts'
import {
  clouds,
  type Identity,
  openIdentity,
  permissionsOf,
  type Tenant,
  type TenantSettings,
  type TokenOptions,
} from '#identity/identity.ts'
import { model } from '#model/model.ts'
import { ODataError } from '#odata/odata.ts'
import { storeExamples } from '#operations/operations.ts'
import { createService } from '#service/service.ts'
import { type FolderLock, lockFolder, one, openStorage, query, type Storage } from '#storage/storage.ts'

export type { ServerConfig } from '#config.ts'
export type { Tenant, TenantSettings, TokenOptions } from '#identity/identity.ts'
export type {
  deviceCustomAttributeShellScript,
  deviceManagementScript,
  deviceManagementScriptUserState,
  deviceShellScript,
  PatchOf,
  PayloadOf,
  RowOf,
} from '#model/model.ts'

/** Where a server listens, and how to be its client. */
export interface ListeningServer {
  readonly url: string
  readonly httpUrl: string
  /** The file with the CA's certificate. */
  readonly ca: string
}

/** A server. Disposing of it stops it: what is in flight is answered first. */
export interface RunstateServer extends AsyncDisposable {
  readonly config: Config
  /** The HTTPS origin: the public URL, that of the listener, or `https://localhost` before there is one. */
  readonly url: string
  /** Answers a request without a socket; a path stands for one under {@link url}. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
  /** Listens on HTTPS and HTTP. @throws Error saying which port is taken. */
  listen(): Promise<ListeningServer>
  /** Lets the command line find this server, through its data folder, where no other server has it. */
  announce(): Promise<void>
  /** Signs an access token. @throws ODataError `BadRequest` for an unknown tenant. */
  token(options?: TokenOptions): Promise<string>
  /** Adds a tenant, or changes its settings. */
  putTenant(settings: TenantSettings): Promise<Tenant>
  tenants(): Promise<readonly Tenant[]>
  /** Empties a tenant, the server's own where none is named. */
  reset(tenant?: string): Promise<void>
}

/** What may be replaced in tests. */
export interface ServerParts {
  /** The domain's clock, by which entities are dated. */
  readonly clock?: Clock
  /** The wall clock, by which tokens live and certificates are made. */
  readonly wallClock?: Clock
}

/**
 * Makes a server, ready to answer {@link RunstateServer.fetch}; it listens only when told to.
 *
 * @throws ConfigError for settings that cannot be; Error in one sentence where the data folder cannot be used.
 */
export async function createServer(
  given: ServerConfig = {},
  parts: ServerParts = {},
): Promise<RunstateServer> {
  const config = resolveConfig(given)
  const cleanup = new AsyncDisposableStack()
  try {
    const file = config.memory ? undefined : path.join(config.data, DATABASE)
    if (file !== undefined) cleanup.use(await takeFolder(config.data))
    const storage = cleanup.use(await openStorage({ model, file }))
    const wall = parts.wallClock ?? wallClock
    const client = { id: config.clientId, secret: config.clientSecret, roles: permissionsOf(model) }
    const { tenant, cloud } = config
    const identity = await openIdentity({ storage, client, tenant, cloud, clock: wall })
    const clock = parts.clock ?? wallClock
    const log = config.log ? await createLog() : silentLog
    const secret = randomBytes(32).toString('base64url')
    const service = createService({
      model,
      storage,
      identity,
      clock,
      quirks: quirksOf(config.profile, config.quirks),
    })
    const home = (): HomeFacts => server.describe()
    const edge = createEdge({ service, identity, secret, home, log, clock: wall })
    const server = new Server({ config, storage, identity, clock, wall, edge, secret, cleanup })
    await server.prepareTenant()
    return server
  } catch (error) {
    await cleanup.disposeAsync()
    throw error
  }
}

const DATABASE = 'runstate.db'

/** Makes the data folder and takes it for this process. */
async function takeFolder(folder: string): Promise<FolderLock> {
  await makeFolder(folder)
  await keepPrivate(path.join(folder, DATABASE))
  const lock = lockFolder(folder)
  if (lock === undefined) {
    throw new Error(
      `Another Runstate serves the data folder ${folder}: stop it, or choose another with --data.`,
    )
  }
  return lock
}

/** A folder that is made here keeps itself out of version control. */
async function makeFolder(folder: string): Promise<void> {
  try {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 })
    if (made !== undefined) await writeFile(path.join(folder, '.gitignore'), '*\n')
  } catch (cause) {
    throw unusable(folder, cause)
  }
}

/**
 * The database holds the key that signs tokens: a new one is its owner's alone, whatever folder it is in. SQLite gives
 * its mode to the files beside it. One that is there is not opened: to close it would let go of SQLite's locks.
 */
async function keepPrivate(file: string): Promise<void> {
  try {
    await writeFile(file, '', { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'))
      throw unusable(path.dirname(file), cause)
  }
}

function unusable(folder: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new Error(
    `The data folder ${folder} cannot be used: make it writable, or choose another with --data (${reason}).`,
    { cause },
  )
}

interface ServerState {
  readonly config: Config
  readonly storage: Storage
  readonly identity: Identity
  readonly clock: Clock
  readonly wall: Clock
  readonly edge: Edge
  readonly secret: string
  readonly cleanup: AsyncDisposableStack
}

class Server implements RunstateServer {
  readonly config: Config
  readonly #state: ServerState
  readonly #listeners: Listener[] = []
  #listening: ListeningServer | undefined
  #certificates: Certificates | undefined

  constructor(state: ServerState) {
    this.config = state.config
    this.#state = state
    for (const origin of [this.url, 'http://localhost']) state.identity.addOrigin(origin)
  }

  get url(): string {
    return this.config.publicUrl ?? this.#listening?.url ?? 'https://localhost'
  }

  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = new Request(input instanceof Request ? input : new URL(input, this.url), init)
    const url = new URL(request.url)
    const hasBody = request.body !== null
    const { status, headers, body } = await this.#state.edge.answer({
      method: request.method,
      target: url.pathname + url.search,
      headers: { ...Object.fromEntries(request.headers), host: url.host },
      body: hasBody ? new Uint8Array(await request.arrayBuffer()) : undefined,
      origin: this.config.publicUrl ?? url.origin,
      id: newGuid(),
      signal: request.signal,
    })
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    return new Response(request.method === 'HEAD' || bytes === undefined ? null : new Uint8Array(bytes), {
      status,
      headers,
    })
  }

  async listen(): Promise<ListeningServer> {
    const { config, edge, identity, wall } = this.#state
    await makeFolder(config.data)
    const certificates = await openCertificates(config.data, {
      hosts: this.#certifiedHosts(),
      now: new Date(wall.now()),
    })
    this.#certificates = certificates
    const { hosts, publicUrl } = config
    const options = { hosts, edge, publicUrl, names: namesOf(config) }
    const secure = await this.#keep(listen({ ...options, port: config.port, tls: certificates }))
    const plain = await this.#keep(listen({ ...options, port: config.httpPort }))
    for (const name of ['localhost', ...hosts.map(bracketed)]) {
      identity.addOrigin(`https://${name}:${secure.port}`)
      identity.addOrigin(`http://${name}:${plain.port}`)
    }
    const name = reachableName(hosts)
    this.#listening = {
      url: config.publicUrl ?? `https://${name}:${secure.port}`,
      httpUrl: `http://${name}:${plain.port}`,
      ca: certificates.caFile,
    }
    return this.#listening
  }

  /** What the page at `/` tells. */
  describe(): HomeFacts {
    const { tenant, clientId, clientSecret, isDevelopment, profile, cloud } = this.config
    const secret = isDevelopment ? clientSecret : undefined
    return { tenant, clientId, clientSecret: secret, profile, cloud, ca: this.#certificates?.ca }
  }

  async announce(): Promise<void> {
    const { config, secret, cleanup } = this.#state
    if (this.#listening === undefined || (config.memory && !this.#takeFolderIfFree())) return
    await writeServerFile(config.data, { pid: process.pid, httpUrl: this.#listening.httpUrl, secret })
    cleanup.defer(() => removeServerFile(config.data))
  }

  async token(options: TokenOptions = {}): Promise<string> {
    return await this.#state.identity.mint(options, this.url)
  }

  async putTenant(settings: TenantSettings): Promise<Tenant> {
    return await this.#state.identity.directory.putTenant(settings)
  }

  async tenants(): Promise<readonly Tenant[]> {
    return await this.#state.identity.directory.tenants()
  }

  async reset(name: string = this.config.tenant): Promise<void> {
    const { directory } = this.#state.identity
    const tenant = await directory.tenant(name)
    if (tenant === undefined) throw new ODataError('BadRequest', `The tenant '${name}' is not known here.`)
    const emptied = await directory.resetTenant(tenant)
    if (tenant.tid === this.config.tenant) await this.#storeExamples(emptied)
  }

  /** The server's own tenant, and the examples in it where it was never written to. */
  async prepareTenant(): Promise<void> {
    const { config, identity } = this.#state
    const known = await identity.directory.tenant(config.tenant)
    const domain = config.isDevelopment ? { domain: developmentIdentity.domain } : {}
    await this.#storeExamples(known ?? (await this.putTenant({ tid: config.tenant, ...domain })))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#listeners.splice(0).map((listener) => listener[Symbol.asyncDispose]()))
    await this.#state.cleanup.disposeAsync()
  }

  async #storeExamples({ number: tenant }: Tenant): Promise<void> {
    const { config, storage, clock } = this.#state
    if (!config.demo) return
    await storage.transact(function* () {
      const row = yield* one(query`SELECT last_number FROM tenant WHERE number = ${tenant}`)
      if (row?.['last_number'] === 0) yield* storeExamples({ model, tenant, now: clock.now() })
    })
  }

  /** A database of the process's own needs no folder, so it takes one only to be found, and only if it is free. */
  #takeFolderIfFree(): boolean {
    const lock = lockFolder(this.config.data)
    if (lock !== undefined) this.#state.cleanup.use(lock)
    return lock !== undefined
  }

  #certifiedHosts(): readonly string[] {
    const { hosts, publicUrl } = this.config
    return publicUrl === undefined ? hosts : [...hosts, new URL(publicUrl).hostname]
  }

  async #keep(opening: Promise<Listener>): Promise<Listener> {
    const listener = await opening
    this.#listeners.push(listener)
    return listener
  }
}

/**
 * The names by which a server of the well-known development secret may be called, so that no web page reaches it by
 * a name of the page's own; a secret of one's own needs no such guard.
 */
function namesOf({ isDevelopment, publicUrl }: Config): readonly string[] | undefined {
  if (!isDevelopment) return undefined
  const origins = Object.values(clouds).flatMap(({ graph, login }) => [graph, login])
  return [...origins, ...(publicUrl === undefined ? [] : [publicUrl])].map(
    (origin) => new URL(origin).hostname,
  )
}

/** The name by which this machine reaches a server that listens on these addresses. */
function reachableName(hosts: readonly string[]): string {
  const isLocal = hosts.some((host) => ['localhost', '127.0.0.1', '::1', '0.0.0.0', '::'].includes(host))
  return isLocal ? 'localhost' : bracketed(hosts[0] ?? 'localhost')
}

/** An IPv6 address as a URL writes it. */
function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
