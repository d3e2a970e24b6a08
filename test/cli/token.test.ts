import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { decodeJwt } from 'jose'
import { createFolder, run, serve } from '../support/command-line.ts'

const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'
const TENANT = '7e57ab1e-0000-4000-8000-000000000001'
const OTHER = '11111111-1111-4111-8111-111111111111'

/** Two folders: one that is served all the while, and one that is not. */
const served = createFolder({ after })
const serving = await serve({ after }, ['--data', served])
const still = createFolder({ after })

async function succeed(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(args, { environment })
  assert.deepEqual([code, stderr], [0, ''], `${args.join(' ')} ${stdout}`)
  return stdout
}

async function statusOf(httpUrl: string, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  return (await fetch(httpUrl + SCRIPTS, { headers })).status
}

for (const [state, data] of [
  ['runs', served],
  ['does not run', still],
] as const) {
  describe(`while the server ${state}, runstate`, { concurrency: state === 'runs' }, () => {
    test('token prints a token with every permission, and nothing else', async () => {
      const stdout = await succeed(['token', '--data', data])
      assert.match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/)
      const { tid, roles, exp = 0, iat = 0 } = decodeJwt(stdout.trim())
      assert.equal(tid, TENANT)
      assert(Array.isArray(roles) && roles.length === 6)
      assert.equal(exp - iat, 3599)
    })

    test('token takes roles, or scopes with a user, and a life', async () => {
      const token = ['token', '--data', data]
      const app = decodeJwt((await succeed([...token, '--role', 'A', 'B,C', '--expires', '2d'])).trim())
      assert.deepEqual([app['roles'], (app.exp ?? 0) - (app.iat ?? 0)], [['A', 'B', 'C'], 172_800])
      const user = ['--scope', 'A', 'B', '--user', 'ada@contoso.com', '--expires', '-5m']
      const delegated = decodeJwt((await succeed([...token, ...user])).trim())
      const { scp, upn, exp = 0, iat = 0 } = delegated
      assert.deepEqual([scp, upn, exp - iat], ['A B', 'ada@contoso.com', -300])
    })

    test('token is an error with 1 for an unknown tenant', async () => {
      const { code, stdout, stderr } = await run(['token', '--data', data, '--tenant', 'fabrikam.com'])
      assert.deepEqual([code, stdout], [1, ''])
      assert.equal(stderr, "runstate: The tenant 'fabrikam.com' is not known here.\n")
    })

    test('tenant put adds one, and list and token know it', async () => {
      const tenant = { number: 2, tid: OTHER, domain: 'adatum.com', licensed: true }
      const put = ['tenant', 'put', OTHER, '--data', data, '--domain', 'Adatum.com']
      assert.deepEqual(JSON.parse(await succeed(put)), tenant)
      const changed = { ...tenant, licensed: false }
      const unlicensed = ['tenant', 'put', OTHER.toUpperCase(), '--data', data, '--no-licence']
      assert.deepEqual(JSON.parse(await succeed(unlicensed)), changed)
      const lines = (await succeed(['tenant', 'list', '--data', data])).trimEnd().split('\n')
      assert.deepEqual(
        lines.map((line) => JSON.parse(line)),
        [{ number: 1, tid: TENANT, domain: 'contoso.com', licensed: true }, changed],
      )
      const token = await succeed(['token', '--data', data, '--tenant', 'ADATUM.com'])
      assert.equal(decodeJwt(token.trim())['tid'], OTHER)
    })

    test('tenant put refuses what is no tenant, with 1 and a sentence', async () => {
      const { code, stdout, stderr } = await run(['tenant', 'put', 'me', '--data', data])
      assert.deepEqual([code, stdout], [1, ''])
      assert.equal(stderr, "runstate: The tenant id 'me' is not a GUID.\n")
    })
  })
}

test('a token that was made before the server runs is good when it does', async (t) => {
  const data = createFolder(t)
  const token = (await succeed(['token', '--data', data])).trim()
  const { ready } = await serve(t, ['--data', data])
  assert.equal(await statusOf(ready.httpUrl, token), 200)
})

test('while the server does not run, the identity is that of the environment, and no other is stored', async (t) => {
  const data = createFolder(t)
  const environment = {
    RUNSTATE_DATA: data,
    RUNSTATE_TENANT: OTHER,
    RUNSTATE_CLIENT_ID: '33333333-3333-4333-8333-333333333333',
    RUNSTATE_CLIENT_SECRET: 'a secret',
    RUNSTATE_CLOUD: 'usgov',
  }
  const { tid, appid, aud } = decodeJwt((await succeed(['token'], environment)).trim())
  assert.deepEqual([tid, appid, aud], [OTHER, environment.RUNSTATE_CLIENT_ID, 'https://graph.microsoft.us'])
  const list = await succeed(['tenant', 'list'], environment)
  assert.deepEqual(JSON.parse(list), { number: 1, tid: OTHER, domain: null, licensed: true })
})

describe('a file that a killed server left behind', () => {
  test('does not keep a command from its work', async (t) => {
    const data = createFolder(t)
    const killed = await serve(t, ['--data', data])
    await killed.stop('SIGKILL')
    assert(existsSync(join(data, 'server.json')))
    const token = (await succeed(['token', '--data', data])).trim()
    const { ready } = await serve(t, ['--data', data])
    assert.equal(await statusOf(ready.httpUrl, token), 200)
  })

  test('and whose port another server has now, is not taken for that server', async (t) => {
    const data = createFolder(t)
    const left = { pid: process.pid, httpUrl: serving.ready.httpUrl, secret: 'of another' }
    writeFileSync(join(data, 'server.json'), JSON.stringify(left))
    await succeed(['tenant', 'put', OTHER, '--data', data, '--domain', 'northwind.com'])
    const theirs = await succeed(['tenant', 'list', '--data', served])
    assert(!theirs.includes('northwind.com'))
  })
})

test('where a server holds the folder and cannot be asked, nothing is done, and the sentence says what to do', async (t) => {
  const data = createFolder(t)
  await serve(t, ['--data', data])
  const file = join(data, 'server.json')
  const { secret, ...rest } = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify({ ...rest, secret: `not ${secret}` }))
  const { code, stdout, stderr } = await run(['token', '--data', data])
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, /^runstate: Another Runstate serves the data folder .+: stop it, or choose another/)
})
