/** Under which names and addresses a server is reached. */
import { clouds } from '#identity/identity.ts'

/** What of a server's settings says how it is reached. */
export interface Reach {
  readonly hosts: readonly string[]
  readonly publicUrl: string | undefined
  /** The well-known secret of development is in force. */
  readonly isDevelopment: boolean
  /** Further names that a Host header may have. */
  readonly allowHosts: readonly string[]
}

/**
 * The names that a Host header may have beside localhost and addresses; undefined for any. A server of the well-known
 * development secret takes none of a web page's own choosing; one with a secret of its own needs no such guard, but may
 * ask for it.
 */
export function allowedNames({ isDevelopment, publicUrl, allowHosts }: Reach): readonly string[] | undefined {
  if (!isDevelopment && allowHosts.length === 0) return undefined
  const origins = Object.values(clouds).flatMap(({ graph, login }) => [graph, login])
  const names = [...origins, ...(publicUrl === undefined ? [] : [publicUrl])].map(
    (origin) => new URL(origin).hostname,
  )
  return [...names, ...allowHosts.map((name) => name.toLowerCase())]
}

/** The names and addresses that the server's certificate is for. */
export function certifiedHosts({ hosts, publicUrl, allowHosts }: Reach): readonly string[] {
  return [...hosts, ...allowHosts, ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname])]
}

/** The name by which this machine reaches a server that listens on these addresses. */
export function reachableName(hosts: readonly string[]): string {
  const isLocal = hosts.some((host) => ['localhost', '127.0.0.1', '::1', '0.0.0.0', '::'].includes(host))
  return isLocal ? 'localhost' : bracketed(hosts[0] ?? 'localhost')
}

/** An IPv6 address as a URL writes it. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
