/** An identity on a database of its own, and tokens that nobody should take. */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { CompactSign } from 'jose'
import type { Clock } from '#base/base.ts'
import { type Cloud, type Identity, openIdentity } from '#identity/identity.ts'
import { model } from '#model/model.ts'
import { openStorage, query, type Storage } from '#storage/storage.ts'

/** A wall clock that a test turns. */
export interface TurnedClock extends Clock {
  turn(milliseconds: number): void
}

export function createClock(): TurnedClock {
  let now = Date.UTC(2026, 10, 23, 12)
  const turn = (milliseconds: number): void => {
    now += milliseconds
  }
  return { now: () => now, turn }
}

export const TENANT = '11111111-1111-4111-8111-111111111111'
export const OTHER_TENANT = '22222222-2222-4222-8222-222222222222'
export const CLIENT = {
  id: '33333333-3333-4333-8333-333333333333',
  secret: 'a secret',
  roles: ['Read', 'Write'],
}

/** Opened, with {@link TENANT} in it. */
export interface OpenedIdentity {
  readonly identity: Identity
  readonly storage: Storage
  readonly clock: TurnedClock
}

/** What ends: a test, or with `after` of node:test a whole file. */
export interface Ending {
  after(end: () => Promise<void>): void
}

/** Opens one; the database is in memory unless a file is given, and is closed at the end. */
export async function startIdentity(
  ending: Ending,
  { file, cloud = 'global' }: { readonly file?: string; readonly cloud?: Cloud } = {},
): Promise<OpenedIdentity> {
  const clock = createClock()
  const storage = await openStorage({ model, file })
  ending.after(async () => await storage[Symbol.asyncDispose]())
  const identity = await openIdentity({ storage, client: CLIENT, tenant: TENANT, cloud, clock })
  await identity.directory.putTenant({ tid: TENANT })
  return { identity, storage, clock }
}

/** The key that signs a database's tokens: only those who hold the database can do what follows. */
export async function signingKeyOf(storage: Storage): Promise<KeyObject> {
  const [row] = await storage.read(query`SELECT private_jwk FROM signing_key`)
  return createPrivateKey({ key: JSON.parse(String(row?.['private_jwk'])), format: 'jwk' })
}

/** A token as one would forge it. */
export interface Forgery {
  readonly key: KeyObject | Uint8Array
  readonly header: { readonly alg: string; readonly kid?: string }
  readonly claims: Readonly<Record<string, unknown>>
}

export async function forge({ key, header, claims }: Forgery): Promise<string> {
  const bytes = Buffer.from(JSON.stringify(claims))
  return await new CompactSign(bytes).setProtectedHeader({ typ: 'JWT', ...header }).sign(key)
}
