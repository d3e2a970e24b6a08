/** What is never in the log, whatever is asked and however it fails: credentials, tokens, and what bodies and queries say. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, type TestContext, test } from 'node:test'
import { createFolder, run, type Serving, serve } from '../support/command-line.ts'
import { noPostgres, type Postgres, startPostgres } from '../support/postgres.ts'

const TENANT = '11111111-1111-4111-8111-111111111111'
const CLIENT = '33333333-3333-4333-8333-333333333333'
const SECRET = 'halibut/client+secret'
const PASSWORD = 'turbot-password'
/** In every body, query and header that is sent. */
const MARK = 'swordfish'

const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'
const SCRIPT = `${SCRIPTS}/ca9e0ad8-0ad8-ca9e-d80a-9ecad80a9eca`
const STATE = `${SCRIPT}/userRunStates/d5a29103-9103-d5a2-0391-a2d50391a2d5`

const DEVICES = '/beta/deviceManagement/managedDevices'

const environment = { RUNSTATE_TENANT: TENANT, RUNSTATE_CLIENT_ID: CLIENT, RUNSTATE_CLIENT_SECRET: SECRET }

interface Sending {
  readonly method?: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A client that remembers which statuses it was answered with. */
interface Sender {
  readonly statuses: Set<number>
  send(path: string, sending?: Sending): Promise<string>
}

function createSender({ ready }: Serving): Sender {
  const statuses = new Set<number>()
  return {
    statuses,
    send: async (path, { method = 'GET', token, headers = {}, body } = {}) => {
      const authorization: Record<string, string> =
        token === undefined ? {} : { authorization: `Bearer ${token}` }
      const type = { 'content-type': 'application/json', 'x-note': MARK }
      const init = { method, headers: { ...type, ...authorization, ...headers }, body: body ?? null }
      const response = await fetch(ready.httpUrl + path, init)
      statuses.add(response.status)
      return await response.text()
    },
  }
}

/** Asks for tokens, rightly and in every wrong way; gives the one that was granted. */
async function askForTokens({ send }: Sender): Promise<string> {
  const path = `/${TENANT}/oauth2/v2.0/token`
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const right = { grant_type: 'client_credentials', client_id: CLIENT, client_secret: SECRET }
  const scope = 'https://graph.microsoft.com/.default'
  const ask = (form: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}) =>
    send(path, {
      method: 'POST',
      headers: { ...headers, ...more },
      body: new URLSearchParams(form).toString(),
    })
  await ask({ ...right, client_secret: `${MARK}-wrong`, scope })
  await ask({ ...right, grant_type: MARK })
  await ask({ ...right, scope: MARK })
  await ask({ grant_type: 'password', username: MARK, password: MARK, client_id: CLIENT })
  const basic = Buffer.from(`${CLIENT}:${MARK}`).toString('base64')
  await ask({ grant_type: 'client_credentials', scope }, { authorization: `Basic ${basic}` })
  await send(path, { method: 'POST', body: JSON.stringify(right) })
  await send(`${path}?client_secret=${encodeURIComponent(SECRET)}`)
  return JSON.parse(await ask({ ...right, scope })).access_token
}

/** Shows tokens that nobody should take. */
async function showBadTokens({ send }: Sender, token: string): Promise<void> {
  const [head = '', claims = '', signature = ''] = token.split('.')
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  for (const bad of [
    `${head}.${claims}.${[...signature].reverse().join('')}`,
    ...[`${none}.${claims}.`, `${head}.${claims}`, MARK, `${token}x`],
  ])
    await send(SCRIPTS, { token: bad })
  await send(SCRIPTS, { headers: { authorization: `Basic ${btoa(`${CLIENT}:${SECRET}`)}` } })
  await send(`${SCRIPTS}?access_token=${token}`)
}

/** Reads and writes, well and badly, alone and in a batch. */
async function readAndWrite({ send }: Sender, token: string): Promise<void> {
  const write = (path: string, body: unknown, method = 'PATCH') =>
    send(path, { method, token, body: typeof body === 'string' ? body : JSON.stringify(body) })
  const upn = { userPrincipalName: MARK }
  await write(STATE, { ...upn, errorDeviceCount: 1 })
  await write(`${SCRIPT}/userRunStates`, upn, 'POST')
  const { id: device } = JSON.parse(await write(DEVICES, { deviceName: MARK }, 'POST'))
  const bound = {
    'managedDevice@odata.bind': `https://graph.microsoft.com${DEVICES}/${device}`,
    resultMessage: MARK,
  }
  for (let i = 0; i < 2; i += 1) await write(`${SCRIPT}/deviceRunStates`, bound, 'POST')
  await write(STATE, { ...upn, errorDeviceCount: MARK })
  await write(STATE, { ...upn, [MARK]: 1 })
  await write(`${SCRIPT}/userRunStates/none`, upn)
  await write(STATE, `{"userPrincipalName":"${MARK}`)
  await write(STATE, `${MARK}`)
  await write(STATE, `{"userPrincipalName":"${MARK}${'x'.repeat(5 * 1024 * 1024)}"}`)
  await write(SCRIPTS, { displayName: MARK, fileName: MARK, scriptContent: btoa(MARK) }, 'POST')
  await send(`${SCRIPTS}?$filter=displayName eq '${MARK}'`, { token })
  await send(`${SCRIPTS}?$filter=${MARK} eq 1`, { token })
  await send(`${SCRIPTS}?$orderby=displayName&$skiptoken=${MARK}`, { token })
  const url = STATE.replace('/beta', '')
  const parts = [
    { id: '1', method: 'PATCH', url: `${url}?note=${MARK}`, body: upn },
    { id: '2', method: 'PATCH', url, body: { errorDeviceCount: MARK } },
    { id: '3', method: 'GET', url, headers: { Authorization: `Bearer ${MARK}` } },
  ]
  await write('/beta/$batch', { requests: parts }, 'POST')
  await write('/beta/$batch', { requests: MARK }, 'POST')
}

/** What never was a request. */
async function sendGarbage({ ready }: Serving): Promise<void> {
  const socket = net.connect({ host: '127.0.0.1', port: Number(new URL(ready.httpUrl).port) })
  socket.end(`PATCH ${STATE}?${MARK} HTTP/1.1\r\nAuthorization Bearer ${MARK}\r\n\r\n${MARK}`)
  await once(socket.resume(), 'close')
}

/** A server, the folder of its data, and what makes each change of a run state fail in its database. */
interface Subject {
  readonly serving: Serving
  readonly folder: string
  readonly breakWrites: () => void | Promise<void>
}

async function drive(subject: Subject): Promise<void> {
  const { serving, folder, breakWrites } = subject
  const sender = createSender(serving)
  const token = await askForTokens(sender)
  await showBadTokens(sender, token)
  await readAndWrite(sender, token)
  await sendGarbage(serving)
  await breakWrites()
  const body = JSON.stringify({ userPrincipalName: `${MARK}!` })
  assert.match(await sender.send(STATE, { method: 'PATCH', token, body }), /InternalServerError/)
  const { secret } = JSON.parse(readFileSync(join(folder, 'server.json'), 'utf8'))
  const minted = await run(['token', '--data', folder], { environment })
  const { stderr } = await serving.stop()
  const statuses = [200, 201, 400, 401, 404, 409, 413, 500]
  for (const status of statuses) {
    assert(sender.statuses.has(status), `none was answered ${status}`)
    assert.match(stderr, new RegExp(`"status":${status}\\b`), `no line of ${status}`)
  }
  assert.match(stderr, /"error":\{"type":"\w+"/)
  assert.match(stderr, /"batch":"/)
  const [, , signature = token] = token.split('.')
  const forbidden = [SECRET, encodeURIComponent(SECRET), btoa(SECRET), btoa(`${CLIENT}:${SECRET}`), PASSWORD]
  const tokens = [token, signature, minted.stdout.trim(), secret, 'Bearer ']
  for (const word of [...forbidden, ...tokens, MARK, btoa(MARK)]) {
    const line = stderr.split('\n').find((each) => each.includes(word))
    assert.equal(line, undefined, word)
  }
}

describe('no secret, token or body is in the log', () => {
  test('of a server on SQLite', async (t) => {
    const folder = createFolder(t)
    const serving = await serve(t, ['--demo', '--data', folder], environment)
    await drive({ serving, folder, breakWrites: () => breakFile(t, join(folder, 'runstate.db')) })
  })

  describe('of a server on PostgreSQL', { skip: noPostgres }, () => {
    let cluster: Postgres
    before(async () => {
      cluster = await startPostgres()
    })
    after(async () => {
      await cluster[Symbol.asyncDispose]()
    })

    test('whose URL has a password, though the database tells what it refuses', async (t) => {
      const folder = createFolder(t)
      const url = (await cluster.create('logged')).replace(
        'postgres://',
        `postgres://runstate:${PASSWORD}@localhost`,
      )
      const serving = await serve(t, ['--demo', '--data', folder], { ...environment, RUNSTATE_DATABASE: url })
      await drive({ serving, folder, breakWrites: () => breakTable(cluster, 'logged') })
    })

    test('whose database cannot be reached', async (t) => {
      const url = `postgres://me:${PASSWORD}@127.0.0.1:1/none?password=${PASSWORD}`
      const { code, stdout, stderr } = await run(['serve', '--data', createFolder(t)], {
        environment: { ...environment, RUNSTATE_DATABASE: url },
      })
      assert.equal(code, 1)
      assert.doesNotMatch(stdout + stderr, new RegExp(`${PASSWORD}|halibut`))
    })
  })
})

function breakFile(t: TestContext, file: string): void {
  const database = new DatabaseSync(file)
  t.after(() => database.close())
  database.exec(`CREATE TRIGGER broken BEFORE UPDATE ON user_state BEGIN SELECT RAISE(ABORT, 'broken'); END`)
}

/** PostgreSQL names the whole row that breaks a CHECK, in the detail of its error. */
async function breakTable(cluster: Postgres, name: string): Promise<void> {
  await cluster.run(
    `ALTER TABLE user_state ADD CONSTRAINT broken CHECK (user_principal_name NOT LIKE '%!') NOT VALID`,
    name,
  )
}
