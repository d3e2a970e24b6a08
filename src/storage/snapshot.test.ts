import assert from 'node:assert/strict'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, type TestContext, test } from 'node:test'
import { model } from '#model/model.ts'
import { createScript, createTenant, createUserStates, temporaryFolder } from '../../test/support/storage.ts'
import { takeDataFolder } from './data-folder.ts'
import { sqlite } from './dialect.ts'
import { loadMigrations } from './migrations.ts'
import { command, query } from './plan.ts'
import type { Storage } from './seam.ts'
import { restoreSnapshot, saveSnapshot } from './snapshot.ts'
import { Connection } from './sqlite/connection.ts'
import { migrate } from './sqlite/migrate.ts'
import { openStorage } from './storage.ts'
import { all } from './transaction.ts'

/** A data folder with a script and its states, that no server has, and a snapshot of it. */
async function createPlace(t: TestContext): Promise<{ readonly data: string; readonly file: string }> {
  const data = temporaryFolder(t)
  {
    using folder = await takeDataFolder(data)
    await using storage = await openStorage({ model, file: folder.databaseFile })
    const tenant = await createTenant(storage, 'kept')
    await createUserStates(storage, await createScript(storage, tenant, 'a-script'), 200)
    await storage.transact(() => all(command`INSERT INTO tenant (tid) VALUES ('gone')`))
    await storage.transact(() => all(command`DELETE FROM tenant WHERE tid = 'gone'`))
  }
  const file = path.join(temporaryFolder(t), 'a.snapshot')
  await saveSnapshot({ model, place: { data }, file, isReplaced: false })
  return { data, file }
}

/** Every row of a database's file that no server has. */
function contentOf(file: string): string {
  using database = new DatabaseSync(file, { readOnly: true })
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
  return JSON.stringify(tables.map(({ name }) => [name, database.prepare(`SELECT * FROM ${name}`).all()]))
}

function databaseOf(data: string): string {
  return path.join(data, 'runstate.db')
}

/** Changes what is in a data folder. */
async function change(data: string): Promise<void> {
  using folder = await takeDataFolder(data)
  await using storage = await openStorage({ model, file: folder.databaseFile })
  await createTenant(storage, 'changed')
}

describe('a snapshot', () => {
  test('has every row, and brings it back over whatever came after', async (t) => {
    const { data, file } = await createPlace(t)
    const before = contentOf(databaseOf(data))
    assert.match(before, /a-script/)
    assert.equal(contentOf(file), before)
    await change(data)
    assert.notEqual(contentOf(databaseOf(data)), before)
    await restoreSnapshot(file, { data })
    assert.equal(contentOf(databaseOf(data)), before)
    assert.deepEqual(readdirSync(data).sort(), ['lock.db', 'runstate.db'])
  })

  test('is one file that its owner alone can read, and so is what is restored', async (t) => {
    const { data, file } = await createPlace(t)
    assert.deepEqual(readdirSync(path.dirname(file)), ['a.snapshot'])
    chmodSync(file, 0o644)
    const fresh = path.join(temporaryFolder(t), 'new')
    await restoreSnapshot(file, { data: fresh })
    assert.equal(statSync(databaseOf(fresh)).mode & 0o777, 0o600)
    await saveSnapshot({ model, place: { data }, file, isReplaced: true })
    assert.equal(statSync(file).mode & 0o777, 0o600)
  })

  test('makes a data folder where there is none, whose next tenant has a number of its own', async (t) => {
    const { file } = await createPlace(t)
    const data = path.join(temporaryFolder(t), 'new')
    await restoreSnapshot(file, { data })
    using folder = await takeDataFolder(data)
    await using storage = await openStorage({ model, file: folder.databaseFile })
    assert.equal(await createTenant(storage, 'next'), 3)
    const script = await createScript(storage, 1, 'b-script')
    assert.equal(script.number, 2)
  })

  test('is not written over a file without being told to', async (t) => {
    const { data, file } = await createPlace(t)
    const before = readFileSync(file)
    await change(data)
    const save = (isReplaced: boolean) => saveSnapshot({ model, place: { data }, file, isReplaced })
    await assert.rejects(save(false), {
      message: `The file ${file} is there already: choose another, or replace it with --force.`,
    })
    assert.deepEqual(readFileSync(file), before)
    await save(true)
    assert.match(contentOf(file), /changed/)
  })

  const nowhere: Readonly<Record<string, (folder: string) => string>> = {
    'a folder that is not there': (folder) => path.join(folder, 'none', 'a.snapshot'),
    'a folder': (folder) => {
      mkdirSync(path.join(folder, 'full', 'x'), { recursive: true })
      return path.join(folder, 'full')
    },
  }
  for (const [title, fileIn] of Object.entries(nowhere)) {
    test(`that cannot be written, to ${title}, leaves nothing behind`, async (t) => {
      const { data } = await createPlace(t)
      const folder = temporaryFolder(t)
      const file = fileIn(folder)
      const before = readdirSync(folder)
      await assert.rejects(
        saveSnapshot({ model, place: { data }, file, isReplaced: true }),
        /^Error: The file .+ could not be written \(.+\)\.$/,
      )
      assert.deepEqual(readdirSync(folder), before)
    })
  }

  test('of a folder without a database is refused, and no database is made', async (t) => {
    const data = temporaryFolder(t)
    const file = path.join(temporaryFolder(t), 'a.snapshot')
    await assert.rejects(
      saveSnapshot({ model, place: { data }, file, isReplaced: false }),
      /There is no database in the data folder .+: choose another with --data\.$/,
    )
    assert.deepEqual([readdirSync(data), existsSync(file)], [[], false])
  })

  test('is of one moment, though many transactions are committed while it is saved', async (t) => {
    const file = databaseOf(temporaryFolder(t))
    const target = path.join(temporaryFolder(t), 'a.snapshot')
    await using storage = await openStorage({ model, file })
    const tenant = await createTenant(storage, 'kept')
    const script = await createScript(storage, tenant, 'a-script')
    await createUserStates(storage, script, 100_000)
    writeFileSync(target, '')
    let isSaving = true
    let moves = 0
    const saving = storage.save(target).finally(() => {
      isSaving = false
    })
    while (isSaving) {
      await move(storage, moves)
      moves += 1
    }
    await saving
    assert(moves > 1, String(moves))
    using saved = new DatabaseSync(target)
    const sums = saved.prepare(
      'SELECT sum(success_device_count) AS up, sum(error_device_count) AS down FROM user_state',
    )
    const { up, down } = sums.get() ?? {}
    assert(up === down && Number(up) <= moves, `${up} and ${down} of ${moves}`)
    assert.equal(saved.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok')
  })
})

/** Counts in the first state and in the last, in one transaction. */
async function move(storage: Storage, n: number): Promise<void> {
  await storage.transact(function* () {
    const first = String((n % 50) + 1).padStart(8, '0')
    yield* all(
      command`UPDATE user_state SET success_device_count = success_device_count + 1 WHERE id = ${first}`,
    )
    yield* all(
      command`UPDATE user_state SET error_device_count = error_device_count + 1 WHERE id = '00100000'`,
    )
  })
}

/** What makes another file of a snapshot, and what is said of it. */
const spoilt: Readonly<Record<string, readonly [(file: string) => void, RegExp]>> = {
  'is not there': [(file) => chmodSync(file, 0o600), /There is no snapshot/],
  'is empty': [(file) => truncateSync(file, 0), /is no snapshot of Runstate/],
  'is a text': [
    (file) => writeFileSync(file, 'These are notes. '.repeat(1000)),
    /is no snapshot of Runstate/,
  ],
  'is cut to half': [(file) => truncateSync(file, statSync(file).size / 2), /is damaged, take another \(/],
  'is cut within its first page': [(file) => truncateSync(file, 50), /is (?:no snapshot|damaged)/],
  'has a page of garbage': [
    (file) => {
      const bytes = readFileSync(file)
      bytes.fill(0xa5, 4096 * 6, 4096 * 12)
      writeFileSync(file, bytes)
    },
    /is damaged, take another \(/,
  ],
  'is another program’s database': [(file) => replaceBy(file, 'CREATE TABLE notes (text)'), /is no snapshot/],
  'is another program’s database with a table that is called as ours': [
    (file) => replaceBy(file, 'CREATE TABLE migration (number, hash, oldest_program)'),
    /is no snapshot/,
  ],
  'has a trigger beside our tables': [
    (file) => execute(file, 'CREATE TRIGGER t AFTER INSERT ON tenant BEGIN DELETE FROM tenant; END'),
    /is no snapshot/,
  ],
  'lacks a table': [(file) => execute(file, 'DROP TABLE managed_device'), /is no snapshot/],
  'has a row of a tenant that is not there': [
    (file) => execute(file, 'PRAGMA foreign_keys = OFF; UPDATE script SET tenant = 99'),
    /is damaged, take another \(a row of script belongs to none\)/,
  ],
  'has a step that no Runstate has': [
    (file) => execute(file, "UPDATE migration SET hash = 'x' WHERE number = 1"),
    /took step 1 \(scripts\) in another form/,
  ],
  'is a newer Runstate’s, on which this one may run': [
    (file) => execute(file, "INSERT INTO migration VALUES (99, 'later', 'x', 1)"),
    /was brought to step \d+ by a newer Runstate, .+: use a newer Runstate\./,
  ],
  'is a newer Runstate’s, on which this one may not run': [
    (file) => execute(file, "INSERT INTO migration VALUES (99, 'later', 'x', 99)"),
    /was brought to step 99 by a newer Runstate/,
  ],
  'was not closed': [(file) => writeFileSync(`${file}-wal`, 'x'), /is a database that was not closed/],
}

function execute(file: string, sql: string): void {
  using database = new DatabaseSync(file)
  database.exec(sql)
}

function replaceBy(file: string, sql: string): void {
  truncateSync(file, 0)
  execute(file, sql)
}

describe('a restoration is refused, and nothing is changed, of a file that', () => {
  for (const [title, [spoil, pattern]] of Object.entries(spoilt)) {
    test(title, async (t) => {
      const { data, file } = await createPlace(t)
      await change(data)
      const before = readFileSync(databaseOf(data))
      spoil(file)
      const bytes = readFileSync(file)
      const given = title === 'is not there' ? `${file}.none` : file
      await assert.rejects(restoreSnapshot(given, { data }), pattern)
      assert.deepEqual(readFileSync(databaseOf(data)), before)
      assert.deepEqual(readFileSync(file), bytes)
      assert.deepEqual(readdirSync(data).sort(), ['lock.db', 'runstate.db'])
    })
  }

  test('is a folder', async (t) => {
    const { data } = await createPlace(t)
    await assert.rejects(restoreSnapshot(temporaryFolder(t), { data }), /There is no snapshot/)
  })
})

describe('a restoration', () => {
  test('is refused while a server has the folder, or another program the database', async (t) => {
    const { data, file } = await createPlace(t)
    await change(data)
    const before = contentOf(databaseOf(data))
    {
      using _ = await takeDataFolder(data)
      await assert.rejects(restoreSnapshot(file, { data }), /Another Runstate serves the data folder/)
    }
    {
      using other = new DatabaseSync(databaseOf(data))
      other.exec('BEGIN IMMEDIATE')
      await assert.rejects(
        restoreSnapshot(file, { data }),
        /cannot be used: end the other program that holds it/,
      )
    }
    assert.equal(contentOf(databaseOf(data)), before)
  })

  test('brings a snapshot of an older Runstate up to date, and leaves the file as it is', async (t) => {
    const folder = temporaryFolder(t)
    const file = path.join(folder, 'old.snapshot')
    const old = new Connection(file, { readOnly: false })
    migrate(old, loadMigrations(sqlite).slice(0, 2))
    old.run(command`INSERT INTO tenant (tid) VALUES ('old')`)
    old.close()
    const bytes = readFileSync(file)
    const data = path.join(folder, 'data')
    await restoreSnapshot(file, { data })
    assert.deepEqual(readFileSync(file), bytes)
    await using storage = await openStorage({ model, file: databaseOf(data) })
    assert.deepEqual(
      (await storage.read(query`SELECT tid FROM tenant`)).map(({ tid }) => tid),
      ['old'],
    )
    assert.deepEqual(await storage.read(query`SELECT name FROM mark`), [])
  })

  test('takes the place of a database that is damaged, and of its log', async (t) => {
    const { data, file } = await createPlace(t)
    writeFileSync(databaseOf(data), 'This is no database. '.repeat(5000))
    writeFileSync(`${databaseOf(data)}-wal`, 'nor is this its log')
    await restoreSnapshot(file, { data })
    assert.equal(contentOf(databaseOf(data)), contentOf(file))
    assert.deepEqual(readdirSync(data).sort(), ['lock.db', 'runstate.db'])
  })

  test('does not take up the log of the database before', async (t) => {
    const { data, file } = await createPlace(t)
    const from = temporaryFolder(t)
    await using storage = await openStorage({ model, file: databaseOf(from) })
    await createTenant(storage, 'logged')
    for (const suffix of ['', '-wal']) {
      copyFileSync(`${databaseOf(from)}${suffix}`, `${databaseOf(data)}${suffix}`)
    }
    assert(statSync(`${databaseOf(data)}-wal`).size > 0)
    await restoreSnapshot(file, { data })
    assert.equal(contentOf(databaseOf(data)), contentOf(file))
  })

  test('takes a snapshot by a link, and over what another restoration left undone', async (t) => {
    const { data, file } = await createPlace(t)
    await change(data)
    writeFileSync(path.join(data, 'runstate.db.restore'), 'half')
    const link = path.join(temporaryFolder(t), 'link')
    symlinkSync(file, link)
    await restoreSnapshot(link, { data })
    assert.equal(contentOf(databaseOf(data)), contentOf(file))
  })
})
