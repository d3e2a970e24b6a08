import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Clock, quirksOf } from '#base/base.ts'
import { model, timestampOf } from '#model/model.ts'
import { parseOptions, parsePath, parsePreferences } from '#odata/odata.ts'
import { all, command, openStorage, type Storage } from '#storage/storage.ts'
import type { OperationResult } from './context.ts'
import { storeExamples } from './examples.ts'
import { update, updateSingle } from './update.ts'

const SCRIPT = '/beta/deviceManagement/deviceShellScripts/ca9e0ad8-0ad8-ca9e-d80a-9ecad80a9eca'
const STATE = `${SCRIPT}/userRunStates/d5a29103-9103-d5a2-0391-a2d50391a2d5`
const HEALTH = '/beta/deviceManagement/deviceHealthScripts/bcb60502-0502-bcb6-0205-b6bc0205b6bc'
const NOON: Clock = { now: () => Date.UTC(2026, 10, 23, 12) }

/** A database with the documentation's examples in the tenant 1. */
async function openDemo(): Promise<Storage> {
  const storage = await openStorage({ model })
  await storage.transact(function* () {
    yield* all(command`INSERT INTO tenant (tid) VALUES (${'t'})`)
    yield* storeExamples({ model, tenant: 1, now: 0 })
  })
  await storage.purge()
  return storage
}

async function patch(storage: Storage, target: string, members: object): Promise<OperationResult> {
  const path = parsePath(target, model)
  const context = {
    ...{
      model,
      storage,
      clock: NOON,
      quirks: quirksOf('documented'),
      origin: 'https://localhost',
      tenant: 1,
    },
    signal: new AbortController().signal,
  }
  const body = Buffer.from(JSON.stringify(members))
  const options = parseOptions('', {
    type: path.navigation.target,
    kind: 'change',
    now: timestampOf(0),
  })
  const request = {
    query: '',
    options,
    body,
    preferences: parsePreferences(undefined),
    metadata: 'minimal' as const,
  }
  if (path.kind === 'single') return await updateSingle(context, { ...request, path })
  assert(path.kind === 'entity')
  return await update(context, { ...request, path })
}

describe('an update', () => {
  const nothing = {
    'no members': {},
    'the key alone': { id: 'x' },
    'annotations alone': { '@odata.type': '#microsoft.graph.deviceManagementScriptUserState', 'a@b': 1 },
  }
  for (const [what, members] of Object.entries(nothing)) {
    test(`with ${what} commits nothing`, async () => {
      await using storage = await openDemo()
      const before = storage.commits
      const { status, body, rowsWritten } = await patch(storage, STATE, members)
      assert.deepEqual([status, body?.['successDeviceCount'], rowsWritten], [200, 2, 0])
      assert.equal(storage.commits, before)
    })
  }

  test('of a script moves its date of change, by the domain’s clock, and not that of its creation', async () => {
    await using storage = await openDemo()
    const { body } = await patch(storage, SCRIPT, { retryCount: 3 })
    assert.deepEqual(
      [body?.['lastModifiedDateTime'], body?.['createdDateTime'], body?.['retryCount']],
      ['2026-11-23T12:00:00Z', '2017-01-01T08:02:43.5775965Z', 3],
    )
  })

  test('with the values that are there is an update all the same', async () => {
    await using storage = await openDemo()
    const before = storage.commits
    const { rowsWritten } = await patch(storage, STATE, { successDeviceCount: 2 })
    assert.deepEqual([rowsWritten, storage.commits], [1, before + 1])
  })

  test('of what is not there creates nothing, a body without members or with', async () => {
    await using storage = await openDemo()
    for (const members of [{}, { successDeviceCount: 1 }]) {
      for (const target of [`${STATE}x`, STATE.replace('Shell', 'Management')])
        await assert.rejects(patch(storage, target, members), { code: 'ResourceNotFound' })
    }
  })
})

describe('an update of a summary with an instant', () => {
  const SUMMARY = `${HEALTH}/runSummary`
  const last = (result: OperationResult) => result.body?.['lastScriptRunDateTime']

  test('sets it alone, to any, and to null; the counters stay', async () => {
    await using storage = await openDemo()
    for (const instant of ['2016-01-01T00:00:00Z', '2026-01-01T00:00:00.1234567Z', null]) {
      const result = await patch(storage, SUMMARY, { lastScriptRunDateTime: instant })
      assert.equal(last(result), instant)
      assert.equal(result.body?.['detectionScriptErrorDeviceCount'], 15)
    }
  })

  test('sets counters alone, and the instant stays', async () => {
    await using storage = await openDemo()
    const result = await patch(storage, SUMMARY, {
      issueDetectedDeviceCount: 2,
      issueReoccurredDeviceCount: 0,
    })
    assert.equal(last(result), '2017-01-01T08:01:17.4310553Z')
    const { issueDetectedDeviceCount, issueReoccurredDeviceCount } = result.body ?? {}
    assert.deepEqual([issueDetectedDeviceCount, issueReoccurredDeviceCount], [2, 0])
  })

  test('sets both in one commit', async () => {
    await using storage = await openDemo()
    const before = storage.commits
    const members = { issueDetectedDeviceCount: 3, lastScriptRunDateTime: '2020-01-01T00:00:00Z' }
    const result = await patch(storage, SUMMARY, members)
    assert.deepEqual({ ...result.body, ...members }, result.body)
    assert.equal(storage.commits, before + 1)
  })
})
