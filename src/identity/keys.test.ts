import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { model } from '#model/model.ts'
import { createServer, type RunstateServer } from '#server.ts'
import { openStorage, query } from '#storage/storage.ts'
import { openSigningKey, publicJwk } from './keys.ts'

function createFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'runstate-keys-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

async function statusOf(server: RunstateServer, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  const { status } = await server.fetch('/beta/deviceManagement/deviceShellScripts', { headers })
  return status
}

test('two that open a fresh database at once get the same key, and there is no other', async (t) => {
  const file = join(createFolder(t), 'runstate.db')
  await using one = await openStorage({ model, file })
  await using other = await openStorage({ model, file })
  const keys = await Promise.all([one, other, one, other].map(openSigningKey))
  const [first] = keys
  assert(first !== undefined)
  for (const key of keys) {
    assert.equal(key.kid, first.kid)
    assert(key.privateKey.equals(first.privateKey))
    assert(key.publicKey.equals(first.publicKey))
  }
  const [row] = await one.read(query`SELECT count(*) AS count FROM signing_key`)
  assert.equal(row?.['count'], 1)
})

test('what is published of a key is its public half, by which tokens are verified', async (t) => {
  const file = join(createFolder(t), 'runstate.db')
  await using storage = await openStorage({ model, file })
  const key = await openSigningKey(storage)
  const { n, e, ...rest } = publicJwk(key)
  assert.deepEqual(rest, { kty: 'RSA', kid: key.kid, use: 'sig', alg: 'RS256' })
  assert.equal(e, 'AQAB')
  assert.equal(Buffer.from(String(n), 'base64url').length, 256)
})

test('the key survives a restart, and tokens with it', async (t) => {
  const data = createFolder(t)
  const tokens: string[] = []
  for (let start = 0; start < 3; start += 1) {
    await using server = await createServer({ data })
    tokens.push(await server.token())
    for (const token of tokens) assert.equal(await statusOf(server, token), 200)
  }
})

test('a token of another database is refused', async (t) => {
  await using one = await createServer({ data: createFolder(t) })
  await using other = await createServer({ memory: true })
  assert.equal(await statusOf(one, await other.token()), 401)
  assert.equal(await statusOf(one, await one.token()), 200)
})

test('the database, which holds the key, is readable by its owner only, in a folder that is open to all', {
  skip: process.platform === 'win32' && 'no modes here',
}, async (t) => {
  const data = createFolder(t)
  const umask = process.umask(0)
  t.after(() => process.umask(umask))
  await using server = await createServer({ data })
  await server.putTenant({ tid: '11111111-1111-4111-8111-111111111111' })
  for (const name of ['runstate.db', 'runstate.db-wal', 'runstate.db-shm'])
    assert.equal(statSync(join(data, name)).mode & 0o777, 0o600, name)
})
