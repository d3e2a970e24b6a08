/** Requests over real connections: many at once, in pieces, broken, too large, and of clients that leave in between. */
import { randomUUID } from 'node:crypto'
import { type Breach, breachesOf } from './answers.ts'
import { type Address, FuzzConnection, readAnswers } from './connection.ts'
import type { Random } from './random.ts'
import type { FuzzRequest } from './request.ts'
import { operationRequest } from './requests.ts'
import { spoilText } from './texts.ts'
import type { World } from './world.ts'

/** What is sent over sockets, and by whom. */
export interface SocketOptions {
  /** Where; the choice is the stream's. */
  readonly addresses: readonly Address[]
  readonly world: World
  readonly random: Random
  /** Requests; a connection may have a few more. */
  readonly count: number
  /** Told of every request before it is sent. */
  readonly sending: (request: FuzzRequest) => void
}

/** Connections at once. */
const AT_ONCE = 8
/** A client that has sent its last has its answers by then, and the connection its end. */
const END_MS = 12_000

/** One line for each rule that was broken. */
export async function sendOverSockets(options: SocketOptions): Promise<readonly string[]> {
  const { addresses, world, random, count, sending } = options
  const lines: string[] = []
  for (let sent = 0; sent < count; ) {
    const conversations = Array.from({ length: AT_ONCE }, () => anyConversation(random, world))
    for (const { requests } of conversations) for (const request of requests) sending(request)
    const found = await Promise.all(conversations.map((each) => hold(each, random.pick(addresses), random)))
    lines.push(...found.flat())
    sent += conversations.reduce((sum, { requests }) => sum + requests.length, 0)
  }
  return lines
}

/** What one client sends. */
interface Conversation {
  readonly name: string
  readonly requests: readonly SocketRequest[]
  readonly bytes: Buffer
  /** Every request is whole, so that each has its answer, in its order. */
  readonly isWhole: boolean
  /** What the client does when all is sent. */
  readonly ending: 'end' | 'leave'
}

interface SocketRequest extends FuzzRequest {
  /** By which its answer is told. */
  readonly id: string
}

function anyConversation(random: Random, world: World): Conversation {
  const requests = Array.from({ length: 1 + random.below(6) }, () => socketRequest(random, world))
  const bytes = Buffer.concat(requests.map((each) => formatRequest(each, random)))
  const broken = {
    requests,
    isWhole: false,
    ending: random.chance(0.8) ? 'end' : 'leave',
  } as const
  return random.weighted<Conversation>([
    [6, () => ({ name: 'pipelined', requests, bytes, isWhole: true, ending: 'end' })],
    [
      1,
      () => ({
        name: 'left',
        requests,
        bytes: bytes.subarray(0, random.below(bytes.length)),
        isWhole: false,
        ending: 'leave',
      }),
    ],
    [2, () => ({ ...broken, name: 'cut off', bytes: bytes.subarray(0, random.below(bytes.length)) })],
    [3, () => ({ ...broken, name: 'spoilt', bytes: spoilBytes(random, bytes) })],
    [2, () => ({ ...broken, name: 'odd framing', bytes: Buffer.concat([oddRequest(random), bytes]) })],
    [0.3, () => ({ ...broken, name: 'too large', bytes: Buffer.concat([tooLarge(random), bytes]) })],
  ])
}

/** The methods that are taken in lower case too. */
const SPELLED = ['GET', 'POST', 'PATCH', 'DELETE']

/** Of headers only those that do not change what a connection is. */
function socketRequest(random: Random, world: World): SocketRequest {
  const request = operationRequest(random, world)
  const id = randomUUID()
  const { authorization = '', 'content-type': type = 'application/json' } = request.headers
  const headers = {
    ...(authorization === '' ? {} : { authorization }),
    'content-type': type.replace(/[^\x20-\x7e]/g, ''),
    'client-request-id': id,
  }
  const target = request.target.replace(/[^\x21-\x7e]/g, '').slice(0, 12_000)
  // Which answer has no body must be known of a connection that is broken.
  const method = request.method === 'HEAD' ? 'GET' : request.method
  return {
    ...request,
    method: SPELLED.includes(method) && random.chance(0.05) ? method.toLowerCase() : method,
    target,
    headers,
    id,
  }
}

function formatRequest({ method, target, headers, body }: FuzzRequest, random: Random): Buffer {
  const content = body === undefined ? undefined : Buffer.from(body)
  const isChunked = content !== undefined && random.chance(0.3)
  const framing =
    content === undefined
      ? {}
      : isChunked
        ? { 'transfer-encoding': 'chunked' }
        : { 'content-length': String(content.byteLength) }
  const lines = Object.entries({ host: 'localhost', ...headers, ...framing }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1')
  if (content === undefined) return head
  return Buffer.concat([head, isChunked ? chunked(content, random) : content])
}

function chunked(content: Buffer, random: Random): Buffer {
  const chunks: Buffer[] = []
  for (let at = 0; at < content.length; ) {
    const size = Math.min(content.length - at, 1 + random.below(Math.max(content.length / 2, 1)))
    const name = size.toString(16)
    chunks.push(
      Buffer.from(`${random.chance(0.2) ? name.toUpperCase() : name}${random.chance(0.1) ? ';x=y' : ''}\r\n`),
    )
    chunks.push(content.subarray(at, at + size), Buffer.from('\r\n'))
    at += size
  }
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')])
}

function spoilBytes(random: Random, bytes: Buffer): Buffer {
  if (random.chance(0.5)) return Buffer.from(spoilText(random, bytes.toString('latin1')), 'latin1')
  const spoilt = Buffer.from(bytes)
  for (let times = 1 + random.below(5); times > 0; times -= 1)
    spoilt[random.below(spoilt.length)] = random.below(256)
  return spoilt
}

/** What servers and proxies have read in two ways, and what is no HTTP at all. */
const ODD: readonly string[] = [
  'POST /beta/$batch HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  'POST /beta/$batch HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}x',
  'POST /beta/$batch HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n{}',
  'POST /beta/$batch HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99999999999999999999\r\n\r\n{}',
  'POST /beta/$batch HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n{}',
  'POST /beta/$batch HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\n\r\n{}',
  'POST /beta/$batch HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
  'POST /beta/$batch HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: identity\r\n\r\n{}',
  'POST /beta/$batch HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff1\r\n',
  'POST /beta/$batch HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
  'POST /beta/$batch HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nx-trailer: y\r\n\r\n',
  'POST /beta/$batch HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n{}',
  'POST /beta/$batch HTTP/1.1\r\nhost: localhost\r\nexpect: nonsense\r\ncontent-length: 2\r\n\r\n{}',
  'GET /health HTTP/1.1\r\n\r\n',
  'GET /health HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\n\r\n',
  'GET /health HTTP/1.1\r\nhost: a b\r\n\r\n',
  'GET /health HTTP/1.1\r\nhost: localhost\r\n folded: x\r\n\r\n',
  'GET /health HTTP/1.1\r\nhost: localhost\r\nbad header: x\r\n\r\n',
  'GET /health HTTP/1.1\r\nhost: localhost\r\nx: a\0b\r\n\r\n',
  'GET /health HTTP/1.1\nhost: localhost\n\n',
  'GET /health HTTP/1.0\r\n\r\n',
  'GET /health HTTP/1.0\r\nhost: localhost\r\nconnection: keep-alive\r\n\r\n',
  'GET /health HTTP/0.9\r\n\r\n',
  'GET /health HTTP/2.0\r\nhost: localhost\r\n\r\n',
  'GET /health\r\n',
  'GET http://localhost/health HTTP/1.1\r\nhost: localhost\r\n\r\n',
  'GET //localhost/../health?%zz HTTP/1.1\r\nhost: localhost\r\n\r\n',
  'GET * HTTP/1.1\r\nhost: localhost\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nhost: localhost\r\n\r\n',
  'CONNECT localhost:443 HTTP/1.1\r\nhost: localhost\r\n\r\n',
  'TRACE / HTTP/1.1\r\nhost: localhost\r\n\r\n',
  'GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
  'GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\r\n\r\n\r\n',
  '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
  '\0\0\0\0',
]

function oddRequest(random: Random): Buffer {
  return Buffer.from(random.pick(ODD), 'latin1')
}

function tooLarge(random: Random): Buffer {
  const long = 'x'.repeat(random.pick([16_000, 20_000, 40_000, 70_000]))
  return Buffer.from(
    random.pick([
      `GET /beta/${long} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
      `GET /health HTTP/1.1\r\nhost: localhost\r\nx: ${long}\r\n\r\n`,
      `GET /health HTTP/1.1\r\nhost: localhost\r\n${'x: y\r\n'.repeat(4000)}\r\n`,
      `POST /beta/$batch HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 4194305\r\n\r\n${'x'.repeat(4_194_305)}`,
    ]),
  )
}

async function hold(
  conversation: Conversation,
  address: Address,
  random: Random,
): Promise<readonly string[]> {
  const { bytes, ending, name } = conversation
  const connection = await FuzzConnection.open(address)
  await connection.writeInPieces(bytes, random)
  if (ending === 'leave') {
    connection.destroy()
    return []
  }
  connection.end()
  const received = await connection.untilClosed(END_MS)
  const breaches =
    received === undefined
      ? [{ rule: 'a connection ends', detail: name }]
      : judge(conversation, () =>
          readAnswers(
            received,
            conversation.isWhole ? conversation.requests.map(({ method }) => method.toUpperCase()) : [],
          ),
        )
  const how = address.ca === undefined ? 'plain' : 'TLS'
  return breaches.map(
    ({ rule, detail }) =>
      `over ${how}, ${name}: ${rule}: ${detail}\n${JSON.stringify(
        bytes
          .toString('latin1')
          .replace(/Bearer +\S+/g, 'Bearer …')
          .slice(0, 6000),
      )}`,
  )
}

function judge(
  { requests, isWhole }: Conversation,
  read: () => ReturnType<typeof readAnswers>,
): readonly Breach[] {
  try {
    const answers = read()
    const ids = answers.map(({ headers }) => headers.get('client-request-id'))
    // What comes after a body that is too large is not read: the connection ends with that answer.
    const answered = answers.at(-1)?.status === 413 ? requests.slice(0, ids.length) : requests
    if (isWhole && ids.join() !== answered.map(({ id }) => id).join())
      return [
        {
          rule: 'each request has its answer, in its order',
          detail: `${ids.length} of ${requests.length}, ${answers.map(({ status }) => status).join()}`,
        },
      ]
    return answers.flatMap((answer, i) => breachesOf(isWhole ? (requests[i] ?? NOTHING) : NOTHING, answer))
  } catch (error) {
    return [{ rule: 'nothing but answers comes', detail: String(error) }]
  }
}

/** Where it cannot be told which request an answer is to. */
const NOTHING: FuzzRequest = { method: 'GET', target: '', headers: {}, body: undefined }
