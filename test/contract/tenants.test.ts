/** Tenants: the token's tid is the tenant, and none sees or changes another's rows. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import { errorOf, type Runstate, startRunstate } from '../support/runstate.ts'
import { assertRefused, families, ownMembers, rowsOf, shellFamily, USER_STATE_ID } from './families.ts'
import { createTarget, type Operation, operations, readAll, request, type Target } from './operations.ts'

const NEIGHBOUR = '11111111-2222-4333-8444-555555555555'

/** A server seen from one tenant: its token is the one that requests bring where they name none. */
function seenFrom(runstate: Runstate, token: string): Runstate {
  const send: Runstate['send'] = (method, where, sending = {}) =>
    runstate.send(method, where, { token, ...sending })
  const create: Runstate['create'] = async (where, body) => {
    const answer = await send('POST', where, { body })
    assert.equal(answer.status, 201, answer.text)
    return String(answer.body['id'])
  }
  const { server, token: sign } = runstate
  return { server, send, create, token: sign, [Symbol.asyncDispose]: () => runstate[Symbol.asyncDispose]() }
}

/** Another tenant than the server's own. */
async function addNeighbour(runstate: Runstate): Promise<{ neighbour: Runstate; token: string }> {
  await runstate.server.putTenant({ tid: NEIGHBOUR })
  const token = await runstate.token({ tenant: NEIGHBOUR })
  return { neighbour: seenFrom(runstate, token), token }
}

/** Whether an operation is aimed at a path with a key. */
function isAimed({ path: pathOf }: Operation, target: Target): boolean {
  return pathOf(target) !== target.family.set
}

for (const family of families) {
  describe(`a tenant's ${family.set}`, () => {
    for (const operation of operations) {
      test(`are out of another's reach, both ways: ${operation.name}`, async () => {
        await using home = await startRunstate()
        const { neighbour, token: neighbours } = await addNeighbour(home)
        const own = await home.token()
        for (const [owner, token] of [
          [home, neighbours],
          [neighbour, own],
        ] as const) {
          const target = await createTarget(owner, family)
          const before = await readAll(owner, target)
          const answer = await request(home, operation, { target, token })
          if (isAimed(operation, target)) assertRefused(answer, 404, 'ResourceNotFound')
          else assert.equal(answer.status, operation.status, answer.text)
          assert.equal(await readAll(owner, target), before)
        }
      })
    }

    test('are listed to itself alone', async () => {
      await using home = await startRunstate()
      const { neighbour } = await addNeighbour(home)
      for (const [owner, other] of [
        [home, neighbour],
        [neighbour, home],
      ] as const) {
        const own = await createTarget(owner, family)
        const others = rowsOf(await other.send('GET', family.set)).map(({ id }) => `${family.set}/${id}`)
        const owned = rowsOf(await owner.send('GET', family.set)).map(({ id }) => `${family.set}/${id}`)
        assert(owned.includes(own.script))
        assert(!others.includes(own.script))
      }
    })

    test('are changed alone where another tenant has the same ids', async () => {
      const data = await mkdtemp(path.join(tmpdir(), 'runstate-tenants-'))
      try {
        await changeOneOfTwo(data, `${family.set}/${family.example['id']}/userRunStates/${USER_STATE_ID}`)
      } finally {
        await rm(data, { recursive: true, force: true })
      }
    })
  })
}

/** Fills one database with the same entities for two tenants; changes and deletes those of the second. */
async function changeOneOfTwo(data: string, state: string): Promise<void> {
  const script = state.slice(0, state.indexOf('/userRunStates'))
  const first = '7e57ab1e-aaaa-4000-8000-000000000001'
  const second = '7e57ab1e-bbbb-4000-8000-000000000002'
  const client = { clientId: '7e57ab1e-cccc-4000-8000-000000000003', clientSecret: 'a-secret-of-the-tests' }
  const config = { ...client, data, memory: false, demo: true }
  const before = await getAsOnlyTenant({ ...config, tenant: first }, state)
  await using runstate = await startRunstate({ ...config, tenant: second })
  const firsts = seenFrom(runstate, await runstate.token({ tenant: first }))
  const untouched = async () => {
    const { status, text, body } = await firsts.send('GET', state)
    assert.equal(status, 200, text)
    assert.deepEqual(ownMembers(body), before)
  }
  assert.deepEqual(ownMembers((await runstate.send('GET', state)).body), before)
  const answer = await runstate.send('PATCH', state, { body: { successDeviceCount: 1001 } })
  assert.equal(answer.body['successDeviceCount'], 1001, answer.text)
  await untouched()
  assert.equal((await runstate.send('DELETE', state)).status, 204)
  await untouched()
  assert.equal((await runstate.send('DELETE', script)).status, 204)
  await untouched()
  assert.equal((await firsts.send('GET', script)).status, 200)
  await runstate.server.reset(second)
  await untouched()
}

async function getAsOnlyTenant(
  config: Parameters<typeof startRunstate>[0],
  state: string,
): Promise<Readonly<Record<string, unknown>>> {
  await using runstate = await startRunstate(config)
  const { status, text, body } = await runstate.send('GET', state)
  assert.equal(status, 200, text)
  return ownMembers(body)
}

/** Asserts the recorded refusal. */
function assertNotApplicable(answer: Awaited<ReturnType<typeof request>>): void {
  assertRefused(answer, 400, 'BadRequest')
  assert.equal(errorOf(answer).message, 'Request not applicable to target tenant.')
}

describe('a tenant without a licence', () => {
  for (const family of families) {
    test(`is refused every operation on ${family.set}, and nothing is written`, async () => {
      await using home = await startRunstate()
      const { neighbour, token } = await addNeighbour(home)
      const target = await createTarget(neighbour, family)
      const before = await readAll(neighbour, target)
      await home.server.putTenant({ tid: NEIGHBOUR, licensed: false })
      for (const operation of operations) {
        assertNotApplicable(await request(home, operation, { target, token }))
      }
      await home.server.putTenant({ tid: NEIGHBOUR, licensed: true })
      assert.equal(await readAll(neighbour, target), before)
    })
  }

  test('leaves the others as they are', async () => {
    await using home = await startRunstate()
    const { neighbour } = await addNeighbour(home)
    await home.server.putTenant({ tid: NEIGHBOUR, licensed: false })
    await createTarget(home, shellFamily)
    assertNotApplicable(await neighbour.send('GET', shellFamily.set))
  })

  test('may be the server’s own', async () => {
    await using home = await startRunstate()
    const { neighbour } = await addNeighbour(home)
    await home.server.putTenant({ tid: home.server.config.tenant, licensed: false })
    assertNotApplicable(await home.send('GET', shellFamily.set))
    await createTarget(neighbour, shellFamily)
  })

  test('may be one from the start', async () => {
    await using home = await startRunstate()
    await home.server.putTenant({ tid: NEIGHBOUR, licensed: false })
    const token = await home.token({ tenant: NEIGHBOUR })
    assertNotApplicable(await home.send('POST', shellFamily.set, { token, body: shellFamily.creation }))
    await home.server.putTenant({ tid: NEIGHBOUR, licensed: true })
    assert.deepEqual(rowsOf(await home.send('GET', shellFamily.set, { token })), [])
  })
})

describe('a reset', () => {
  test('empties its own tenant and no other', async () => {
    await using home = await startRunstate()
    const { neighbour } = await addNeighbour(home)
    for (const [emptied, kept, tid] of [
      [neighbour, home, NEIGHBOUR],
      [home, neighbour, undefined],
    ] as const) {
      const targets = []
      for (const family of families) {
        targets.push([await createTarget(emptied, family), await createTarget(kept, family)] as const)
      }
      const before = []
      for (const [, target] of targets) before.push(await readAll(kept, target))
      await home.server.reset(tid)
      for (const [{ family, script, state }] of targets) {
        assert.deepEqual(rowsOf(await emptied.send('GET', family.set)), [])
        for (const gone of [script, state, `${script}/userRunStates`]) {
          assertRefused(await emptied.send('GET', gone), 404, 'ResourceNotFound')
        }
      }
      const after = []
      for (const [, target] of targets) after.push(await readAll(kept, target))
      assert.deepEqual(after, before)
    }
  })

  test('leaves a tenant that works, to the tokens it had', async () => {
    await using home = await startRunstate()
    const { neighbour, token } = await addNeighbour(home)
    await createTarget(neighbour, shellFamily)
    await home.server.reset(NEIGHBOUR)
    const target = await createTarget(neighbour, shellFamily)
    for (const operation of operations.filter(({ name }) => !name.startsWith('delete'))) {
      assert.equal((await request(home, operation, { target, token })).status, operation.status)
    }
    await home.server.reset(NEIGHBOUR)
    assert.deepEqual(rowsOf(await neighbour.send('GET', shellFamily.set)), [])
  })
})

describe('the tenant of a request', () => {
  test('is that of its token, for users as for applications', async () => {
    await using home = await startRunstate()
    const { neighbour } = await addNeighbour(home)
    const target = await createTarget(neighbour, shellFamily)
    const scopes = ['DeviceManagementScripts.ReadWrite.All', 'DeviceManagementConfiguration.ReadWrite.All']
    for (const options of [{ scopes, user: 'someone@fabrikam.com' }, { roles: scopes }]) {
      const inside = await home.token({ ...options, tenant: NEIGHBOUR })
      assert.equal((await home.send('GET', target.state, { token: inside })).status, 200)
      const outside = await home.token(options)
      assertRefused(await home.send('GET', target.state, { token: outside }), 404, 'ResourceNotFound')
    }
  })
})
