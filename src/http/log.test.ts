import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { dirname } from 'node:path'
import { describe, test } from 'node:test'
import { createFolder, type Serving, serve } from '../../test/support/command-line.ts'
import { startChild } from '../../test/support/storage.ts'
import { control, readServerFile } from './server-file.ts'

const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'
const SCRIPT = `${SCRIPTS}/ca9e0ad8-0ad8-ca9e-d80a-9ecad80a9eca`
const STATE = `${SCRIPT}/userRunStates/d5a29103-9103-d5a2-0391-a2d50391a2d5`

type Line = Readonly<Record<string, unknown>>

/** The line of a request, by the id that its answer had. */
async function lineOf({ logged }: Serving, response: Response): Promise<Line> {
  const id = response.headers.get('request-id') ?? 'none'
  const [text] = await logged(new RegExp(`^\\{.*"id":"${id}".*\\}$`, 'm'))
  return JSON.parse(text)
}

async function tokenOf({ ready }: Serving, scope: string): Promise<string> {
  const { httpUrl, tenant, clientId, clientSecret } = ready
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret ?? '',
    scope,
  }
  const body = new URLSearchParams(form)
  const response = await fetch(`${httpUrl}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body })
  return Object(await response.json()).access_token
}

describe('the log', () => {
  test('has one line on stderr for each request, and no token, secret, query, header or body in any', async (t) => {
    const serving = await serve(t, ['--memory', '--demo', '--data', createFolder(t)])
    const { httpUrl, tenant, clientId } = serving.ready
    const token = await tokenOf(serving, 'https://graph.microsoft.com/.default')
    const send = async (method: string, path: string, more: object = {}): Promise<Response> => {
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'x-secret': 'swordfish',
      }
      return await fetch(httpUrl + path, { method, headers, ...more })
    }
    const update = await send('PATCH', `${STATE}?swordfish=1`, { body: '{"userPrincipalName":"swordfish"}' })
    const { time, milliseconds, stages, ...line } = await lineOf(serving, update)
    assert.deepEqual(line, {
      level: 30,
      id: update.headers.get('request-id'),
      method: 'PATCH',
      path: STATE,
      status: 200,
      operation: 'update deviceManagementScriptUserState',
      principal: clientId,
      tenant,
      permission: 'DeviceManagementConfiguration.ReadWrite.All',
      rowsWritten: 1,
      msg: 'request',
    })
    assert(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000)
    assert(typeof milliseconds === 'number' && typeof stages === 'object')

    const unknown = await lineOf(serving, await send('GET', `${SCRIPTS}/nobody`))
    assert.deepEqual([unknown['status'], unknown['operation']], [404, 'get deviceShellScript'])
    const stranger = await lineOf(serving, await fetch(httpUrl + SCRIPTS))
    assert.deepEqual([stranger['status'], stranger['principal']], [401, undefined])
    const health = await lineOf(serving, await fetch(`${httpUrl}/health?swordfish`))
    assert.deepEqual([health['status'], health['path']], [200, '/health'])

    const { stderr, stdout } = await serving.stop()
    assert.equal(stderr.trimEnd().split('\n').length, 5, 'the request for a token is the fifth')
    assert.equal(stdout.trimEnd().split('\n').length, 1)
    for (const secret of [token, token.slice(-40), 'runstate-development-secret', 'swordfish', 'Bearer'])
      assert(!stderr.includes(secret), secret)
  })

  test('says what was missing where a permission was', async (t) => {
    const serving = await serve(t, ['--memory', '--demo', '--data', createFolder(t)])
    const headers = {
      authorization: `Bearer ${await mint(serving, { roles: ['DeviceManagementScripts.Read.All'] })}`,
    }
    const response = await fetch(serving.ready.httpUrl + STATE, { headers })
    const { status, denied, permission } = await lineOf(serving, response)
    assert.deepEqual([status, permission], [403, undefined])
    assert.equal(
      denied,
      'none of DeviceManagementConfiguration.Read.All, DeviceManagementConfiguration.ReadWrite.All, DeviceManagementManagedDevices.Read.All, DeviceManagementManagedDevices.ReadWrite.All',
    )
  })

  test('has a line for what was refused before it was a request, and none is broken by what was sent', async (t) => {
    const serving = await serve(t, ['--memory', '--data', createFolder(t)])
    const path = `/beta/${encodeURIComponent('\n{"forged":true}')}`
    const line = await lineOf(serving, await fetch(serving.ready.httpUrl + path))
    assert.equal(line['path'], path)
    const socket = net.connect({ host: '127.0.0.1', port: Number(new URL(serving.ready.httpUrl).port) })
    socket.end('\n{"forged":true}\n\n')
    await once(socket.resume(), 'close')
    const { stderr } = await serving.stop()
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((each) => JSON.parse(each))
    assert.deepEqual(
      lines.map(({ method, path: logged, status, forged }) => [method, logged, status, forged]),
      [
        ['GET', path, 401, undefined],
        ['-', '-', 400, undefined],
      ],
    )
  })

  test('has what the client is not told of an error of ours', async (t) => {
    const child = startChild(
      t,
      `import { createServer } from '#server.ts'
      let isBroken = false
      const clock = { now() { if (isBroken) throw new TypeError('the password is swordfish'); return 0 } }
      await using server = await createServer({ memory: true, log: true }, { clock })
      const headers = { authorization: 'Bearer ' + (await server.token()), 'content-type': 'application/json' }
      isBroken = true
      const response = await server.fetch('${SCRIPTS}', { method: 'POST', headers, body: '{}' })
      console.log(response.status, await response.text())`,
      { before: 'exec 2>&1' },
    )
    const { output } = await child.ended
    const [logged = '', printed = ''] = output.trimEnd().split('\n')
    const { level, status, error } = JSON.parse(logged)
    assert.deepEqual(
      [level, status, error.type, error.message],
      [50, 500, 'TypeError', 'the password is swordfish'],
    )
    assert.match(error.stack, /TypeError: the password is swordfish\n +at /)
    assert.match(printed, /^500 \{"error":\{"code":"InternalServerError"/)
    assert(!printed.includes('swordfish'))
  })
})

/** A token by way of the control plane, as the command line asks for it. */
async function mint({ ready }: Serving, options: object): Promise<string> {
  const file = await readServerFile(dirname(ready.ca))
  assert(file !== undefined)
  return Object((await control(file, 'token', options))?.answer).token
}
