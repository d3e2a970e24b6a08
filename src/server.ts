/** The one file that knows every module: puts a server together, and takes it apart again. */
import { randomBytes } from 'node:crypto'
import { type Clock, quirksOf, wallClock } from '#base/base.ts'
import { type Config, developmentIdentity, resolveConfig, type ServerConfig } from '#config.ts'
import {
  allowedNames,
  answerWebRequest,
  bracketed,
  type Certificates,
  certifiedHosts,
  createEdge,
  createLog,
  createMetrics,
  type Edge,
  type HomeFacts,
  type Listener,
  type Log,
  listen,
  OpenExports,
  openCertificates,
  reachableName,
  removeServerFile,
  silentLog,
  writeServerFile,
} from '#http/http.ts'
import {
  type Identity,
  type Mark,
  type MarkName,
  Marks,
  openIdentity,
  permissionsOf,
  type Tenant,
  type TenantSettings,
  type TokenOptions,
} from '#identity/identity.ts'
import { model } from '#model/model.ts'
import { openTransfer, storeExamples, type Transfer } from '#operations/operations.ts'
import { createService } from '#service/service.ts'
import {
  lockFolder,
  makeDataFolder,
  one,
  openStorage,
  query,
  type Storage,
  takeDataFolder,
  writeWholeFile,
} from '#storage/storage.ts'

export type { ServerConfig } from '#config.ts'
export type { Mark, MarkName, Tenant, TenantSettings, TokenOptions } from '#identity/identity.ts'
export type {
  deviceCustomAttributeShellScript,
  deviceManagementScript,
  deviceManagementScriptAssignment,
  deviceManagementScriptDeviceState,
  deviceManagementScriptGroupAssignment,
  deviceManagementScriptRunSummary,
  deviceManagementScriptUserState,
  deviceShellScript,
  managedDevice,
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
  /** The way in and out of a tenant, line by line; of the server's own where none is named. */
  transfer(tenant?: string): Promise<Transfer>
  /** Empties a tenant, the server's own where none is named. */
  reset(tenant?: string): Promise<void>
  /**
   * Marks all that a tenant, the server's own where none is named, has at this moment, to come back to it with
   * {@link resetTo}. A mark of the same name is replaced; without a name it gets one of its own.
   */
  mark(mark?: Partial<Mark>): Promise<Mark>
  /** Every mark of the database. */
  marks(): Promise<readonly Mark[]>
  /** Forgets a mark. @throws ODataError `BadRequest` where the tenant has none of this name. */
  removeMark(mark: MarkName): Promise<void>
  /**
   * Has a tenant be as it was when it was marked: ids, times, summaries and all; its settings stay. What is in flight
   * ends in the state before. @throws ODataError `BadRequest` where the tenant has no such mark.
   */
  resetTo(mark: MarkName): Promise<void>
  /**
   * Saves the whole database, as it is at one moment, in a snapshot: a file that is its owner's alone, for it holds the
   * keys that sign tokens. Requests go on meanwhile.
   *
   * @throws Error in one sentence, where there is a file and `isReplaced` is not true, or it cannot be written.
   */
  save(file: string, options?: SaveOptions): Promise<void>
}

/** How a snapshot is saved. */
export interface SaveOptions {
  /** Whether a file that is there is replaced. */
  readonly isReplaced?: boolean
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
    const ownLog = config.log ? createLog() : silentLog
    const storage = await openDatabase(config, { cleanup, log: ownLog })
    const wall = parts.wallClock ?? wallClock
    const client = { id: config.clientId, secret: config.clientSecret, roles: permissionsOf(model) }
    const { tenant, cloud } = config
    const identity = await openIdentity({ storage, client, tenant, cloud, clock: wall })
    const clock = parts.clock ?? wallClock
    const metrics = config.metrics ? await createMetrics(ownLog, { storage, identity }) : undefined
    const log = metrics?.log ?? ownLog
    const secret = randomBytes(32).toString('base64url')
    const service = createService({
      model,
      storage,
      identity,
      clock,
      quirks: quirksOf(config.profile, config.quirks),
    })
    const home = (): HomeFacts => server.describe()
    const isReady = (): Promise<boolean> => answers(storage)
    const administration = (): RunstateServer => server
    const exports = cleanup.use(new OpenExports())
    const routed = { service, identity, secret, home, metrics, isReady, administration, exports }
    const edge = createEdge({ ...routed, log, clock: wall })
    const server = new Server({ config, storage, identity, clock, wall, edge, secret, cleanup })
    await server.prepareTenant()
    return server
  } catch (error) {
    await cleanup.disposeAsync()
    throw error
  }
}

/** Whether the database answers a question that costs nothing. */
async function answers(storage: Storage): Promise<boolean> {
  return await storage.read(query`SELECT 1 AS one`).then(
    () => true,
    () => false,
  )
}

/** The database of the address, of the data folder, or of the process alone. */
async function openDatabase(
  { database, memory, data }: Config,
  { cleanup, log }: { readonly cleanup: AsyncDisposableStack; readonly log: Log },
): Promise<Storage> {
  if (database !== undefined) {
    const report = (message: string): void => log.warn(message)
    return cleanup.use(await openStorage({ model, database, report }))
  }
  const folder = memory ? undefined : cleanup.use(await takeDataFolder(data))
  return cleanup.use(await openStorage({ model, file: folder?.databaseFile }))
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
  readonly #marks: Marks
  #listening: ListeningServer | undefined
  #certificates: Certificates | undefined

  constructor(state: ServerState) {
    this.config = state.config
    this.#state = state
    this.#marks = new Marks({ model, storage: state.storage, directory: state.identity.directory })
    for (const origin of [this.url, 'http://localhost']) state.identity.addOrigin(origin)
  }

  get url(): string {
    return this.config.publicUrl ?? this.#listening?.url ?? 'https://localhost'
  }

  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = new Request(input instanceof Request ? input : new URL(input, this.url), init)
    return await answerWebRequest(request, this.#state.edge, this.config.publicUrl)
  }

  async listen(): Promise<ListeningServer> {
    const { config, edge, identity, wall } = this.#state
    await makeDataFolder(config.data)
    const certificates = await openCertificates(config.data, {
      hosts: certifiedHosts(config),
      now: new Date(wall.now()),
    })
    this.#certificates = certificates
    const { hosts, publicUrl } = config
    const options = { hosts, edge, publicUrl, names: allowedNames(config) }
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
    return {
      url: this.url,
      tenant,
      clientId,
      clientSecret: secret,
      profile,
      cloud,
      ca: this.#certificates?.ca,
    }
  }

  async announce(): Promise<void> {
    const { config, secret, cleanup } = this.#state
    if (this.#listening === undefined || (!this.#holdsFolder && !this.#takeFolderIfFree())) return
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

  async transfer(name: string = this.config.tenant): Promise<Transfer> {
    const { storage, clock, identity } = this.#state
    const { number } = await identity.directory.existingTenant(name)
    return await openTransfer({ model, storage, clock, tenant: number })
  }

  async reset(name: string = this.config.tenant): Promise<void> {
    const { directory } = this.#state.identity
    const tenant = await directory.existingTenant(name)
    const emptied = await directory.resetTenant(tenant)
    if (tenant.tid === this.config.tenant) await this.#storeExamples(emptied)
  }

  async mark({ name, tenant = this.config.tenant }: Partial<Mark> = {}): Promise<Mark> {
    return await this.#marks.put(await this.#state.identity.directory.existingTenant(tenant), name)
  }

  async marks(): Promise<readonly Mark[]> {
    return await this.#marks.list()
  }

  async removeMark({ name, tenant = this.config.tenant }: MarkName): Promise<void> {
    await this.#marks.remove(await this.#state.identity.directory.existingTenant(tenant), name)
  }

  async resetTo({ name, tenant = this.config.tenant }: MarkName): Promise<void> {
    await this.#marks.reset(await this.#state.identity.directory.existingTenant(tenant), name)
  }

  async save(file: string, { isReplaced = false }: SaveOptions = {}): Promise<void> {
    const fill = (partial: string): Promise<void> => this.#state.storage.save(partial)
    await writeWholeFile({ file, isReplaced, fill })
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

  get #holdsFolder(): boolean {
    return !this.config.memory && this.config.database === undefined
  }

  /** A database that is elsewhere, or of the process's own, needs no folder: so it takes one only to be found, and only if it is free. */
  #takeFolderIfFree(): boolean {
    const lock = lockFolder(this.config.data)
    if (lock !== undefined) this.#state.cleanup.use(lock)
    return lock !== undefined
  }

  async #keep(opening: Promise<Listener>): Promise<Listener> {
    const listener = await opening
    this.#listeners.push(listener)
    return listener
  }
}
