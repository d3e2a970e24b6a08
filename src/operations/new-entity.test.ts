import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type EntityType, model, type Timestamp } from '#model/model.ts'
import type { Changes, Row } from '#odata/odata.ts'
import {
  all,
  command,
  one,
  openStorage,
  POSITION,
  query,
  type Scope,
  type Storage,
} from '#storage/storage.ts'
import { insertEntity } from './new-entity.ts'

const NOW: Timestamp = '2026-11-23T18:00:00.0000000Z'

function typeNamed(name: string): EntityType {
  return model.entityTypes.get(name) ?? assert.fail(name)
}

const shell = typeNamed('deviceShellScript')
const custom = typeNamed('deviceCustomAttributeShellScript')
const userState = typeNamed('deviceManagementScriptUserState')

/** A database with one tenant, which has the number 1. */
async function openTenant(): Promise<Storage> {
  const storage = await openStorage({ model })
  await storage.transact(() => all(command`INSERT INTO tenant (tid) VALUES (${'t'})`))
  return storage
}

interface Insertion {
  readonly type: EntityType
  readonly id: string
  readonly members?: Changes
  readonly within?: Scope
}

async function insert(
  storage: Storage,
  { type, id, members = {}, within = { tenant: 1 } }: Insertion,
): Promise<Row> {
  return await storage.transact(() => insertEntity({ type, within, members: { id, ...members }, now: NOW }))
}

/** What the database has, without the position. */
async function stored(
  storage: Storage,
  { type, id, within = { tenant: 1 } }: Insertion,
): Promise<Row | undefined> {
  const [row] = await storage.read({ kind: 'select', type, within, key: id })
  if (row === undefined) return undefined
  const { [POSITION]: _, ...members } = row
  return members
}

describe('a new entity', () => {
  test('without members has its key, the time and the defaults, stored as they are given back', async () => {
    await using storage = await openTenant()
    const row = await insert(storage, { type: shell, id: 's' })
    assert.deepEqual(row, {
      executionFrequency: 0,
      retryCount: 0,
      blockExecutionNotifications: false,
      id: 's',
      displayName: null,
      description: '',
      scriptContent: null,
      createdDateTime: NOW,
      lastModifiedDateTime: NOW,
      runAsAccount: 'user',
      fileName: null,
      roleScopeTagIds: ['0'],
    })
    assert.deepEqual(await stored(storage, { type: shell, id: 's' }), row)
  })

  test('keeps null where it is given instead of a default', async () => {
    await using storage = await openTenant()
    const members = { description: null, roleScopeTagIds: null }
    const { description, roleScopeTagIds } = await insert(storage, { type: shell, id: 's', members })
    assert.deepEqual([description, roleScopeTagIds], [null, null])
  })

  test('keeps the key and the dates that are given, as of an example', async () => {
    await using storage = await openTenant()
    const createdDateTime = '2017-01-01T08:02:43.5775965Z'
    const row = await insert(storage, { type: shell, id: 's', members: { id: 'given', createdDateTime } })
    assert.deepEqual(
      [row['id'], row['createdDateTime'], row['lastModifiedDateTime']],
      ['given', createdDateTime, NOW],
    )
  })

  const attributes: readonly (readonly [members: Changes, name: string | null])[] = [
    [{}, null],
    [{ displayName: 'a' }, 'a'],
    [{ displayName: '' }, ''],
    [{ displayName: 'a', customAttributeName: 'b' }, 'b'],
    [{ displayName: 'a', customAttributeName: null }, null],
  ]
  for (const [members, name] of attributes) {
    test(`takes ${name} for the custom attribute's name from ${JSON.stringify(members)}`, async () => {
      await using storage = await openTenant()
      const row = await insert(storage, { type: custom, id: 'c', members })
      assert.equal(row['customAttributeName'], name)
    })
  }
})

describe('a new health script', () => {
  const health = typeNamed('deviceHealthScript')

  test('has no parameters but those given, and a summary of zeros that was never run', async () => {
    await using storage = await openTenant()
    const row = await insert(storage, { type: health, id: 'h' })
    assert.deepEqual([row['detectionScriptParameters'], row['remediationScriptParameters']], [[], []])
    assert.deepEqual(await stored(storage, { type: health, id: 'h' }), row)
    const within = { tenant: 1, parent: { type: health, within: { tenant: 1 }, key: 'h' } }
    const summary = await stored(storage, {
      type: typeNamed('deviceHealthScriptRunSummary'),
      id: 'h',
      within,
    })
    const { id, lastScriptRunDateTime, ...counts } = summary ?? {}
    assert.deepEqual([id, lastScriptRunDateTime, new Set(Object.values(counts))], ['h', null, new Set([0])])
  })

  test('keeps a collection of complex values as it is given, null too', async () => {
    await using storage = await openTenant()
    const type = 'deviceHealthScriptBooleanParameter'
    const members = {
      ...{ name: 'a', description: null, isRequired: false },
      ...{ applyDefaultValueWhenNotAssigned: true, defaultValue: true },
    }
    const given = { detectionScriptParameters: [{ type, members }], remediationScriptParameters: null }
    const row = await insert(storage, { type: health, id: 'h', members: given })
    assert.deepEqual({ ...row, ...given }, row)
    assert.deepEqual(await stored(storage, { type: health, id: 'h' }), row)
  })

  test('has a number of its own among those of all scripts', async () => {
    await using storage = await openTenant()
    for (const type of [shell, health]) await insert(storage, { type, id: 'same' })
    const numbers = await storage.read(
      query`SELECT number FROM script UNION ALL SELECT number FROM health_script`,
    )
    assert.deepEqual(
      numbers.map(({ number }) => number),
      [1, 2],
    )
  })
})

describe('the number of a new script', () => {
  test('is one more than any that its tenant ever had', async () => {
    await using storage = await openTenant()
    for (const id of ['a', 'b']) await insert(storage, { type: shell, id })
    await storage.transact(() => all(command`DELETE FROM script WHERE id = ${'b'}`))
    await insert(storage, { type: custom, id: 'c' })
    const rows = await storage.read(query`SELECT number, id FROM script ORDER BY number`)
    assert.deepEqual(
      rows.map((row) => [row['number'], row['id']]),
      [
        [1, 'a'],
        [3, 'c'],
      ],
    )
  })

  test('is none where the tenant was reset meanwhile, and the client may try again', async () => {
    await using storage = await openTenant()
    await assert.rejects(insert(storage, { type: shell, id: 's', within: { tenant: 2 } }), {
      name: 'ODataError',
      code: 'ServiceUnavailable',
    })
  })
})

describe('a new entity below another', () => {
  const below = (key: string, type = shell): Scope => ({
    tenant: 1,
    parent: { type, within: { tenant: 1 }, key },
  })

  test('belongs to it', async () => {
    await using storage = await openTenant()
    for (const id of ['a', 'b']) await insert(storage, { type: shell, id })
    const insertion = { type: userState, id: 'u', within: below('b'), members: { errorDeviceCount: 3 } }
    const row = await insert(storage, insertion)
    assert.deepEqual(row, { id: 'u', successDeviceCount: 0, errorDeviceCount: 3, userPrincipalName: null })
    assert.deepEqual(await stored(storage, insertion), row)
    assert.equal(await stored(storage, { ...insertion, within: below('a') }), undefined)
  })

  const missing = { 'that is not there': below('x'), 'of another family': below('a', custom) }
  for (const [what, within] of Object.entries(missing)) {
    test(`${what} is refused, and nothing is written`, async () => {
      await using storage = await openTenant()
      await insert(storage, { type: shell, id: 'a' })
      await assert.rejects(insert(storage, { type: userState, id: 'u', within }), {
        code: 'ResourceNotFound',
      })
      const [row] = await storage.read(query`SELECT count(*) AS rows FROM user_state`)
      assert.equal(row?.['rows'], 0)
    })
  }

  test('whose writing fails leaves no trace, not even of a number', async () => {
    await using storage = await openTenant()
    await insert(storage, { type: shell, id: 'a' })
    await assert.rejects(insert(storage, { type: custom, id: 'a' }))
    const [row] = await storage.read(query`SELECT last_number FROM tenant`)
    assert.equal(row?.['last_number'], 1)
    const two = storage.transact(function* () {
      yield* insertEntity({ type: shell, within: { tenant: 1 }, members: { id: 'b' }, now: NOW })
      return yield* one(command`SELECT nonsense`)
    })
    await assert.rejects(two)
    assert.equal(await stored(storage, { type: shell, id: 'b' }), undefined)
  })
})
