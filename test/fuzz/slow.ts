/** Clients that send a little now and then, or nothing at all: each is refused in time, and its connection ended. */
import { setTimeout as sleep } from 'node:timers/promises'
import { limits } from '#base/base.ts'
import { type Address, FuzzConnection, readAnswers } from './connection.ts'

/** Between two bytes of a client that dawdles. */
const PAUSE_MS = 250
/** By then a request that is not whole is refused, and the connection closed. */
const END_MS = limits.requestMs + 3000

const POST = 'POST /beta/$batch HTTP/1.1\r\nhost: localhost\r\n'

/** What each sends at first, and then again and again. */
const CLIENTS: Readonly<Record<string, readonly [first: string, again: string]>> = {
  'a request line that never ends': ['GET /', 'x'],
  'headers that never end': ['GET /health HTTP/1.1\r\nhost: localhost\r\n', 'x-slow: y\r\n'],
  'half a header': ['GET /health HTTP/1.1\r\nhost: loc', ''],
  'a body that drips': [`${POST}content-length: 1000\r\n\r\n`, ' '],
  'a body that never comes': [`${POST}content-length: 2\r\n\r\n`, ''],
  'chunks that drip': [`${POST}transfer-encoding: chunked\r\n\r\n`, '1\r\n \r\n'],
  'a second request that drips': ['GET /health HTTP/1.1\r\nhost: localhost\r\n\r\nGET /', 'x'],
  'a method in lower case that drips': ['get /health HTTP/1.1\r\n', 'x: y\r\n'],
}

/** Every kind of slow client on every address, all at once. One line for each that was not ended as it should be. */
export async function sendSlowly(addresses: readonly Address[]): Promise<readonly string[]> {
  const clients = addresses.flatMap((address) =>
    Object.entries(CLIENTS).map((client) => [address, client] as const),
  )
  const lines = await Promise.all(clients.map(([address, [name, sent]]) => dawdle(address, name, sent)))
  return lines.flat()
}

async function dawdle(
  address: Address,
  name: string,
  [first, again]: readonly [string, string],
): Promise<readonly string[]> {
  const connection = await FuzzConnection.open(address)
  connection.write(Buffer.from(first))
  const closed = connection.untilClosed(END_MS)
  let isOver = false
  void closed.then(() => {
    isOver = true
  })
  while (!isOver && connection.isOpen) {
    await sleep(PAUSE_MS)
    connection.write(Buffer.from(again))
  }
  const received = await closed
  if (received === undefined) return [`${name}: the connection was not ended in ${END_MS} ms`]
  try {
    const last = readAnswers(received, []).at(-1)?.status
    return last === 408 ? [] : [`${name}: the last answer is ${last}`]
  } catch (error) {
    return [`${name}: ${String(error)}`]
  }
}
