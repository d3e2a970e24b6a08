/** Servers in processes of their own on one database. */
import assert from 'node:assert/strict'
import { type Client, connect } from '../faults/client.ts'
import { createFolder, type Ending, type Serving, serve } from '../support/command-line.ts'

export interface Node {
  readonly serving: Serving
  readonly client: Client
  /** Its data folder, by which the command line finds it. */
  readonly data: string
}

/** How nodes are started. */
export interface NodeOptions {
  readonly database: string
  /** Further flags of `runstate serve`. */
  readonly flags?: readonly string[]
}

/** Starts one. It ends with the test. */
export async function startNode(ending: Ending, { database, flags = [] }: NodeOptions): Promise<Node> {
  const data = createFolder(ending)
  const serving = await serve(ending, ['--data', data, '--database', database, ...flags])
  return { serving, client: await connect(serving.ready), data }
}

/** Starts two at once. */
export async function startTwo(ending: Ending, options: NodeOptions): Promise<readonly [Node, Node]> {
  return await Promise.all([startNode(ending, options), startNode(ending, options)])
}

/** A client that asks one after the other. */
export function roundRobin(clients: readonly Client[]): Client {
  let turn = 0
  return async (...request) => {
    const client = clients[turn % clients.length]
    turn += 1
    assert(client !== undefined, 'there is somebody to ask')
    return await client(...request)
  }
}
