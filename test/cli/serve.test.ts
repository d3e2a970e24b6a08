import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { createFolder, root, run, type Serving, serve } from '../support/command-line.ts'

const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'
const own = {
  RUNSTATE_TENANT: '11111111-1111-4111-8111-111111111111',
  RUNSTATE_CLIENT_ID: '33333333-3333-4333-8333-333333333333',
  RUNSTATE_CLIENT_SECRET: 'a secret of our own',
}

async function request({ ready }: Serving, path: string, init: RequestInit = {}): Promise<Response> {
  const { httpUrl, tenant, clientId, clientSecret } = ready
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret ?? own.RUNSTATE_CLIENT_SECRET,
    scope: '00000003-0000-0000-c000-000000000000/.default',
  })
  const granted = await fetch(`${httpUrl}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body })
  const { access_token: token } = Object(await granted.json())
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return await fetch(httpUrl + path, { headers, ...init })
}

describe('runstate serve', { concurrency: 2 }, () => {
  test('prints one line of JSON when it accepts connections, and nothing else on stdout', async (t) => {
    const data = createFolder(t)
    const serving = await serve(t, ['--data', data])
    const { ready, child } = serving
    assert.deepEqual(ready, {
      url: `https://localhost:${new URL(ready.url).port}`,
      httpUrl: `http://localhost:${new URL(ready.httpUrl).port}`,
      ca: join(data, 'ca.pem'),
      tenant: '7e57ab1e-0000-4000-8000-000000000001',
      clientId: '7e57ab1e-0000-4000-8000-00000000c11e',
      clientSecret: 'runstate-development-secret',
      profile: 'documented',
      cloud: 'global',
      pid: child.pid,
    })
    assert.equal((await request(serving, SCRIPTS)).status, 200)
    const { stdout, code } = await serving.stop()
    assert.equal(stdout, `${JSON.stringify(ready)}\n`, 'the members in this order, and no space')
    assert.equal(code, 0)
  })

  test('takes every setting from the environment', async (t) => {
    const serving = await serve(t, [], {
      ...own,
      RUNSTATE_HOST: '127.0.0.1,::1',
      RUNSTATE_DATA: createFolder(t),
      RUNSTATE_MEMORY: '1',
      RUNSTATE_DEMO: 'true',
      RUNSTATE_PROFILE: 'observed',
      RUNSTATE_QUIRK: 'delete-status=204,type-annotation=present',
      RUNSTATE_CLOUD: 'usgov',
      RUNSTATE_PUBLIC_URL: 'https://runstate.example:444',
    })
    const { ready } = serving
    assert.equal(ready.url, 'https://runstate.example:444')
    const { tenant, clientId, clientSecret, profile, cloud } = ready
    assert.deepEqual(
      [tenant, clientId, clientSecret, profile, cloud],
      [own.RUNSTATE_TENANT, own.RUNSTATE_CLIENT_ID, null, 'observed', 'usgov'],
    )
    const { '@odata.context': context, value } = Object(await (await request(serving, SCRIPTS)).json())
    assert.match(context, /^https:\/\/runstate\.example:444\//)
    assert.equal(value[0]['@odata.type'], '#microsoft.graph.deviceShellScript')
    const { status } = await request(serving, `${SCRIPTS}/${value[0].id}`, { method: 'DELETE' })
    assert.equal(status, 204)
  })

  test('takes a flag before the environment', async (t) => {
    const environment = { RUNSTATE_PROFILE: 'observed', RUNSTATE_CLOUD: 'china' }
    const { ready } = await serve(
      t,
      ['--memory', '--data', createFolder(t), '--profile', 'documented'],
      environment,
    )
    assert.deepEqual([ready.profile, ready.cloud], ['documented', 'china'])
  })

  test('keeps its database where RUNSTATE_MEMORY is 0', async (t) => {
    const data = createFolder(t)
    await serve(t, ['--data', data], { RUNSTATE_MEMORY: '0' })
    assert.equal(existsSync(join(data, 'runstate.db')), true)
  })

  test('is silent about a client secret of one’s own', async (t) => {
    const serving = await serve(t, ['--memory', '--data', createFolder(t)], own)
    assert.equal(serving.ready.clientSecret, null)
    const { stdout, stderr } = await serving.stop()
    assert(!(stdout + stderr).includes(own.RUNSTATE_CLIENT_SECRET))
  })

  test('keeps its folder to its owner and out of version control', async (t) => {
    const data = join(createFolder(t), 'made', 'here')
    await serve(t, ['--data', data])
    assert.equal(readFileSync(join(data, '.gitignore'), 'utf8'), '*\n')
    if (process.platform === 'win32') return
    assert.equal(statSync(data).mode & 0o777, 0o700)
    for (const name of ['runstate.db', 'lock.db', 'ca-key.pem', 'server.pem', 'server.json'])
      assert.equal(statSync(join(data, name)).mode & 0o777, 0o600, name)
  })

  test('leaves no database behind with --memory', async (t) => {
    const data = createFolder(t)
    const temporary = createFolder(t)
    const serving = await serve(t, ['--memory', '--demo', '--data', data], {
      TMPDIR: temporary,
      TEMP: temporary,
    })
    const listDatabases = (): string[] =>
      readdirSync(temporary).filter((name) => name.startsWith('runstate-'))
    assert.equal(existsSync(join(data, 'runstate.db')), false)
    assert.equal(listDatabases().length, 1)
    await serving.stop()
    assert.deepEqual(listDatabases(), [])
    assert.deepEqual(readdirSync(data).sort(), ['ca-key.pem', 'ca.pem', 'lock.db', 'server.pem'])
  })

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`ends with 0 at ${signal}, and what it acknowledged is there at the next start`, async (t) => {
      const data = createFolder(t)
      const first = await serve(t, ['--data', data])
      const created = await request(first, SCRIPTS, { method: 'POST', body: '{"displayName":"kept"}' })
      assert.equal(created.status, 201)
      const { code, stderr } = await first.stop(signal)
      assert.equal(code, 0, stderr)
      assert.equal(existsSync(join(data, 'server.json')), false)
      const second = await serve(t, ['--data', data])
      const { value } = Object(await (await request(second, SCRIPTS)).json())
      assert.deepEqual(
        value.map(({ displayName }: { readonly displayName: string }) => displayName),
        ['kept'],
      )
    })
  }

  test('refuses a data folder that another serves, in one sentence', async (t) => {
    const data = createFolder(t)
    await serve(t, ['--data', data])
    const { code, stdout, stderr } = await run(['serve', '--port', '0', '--http-port', '0', '--data', data])
    assert.deepEqual([code, stdout], [1, ''])
    assert.equal(
      stderr,
      `runstate: Another Runstate serves the data folder ${data}: stop it, or choose another with --data.\n`,
    )
  })

  test('refuses a port that is taken, in one sentence', async (t) => {
    const { ready } = await serve(t, ['--memory', '--data', createFolder(t)])
    const { port } = new URL(ready.url)
    const other = ['--memory', '--data', createFolder(t), '--port', port, '--http-port', '0']
    const { code, stdout, stderr } = await run(['serve', ...other])
    assert.deepEqual([code, stdout], [1, ''])
    assert.equal(
      stderr,
      `runstate: Port ${port} on 127.0.0.1 is in use: stop what listens there, or choose another port.\n`,
    )
  })

  test('refuses a data folder that cannot be one, and says what to do', async (t) => {
    const data = join(createFolder(t), 'folder')
    const file = join(root, 'package.json')
    for (const impossible of [file, join(file, 'below')]) {
      const { code, stderr } = await run(['serve', '--data', impossible], { cwd: join(data, '..') })
      assert.equal(code, 1)
      assert.match(
        stderr,
        /^runstate: The data folder .+ cannot be used: make it writable, or choose another with --data \(.+\)\.\n$/,
      )
    }
  })
})

const missing = ['script', 'curl'].find((program) => spawnSync(program, ['--version']).status !== 0)
const noTerminal = missing !== undefined && process.env['CI'] !== 'true' && `no ${missing} here`

test('on a terminal the first screen says where it is and how to be its client, and its line of curl works', {
  skip: noTerminal,
}, async (t) => {
  const data = join(createFolder(t), "a folder's name")
  const environment = { ...process.env, RUNSTATE_PORT: '0', RUNSTATE_HTTP_PORT: '0', RUNSTATE_DATA: data }
  const command = `stty cols 400; exec '${process.execPath}' bin/runstate.js serve --demo`
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: root,
    env: environment,
    stdio: 'pipe',
  })
  let screen = ''
  const shown = Promise.withResolvers<void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text
    if (screen.includes('Ctrl-C stops it.')) shown.resolve()
  })
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  t.after(() => child.kill('SIGKILL'))
  await Promise.race([shown.promise, ended])
  const [, url = ''] =
    /Runstate is serving +(https:\/\/localhost:\d+)\/beta\/deviceManagement\r?\n/.exec(screen) ?? []
  assert.notEqual(url, '', screen)
  for (const fact of [
    '7e57ab1e-0000-4000-8000-000000000001',
    'runstate-development-secret',
    join(data, 'ca.pem'),
  ])
    assert(screen.includes(fact), fact)
  assert(!screen.includes('{'), 'no line for programs')
  const [, curl = ''] = /Try it:\s+(curl .+)\r?\n/.exec(screen) ?? []
  const bin = join(root, 'node_modules', '.bin')
  const tried = spawnSync('sh', ['-c', curl], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${bin}:${process.env['PATH']}` },
  })
  assert.match(tried.stdout, /^\{"@odata\.context":"https:\/\/localhost:\d+\/beta\/\$metadata#/, tried.stderr)
  child.stdin.write('\u0003')
  await ended
})
