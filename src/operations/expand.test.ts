import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { quirksOf, wallClock } from '#base/base.ts'
import { model } from '#model/model.ts'
import { type MetadataLevel, parseOptions, parsePath, type ResourcePath } from '#odata/odata.ts'
import { all, openStorage, type Storage } from '#storage/storage.ts'
import { NOW, queryRows } from '../../test/support/query-rows.ts'
import { failingStorage } from '../../test/support/storage.ts'
import type { OperationContext } from './context.ts'
import { expandRows, type Placed } from './expand.ts'
import { pageDigest } from './page-token.ts'

const ORIGIN = 'https://localhost'
const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'
const SCRIPT = `${SCRIPTS}/Id-a`

/** The rows to query, and the statements that were asked of them. */
interface Bench extends AsyncDisposable {
  readonly context: OperationContext
  readonly statements: string[]
  /** What a query expands in all rows of a collection. */
  expand(target: string, query: string, metadata?: MetadataLevel): Promise<readonly unknown[]>
}

async function openBench(): Promise<Bench> {
  const storage = await openStorage({ model })
  await storage.transact(function* () {
    for (const plan of queryRows) yield* all(plan)
  })
  const statements: string[] = []
  const counting: Storage = {
    ...failingStorage(() => assert.fail('nothing is counted apart, and nothing written')),
    read: (plan) => storage.read(plan),
    page: (plan, signal) => storage.page(plan, signal),
    related: (plan, signal) => {
      statements.push(`${plan.navigation.name}: ${JSON.stringify(plan.holders)}`)
      return storage.related(plan, signal)
    },
  }
  const context: OperationContext = {
    ...{ model, storage: counting, tenant: 1, clock: wallClock, quirks: quirksOf('observed') },
    ...{ origin: ORIGIN, signal: new AbortController().signal },
  }
  const expand: Bench['expand'] = async (target, query, metadata = 'minimal') => {
    const path = parsePath(target, model)
    const type = path.navigation.target
    const { expand: wanted } = parseOptions(query, { type, kind: 'collection', now: NOW })
    return await expandRows(context, await readRows(context, path), { expand: wanted, metadata })
  }
  return { context, statements, expand, [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose]() }
}

async function readRows(context: OperationContext, path: ResourcePath): Promise<readonly Placed[]> {
  const [above] = path.parents
  const within = { tenant: 1 }
  const parent = above && { type: above.navigation.target, within, key: above.key }
  const plan = { kind: 'select', type: path.navigation.target, limit: 100, withParent: true } as const
  const page = await context.storage.page({ ...plan, within: { ...within, parent } }, context.signal)
  return page.rows.map((row) => ({ path, row }))
}

/** Each as JSON without the contexts of what is expanded. */
function plainly(members: readonly unknown[]): readonly unknown[] {
  const text = JSON.stringify(members, (name, value) => (name.endsWith('@odata.context') ? undefined : value))
  return JSON.parse(text)
}

describe('what is expanded', () => {
  test('is nothing where no rows are, and no statement is run', async () => {
    await using bench = await openBench()
    const { context, statements } = bench
    const type = parsePath(SCRIPTS, model).navigation.target
    const { expand } = parseOptions('$expand=assignments', { type, kind: 'collection', now: NOW })
    assert.deepEqual(await expandRows(context, [], { expand, metadata: 'minimal' }), [])
    assert.deepEqual(statements, [])
  })

  test('takes one statement a navigation, of however many rows and however deep', async () => {
    await using bench = await openBench()
    const nested =
      'userRunStates($select=id;$expand=deviceRunStates($select=id;$expand=managedDevice($select=id)))'
    const members = plainly(await bench.expand(SCRIPTS, `$expand=${nested},groupAssignments($select=id)`))
    assert.deepEqual(bench.statements, [
      'userRunStates: [1,2,3,4,5,6,7]',
      'deviceRunStates: [[1,"u1"],[1,"u2"],[2,"u3"]]',
      'managedDevice: ["M1","M2"]',
      'groupAssignments: [1,2,3,4,5,6,7]',
    ])
    const none = { userRunStates: [], groupAssignments: [] }
    const of = (id: string, device: string | null) => ({
      ...{ id, managedDevice: device === null ? null : { id: device } },
    })
    assert.deepEqual(members, [
      {
        userRunStates: [
          { id: 'u1', deviceRunStates: [of('d1', 'M1')] },
          { id: 'u2', deviceRunStates: [of('d2', null)] },
        ],
        groupAssignments: [{ id: 'as1' }],
      },
      { userRunStates: [{ id: 'u3', deviceRunStates: [of('d3', 'M2')] }], groupAssignments: [] },
      ...[none, none, none, none, none],
    ])
  })

  test('is null where a row refers to nothing, and where what it refers to is gone', async () => {
    await using bench = await openBench()
    const members = await bench.expand(`${SCRIPTS}/Id-b/deviceRunStates`, '$expand=managedDevice($select=id)')
    assert.deepEqual(plainly(members), [{ managedDevice: { id: 'M2' } }, { managedDevice: null }])
    const others = await bench.expand(`${SCRIPT}/deviceRunStates`, '$expand=managedDevice($select=id)')
    assert.deepEqual(plainly(others), [{ managedDevice: { id: 'M1' } }, { managedDevice: null }])
  })

  test('is filtered, ordered, passed over, cut and counted for each row by itself', async () => {
    await using bench = await openBench()
    const options = '$count=true;$select=id;$orderby=userPrincipalName desc;$filter=successDeviceCount ge 0'
    const [a, b, c] = plainly(await bench.expand(SCRIPTS, `$expand=userRunStates(${options};$skip=1)`))
    assert.deepEqual(a, { 'userRunStates@odata.count': 2, userRunStates: [{ id: 'u2' }] })
    assert.deepEqual(b, { 'userRunStates@odata.count': 1, userRunStates: [] })
    assert.deepEqual(c, { 'userRunStates@odata.count': 0, userRunStates: [] })
  })

  test('goes on by a link that keeps its options and knows its place', async () => {
    await using bench = await openBench()
    const [a, b] = plainly(await bench.expand(SCRIPTS, '$expand=userRunStates($select=id;$top=1;$skip=0)'))
    assert(typeof a === 'object' && a !== null && 'userRunStates@odata.nextLink' in a)
    const link = String(a['userRunStates@odata.nextLink'])
    const [target, token = ''] = link.split('$skiptoken=')
    assert.equal(target, `${ORIGIN}${SCRIPT}/userRunStates?$select=id&$top=1&`)
    const path = parsePath(`${SCRIPT}/userRunStates`, model)
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString())
    assert.deepEqual(parts, [pageDigest(path, ''), 'u1'])
    assert.deepEqual(b, { userRunStates: [{ id: 'u3' }] })
  })
})

describe('the context of what is expanded', () => {
  const CONTEXT = `${ORIGIN}/beta/$metadata#deviceManagement/deviceShellScripts('Id-a')`
  const contextsOf = async (bench: Bench, metadata: MetadataLevel) => {
    const [a] = await bench.expand(SCRIPTS, '$expand=userRunStates($select=id),runSummary', metadata)
    return Object.entries(a ?? {}).filter(([name]) => name.endsWith('@odata.context'))
  }

  test('is said before it', async () => {
    await using bench = await openBench()
    for (const metadata of ['minimal', 'full'] as const) {
      assert.deepEqual(await contextsOf(bench, metadata), [
        ['userRunStates@odata.context', `${CONTEXT}/userRunStates(id)`],
        ['runSummary@odata.context', `${CONTEXT}/runSummary/$entity`],
      ])
    }
  })

  test('is not said where no metadata is wanted', async () => {
    await using bench = await openBench()
    assert.deepEqual(await contextsOf(bench, 'none'), [])
  })
})

test('a place in the pages belongs to one collection and one question', () => {
  const [one, other] = [`${SCRIPT}/userRunStates`, `${SCRIPTS}/Id-b/userRunStates`]
  const digest = (target: string, identity: string) => pageDigest(parsePath(target, model), identity)
  assert.equal(digest(one, 'a'), digest(one.toUpperCase().replace('ID-A', 'Id-a'), 'a'))
  assert.equal(new Set([digest(one, ''), digest(one, 'a'), digest(other, ''), digest(other, 'a')]).size, 4)
})
