import type { Server } from 'node:http'
import type { AddressInfo, ListenOptions as NetListenOptions } from 'node:net'
import { Connections, type ServeOptions } from './connections.ts'

/** Where to listen, and for whom. */
export interface ListenOptions extends ServeOptions {
  /** The addresses; the first must be had, the others may be missing on this machine. */
  readonly hosts: readonly string[]
  /** 0 takes any free port, the same on every address. */
  readonly port: number
}

/** A port on one or more addresses. */
export interface Listener extends AsyncDisposable {
  readonly port: number
}

/**
 * Listens on every address.
 *
 * @throws Error with one sentence, where the port is taken or an address cannot be had.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const bound = await bindAll(options, options.port === 0 ? FREE_PORT_TRIES : 1)
  return {
    port: portOf(bound[0]?.server.address() ?? null),
    [Symbol.asyncDispose]: () => stopAll(bound),
  }
}

/** How often a free port is looked for that is free on every address. */
const FREE_PORT_TRIES = 10

async function bindAll(options: ListenOptions, tries: number): Promise<readonly Connections[]> {
  const bound: Connections[] = []
  let { port } = options
  for (const host of options.hosts) {
    const connections = new Connections(options)
    try {
      // One socket for both families would take the port from the other.
      await bind(connections.server, { host, port, ipv6Only: options.hosts.includes('0.0.0.0') })
    } catch (error) {
      if (bound.length > 0 && isMissingAddress(error)) continue
      await stopAll(bound)
      if (tries > 1 && codeOf(error) === 'EADDRINUSE') return await bindAll(options, tries - 1)
      throw new Error(explain(error, host, port), { cause: error })
    }
    bound.push(connections)
    port = portOf(connections.server.address())
  }
  return bound
}

async function stopAll(bound: readonly Connections[]): Promise<void> {
  await Promise.all(bound.map((connections) => connections.stop()))
}

function bind(server: Server, address: NetListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function portOf(address: string | AddressInfo | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** No such address on this machine: IPv6, for one. */
function isMissingAddress(error: unknown): boolean {
  return codeOf(error) === 'EADDRNOTAVAIL' || codeOf(error) === 'EAFNOSUPPORT'
}

function explain(error: unknown, host: string, port: number): string {
  if (codeOf(error) === 'EADDRINUSE')
    return `Port ${port} on ${host} is in use: stop what listens there, or choose another port.`
  if (codeOf(error) === 'EACCES')
    return `Port ${port} on ${host} is not for this user: choose one above 1023.`
  return `Cannot listen on ${host} port ${port}: ${error instanceof Error ? error.message : error}`
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
