/** The server that is asked: with its database in a folder of its own, tenants, and tokens good and bad. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Profile } from '#base/quirks.ts'
import { createServer, type RunstateServer } from '#server.ts'
import type { FuzzAnswer } from './answers.ts'
import type { Address } from './connection.ts'
import type { FuzzRequest } from './request.ts'
import type { Caller } from './world.ts'

const OTHER_TENANT = '11111111-1111-4111-8111-111111111111'
const UNLICENSED_TENANT = '22222222-2222-4222-8222-222222222222'

/** A server to be asked, and what is to be known of it. */
export interface Subject extends AsyncDisposable {
  readonly server: RunstateServer
  /** By plain HTTP and by TLS. */
  readonly addresses: readonly Address[]
  readonly databaseFile: string
  /** The first may do everything. */
  readonly callers: readonly Caller[]
}

/** Starts one. The recorded profile fails creations that have an id on purpose: that one is switched off. */
export async function startSubject(profile: Profile): Promise<Subject> {
  const data = await mkdtemp(join(tmpdir(), 'runstate-fuzz-'))
  const server = await createServer({
    data,
    hosts: ['127.0.0.1'],
    port: 0,
    httpPort: 0,
    profile,
    quirks: { 'id-in-creation': 'ignored' },
  })
  await server.putTenant({ tid: OTHER_TENANT })
  await server.putTenant({ tid: UNLICENSED_TENANT, licensed: false })
  const { url, httpUrl, ca } = await server.listen()
  return {
    server,
    addresses: [{ port: portOf(httpUrl) }, { port: portOf(url), ca: await readFile(ca, 'utf8') }],
    databaseFile: join(data, 'runstate.db'),
    callers: await callersOf(server),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await rm(data, { recursive: true, force: true })
    },
  }
}

function portOf(url: string): number {
  return Number(new URL(url).port)
}

async function callersOf(server: RunstateServer): Promise<readonly Caller[]> {
  const all = await server.token()
  const [head = '', claims = '', signature = ''] = all.split('.')
  const forged = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url')
  const flipped = signature.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A'))
  const tokens: Readonly<Record<string, string>> = {
    everything: all,
    'read only': await server.token({ roles: ['DeviceManagementConfiguration.Read.All'] }),
    'scripts only': await server.token({ roles: ['DeviceManagementScripts.ReadWrite.All'] }),
    'no roles': await server.token({ roles: [] }),
    'a user': await server.token({
      scopes: ['DeviceManagementConfiguration.ReadWrite.All'],
      user: 'a@contoso.com',
    }),
    expired: await server.token({ lifetime: -60 }),
    'other tenant': await server.token({ tenant: OTHER_TENANT }),
    'unlicensed tenant': await server.token({ tenant: UNLICENSED_TENANT }),
    'another signature': `${head}.${claims}.${flipped}`,
    'no signature': `${forged}.${claims}.`,
    'other claims': `${head}.${Buffer.from('{"tid":"x","roles":["x"]}').toString('base64url')}.${signature}`,
    'half a token': all.slice(0, all.length / 2),
    'no token': 'x.y.z',
  }
  const bearers = Object.entries(tokens).map(([name, token]) => ({ name, authorization: `Bearer ${token}` }))
  const others = [undefined, '', 'Bearer', 'Basic YTpi', `bearer  ${all}`, `Bearer ${all} ${all}`]
  return [...bearers, ...others.map((authorization) => ({ name: String(authorization), authorization }))]
}

/** Whatever is not answered by then never is. */
const HANG_MS = 20_000

/** Sends a request without a socket. Undefined where Fetch itself does not let it be made. */
export async function ask(server: RunstateServer, request: FuzzRequest): Promise<FuzzAnswer | undefined> {
  const sent = requestOf(server, request)
  if (sent === undefined) return undefined
  const startedAt = performance.now()
  const hangs = Promise.withResolvers<never>()
  const timer = setTimeout(() => hangs.reject(new Error(`no answer came in ${HANG_MS} ms`)), HANG_MS)
  try {
    const { status, headers, body } = await Promise.race([fetchWhole(server, sent), hangs.promise])
    return { status, headers, body, milliseconds: performance.now() - startedAt }
  } catch (error) {
    const milliseconds = performance.now() - startedAt
    return { status: 0, headers: new Headers(), body: Buffer.alloc(0), milliseconds, error }
  } finally {
    clearTimeout(timer)
  }
}

async function fetchWhole(
  server: RunstateServer,
  request: Request,
): Promise<Pick<FuzzAnswer, 'status' | 'headers' | 'body'>> {
  const response = await server.fetch(request)
  const { status, headers } = response
  return { status, headers, body: Buffer.from(await response.arrayBuffer()) }
}

function requestOf(
  { url }: RunstateServer,
  { method, target, headers, body }: FuzzRequest,
): Request | undefined {
  try {
    // A path that begins with two slashes would be another host.
    const address = new URL(`${new URL(url).origin}${target.startsWith('/') ? '' : '/'}${target}`)
    const bytes =
      body === undefined ? undefined : new Blob([typeof body === 'string' ? body : new Uint8Array(body)])
    return new Request(address, {
      method,
      headers: { ...headers },
      ...(bytes === undefined ? {} : { body: bytes }),
    })
  } catch {
    return undefined
  }
}
