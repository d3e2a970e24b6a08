import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { startListening } from '../../test/support/wire.ts'
import { control, readServerFile, removeServerFile, writeServerFile } from './server-file.ts'

const noModes = process.platform === 'win32' ? 'no modes here' : false
const contents = { pid: 1, httpUrl: 'http://localhost:1', secret: 'a secret' }

function createFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'runstate-server-file-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

describe('server.json', () => {
  test("is its owner's alone, whatever the umask and whatever was there, and nothing is left beside it", {
    skip: noModes,
  }, async (t) => {
    const folder = createFolder(t)
    const umask = process.umask(0)
    t.after(() => process.umask(umask))
    writeFileSync(join(folder, 'server.json'), 'open to all', { mode: 0o666 })
    await writeServerFile(folder, contents)
    assert.equal(statSync(join(folder, 'server.json')).mode & 0o777, 0o600)
    assert.deepEqual(readdirSync(folder), ['server.json'])
    assert.deepEqual(await readServerFile(folder), contents)
  })

  test('that is not there, or not whole, is none', async (t) => {
    const folder = createFolder(t)
    assert.equal(await readServerFile(folder), undefined)
    assert.equal(await readServerFile(join(folder, 'nowhere')), undefined)
    writeFileSync(join(folder, 'server.json'), '{"pid":1}')
    assert.equal(await readServerFile(folder), undefined)
    await removeServerFile(folder)
    await removeServerFile(folder)
    assert.equal(existsSync(join(folder, 'server.json')), false)
  })

  test('of a server has its plain address and a secret of 32 bytes, and goes with it', async (t) => {
    const { server, ca, httpUrl } = await startListening(t)
    const folder = dirname(ca)
    assert.equal(existsSync(join(folder, 'server.json')), false, 'none before it is announced')
    await server.announce()
    const {
      pid,
      httpUrl: told,
      secret,
      ...rest
    } = JSON.parse(readFileSync(join(folder, 'server.json'), 'utf8'))
    assert.deepEqual([pid, told, rest], [process.pid, httpUrl, {}])
    assert.equal(Buffer.from(secret, 'base64url').length, 32)
    await server[Symbol.asyncDispose]()
    assert.equal(existsSync(join(folder, 'server.json')), false)
  })

  test('is not written for a server in memory whose folder another server has', async (t) => {
    const first = await startListening(t)
    await first.server.announce()
    const data = dirname(first.ca)
    const second = await startListening(t, { data })
    await second.server.announce()
    assert.equal((await readServerFile(data))?.httpUrl, first.httpUrl)
    await second.server[Symbol.asyncDispose]()
    assert.equal((await readServerFile(data))?.httpUrl, first.httpUrl, 'nor removed by it')
  })
})

async function startOther(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createHttpServer(listener)
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
  t.after(() => server.close())
  const address = server.address()
  assert(typeof address === 'object' && address !== null)
  return `http://127.0.0.1:${address.port}`
}

describe('a command', () => {
  test('comes back with the answer of the server', async (t) => {
    const { server, ca } = await startListening(t)
    await server.announce()
    const file = await readServerFile(dirname(ca))
    assert(file !== undefined)
    assert.deepEqual(await control(file, 'tenants', {}), { answer: await server.tenants() })
    await assert.rejects(control(file, 'token', { tenant: 'nobody' }), {
      message: "The tenant 'nobody' is not known here.",
    })
  })

  test('finds nobody where nothing listens, or another program, or a server with another secret', async (t) => {
    assert.equal(await control(contents, 'tenants', {}), undefined)
    const stranger = await startOther(t, (_request, response) => response.end('<html>hello</html>'))
    assert.equal(await control({ ...contents, httpUrl: stranger }, 'tenants', {}), undefined)
    const { httpUrl } = await startListening(t)
    assert.equal(await control({ ...contents, httpUrl }, 'tenants', {}), undefined)
  })
})
