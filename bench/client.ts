import type { RunstateServer } from '#server.ts'

/** A page of a list. */
export interface Page {
  readonly value: readonly unknown[]
  readonly '@odata.nextLink'?: string
}

/** Sends a request to a server in this process, and reads the answer. @throws Error where it is refused. */
export type Send = (method: string, url: string, body?: unknown) => Promise<unknown>

/** A client of a server in this process, with every permission. */
export async function createClient(server: RunstateServer): Promise<Send> {
  const token = await server.token()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return async (method, url, body) => {
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    const response = await server.fetch(url, init)
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${url}: ${text}`)
    return JSON.parse(text)
  }
}
