import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { quirksOf } from '#base/base.ts'
import { type EntityType, KEY, model } from '#model/model.ts'
import { type Row, readPayload } from '#odata/odata.ts'
import { all, command, openStorage, POSITION, query, type Scope, type Storage } from '#storage/storage.ts'
import { storeExamples } from './examples.ts'

const scripts = {
  deviceManagementScripts: '59ea4525-4525-59ea-2545-ea592545ea59',
  deviceShellScripts: 'ca9e0ad8-0ad8-ca9e-d80a-9ecad80a9eca',
  deviceCustomAttributeShellScripts: '929d921b-921b-929d-1b92-9d921b929d92',
}
const never = new AbortController().signal
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

/** Every row of every table of the model. */
async function dump(storage: Storage): Promise<Readonly<Record<string, readonly Row[]>>> {
  const tables = new Set([...model.entityTypes.values()].map(({ table }) => table.name))
  const dumped: Record<string, readonly Row[]> = {}
  for (const table of tables) {
    const rows = await storage.read(query([`SELECT * FROM ${table} ORDER BY 1, 2, 3`]))
    dumped[table] = rows.map((row) => ({ ...row }))
  }
  return dumped
}

/** Where entities of a type are among the examples: at the root, below each script, below a state of it. */
function scopesOf(type: EntityType): readonly Scope[] {
  const root = { tenant: 2 }
  if (type.table.parent === undefined) return [root]
  return [...model.entityTypes.values()].flatMap((parentType) => {
    const ways = [...parentType.navigations.values()].filter(
      ({ target, contained }) => contained && target === type,
    )
    const parents =
      parentType.table.parent === undefined
        ? [root]
        : [...model.entityTypes.values()]
            .filter(({ table }) => table.name === parentType.table.parent)
            .map((above) => ({ ...root, parent: { type: above, within: root, key: keyOf(above) } }))
    return ways.flatMap(({ link }) =>
      parents.map((within) => ({
        ...root,
        parent: { type: parentType, within, key: keyOf(parentType) },
        link,
      })),
    )
  })
}

function keyOf({ example }: EntityType): string {
  return String(example[KEY])
}

describe('the documentation’s examples', () => {
  test('are one script of each family, by its documented id, in their tenant alone, after the health script', async () => {
    await using storage = await openDemo()
    const rows = await storage.read(query`SELECT tenant, number, family, id FROM script ORDER BY number`)
    const expected = Object.entries(scripts).map(([family, id], i) => ({
      tenant: 2,
      number: i + 2,
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
      [2, 3, 4].map((script) => ({ script, ...state })),
    )
  })

  test('are a health script with an assignment, a device state and the documented summary', async () => {
    await using storage = await openDemo()
    const rows = await storage.read(query`SELECT s.tenant, s.id AS script, a.id AS assignment, d.id AS state,
      r.issue_detected_device_count AS found, r.last_script_run_date_time AS run FROM health_script AS s
      JOIN health_assignment AS a ON a.health_script = s.number JOIN health_device_state AS d
      ON d.health_script = s.number JOIN health_run_summary AS r ON r.health_script = s.number`)
    const expected = {
      tenant: 2,
      script: 'bcb60502-0502-bcb6-0205-b6bc0205b6bc',
      assignment: 'c08c4eb1-4eb1-c08c-b14e-8cc0b14e8cc0',
      state: 'fd2e4505-4505-fd2e-0545-2efd05452efd',
      found: 8,
      run: '2017-01-01T08:01:17.4310553Z',
    }
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [expected],
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

  test('leave a tenant as it was where they are stored in it again', async () => {
    await using storage = await openDemo()
    const before = await dump(storage)
    await storage.transact(() => storeExamples({ model, tenant: 2, now: 0 }))
    assert.deepEqual(await dump(storage), before)
  })

  test('are the same in two new tenants, each its own', async () => {
    await using storage = await openDemo()
    await storage.transact(() => storeExamples({ model, tenant: 1, now: Date.UTC(2026, 10, 23) }))
    for (const [table, rows] of Object.entries(await dump(storage))) {
      const [first, second] = [1, 2].map((tenant) => rows.filter((row) => row['tenant'] === tenant))
      assert(first !== undefined && first.length > 0, table)
      assert.deepEqual(
        first,
        second?.map((row) => ({ ...row, tenant: 1 })),
        table,
      )
    }
  })

  for (const type of model.entityTypes.values()) {
    test(`of ${type.name} comes back with its documented values, by every way to it`, async () => {
      await using storage = await openDemo()
      const expected = readPayload(Buffer.from(JSON.stringify(type.example)), {
        ...{ model, type, operation: 'restore', quirks: quirksOf('documented') },
      })
      const scopes = scopesOf(type)
      assert(scopes.length > 0)
      for (const within of scopes) {
        const { rows } = await storage.page({ kind: 'select', type, within, limit: 9 }, never)
        const [row, ...others] = rows.filter(({ id }) => id === expected[KEY])
        assert(row !== undefined && others.length === 0)
        const { [POSITION]: _, ...members } = row
        const references = type.references.map(({ name, target }) => [name, target.example[KEY]])
        assert.deepEqual(members, { ...structuredClone(expected), ...Object.fromEntries(references) })
      }
    })
  }
})
