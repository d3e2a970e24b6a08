/** A snapshot moves a database between SQLite and PostgreSQL: nothing changes in any answer. */
import assert from 'node:assert/strict'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { model } from '#model/model.ts'
import { createServer, type RunstateServer, type ServerConfig } from '#server.ts'
import { all, command, openStorage, restoreSnapshot, saveSnapshot } from '#storage/storage.ts'
import { createFolder } from '../support/command-line.ts'
import { noPostgres, type Postgres, startPostgres } from '../support/postgres.ts'

const SHELL = 'deviceShellScripts'
const NEIGHBOUR = '11111111-2222-4333-8444-555555555555'
const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 31) % 256)).toString('base64')

/** Every read that shows a row of any table. */
const READS = [
  `${SHELL}?$expand=assignments,groupAssignments,runSummary,userRunStates($expand=deviceRunStates),deviceRunStates`,
  'deviceManagementScripts?$expand=assignments,runSummary',
  'deviceCustomAttributeShellScripts?$expand=runSummary',
  'deviceHealthScripts?$expand=runSummary,deviceRunStates,assignments',
  'managedDevices?$orderby=deviceName desc',
  `${SHELL}?$filter=contains(displayName,'Ä')&$count=true`,
]

interface Client {
  send(
    method: string,
    where: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly text: string }>
  create(where: string, body: unknown): Promise<string>
  readAll(): Promise<readonly string[]>
}

function clientOf(server: RunstateServer, token: string): Client {
  const send: Client['send'] = async (method, where, body) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) }
    const response = await server.fetch(`/beta/deviceManagement/${where}`, init)
    return { status: response.status, text: await response.text() }
  }
  const create: Client['create'] = async (where, body) => {
    const { status, text } = await send('POST', where, body)
    assert.equal(status, 201, text)
    return `${where}/${JSON.parse(text).id}`
  }
  const readAll = async (): Promise<readonly string[]> => {
    const texts: string[] = []
    for (const where of READS) {
      const { status, text } = await send('GET', where)
      assert.equal(status, 200, text)
      texts.push(text)
    }
    const script = JSON.parse(texts[0] ?? '').value[0]
    if (script !== undefined) texts.push((await send('GET', `${SHELL}/${script.id}`)).text)
    return texts
  }
  return { send, create, readAll }
}

async function fill({ create, send }: Client): Promise<void> {
  const script = await create(SHELL, {
    ...{ displayName: `Ä"\\'\n \u{1f4a1}`, description: '', fileName: 'a.sh', scriptContent: bytes },
    ...{ executionFrequency: 'P10000D', blockExecutionNotifications: true, roleScopeTagIds: ['0', '1'] },
  })
  await create(SHELL, { displayName: null, fileName: null, scriptContent: null })
  await create('deviceManagementScripts', { displayName: 'm', fileName: 'm.ps1', scriptContent: 'Cg==' })
  await create('deviceCustomAttributeShellScripts', {
    ...{ displayName: 'c', fileName: 'c.sh', scriptContent: 'Cg==' },
    ...{ customAttributeName: 'a', customAttributeType: 'dateTime' },
  })
  const device = await create('managedDevices', { deviceName: 'Mac', osVersion: '14.2' })
  const user = await create(`${script}/userRunStates`, { successDeviceCount: 2, userPrincipalName: 'Ada' })
  await create(`${user}/deviceRunStates`, {
    'managedDevice@odata.bind': `https://graph.microsoft.com/beta/deviceManagement/${device}`,
    ...{ runState: 'scriptError', errorCode: -2_147_483_648, resultMessage: 'x'.repeat(5000) },
  })
  await create(`${script}/groupAssignments`, { targetGroupId: '00000000-0000-4000-8000-000000000001' })
  const health = await create('deviceHealthScripts', {
    ...{ displayName: 'h', publisher: 'p', detectionScriptContent: bytes, runAs32Bit: true },
  })
  await create(`${health}/deviceRunStates`, { detectionState: 'fail', remediationState: 'success' })
  const deleted = await create(SHELL, { displayName: 'deleted', fileName: 'd.sh', scriptContent: 'Cg==' })
  await create(`${deleted}/userRunStates`, { successDeviceCount: 1 })
  assert.equal((await send('DELETE', deleted)).status, 204)
}

describe('a snapshot', { skip: noPostgres }, () => {
  let cluster: Postgres
  before(async () => {
    cluster = await startPostgres()
  })
  after(async () => {
    await cluster[Symbol.asyncDispose]()
  })
  let made = 0
  const newDatabase = async (): Promise<string> => {
    made += 1
    return await cluster.create(`d${made}`)
  }

  test('moves all tenants from SQLite to PostgreSQL and back, and no answer or token is another', async (t) => {
    const folder = createFolder(t)
    const file = path.join(folder, 'a.snapshot')
    let token = ''
    let theirs = ''
    /** Plays on a server, which is gone after it. */
    const on = async (
      config: ServerConfig,
      play: (server: RunstateServer) => Promise<void>,
    ): Promise<void> => {
      await using server = await createServer(config)
      await play(server)
    }
    const readBoth = async (server: RunstateServer): Promise<unknown> => [
      await clientOf(server, token).readAll(),
      await clientOf(server, theirs).readAll(),
      (await server.tenants()).map(({ tid, number }) => ({ tid, number })),
      await server.marks(),
    ]
    let answers: unknown
    const source = { data: path.join(folder, 'source') }
    await on(source, async (server) => {
      await server.putTenant({ tid: NEIGHBOUR, domain: 'fabrikam.com' })
      token = await server.token()
      theirs = await server.token({ tenant: NEIGHBOUR })
      await fill(clientOf(server, token))
      await fill(clientOf(server, theirs))
      await server.mark({ name: 'full' })
      answers = await readBoth(server)
    })
    await saveSnapshot({ model, place: source, file, isReplaced: false })
    const database = await newDatabase()
    await restoreSnapshot(file, { database })
    const data = path.join(folder, 'other')
    await on({ database, data }, async (server) => {
      assert.deepEqual(await readBoth(server), answers)
      const client = clientOf(server, token)
      const added = await client.create(SHELL, {
        displayName: 'new',
        fileName: 'n.sh',
        scriptContent: 'Cg==',
      })
      assert.deepEqual(JSON.parse((await client.send('GET', `${added}/userRunStates`)).text).value, [])
      const { number } = await server.putTenant({ tid: '22222222-2222-4333-8444-555555555555' })
      const [last = 0] = (await server.tenants()).map((tenant) => tenant.number).sort((a, b) => b - a)
      assert.equal(number, last)
      await server.resetTo({ name: 'full' })
      await server.putTenant({ tid: '22222222-2222-4333-8444-555555555555', domain: 'x.example' })
      answers = await readBoth(server)
    })
    await saveSnapshot({ model, place: { database }, file, isReplaced: true })
    assert.equal(statSync(file).mode & 0o777, 0o600)
    const back = { data: path.join(folder, 'back') }
    await restoreSnapshot(file, back)
    await on(back, async (server) => {
      assert.deepEqual(await readBoth(server), answers)
      const numbers = (await server.tenants()).map(({ number }) => number)
      const { number } = await server.putTenant({ tid: '33333333-2222-4333-8444-555555555555' })
      assert(
        numbers.every((each) => each < number),
        `${number} comes after ${numbers}`,
      )
      await server.resetTo({ name: 'full' })
    })
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes('partial')),
      [],
    )
  })

  test('takes no server’s database from it, and none where the file is not whole', async (t) => {
    const folder = createFolder(t)
    const file = path.join(folder, 'a.snapshot')
    const [from, database] = [await newDatabase(), await newDatabase()]
    await (await openStorage({ model, database: from }))[Symbol.asyncDispose]()
    await saveSnapshot({ model, place: { database: from }, file, isReplaced: false })
    {
      await using storage = await openStorage({ model, database })
      await storage.transact(() => all(command`INSERT INTO tenant (tid) VALUES ('kept')`))
      await assert.rejects(
        restoreSnapshot(file, { database }),
        /^Error: A Runstate is connected to the database: stop every server on it, and restore then\.$/,
      )
    }
    const kept = (): Promise<readonly string[]> => tidsOf(database, folder)
    assert.deepEqual(await kept(), ['kept'])
    {
      using spoilt = new DatabaseSync(file)
      spoilt.exec("PRAGMA foreign_keys = OFF; INSERT INTO purge VALUES (99, '', 0)")
    }
    await assert.rejects(restoreSnapshot(file, { database }), /is damaged, take another/)
    writeFileSync(file, 'This is no snapshot.')
    await assert.rejects(restoreSnapshot(file, { database }), /is no snapshot of Runstate/)
    assert.deepEqual(await kept(), ['kept'])
  })

  test('is undone where the database refuses a row', async (t) => {
    const folder = createFolder(t)
    const file = path.join(folder, 'a.snapshot')
    const [from, database] = [await newDatabase(), await newDatabase()]
    {
      await using storage = await openStorage({ model, database: from })
      await storage.transact(() => all(command`INSERT INTO tenant (tid) VALUES ('other')`))
    }
    await saveSnapshot({ model, place: { database: from }, file, isReplaced: false })
    {
      await using storage = await openStorage({ model, database })
      await storage.transact(() => all(command`INSERT INTO tenant (tid) VALUES ('kept')`))
    }
    const name = new URL(database).pathname.slice(1)
    await cluster.run(`ALTER TABLE tenant ADD CONSTRAINT no_other CHECK (tid <> 'other')`, name)
    await assert.rejects(restoreSnapshot(file, { database }), /cannot be used: .+no_other/)
    assert.deepEqual(await tidsOf(database, folder), ['kept'])
    await cluster.run('ALTER TABLE tenant DROP CONSTRAINT no_other', name)
    await restoreSnapshot(file, { database })
    assert.deepEqual(await tidsOf(database, folder), ['other'])
  })

  test('of PostgreSQL is of one moment, while others write', async (t) => {
    const file = path.join(createFolder(t), 'a.snapshot')
    const database = await newDatabase()
    await using storage = await openStorage({ model, database })
    await storage.transact(function* () {
      yield* all(command`INSERT INTO tenant (tid) VALUES ('kept')`)
      yield* all(command`INSERT INTO user_state (tenant, script, id, success_device_count, error_device_count)
        SELECT 1, 1, n::text, 0, 0 FROM generate_series(1, 20000) AS n`)
      yield* all(command`INSERT INTO run_summary SELECT 1, 1, 0, 's', 0, 0, 0, 0`)
    })
    let isSaving = true
    let moves = 0
    const saving = saveSnapshot({ model, place: { database }, file, isReplaced: false }).finally(() => {
      isSaving = false
    })
    while (isSaving) {
      await storage.transact(function* () {
        yield* all(
          command`UPDATE user_state SET success_device_count = success_device_count + 1 WHERE id = '20000'`,
        )
        yield* all(command`UPDATE run_summary SET success_device_count = success_device_count + 1`)
      })
      moves += 1
    }
    await saving
    using saved = new DatabaseSync(file)
    const { states, summary } =
      saved
        .prepare(`SELECT (SELECT sum(success_device_count) FROM user_state) AS states,
        (SELECT success_device_count FROM run_summary) AS summary`)
        .get() ?? {}
    assert(states === summary && Number(states) < moves, `${states} and ${summary} of ${moves}`)
  })

  test('of a database that a newer Runstate brought further is refused, for it would not be all of it', async (t) => {
    const folder = createFolder(t)
    const file = path.join(folder, 'a.snapshot')
    const database = await newDatabase()
    await (await openStorage({ model, database }))[Symbol.asyncDispose]()
    await saveSnapshot({ model, place: { database }, file, isReplaced: false })
    const name = new URL(database).pathname.slice(1)
    await cluster.run(`INSERT INTO migration VALUES (99, 'later', 'x', 1)`, name)
    const newer = /by a newer Runstate, .+: use a newer Runstate\./
    await assert.rejects(saveSnapshot({ model, place: { database }, file, isReplaced: true }), newer)
    await assert.rejects(restoreSnapshot(file, { database }), newer)
    assert.deepEqual(readdirSync(folder), ['a.snapshot'])
  })
})

/** The tenants of a database, as a snapshot of it has them. */
async function tidsOf(database: string, folder: string): Promise<readonly string[]> {
  const file = path.join(folder, 'tids.snapshot')
  await saveSnapshot({ model, place: { database }, file, isReplaced: true })
  using saved = new DatabaseSync(file)
  return saved
    .prepare('SELECT tid FROM tenant ORDER BY number')
    .all()
    .map(({ tid }) => String(tid))
}
