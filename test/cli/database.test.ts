import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createFolder, run, serve } from '../support/command-line.ts'
import { noPostgres, type Postgres, startPostgres } from '../support/postgres.ts'

const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'

describe('runstate with --database', { skip: noPostgres }, () => {
  let cluster: Postgres
  before(async () => {
    cluster = await startPostgres()
  })
  after(async () => {
    await cluster[Symbol.asyncDispose]()
  })

  test('serves the same rows from two processes, whose tokens come from either way', async (t) => {
    const database = await cluster.create('shared')
    const folders = [createFolder(t), createFolder(t)] as const
    const [one, two] = await Promise.all([
      serve(t, ['--demo', '--data', folders[0], '--database', database]),
      serve(t, ['--demo', '--data', folders[1]], { RUNSTATE_DATABASE: database }),
    ])
    for (const folder of folders) {
      assert.equal(existsSync(join(folder, 'runstate.db')), false)
      assert.equal(existsSync(join(folder, 'server.json')), true)
    }
    const ways = [
      ['--data', folders[0]],
      ['--database', database],
    ] as const
    for (const way of ways) {
      const { code, stdout, stderr } = await run(['token', ...way])
      assert.deepEqual([code, stderr], [0, ''])
      const headers = { authorization: `Bearer ${stdout.trim()}` }
      const lists = [one, two].map(async ({ ready }) => {
        const { value } = Object(await (await fetch(ready.httpUrl + SCRIPTS, { headers })).json())
        return value.map(({ id }: { id: string }) => id)
      })
      const [first, second] = await Promise.all(lists)
      assert.deepEqual(first, second)
      assert.equal(first.length, 1)
    }
    const listed = await run(['tenant', 'list', '--database', database])
    assert.equal(listed.stdout.trim().split('\n').length, 1)
    assert.equal((await one.stop()).code, 0)
    assert.equal((await two.stop()).code, 0)
  })

  test('says in the log that the database is gone, and serves again when it is back', async (t) => {
    const serving = await serve(t, ['--data', createFolder(t), '--database', await cluster.create('lost')])
    await cluster.restart()
    await serving.logged(/"level":40.*The connection to the database was lost/)
    const { stdout } = await run(['token', '--database', cluster.url('lost')])
    const headers = { authorization: `Bearer ${stdout.trim()}` }
    assert.equal((await fetch(serving.ready.httpUrl + SCRIPTS, { headers })).status, 200)
  })

  test('ends with a sentence where the database is not there, and with 2 beside --memory', async (t) => {
    const serveFrom = (...args: readonly string[]) => run(['serve', '--data', createFolder(t), ...args])
    const missing = await serveFrom('--database', 'postgres://me:secret@127.0.0.1:1/none')
    assert.equal(missing.code, 1)
    assert.match(missing.stderr, /^runstate: The database 127\.0\.0\.1:1\/none cannot be used: .+\n$/)
    assert(!missing.stderr.includes('secret'))
    assert.equal((await serveFrom('--database', cluster.url('x'), '--memory')).code, 2)
  })
})
