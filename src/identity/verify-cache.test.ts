import assert from 'node:assert/strict'
import type { KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { limits } from '#base/base.ts'
import { all, command } from '#storage/storage.ts'
import {
  type OpenedIdentity,
  OTHER_TENANT,
  startIdentity,
  TENANT,
  type TurnedClock,
} from '../../test/support/identity.ts'
import { Verifier } from './verify.ts'

const ISSUER = 'https://localhost'
const EXPIRED = { message: 'Lifetime validation failed, the token is expired.' }
const UNKNOWN = { message: 'Access token validation failure. The tenant is not known here.' }

/** A verifier whose key counts how often it is used, which is once for each signature that is checked. */
function createCounting({ identity, clock }: OpenedIdentity) {
  const { kid, privateKey, publicKey } = identity.key
  let checks = 0
  const key = {
    kid,
    privateKey,
    get publicKey(): KeyObject {
      checks += 1
      return publicKey
    },
  }
  const { directory, isAudience } = identity
  const verifier = new Verifier({ key, directory, clock, isAudience })
  return {
    authenticate: async (token: string) => await verifier.authenticate(`Bearer ${token}`),
    checks: () => checks,
  }
}

describe('the signature of a token', () => {
  test('is checked once, and the same principal comes back', async (t) => {
    const opened = await startIdentity(t)
    const counting = createCounting(opened)
    const token = await opened.identity.mint({}, ISSUER)
    const first = await counting.authenticate(token)
    for (let i = 0; i < 10; i += 1) assert.equal(await counting.authenticate(token), first)
    assert.equal(counting.checks(), 1)
  })

  test('is checked for each token by itself, though the claims are the same', async (t) => {
    const opened = await startIdentity(t)
    const counting = createCounting(opened)
    for (let i = 0; i < 3; i += 1) await counting.authenticate(await opened.identity.mint({}, ISSUER))
    assert.equal(counting.checks(), 3)
  })

  test('is checked each time where it is refused', async (t) => {
    const opened = await startIdentity(t)
    const counting = createCounting(opened)
    const token = `${await opened.identity.mint({}, ISSUER)}AAAA`
    for (let i = 0; i < 3; i += 1) await assert.rejects(counting.authenticate(token))
    assert.equal(counting.checks(), 3)
  })

  test('is checked again after a change of the directory, once', async (t) => {
    const opened = await startIdentity(t)
    const counting = createCounting(opened)
    const token = await opened.identity.mint({}, ISSUER)
    await counting.authenticate(token)
    await opened.identity.directory.putTenant({ tid: OTHER_TENANT })
    await counting.authenticate(token)
    await counting.authenticate(token)
    assert.equal(counting.checks(), 2)
  })

  test('is checked again where the token was the oldest of one more than are kept', async (t) => {
    const opened = await startIdentity(t)
    const counting = createCounting(opened)
    const tokens = await listTokens(opened, limits.cachedTokens + 1)
    const [first = '', second = ''] = tokens
    const last = tokens.pop() ?? ''
    for (const token of tokens) await counting.authenticate(token)
    await counting.authenticate(first)
    assert.equal(counting.checks(), limits.cachedTokens, 'the limit itself is kept whole')
    await counting.authenticate(last)
    await counting.authenticate(second)
    assert.equal(counting.checks(), limits.cachedTokens + 1, 'what is younger is kept')
    await counting.authenticate(first)
    assert.equal(counting.checks(), limits.cachedTokens + 2, 'what was oldest went')
  })
})

/** Many tokens for few signatures: the last character of one carries four bits that nobody reads. */
async function listTokens({ identity }: OpenedIdentity, count: number): Promise<string[]> {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const tokens: string[] = []
  while (tokens.length < count) {
    const token = await identity.mint({ roles: [] }, ISSUER)
    const read = alphabet.indexOf(token.slice(-1)) & 0b110000
    for (let unread = 0; unread < 16; unread += 1)
      tokens.push(token.slice(0, -1) + alphabet.charAt(read + unread))
  }
  return tokens.slice(0, count)
}

describe('a token that is known', () => {
  test('is taken to the last millisecond of its life, and no longer', async (t) => {
    const { identity, clock } = await startIdentity(t)
    const header = `Bearer ${await identity.mint({ lifetime: 60 }, ISSUER)}`
    await identity.authenticate(header)
    clock.turn(59_999)
    await identity.authenticate(header)
    clock.turn(1)
    await assert.rejects(identity.authenticate(header), EXPIRED)
    await assert.rejects(identity.authenticate(header), EXPIRED)
  })

  test('is refused at once where this process takes the licence or the tenant away', async (t) => {
    const { identity } = await startIdentity(t)
    const header = `Bearer ${await identity.mint({}, ISSUER)}`
    const before = await identity.authenticate(header)
    assert.equal(before.tenant.licensed, true)
    await identity.directory.putTenant({ tid: TENANT, licensed: false })
    assert.equal((await identity.authenticate(header)).tenant.licensed, false)
    const { number } = await identity.directory.resetTenant(before.tenant)
    assert.equal((await identity.authenticate(header)).tenant.number, number)
  })

  for (const [wait, isNoticed] of [
    [999, false],
    [1000, true],
    // A clock that is set back must not keep what was read for as long as it was set back.
    [-1000, true],
  ] as const) {
    test(`${isNoticed ? 'sees' : 'need not see'} what another process changed ${wait} ms later`, async (t) => {
      const { mine, theirs, clock } = await startTwo(t)
      const header = `Bearer ${await mine.mint({}, ISSUER)}`
      clock.turn(5000)
      await mine.authenticate(header)
      await theirs.directory.putTenant({ tid: TENANT, licensed: false })
      clock.turn(wait)
      assert.equal((await mine.authenticate(header)).tenant.licensed, !isNoticed)
    })
  }

  test('is refused within a second where another process removed its tenant', async (t) => {
    const { mine, storage, clock } = await startTwo(t)
    const header = `Bearer ${await mine.mint({}, ISSUER)}`
    await mine.authenticate(header)
    await storage.transact(function* () {
      yield* all(command`DELETE FROM tenant WHERE tid = ${TENANT}`)
      yield* all(command`UPDATE directory SET revision = revision + 1`)
    })
    clock.turn(1000)
    await assert.rejects(mine.authenticate(header), UNKNOWN)
  })
})

interface TwoIdentities {
  readonly mine: OpenedIdentity['identity']
  readonly theirs: OpenedIdentity['identity']
  readonly storage: OpenedIdentity['storage']
  readonly clock: TurnedClock
}

/** Two identities on one database, as two processes have them. */
async function startTwo(t: TestContext): Promise<TwoIdentities> {
  const folder = mkdtempSync(join(tmpdir(), 'runstate-identity-'))
  const file = join(folder, 'runstate.db')
  const { identity: mine, clock } = await startIdentity(t, { file })
  const { identity: theirs, storage } = await startIdentity(t, { file })
  t.after(() => rmSync(folder, { recursive: true }))
  // The second one's start was a change too.
  clock.turn(1000)
  await mine.directory.revision()
  return { mine, theirs, storage, clock }
}

test('a token never becomes a principal of another tenant, whatever domains they have', async (t) => {
  const { identity } = await startIdentity(t)
  const { directory } = identity
  const other = await directory.putTenant({ tid: OTHER_TENANT, domain: 'fabrikam.com' })
  const tokens = [
    { tid: TENANT, header: `Bearer ${await identity.mint({ tenant: TENANT }, ISSUER)}` },
    { tid: OTHER_TENANT, header: `Bearer ${await identity.mint({ tenant: 'Fabrikam.com' }, ISSUER)}` },
  ]
  for (const domain of [
    TENANT,
    OTHER_TENANT,
    TENANT.toUpperCase(),
    '',
    'common',
    'a b.c',
    null,
    'contoso.com',
  ]) {
    await directory.putTenant({ tid: OTHER_TENANT, domain }).catch(() => undefined)
    await directory.putTenant({ tid: TENANT, domain }).catch(() => undefined)
    for (const { tid, header } of tokens) {
      const { tenant } = await identity.authenticate(header)
      assert.equal(tenant.tid, tid, `the domain ${domain}`)
      assert.equal(tenant.number === other.number, tid === OTHER_TENANT)
    }
  }
})
