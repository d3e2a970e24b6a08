import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { model } from '#model/model.ts'
import { all, command, openStorage, query, type Storage } from '#storage/storage.ts'
import { storeExamples } from './examples.ts'

const scripts = {
  deviceManagementScripts: '59ea4525-4525-59ea-2545-ea592545ea59',
  deviceShellScripts: 'ca9e0ad8-0ad8-ca9e-d80a-9ecad80a9eca',
  deviceCustomAttributeShellScripts: '929d921b-921b-929d-1b92-9d921b929d92',
}
const STATE = 'd5a29103-9103-d5a2-0391-a2d50391a2d5'

/** Two tenants, the examples in the second. */
async function openDemo(): Promise<Storage> {
  const storage = await openStorage({ model })
  await storage.transact(function* () {
    for (const tid of ['a', 'b']) yield* all(command`INSERT INTO tenant (tid) VALUES (${tid})`)
    yield* storeExamples({ model, tenant: 2, now: Date.UTC(2026, 10, 23) })
  })
  return storage
}

describe('the documentation’s examples', () => {
  test('are one script of each family, by its documented id, in their tenant alone', async () => {
    await using storage = await openDemo()
    const rows = await storage.read(query`SELECT tenant, number, family, id FROM script ORDER BY number`)
    const expected = Object.entries(scripts).map(([family, id], i) => ({
      tenant: 2,
      number: i + 1,
      family,
      id,
    }))
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      expected,
    )
  })

  test('are one user state below each of them, with the documented counts', async () => {
    await using storage = await openDemo()
    const rows = await storage.read(query`SELECT script, id, success_device_count AS success,
      error_device_count AS error, user_principal_name AS name FROM user_state ORDER BY script`)
    const state = { id: STATE, success: 2, error: 0, name: 'User Principal Name value' }
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [1, 2, 3].map((script) => ({ script, ...state })),
    )
  })

  test('keep the dates of the documents, not the day they were stored', async () => {
    await using storage = await openDemo()
    const rows = await storage.read(query`SELECT DISTINCT created_date_time AS date FROM script`)
    assert.deepEqual(
      rows.map((row) => row['date']),
      ['2017-01-01T08:02:43.5775965Z'],
    )
  })

  test('cannot be stored twice in a tenant, and leave it as it was', async () => {
    await using storage = await openDemo()
    await assert.rejects(storage.transact(() => storeExamples({ model, tenant: 2, now: 0 })))
    const [row] = await storage.read(query`SELECT count(*) AS rows FROM script`)
    assert.equal(row?.['rows'], 3)
  })
})
