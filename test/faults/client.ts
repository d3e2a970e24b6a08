/** A client of a server that may be killed at any time. */
import assert from 'node:assert/strict'
import type { ReadyLine } from '../support/command-line.ts'

export type Members = Readonly<Record<string, unknown>>

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Members
}

/** Sends a request to a path below `/beta/`. Rejects where there is no whole answer. */
export type Client = (...request: ClientRequest) => Promise<Answer>

type ClientRequest = [
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
]

/** Gets a token, and with it a client. */
export async function connect({ httpUrl, tenant, clientId, clientSecret }: ReadyLine): Promise<Client> {
  assert(clientSecret !== null)
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: '00000003-0000-0000-c000-000000000000/.default',
  })
  const granted = await fetch(`${httpUrl}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body: form })
  const { access_token: token } = Object(await granted.json())
  const usual = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return async (...[method, path, body, own = {}]) => {
    const headers = { ...usual, ...own }
    const init = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(`${httpUrl}/beta/${path}`, { method, headers, ...init })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) }
  }
}

/** The rows of a collection, all of its pages. */
export async function list(client: Client, path: string): Promise<readonly Members[]> {
  const rows: Members[] = []
  for (let next: string | undefined = path; next !== undefined; ) {
    const { status, body } = await client('GET', next)
    assert.equal(status, 200, `GET ${next}: ${JSON.stringify(body)}`)
    if (Array.isArray(body['value'])) rows.push(...body['value'])
    const link = body['@odata.nextLink']
    next = typeof link === 'string' ? link.slice(link.indexOf('/beta/') + '/beta/'.length) : undefined
  }
  return rows
}
