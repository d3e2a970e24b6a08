/** What a server says of a data folder that it cannot serve: one sentence, and nothing in it is changed. */
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, type TestContext, test } from 'node:test'
import { createFolder, launch, type Outcome, serve } from '../support/command-line.ts'
import { noPermissions, unprivileged } from '../support/privileges.ts'
import { connect, list } from './client.ts'
import { SCRIPTS } from './orders.ts'

/** A data folder with one script in it, that no server has open, and its database. */
async function createData(t: TestContext): Promise<{ readonly data: string; readonly file: string }> {
  const data = createFolder(t)
  const serving = await serve(t, ['--data', data])
  const client = await connect(serving.ready)
  assert.equal((await client('POST', SCRIPTS, { displayName: 'kept' })).status, 201)
  assert.equal((await serving.stop()).code, 0)
  return { data, file: join(data, 'runstate.db') }
}

/** How a server ends that cannot start. */
async function refusal(
  t: TestContext,
  data: string,
  options: Parameters<typeof launch>[2] = {},
): Promise<Outcome> {
  const { serving, ended } = launch(t, ['--data', data], options)
  await assert.rejects(serving)
  return await ended
}

function assertOneSentence({ code, stdout, stderr }: Outcome, pattern: RegExp): void {
  assert.deepEqual([code, stdout], [1, ''], stderr)
  assert.match(stderr, /^runstate: [^\n]+\.\n$/)
  assert.match(stderr, pattern)
}

/** As who may not write what is read-only: of a start that failed, nothing is left that is. */
async function assertKept(t: TestContext, data: string): Promise<void> {
  const serving = await launch(t, ['--data', data], { before: unprivileged }).serving
  const scripts = await list(await connect(serving.ready), SCRIPTS)
  assert.deepEqual(
    scripts.map(({ displayName }) => displayName),
    ['kept'],
  )
}

describe('a server does not start', { concurrency: 2 }, () => {
  const damages: Readonly<Record<string, (file: string) => void>> = {
    'is garbage': (file) => writeFileSync(file, 'This is no database. '.repeat(5000)),
    'was cut to half': (file) => truncateSync(file, readFileSync(file).length / 2),
    'was cut to its first page': (file) => truncateSync(file, 4096),
    'was cut within its first page': (file) => truncateSync(file, 50),
  }
  for (const [title, damage] of Object.entries(damages)) {
    test(`on a database that ${title}, leaves it as it is, and goes on with a backup`, async (t) => {
      const { data, file } = await createData(t)
      const backup = readFileSync(file)
      damage(file)
      const damaged = readFileSync(file)
      const sentence =
        /The database .+runstate\.db cannot be used: it is damaged.*, so put a backup in its place/
      assertOneSentence(await refusal(t, data), sentence)
      assert.deepEqual(readFileSync(file), damaged)
      writeFileSync(file, backup)
      await assertKept(t, data)
    })
  }

  test('on a database that another program has locked, and does when it is free', async (t) => {
    const { data, file } = await createData(t)
    using other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    const sentence = /cannot be used: end the other program that holds it, .* \(database is locked\)/
    assertOneSentence(await refusal(t, data), sentence)
    other.exec('ROLLBACK')
    await assertKept(t, data)
  })

  test('on a lock that is another file', async (t) => {
    const { data } = await createData(t)
    writeFileSync(join(data, 'lock.db'), 'These are notes and no lock.'.repeat(100))
    assertOneSentence(
      await refusal(t, data),
      /The data folder .+ cannot be used: .+\(file is not a database\)/,
    )
  })

  test('on a database that is a folder', async (t) => {
    const data = createFolder(t)
    mkdirSync(join(data, 'runstate.db'))
    assertOneSentence(
      await refusal(t, data),
      /The database .+ cannot be used: .+\(unable to open database file\)/,
    )
  })

  const readOnly: Readonly<Record<string, (place: { data: string; file: string }) => () => void>> = {
    'in a folder that is read-only': ({ data }) => {
      chmodSync(data, 0o500)
      return () => chmodSync(data, 0o700)
    },
    'on a database that is read-only': ({ file }) => {
      chmodSync(file, 0o400)
      return () => chmodSync(file, 0o600)
    },
    'on a lock that is read-only': ({ data }) => {
      chmodSync(join(data, 'lock.db'), 0o400)
      return () => chmodSync(join(data, 'lock.db'), 0o600)
    },
  }
  for (const [title, protect] of Object.entries(readOnly)) {
    test(`${title}, and does when it can be written`, { skip: noPermissions }, async (t) => {
      const place = await createData(t)
      const before = readFileSync(place.file)
      const release = protect(place)
      const outcome = await refusal(t, place.data, { before: unprivileged })
      release()
      assertOneSentence(outcome, /cannot be used: make it (?:and its folder )?writable, or choose another/)
      assert.deepEqual(readFileSync(place.file), before)
      await assertKept(t, place.data)
    })
  }
})
