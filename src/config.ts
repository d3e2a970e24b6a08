import { isGuid, type Profile, type QuirkOverrides, quirks } from '#base/base.ts'

/** What a server may be told; what is left out has the default of the command line. */
export interface ServerConfig {
  /** Addresses to listen on; both loopback addresses where absent. */
  readonly hosts?: readonly string[]
  /** HTTPS port, 8443 where absent; 0 takes any free one. */
  readonly port?: number
  /** Plain HTTP port, 8080 where absent; 0 takes any free one. */
  readonly httpPort?: number
  /** The data folder, for the CA and the database; `.runstate` where absent. */
  readonly data?: string
  /** Keeps the database only as long as the process. */
  readonly memory?: boolean
  /** A database of PostgreSQL, `postgres://user:password@host:port/name`, in place of the one in the data folder. */
  readonly database?: string
  readonly profile?: Profile
  /** Single behaviours, over the profile's. */
  readonly quirks?: QuirkOverrides
  readonly cloud?: Cloud
  /** Fills a fresh database with the documentation's examples. */
  readonly demo?: boolean
  /** The origin that links and issuers name, whatever host a client used. */
  readonly publicUrl?: string
  /** Names that a Host header may have, beside localhost, addresses and the cloud's own. */
  readonly allowHosts?: readonly string[]
  /** The tenant, by its GUID; with `clientId` and `clientSecret`, or none of them for the development identity. */
  readonly tenant?: string
  readonly clientId?: string
  readonly clientSecret?: string
  /** Logs to stderr. */
  readonly log?: boolean
  /** Counts requests, and serves the numbers at `/metrics`. */
  readonly metrics?: boolean
}

/** The national clouds, by the names of the command line. */
export const CLOUDS = ['global', 'usgov', 'dod', 'china'] as const

export type Cloud = (typeof CLOUDS)[number]

/** What a server is told, complete. */
export type Config = Readonly<Required<Omit<ServerConfig, 'publicUrl' | 'database'>>> & {
  readonly database: string | undefined
  readonly publicUrl: string | undefined
  /** The well-known credentials of development are in force. */
  readonly isDevelopment: boolean
}

/** The identity of every server that was given no other: well known, so it is served on loopback only. */
export const developmentIdentity = {
  tenant: '7e57ab1e-0000-4000-8000-000000000001',
  domain: 'contoso.com',
  clientId: '7e57ab1e-0000-4000-8000-00000000c11e',
  clientSecret: 'runstate-development-secret',
} as const

/** Both loopback addresses. */
const LOOPBACK = ['127.0.0.1', '::1']

/** A setting that cannot be; the message says what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * Completes a server's settings.
 *
 * @throws ConfigError for settings that cannot be, alone or together.
 */
export function resolveConfig(given: ServerConfig): Config {
  const hosts = [...new Set(given.hosts ?? LOOPBACK)]
  if (hosts.length === 0) throw new ConfigError('--host takes one address or more.')
  const own = [given.tenant, given.clientId, given.clientSecret].filter((value) => value !== undefined)
  if (own.length !== 0 && own.length !== 3) {
    throw new ConfigError('--tenant, --client-id and --client-secret are given together or not at all.')
  }
  if (given.tenant !== undefined && !isGuid(given.tenant)) {
    throw new ConfigError(`--tenant takes a GUID, not '${given.tenant}'.`)
  }
  const isDevelopment = own.length === 0
  const isKnownSecret = given.clientSecret === '' || given.clientSecret === developmentIdentity.clientSecret
  const open = hosts.find((host) => !isLoopback(host))
  if (open !== undefined && (isDevelopment || isKnownSecret)) {
    throw new ConfigError(
      `Listening on ${open} would let others in with the well-known development secret: give --tenant, --client-id and --client-secret of your own.`,
    )
  }
  return {
    hosts,
    port: portOf('--port', given.port ?? 8443),
    httpPort: portOf('--http-port', given.httpPort ?? 8080),
    data: given.data ?? '.runstate',
    memory: given.memory ?? false,
    database: databaseOf(given),
    profile: given.profile ?? 'documented',
    quirks: given.quirks ?? {},
    cloud: given.cloud ?? 'global',
    demo: given.demo ?? false,
    publicUrl: given.publicUrl === undefined ? undefined : originOf(given.publicUrl),
    allowHosts: given.allowHosts ?? [],
    tenant: given.tenant?.toLowerCase() ?? developmentIdentity.tenant,
    clientId: given.clientId ?? developmentIdentity.clientId,
    clientSecret: given.clientSecret ?? developmentIdentity.clientSecret,
    log: given.log ?? false,
    metrics: given.metrics ?? false,
    isDevelopment,
  }
}

/**
 * Reads single behaviours as the command line gives them, `delete-status=200`.
 *
 * @throws ConfigError naming the rows, or the behaviours of a row, that there are.
 */
export function parseQuirks(texts: readonly string[]): QuirkOverrides {
  const chosen: Record<string, string | number> = {}
  for (const text of texts) {
    const [name = '', behaviour] = text.split('=')
    const row = Object.entries(quirks).find(([known]) => known === name)?.[1]
    if (row === undefined) {
      throw new ConfigError(`There is no quirk '${name}'; there are ${Object.keys(quirks).join(', ')}.`)
    }
    const known: readonly (string | number)[] = row.behaviours
    const choice = known.find((value) => String(value) === behaviour)
    if (choice === undefined) {
      throw new ConfigError(
        `The quirk '${name}' is one of ${known.map((value) => `${name}=${value}`).join(', ')}.`,
      )
    }
    chosen[name] = choice
  }
  return chosen
}

/**
 * Whether a variable of the environment sets a flag that has no value.
 *
 * @throws ConfigError where it says neither yes nor no.
 */
export function environmentFlag(name: string): boolean {
  const text = (process.env[name] ?? '').toLowerCase()
  if (['1', 'true', 'yes', 'on'].includes(text)) return true
  if (['', '0', 'false', 'no', 'off'].includes(text)) return false
  throw new ConfigError(`${name} is true or false, not '${text}'.`)
}

/** What the environment says of a server's identity, for the commands that have no flags for it. */
export function environmentIdentity(): Pick<ServerConfig, 'tenant' | 'clientId' | 'clientSecret' | 'cloud'> {
  const {
    RUNSTATE_TENANT: tenant,
    RUNSTATE_CLIENT_ID: clientId,
    RUNSTATE_CLIENT_SECRET: clientSecret,
    RUNSTATE_CLOUD: cloudName,
  } = process.env
  const cloud = CLOUDS.find((name) => name === cloudName)
  return {
    ...(tenant === undefined ? {} : { tenant }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(cloud === undefined ? {} : { cloud }),
  }
}

function portOf(flag: string, port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new ConfigError(`${flag} takes a port from 0 to 65535, not ${port}.`)
}

function databaseOf({ database, memory }: ServerConfig): string | undefined {
  if (database === undefined) return undefined
  if (memory === true) throw new ConfigError('--memory and --database exclude each other: give one of them.')
  if (URL.canParse(database) && /^postgres(?:ql)?:$/.test(new URL(database).protocol)) return database
  throw new ConfigError(
    '--database takes a URL of PostgreSQL, as postgres://user:password@host:5432/runstate.',
  )
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin
  throw new ConfigError(
    `--public-url takes scheme, host and port, as https://runstate.example:8443, not '${text}'.`,
  )
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}
