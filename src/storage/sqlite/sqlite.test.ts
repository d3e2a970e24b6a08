import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { limits } from '#base/base.ts'
import { model } from '#model/model.ts'
import { ODataError, type Row } from '#odata/odata.ts'
import {
  countRows,
  createScript,
  createTenant,
  createUserStates,
  type StoredScript,
  sampleRow,
  startChild,
  temporaryFile,
  temporaryFolder,
  types,
} from '../../../test/support/storage.ts'
import { command, POSITION, query, type Scope } from '../plan.ts'
import type { Page, PagePlan, Storage } from '../seam.ts'
import { openStorage } from '../storage.ts'
import { all, one } from '../transaction.ts'
import { Connection } from './connection.ts'

const never = new AbortController().signal

function isUnavailable(error: unknown): error is ODataError {
  return error instanceof ODataError && error.code === 'ServiceUnavailable'
}

/** What a PRAGMA says on the connection that writes. */
async function readPragma(storage: Storage, name: string): Promise<unknown> {
  const row = await storage.transact(() => one(query([`PRAGMA ${name}`])))
  return Object.values(row ?? {})[0]
}

function statesOf({ reference: parent, tenant }: StoredScript): Scope {
  return { tenant, parent }
}

/** Every page of a collection, in turn. */
async function readPages(storage: Storage, plan: PagePlan): Promise<readonly Page[]> {
  const pages = [await storage.page(plan, never)]
  for (const { next } of pages) {
    if (next !== undefined && pages.length < 100)
      pages.push(await storage.page({ ...plan, after: next }, never))
  }
  return pages
}

function idsOf(rows: readonly Row[]): readonly string[] {
  return rows.map(({ id }) => String(id))
}

describe('a database in a file', () => {
  const pragmas = {
    journal_mode: 'wal',
    synchronous: 1,
    fullfsync: 1,
    checkpoint_fullfsync: 1,
    foreign_keys: 1,
  }
  for (const [name, value] of Object.entries(pragmas)) {
    test(`is written with ${name} = ${value}`, async (t) => {
      await using storage = await openStorage({ model, file: temporaryFile(t) })
      assert.equal(await readPragma(storage, name), value)
    })
  }

  test('keeps what was answered', async (t) => {
    const file = temporaryFile(t)
    for (const name of ['a', 'b', 'c']) {
      await using storage = await openStorage({ model, file })
      await createTenant(storage, name)
    }
    await using storage = await openStorage({ model, file })
    assert.equal(await countRows(storage, 'tenant'), 3)
  })

  test('that is none is refused and left as it is', async (t) => {
    const file = temporaryFile(t)
    writeFileSync(file, 'These are notes and no database.'.repeat(100))
    const before = readFileSync(file)
    await assert.rejects(openStorage({ model, file }), /not a database/)
    assert.deepEqual(readFileSync(file), before)
  })

  test('is whole and alone in its folder when the storage is closed', async (t) => {
    const file = temporaryFile(t)
    const storage = await openStorage({ model, file })
    const written = createTenant(storage)
    await storage[Symbol.asyncDispose]()
    assert.equal(await written, 1)
    assert.equal(existsSync(`${file}-wal`), false)
  })

  test('refuses everything once it is closed, as an outage, and may be closed twice', async (t) => {
    const storage = await openStorage({ model, file: temporaryFile(t) })
    await storage[Symbol.asyncDispose]()
    await storage[Symbol.asyncDispose]()
    const page = { kind: 'select', type: types.management, within: { tenant: 1 }, limit: 1 } as const
    await assert.rejects(storage.read(query`SELECT 1`), isUnavailable)
    await assert.rejects(storage.page(page, never), isUnavailable)
    await assert.rejects(
      storage.transact(() => all(command`DELETE FROM script`)),
      isUnavailable,
    )
    await storage.purge()
  })
})

describe('a database in memory', () => {
  test('is written without waiting for the disk, by the same code', async () => {
    await using storage = await openStorage({ model })
    assert.equal(await readPragma(storage, 'synchronous'), 0)
    assert.equal(await readPragma(storage, 'journal_mode'), 'wal')
    assert.equal(await readPragma(storage, 'foreign_keys'), 1)
  })

  const ends: Readonly<Record<string, string>> = {
    'it is disposed of': 'await storage[Symbol.asyncDispose]()\nconsole.log(readdirSync(tmpdir()).length)',
    'its process ends': '',
    'its process exits at once': 'process.exit(0)',
    'its process fails': "process.exitCode = 0; throw new Error('on purpose')",
  }
  for (const [title, end] of Object.entries(ends)) {
    test(`lies in a temporary folder, gone when ${title}`, async (t) => {
      const TMPDIR = temporaryFolder(t)
      const code = `
        import { readdirSync } from 'node:fs'
        import { tmpdir } from 'node:os'
        import { model } from '#model/model.ts'
        import { openStorage } from '#storage/storage.ts'
        process.on('uncaughtException', () => process.exit(0))
        const storage = await openStorage({ model })
        await storage.purge()
        console.log(readdirSync(tmpdir()).length)
        ${end}`
      const { output, code: exitCode } = await startChild(t, code, { environment: { TMPDIR } }).ended
      assert.equal(output, title === 'it is disposed of' ? '1\n0\n' : '1\n')
      assert.equal(exitCode, 0)
      assert.deepEqual(readdirSync(TMPDIR), [])
    })
  }

  test('is beside others without a listener for each', async () => {
    const before = process.listenerCount('exit')
    const storages = await Promise.all(Array.from({ length: 20 }, () => openStorage({ model })))
    assert(process.listenerCount('exit') <= before + 1)
    for (const storage of storages) await storage[Symbol.asyncDispose]()
    assert.equal(process.listenerCount('exit'), before)
  })
})

describe('a lookup', () => {
  test('is answered on the loop, at the end of its turn, and sees what was committed', async () => {
    await using storage = await openStorage({ model })
    const { reference } = await createScript(storage, await createTenant(storage), 'a')
    let hasTurned = false
    setImmediate(() => {
      setImmediate(() => {
        hasTurned = true
      })
    })
    assert.deepEqual(idsOf(await storage.read({ kind: 'select', ...reference })), ['a'])
    assert.equal(hasTurned, false)
  })

  test('of another tenant, family or parent finds nothing', async () => {
    await using storage = await openStorage({ model })
    const [tenant, other] = [await createTenant(storage, 'a'), await createTenant(storage, 'b')]
    const script = await createScript(storage, tenant, 'a')
    const second = await createScript(storage, tenant, 'b')
    await createUserStates(storage, script, 1)
    const type = types.userState
    const key = '00000001'
    const { reference } = script
    const find = (within: Scope) => storage.read({ kind: 'select', type, within, key })
    assert.equal((await find(statesOf(script))).length, 1)
    assert.deepEqual(await find(statesOf(second)), [])
    assert.deepEqual(await find({ tenant: other, parent: { ...reference, within: { tenant: other } } }), [])
    assert.deepEqual(await storage.read({ kind: 'select', ...reference, type: types.shell }), [])
    assert.deepEqual(await storage.read({ kind: 'select', ...reference, within: { tenant: other } }), [])
  })

  test('that is wrong is our mistake and no outage', async () => {
    await using storage = await openStorage({ model })
    await assert.rejects(storage.read(query`SELECT n FROM nowhere`), (error) => !isUnavailable(error))
  })

  test('in a file that was broken is an outage', async (t) => {
    const file = temporaryFile(t)
    const storage = await openStorage({ model, file })
    await createScript(storage, await createTenant(storage), 'a')
    const roots = await storage.read(
      query`SELECT rootpage FROM sqlite_schema WHERE tbl_name IN ('script', 'tenant')`,
    )
    await storage[Symbol.asyncDispose]()
    const bytes = readFileSync(file)
    for (const root of roots)
      bytes.fill(0xff, (Number(root['rootpage']) - 1) * 4096, Number(root['rootpage']) * 4096)
    writeFileSync(file, bytes)
    await using broken = await openStorage({ model, file })
    const type = types.management
    const within = { tenant: 1 }
    const isMalformed = (error: unknown) => isUnavailable(error) && /malformed/.test(String(error.cause))
    await assert.rejects(broken.read({ kind: 'select', type, within, key: 'a' }), isMalformed)
    await assert.rejects(broken.page({ kind: 'select', type, within, limit: 1 }, never), isMalformed)
    await assert.rejects(createTenant(broken, 'b'), isMalformed)
  })
})

describe('a page', () => {
  test('is read beside the event loop', async () => {
    await using storage = await openStorage({ model })
    const script = await createScript(storage, await createTenant(storage), 'a')
    let hasTurned = false
    setImmediate(() => {
      hasTurned = true
    })
    const within = statesOf(script)
    const { rows } = await storage.page({ kind: 'select', type: types.userState, within, limit: 1 }, never)
    assert.deepEqual([rows, hasTurned], [[], true])
  })

  for (const [count, limit, sizes] of [
    [0, 10, [0]],
    [9, 10, [9]],
    [10, 10, [10]],
    [11, 10, [10, 1]],
    [25, 10, [10, 10, 5]],
  ] as const) {
    test(`of ${limit} is followed by another while rows of ${count} remain`, async () => {
      await using storage = await openStorage({ model })
      const script = await createScript(storage, await createTenant(storage), 'a')
      await createUserStates(storage, script, count)
      const within = statesOf(script)
      const pages = await readPages(storage, { kind: 'select', type: types.userState, within, limit })
      assert.deepEqual(
        pages.map(({ rows }) => rows.length),
        sizes,
      )
      const expected = Array.from({ length: count }, (_, i) => String(i + 1).padStart(8, '0'))
      assert.deepEqual(idsOf(pages.flatMap(({ rows }) => rows)), expected)
    })
  }

  test('of scripts is in the order of their creation', async () => {
    await using storage = await openStorage({ model })
    const tenant = await createTenant(storage)
    for (const id of ['c', 'a', 'b']) await createScript(storage, tenant, id)
    const plan = { kind: 'select', type: types.management, within: { tenant }, limit: 2 } as const
    const pages = await readPages(storage, plan)
    assert.deepEqual(
      pages.map(({ rows, next }) => [idsOf(rows), next]),
      [
        [['c', 'a'], [2]],
        [['b'], undefined],
      ],
    )
  })

  test('ends before the row that would pass 8 MB, and the next goes on with it', async () => {
    await using storage = await openStorage({ model })
    const tenant = await createTenant(storage)
    const type = types.management
    const scriptContent = new Uint8Array(limits.pageBytes / 4)
    for (const number of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const row = sampleRow(type, { id: String(number), scriptContent })
      await storage.transact(() => all({ kind: 'insert', type, tenant, number, row }))
    }
    const pages = await readPages(storage, { kind: 'select', type, within: { tenant }, limit: 100 })
    assert.deepEqual(
      pages.map(({ rows, next }) => [idsOf(rows), next]),
      [
        [['1', '2', '3'], [3]],
        [['4', '5', '6'], [6]],
        [['7', '8'], undefined],
      ],
    )
    assert.deepEqual(pages[2]?.rows[1], { [POSITION]: 8, ...sampleRow(type, { id: '8', scriptContent }) })
  })

  test('that looks at many rows and finds none ends at the deadline', async () => {
    await using storage = await openStorage({ model, scanMs: 1 })
    const tenant = await createTenant(storage)
    await storage.transact(() =>
      all(command`WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100000)
        INSERT INTO script (tenant, number, family, id, created_date_time, last_modified_date_time,
          run_as_account, custom_attribute_type)
        SELECT ${tenant}, n, 'deviceCustomAttributeShellScripts', 'script-' || n, '', '', 0, 0 FROM c`),
    )
    const plan = { kind: 'select', type: types.shell, within: { tenant }, limit: 1 } as const
    await assert.rejects(storage.page(plan, never), isUnavailable)
    assert.equal(await countRows(storage, 'script'), 100_000)
  })

  test('that was given up is rejected with the reason', async () => {
    await using storage = await openStorage({ model })
    const plan = { kind: 'select', type: types.shell, within: { tenant: 1 }, limit: 1 } as const
    const controller = new AbortController()
    const reason = new Error('the client is gone')
    const page = storage.page(plan, controller.signal)
    controller.abort(reason)
    await assert.rejects(page, reason)
  })
})

test('a connection beside the storage sees a commit as soon as it is answered', async (t) => {
  const file = temporaryFile(t)
  await using storage = await openStorage({ model, file })
  const observer = new Connection(file, { readOnly: true })
  t.after(() => observer.close())
  const transact = async (tid: string) => {
    await storage.transact(() => all(command`INSERT INTO tenant (tid) VALUES (${tid})`))
    return observer.run(query`SELECT count(*) AS count FROM tenant`)
  }
  assert.deepEqual(await Promise.all([transact('a'), transact('b')]), [[{ count: 2 }], [{ count: 2 }]])
  assert.deepEqual(await transact('c'), [{ count: 3 }])
})
