/** Marks: a tenant comes back to the state that was marked, and to no other. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { limits } from '#base/base.ts'
import type { RunstateServer } from '#server.ts'
import { createFolder } from '../support/command-line.ts'
import { errorOf, type Runstate, startRunstate } from '../support/runstate.ts'

const SCRIPTS = 'deviceShellScripts'
const NEIGHBOUR = '11111111-2222-4333-8444-555555555555'
const HEALTH = 'deviceHealthScripts'

/** A script with all that may hang below it, and a health script. */
async function fill({ create, send }: Pick<Runstate, 'create' | 'send'>): Promise<string> {
  const script = `${SCRIPTS}/${await create(SCRIPTS, { displayName: 'kept', fileName: 'a.sh', scriptContent: 'Cg==' })}`
  const device = await create('managedDevices', { deviceName: 'Mac' })
  const user = await create(`${script}/userRunStates`, { successDeviceCount: 2, errorDeviceCount: 0 })
  await create(`${script}/userRunStates/${user}/deviceRunStates`, {
    'managedDevice@odata.bind': `https://graph.microsoft.com/beta/deviceManagement/managedDevices/${device}`,
    runState: 'fail',
  })
  await create(`${script}/groupAssignments`, { targetGroupId: '00000000-0000-4000-8000-000000000001' })
  const health = `${HEALTH}/${await create(HEALTH, { displayName: 'health', publisher: 'me' })}`
  await create(`${health}/deviceRunStates`, { detectionState: 'fail' })
  const patched = await send('PATCH', `${script}/runSummary`, { body: { successDeviceCount: 7 } })
  assert.equal(patched.status, 200, patched.text)
  return script
}

const ALL = [
  `${SCRIPTS}?$expand=assignments,groupAssignments,runSummary,userRunStates($expand=deviceRunStates),deviceRunStates`,
  `${HEALTH}?$expand=runSummary,deviceRunStates,assignments`,
  'managedDevices',
]

/** All that a tenant has, as it is read. */
async function readAll({ send }: Pick<Runstate, 'send'>, token?: string): Promise<readonly string[]> {
  const answers = ALL.map((path) => send('GET', path, token === undefined ? {} : { token }))
  return (await Promise.all(answers)).map(({ status, text }) => {
    assert.equal(status, 200, text)
    return text
  })
}

async function spoil(runstate: Runstate, script: string): Promise<void> {
  const { send } = runstate
  assert.equal((await send('PATCH', script, { body: { displayName: 'spoilt' } })).status, 200)
  assert.equal((await send('DELETE', `${script}/groupAssignments/none`)).status, 404)
  const [state] = Object((await send('GET', `${script}/userRunStates`)).body['value'])
  assert.equal((await send('DELETE', `${script}/userRunStates/${state.id}`)).status, 204)
  await fill(runstate)
}

function refusal(pattern: RegExp) {
  return (error: unknown): boolean =>
    error instanceof Error && 'code' in error && error.code === 'BadRequest' && pattern.test(error.message)
}

describe('a reset to a mark', () => {
  test('brings back every answer as it was, again and again, to the same token', async () => {
    await using runstate = await startRunstate()
    const script = await fill(runstate)
    const marked = await readAll(runstate)
    const mark = await runstate.server.mark()
    assert.equal(mark.tenant, runstate.server.config.tenant)
    for (let round = 1; round <= 4; round += 1) {
      await spoil(runstate, script)
      assert.notDeepEqual(await readAll(runstate), marked)
      await runstate.server.resetTo(mark)
      assert.deepEqual(await readAll(runstate), marked)
    }
  })

  test('goes on with the numbers of scripts: what is created after it is new', async () => {
    await using runstate = await startRunstate()
    const script = await fill(runstate)
    await runstate.server.mark({ name: 'full' })
    assert.equal((await runstate.send('DELETE', script)).status, 204)
    await runstate.server.resetTo({ name: 'full' })
    const other = await runstate.create(SCRIPTS, {
      displayName: 'b',
      fileName: 'b.sh',
      scriptContent: 'Cg==',
    })
    const { body } = await runstate.send('GET', `${SCRIPTS}/${other}/userRunStates`)
    assert.deepEqual(body['value'], [])
    const states = await runstate.send('GET', `${script}/userRunStates`)
    assert.equal(Object(states.body['value']).length, 1)
  })

  test('of many at once leaves the marked state', async () => {
    await using runstate = await startRunstate()
    const script = await fill(runstate)
    const marked = await readAll(runstate)
    const mark = await runstate.server.mark({ name: 'full' })
    await spoil(runstate, script)
    await Promise.all(Array.from({ length: 5 }, () => runstate.server.resetTo(mark)))
    assert.deepEqual(await readAll(runstate), marked)
  })

  test('is not disturbed by what is in flight, which is answered', async () => {
    await using runstate = await startRunstate()
    await fill(runstate)
    const marked = await readAll(runstate)
    const mark = await runstate.server.mark()
    const posts = Array.from({ length: 20 }, (_, n) =>
      runstate.send('POST', SCRIPTS, { body: { displayName: `${n}`, fileName: 'x', scriptContent: 'Cg==' } }),
    )
    const reset = runstate.server.resetTo(mark)
    const statuses = new Set((await Promise.all(posts)).map(({ status }) => status))
    await reset
    assert(statuses.isSubsetOf(new Set([201, 503])), String([...statuses]))
    await runstate.server.resetTo(mark)
    assert.deepEqual(await readAll(runstate), marked)
  })

  test('changes its own tenant alone, and marks of the same name are each tenant’s own', async () => {
    await using runstate = await startRunstate()
    const { server } = runstate
    await server.putTenant({ tid: NEIGHBOUR, domain: 'fabrikam.com' })
    const token = await server.token({ tenant: NEIGHBOUR })
    await fill(runstate)
    const own = await readAll(runstate)
    const theirs = await readAll(runstate, token)
    await server.mark({ name: 'same' })
    await server.mark({ name: 'same', tenant: 'fabrikam.com' })
    const state = { token, body: { displayName: 'x', fileName: 'x', scriptContent: 'Cg==' } }
    assert.equal((await runstate.send('POST', SCRIPTS, state)).status, 201)
    const changed = await readAll(runstate, token)
    await server.resetTo({ name: 'same' })
    assert.deepEqual([await readAll(runstate), await readAll(runstate, token)], [own, changed])
    await server.resetTo({ name: 'same', tenant: NEIGHBOUR })
    assert.deepEqual([await readAll(runstate), await readAll(runstate, token)], [own, theirs])
    assert.deepEqual(await server.marks(), [
      { name: 'same', tenant: NEIGHBOUR },
      { name: 'same', tenant: server.config.tenant },
    ])
  })

  test('keeps the settings that the tenant has', async () => {
    await using runstate = await startRunstate()
    const { server } = runstate
    await server.putTenant({ tid: NEIGHBOUR, licensed: true })
    await server.mark({ name: 'm', tenant: NEIGHBOUR })
    await server.putTenant({ tid: NEIGHBOUR, domain: 'fabrikam.com', licensed: false })
    await server.resetTo({ name: 'm', tenant: 'fabrikam.com' })
    const [, { number: _, ...tenant } = {}] = await server.tenants()
    assert.deepEqual(tenant, { tid: NEIGHBOUR, domain: 'fabrikam.com', licensed: false })
  })

  test('goes also after the tenant was emptied', async () => {
    await using runstate = await startRunstate()
    await fill(runstate)
    const marked = await readAll(runstate)
    const mark = await runstate.server.mark()
    await runstate.server.reset()
    assert.deepEqual(Object((await runstate.send('GET', SCRIPTS)).body['value']), [])
    await runstate.server.resetTo(mark)
    assert.deepEqual(await readAll(runstate), marked)
  })
})

describe('a mark', () => {
  test('is replaced by one of the same name', async () => {
    await using runstate = await startRunstate()
    await runstate.server.mark({ name: 'm' })
    const script = await fill(runstate)
    const filled = await readAll(runstate)
    await runstate.server.mark({ name: 'm' })
    await spoil(runstate, script)
    await runstate.server.resetTo({ name: 'm' })
    assert.deepEqual(await readAll(runstate), filled)
    assert.equal((await runstate.server.marks()).length, 1)
  })

  test('that is not there, or was removed, changes nothing', async () => {
    await using runstate = await startRunstate()
    const { server } = runstate
    await fill(runstate)
    const before = await readAll(runstate)
    const noMark = refusal(/^The tenant has no mark 'none'\.$/)
    await assert.rejects(server.resetTo({ name: 'none' }), noMark)
    await assert.rejects(server.removeMark({ name: 'none' }), noMark)
    await server.mark({ name: 'none' })
    await server.removeMark({ name: 'none' })
    await assert.rejects(server.resetTo({ name: 'none' }), noMark)
    assert.deepEqual(await server.marks(), [])
    assert.deepEqual(await readAll(runstate), before)
  })

  const wrong = ['', ' ', 'a b', '../a', 'ä', 'a\n', "a'--", 'x'.repeat(limits.markCharacters + 1)]
  for (const name of wrong) {
    test(`is not called ${JSON.stringify(name.slice(0, 10))}`, async () => {
      await using runstate = await startRunstate()
      await assert.rejects(
        runstate.server.mark({ name }),
        refusal(/^The name of a mark is at most 100 letters/),
      )
      assert.deepEqual(await runstate.server.marks(), [])
    })
  }

  test('may have a name of 100 characters', async () => {
    await using runstate = await startRunstate()
    const name = 'x'.repeat(limits.markCharacters)
    assert.equal((await runstate.server.mark({ name })).name, name)
  })

  test('is of a tenant that is known', async () => {
    await using runstate = await startRunstate()
    const unknown = refusal(/^The tenant 'nobody\.example' is not known here\.$/)
    const there: readonly ((server: RunstateServer) => Promise<unknown>)[] = [
      (server) => server.mark({ tenant: 'nobody.example' }),
      (server) => server.resetTo({ name: 'm', tenant: 'nobody.example' }),
      (server) => server.removeMark({ name: 'm', tenant: 'nobody.example' }),
    ]
    for (const command of there) await assert.rejects(command(runstate.server), unknown)
  })

  test('outlives the server, and its copy is ready again', async (t) => {
    const data = createFolder(t)
    const first = await startRunstate({ data, memory: false })
    const script = await fill(first)
    const marked = await readAll(first)
    await first.server.mark({ name: 'full' })
    await spoil(first, script)
    await first[Symbol.asyncDispose]()
    await using second = await startRunstate({ data, memory: false })
    await second.server.resetTo({ name: 'full' })
    assert.deepEqual(await readAll(second), marked)
    const gone = await second.send('GET', `${script}/userRunStates/none`)
    assert.equal(errorOf(gone).code, 'ResourceNotFound')
  })
})
