/** What `$expand` costs: as many statements for a page as for a row, and one more for each navigation. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { quirksOf, wallClock } from '#base/base.ts'
import { type Identity, openIdentity, permissionsOf } from '#identity/identity.ts'
import { KEY, model, timestampOf } from '#model/model.ts'
import { insertEntity, type NewEntity } from '#operations/new-entity.ts'
import { createService, type Service } from '#service/service.ts'
import { openStorage, type Storage } from '#storage/storage.ts'
import { types } from '../support/storage.ts'
import { expandedIn, type Members, singleIn } from './expansions.ts'

const TENANT = '7e57ab1e-0000-4000-8000-000000000001'
const ORIGIN = 'https://localhost'
const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'

/** Scripts in the database. */
const MANY = 120

/** The ids that the children of every script have. */
const CHILD = 'the-same-everywhere'

/** A storage that says of each statement, by which call it was made. */
function recordCalls(storage: Storage, calls: string[]): Storage {
  return {
    read: (plan) => {
      calls.push('read')
      return storage.read(plan)
    },
    page: (plan, signal) => {
      calls.push('page')
      return storage.page(plan, signal)
    },
    related: (plan, signal) => {
      calls.push(`related ${plan.navigation.name}`)
      return storage.related(plan, signal)
    },
    count: (counted, signal) => {
      calls.push('count')
      return storage.count(counted, signal)
    },
    transact: (body, signal) => {
      calls.push('transact')
      return storage.transact(body, signal)
    },
    moment: () => storage.moment(),
    purge: () => storage.purge(),
    copyMarks: () => storage.copyMarks(),
    save: (file) => storage.save(file),
    get commits() {
      return storage.commits
    },
    figures: () => storage.figures(),
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  }
}

/** Stores so many scripts, each with children whose ids are the same as those of all others, and a shared device. */
async function storeScripts(storage: Storage, tenant: number): Promise<void> {
  const now = timestampOf(0)
  await storage.transact(function* () {
    const device: NewEntity = { type: types.device, within: { tenant }, members: { [KEY]: 'device' }, now }
    yield* insertEntity(device)
    for (let i = 0; i < MANY; i += 1) {
      const script = String(i).padStart(4, '0')
      yield* insertEntity({
        type: types.shell,
        within: { tenant },
        members: { [KEY]: script, displayName: script },
        now,
      })
      const parent = { type: types.shell, within: { tenant }, key: script }
      const within = { tenant, parent }
      const user = { [KEY]: CHILD, userPrincipalName: script }
      yield* insertEntity({ type: types.userState, within, members: user, now })
      const below = { tenant, parent: { type: types.userState, within, key: CHILD }, link: 'user_state' }
      const state = { [KEY]: CHILD, resultMessage: script, managedDevice: 'device' }
      yield* insertEntity({ type: types.deviceState, within: below, members: state, now })
      const target = { type: 'groupAssignmentTarget', members: { groupId: script } }
      yield* insertEntity({ type: types.assignment, within, members: { [KEY]: CHILD, target }, now })
    }
  })
}

describe('$expand', () => {
  const calls: string[] = []
  let storage: Storage | undefined
  let identity: Identity | undefined
  let service: Service | undefined

  before(async () => {
    storage = await openStorage({ model })
    const client = { id: 'client', secret: '', roles: permissionsOf(model) }
    identity = await openIdentity({ storage, client, tenant: TENANT, cloud: 'global', clock: wallClock })
    await storeScripts(storage, (await identity.directory.putTenant({ tid: TENANT })).number)
    const recording = recordCalls(storage, calls)
    const quirks = quirksOf('documented')
    service = createService({ model, storage: recording, identity, clock: wallClock, quirks })
  })
  after(async () => {
    await storage?.[Symbol.asyncDispose]()
  })

  /** The body of an answer, and the statements that it took. */
  async function ask(target: string): Promise<{ body: Members; statements: readonly string[] }> {
    assert(identity !== undefined && service !== undefined)
    const headers = { authorization: `Bearer ${await identity.mint({}, ORIGIN)}` }
    const { signal } = new AbortController()
    calls.length = 0
    const outcome = await service({ method: 'GET', target, headers, origin: ORIGIN, id: 'an-id', signal })
    assert('response' in outcome, 'error' in outcome ? String(outcome.error) : '')
    return { body: JSON.parse(String(outcome.response.body)), statements: [...calls] }
  }

  async function list(
    query: string,
    size: number,
  ): Promise<{ rows: readonly Members[]; statements: readonly string[] }> {
    const { body, statements } = await ask(`${SCRIPTS}?${query}&$top=${size}`)
    const rows = expandedIn(body, 'value')
    assert.equal(rows.length, size)
    return { rows, statements }
  }

  const three = ['assignments', 'runSummary', 'deviceRunStates']
  const nested = 'userRunStates($expand=deviceRunStates($expand=managedDevice))'
  for (const [query, expected] of [
    ['', ['page']],
    [`$expand=${three.join(',')}`, ['page', ...three.map((name) => `related ${name}`)]],
    [`$count=true&$expand=assignments`, ['page', 'count', 'related assignments']],
    [`$expand=assignments($count=true;$top=1;$orderby=id desc)`, ['page', 'related assignments']],
    [
      `$expand=${nested}`,
      ['page', 'related userRunStates', 'related deviceRunStates', 'related managedDevice'],
    ],
    [
      `$expand=${three.slice(0, 2).join(',')},${nested},deviceRunStates($expand=managedDevice)`,
      [
        ...['page', 'related assignments', 'related runSummary', 'related userRunStates'],
        ...['related deviceRunStates', 'related managedDevice', 'related deviceRunStates'],
        'related managedDevice',
      ],
    ],
  ] as const) {
    for (const size of [1, 10, 100]) {
      test(`costs the same for ${size} of ${query === '' ? 'nothing' : query}`, async () => {
        assert.deepEqual((await list(query, size)).statements.toSorted(), [...expected].toSorted())
      })
    }
  }

  test('costs one entity no more than the reading of it, and one statement a navigation', async () => {
    const { statements } = await ask(`${SCRIPTS}/0007?$expand=${three.join(',')},${nested}`)
    assert.equal(statements.length, 1 + three.length + 3)
    assert.equal(statements.filter((name) => name === 'read').length, 1)
  })

  test('asks nothing of a page without rows', async () => {
    const { body, statements } = await ask(`${SCRIPTS}?$filter=displayName%20eq%20'none'&$expand=${nested}`)
    assert.deepEqual(body['value'], [])
    assert.deepEqual(statements, ['page'])
  })

  test('keeps children of one id with their own scripts, at every depth', async () => {
    const { rows } = await list(`$expand=assignments,deviceRunStates,${nested}`, 100)
    for (const row of rows) {
      const { displayName } = row
      const [assignment, ...assignments] = expandedIn(row, 'assignments')
      assert.deepEqual([assignment?.['id'], assignments.length], [CHILD, 0])
      assert.equal(singleIn(assignment, 'target')['groupId'], displayName)
      const [user, ...users] = expandedIn(row, 'userRunStates')
      assert.deepEqual([user?.['id'], user?.['userPrincipalName'], users.length], [CHILD, displayName, 0])
      for (const states of [expandedIn(row, 'deviceRunStates'), expandedIn(user, 'deviceRunStates')]) {
        const [state, ...others] = states
        assert.deepEqual([state?.['id'], state?.['resultMessage'], others.length], [CHILD, displayName, 0])
      }
      const [state] = expandedIn(user, 'deviceRunStates')
      assert.equal(singleIn(state, 'managedDevice')['id'], 'device')
    }
  })

  test('counts those of each script, and cuts those of each', async () => {
    const query = `$expand=userRunStates($count=true;$top=0;$expand=deviceRunStates),assignments($count=true;$skip=1)`
    for (const row of (await list(query, 100)).rows) {
      assert.deepEqual([row['userRunStates@odata.count'], row['userRunStates']], [1, []])
      assert.deepEqual([row['assignments@odata.count'], row['assignments']], [1, []])
    }
  })
})
