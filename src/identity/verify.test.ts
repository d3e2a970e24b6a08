import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, describe, test } from 'node:test'
import { ODataError } from '#odata/odata.ts'
import {
  CLIENT,
  type Forgery,
  forge,
  type OpenedIdentity,
  OTHER_TENANT,
  signingKeyOf,
  startIdentity,
  TENANT,
} from '../../test/support/identity.ts'

/** For what only reads; its tenant has the domain contoso.com. */
const shared = await startIdentity({ after })
await shared.identity.directory.putTenant({ tid: TENANT, domain: 'contoso.com' })

const EMPTY = 'Access token is empty.'
const UNREADABLE = 'CompactToken parsing failed with error code: 80049217'
const SIGNATURE = 'Access token validation failure. Invalid signature.'
const AUDIENCE = 'Access token validation failure. Invalid audience.'
const UNKNOWN = 'Access token validation failure. The tenant is not known here.'
const EXPIRED = 'Lifetime validation failed, the token is expired.'
const EARLY = 'Lifetime validation failed, the token is not yet valid.'

async function assertRefused({ identity }: OpenedIdentity, authorization: string, message: string) {
  await assert.rejects(identity.authenticate(authorization), (error) => {
    assert(error instanceof ODataError, String(error))
    assert.deepEqual([error.code, error.status, error.message], ['InvalidAuthenticationToken', 401, message])
    return true
  })
}

/** What it takes to sign a token as the server itself does, for a test to change. */
async function rightForgery({ identity, storage, clock }: OpenedIdentity): Promise<Forgery> {
  const seconds = Math.floor(clock.now() / 1000)
  return {
    key: await signingKeyOf(storage),
    header: { alg: 'RS256', kid: identity.key.kid },
    claims: {
      aud: identity.graph,
      iss: `https://localhost/${TENANT}/v2.0`,
      tid: TENANT,
      appid: CLIENT.id,
      roles: ['Read'],
      iat: seconds,
      nbf: seconds,
      exp: seconds + 60,
    },
  }
}

describe('an access token', () => {
  test('of an application says its id and its roles', async () => {
    const { identity } = shared
    const token = await identity.mint({ roles: ['Read', 'Other'] }, 'https://localhost')
    const { tenant, granted, ...rest } = await identity.authenticate(`Bearer ${token}`)
    assert.deepEqual(rest, { kind: 'application', name: CLIENT.id, isPersonal: false })
    assert.deepEqual([...granted], ['Read', 'Other'])
    assert.deepEqual(tenant, { number: 1, tid: TENANT, domain: 'contoso.com', licensed: true })
  })

  test('of a user says the principal name and the scopes, and no role counts', async () => {
    const { claims, ...rest } = await rightForgery(shared)
    const token = await forge({ ...rest, claims: { ...claims, scp: 'Read Write', upn: 'ada@contoso.com' } })
    const { tenant, granted, ...said } = await shared.identity.authenticate(`bearer  ${token} `)
    assert.deepEqual(said, { kind: 'delegated', name: 'ada@contoso.com', isPersonal: false })
    assert.deepEqual([...granted], ['Read', 'Write'])
    assert.equal(tenant.tid, TENANT)
  })

  test('for one of several audiences is taken, with or without a slash', async () => {
    const { claims, ...rest } = await rightForgery(shared)
    for (const aud of [['https://elsewhere.example', `${shared.identity.graph}/`], shared.identity.graph]) {
      const token = await forge({ ...rest, claims: { ...claims, aud } })
      assert.equal((await shared.identity.authenticate(`Bearer ${token}`)).name, CLIENT.id)
    }
  })

  test('without roles or scopes is somebody who may do nothing', async () => {
    const { claims, ...rest } = await rightForgery(shared)
    const token = await forge({ ...rest, claims: { ...claims, roles: 'Read' } })
    assert.equal((await shared.identity.authenticate(`Bearer ${token}`)).granted.size, 0)
  })
})

describe('what is no token is refused', () => {
  const texts: readonly (readonly [string, string, string])[] = [
    ['nothing', '', EMPTY],
    ['a scheme alone', 'Bearer', EMPTY],
    ['a scheme and a space', 'Bearer ', EMPTY],
    ['another scheme', 'Basic YTpi', EMPTY],
    ['two tokens', 'Bearer a, Bearer b', EMPTY],
    ['a word', 'Bearer junk', UNREADABLE],
    ['dots', 'Bearer ..', UNREADABLE],
    ['three words', 'Bearer a.b.c', UNREADABLE],
    ['an encrypted token', 'Bearer a.b.c.d.e', UNREADABLE],
    ['a long word', `Bearer ${'x'.repeat(5_000_000)}`, UNREADABLE],
    ['many dots', `Bearer ${'.'.repeat(1_000_000)}`, UNREADABLE],
    ['many spaces', `Bearer${' '.repeat(1_000_000)}\t`, EMPTY],
  ]
  for (const [name, authorization, message] of texts) {
    test(name, async () => await assertRefused(shared, authorization, message))
  }
})

describe('a forged token is refused', () => {
  const claimWrong = (claim: string): string =>
    `Access token validation failure. The claim '${claim}' is missing or is not what it must be.`
  const { privateKey: stranger } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const lacking = ({ claims, ...rest }: Forgery, name: string): Forgery => ({
    ...rest,
    claims: { ...claims, [name]: undefined },
  })
  const saying = ({ claims, ...rest }: Forgery, more: Forgery['claims']): Forgery => ({
    ...rest,
    claims: { ...claims, ...more },
  })
  const now = Math.floor(shared.clock.now() / 1000)
  const rows: readonly (readonly [string, string, (right: Forgery) => Forgery])[] = [
    ['signed by a stranger who names our key', SIGNATURE, (right) => ({ ...right, key: stranger })],
    ['that names another key', SIGNATURE, (right) => ({ ...right, header: { alg: 'RS256', kid: 'other' } })],
    ['that names no key', SIGNATURE, (right) => ({ ...right, header: { alg: 'RS256' } })],
    ['with PS256', UNREADABLE, (right) => ({ ...right, header: { ...right.header, alg: 'PS256' } })],
    ['with RS512', UNREADABLE, (right) => ({ ...right, header: { ...right.header, alg: 'RS512' } })],
    ['without exp', claimWrong('exp'), (right) => lacking(right, 'exp')],
    ['without tid', claimWrong('tid'), (right) => lacking(right, 'tid')],
    ['without aud', claimWrong('aud'), (right) => lacking(right, 'aud')],
    ['without iss', UNKNOWN, (right) => lacking(right, 'iss')],
    ['that is not yet valid', EARLY, (right) => saying(right, { nbf: now + 1 })],
    ['that has expired', EXPIRED, (right) => saying(right, { exp: now })],
    ['for another audience', AUDIENCE, (right) => saying(right, { aud: 'https://graph.microsoft.us' })],
    ['for no audience', AUDIENCE, (right) => saying(right, { aud: [] })],
    [
      'for our audience in capitals',
      AUDIENCE,
      (right) => saying(right, { aud: 'HTTPS://GRAPH.MICROSOFT.COM' }),
    ],
    ['for two slashes', AUDIENCE, (right) => saying(right, { aud: 'https://graph.microsoft.com//' })],
    ['of an unknown tenant', UNKNOWN, (right) => saying(right, { tid: OTHER_TENANT })],
    [
      "issued for another tenant's id",
      UNKNOWN,
      (right) => saying(right, { iss: `https://x/${OTHER_TENANT}/v2.0` }),
    ],
    ['whose tenant is no text', UNKNOWN, (right) => saying(right, { tid: 1 })],
    [
      'whose tenant is a domain',
      UNKNOWN,
      (right) => saying(right, { tid: 'contoso.com', iss: '/contoso.com/v2.0' }),
    ],
    ['whose issuer is no text', UNKNOWN, (right) => saying(right, { iss: 1 })],
    ['whose audience is no text', AUDIENCE, (right) => saying(right, { aud: [1, null] })],
    ['whose end is no number', claimWrong('exp'), (right) => saying(right, { exp: 'never' })],
  ]
  for (const [name, message, change] of rows) {
    test(name, async () => {
      const token = await forge(change(await rightForgery(shared)))
      await assertRefused(shared, `Bearer ${token}`, message)
    })
  }

  test('with the algorithm none', async () => {
    const { claims } = await rightForgery(shared)
    for (const alg of ['none', 'None', '']) {
      const [header, payload] = [{ alg, typ: 'JWT' }, claims].map((part) =>
        Buffer.from(JSON.stringify(part)).toString('base64url'),
      )
      for (const signature of ['', 'AA'])
        await assertRefused(shared, `Bearer ${header}.${payload}.${signature}`, UNREADABLE)
    }
  })

  test('with HS256 and our public key for a secret', async () => {
    const { claims } = await rightForgery(shared)
    const { publicKey, kid } = shared.identity.key
    for (const secret of [
      publicKey.export({ type: 'spki', format: 'pem' }),
      publicKey.export({ type: 'spki', format: 'der' }),
      publicKey.export({ type: 'pkcs1', format: 'pem' }),
      JSON.stringify(publicKey.export({ format: 'jwk' })),
    ]) {
      const token = await forge({ key: Buffer.from(secret), header: { alg: 'HS256', kid }, claims })
      await assertRefused(shared, `Bearer ${token}`, UNREADABLE)
    }
  })

  test('whose claims were changed after it was signed', async () => {
    const right = await rightForgery(shared)
    const [header, , signature] = (await forge(right)).split('.')
    const claims = Buffer.from(JSON.stringify({ ...right.claims, roles: ['Write'] })).toString('base64url')
    await assertRefused(shared, `Bearer ${header}.${claims}.${signature}`, SIGNATURE)
  })
})
