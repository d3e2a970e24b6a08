import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { newGuid } from '#base/base.ts'
import { all, command, one, query, type Storage } from '#storage/storage.ts'

/** The key that signs tokens, and what of it may be published. */
export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/**
 * The signing key of the database: RS256, as Entra's. The first start makes one; where two processes start at
 * once, both end with the one that was stored first.
 */
export async function openSigningKey(storage: Storage): Promise<SigningKey> {
  const stored = await storage.read(query`SELECT kid, private_jwk FROM signing_key ORDER BY kid LIMIT 1`)
  const row = stored[0] ?? (await createSigningKey(storage))
  const privateKey = createPrivateKey({ key: JSON.parse(String(row['private_jwk'])), format: 'jwk' })
  return { kid: String(row['kid']), privateKey, publicKey: createPublicKey(privateKey) }
}

async function createSigningKey(storage: Storage) {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const jwk = JSON.stringify(privateKey.export({ format: 'jwk' }))
  return await storage.transact(function* () {
    yield* all(command`UPDATE directory SET revision = revision + 1`)
    const first = query`SELECT kid, private_jwk FROM signing_key ORDER BY kid LIMIT 1`
    const theirs = yield* one(first)
    if (theirs !== undefined) return theirs
    yield* all(command`INSERT INTO signing_key (kid, private_jwk) VALUES (${newGuid()}, ${jwk})`)
    return (yield* one(first)) ?? {}
  })
}

/** The public half as a JSON Web Key Set lists it. */
export function publicJwk({ kid, publicKey }: SigningKey): Readonly<Record<string, unknown>> {
  return { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }
}
