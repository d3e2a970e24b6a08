/** A database that fails under a running server: refused in Graph's shape, and neither lost nor half done. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, type TestContext, test } from 'node:test'
import { createFolder, launch, serve } from '../support/command-line.ts'
import { inspectFile } from './check.ts'
import { type Answer, type Client, connect, list } from './client.ts'
import { SCRIPTS } from './orders.ts'
import { canTrace } from './trace.ts'

/** Holds the files of a server to 2 MiB, as a full disk does: the unit of dash's ulimit is 512 bytes. */
const SMALL_DISK = ['/bin/sh', '-c', 'ulimit -f 4096; exec "$@"', 'sh']

const untraceable = !canTrace && process.env['CI'] !== 'true' && 'no strace here that may trace'

/** Stands for the file of the database in what strace is told. */
const FILE = '{file}'

/**
 * Has strace fail syncs of a server that scripts are created in, until one is refused: from then on everything is, and a
 * server started again has all that was acknowledged. Gives the first refusal.
 *
 * @param failing what strace fails. @param scriptContent of each script.
 */
async function failForGood(
  t: TestContext,
  failing: readonly string[],
  scriptContent: string,
): Promise<Answer> {
  const data = createFolder(t)
  const told = failing.map((each) => (each === FILE ? join(data, 'runstate.db') : each))
  const before = ['strace', '-f', '-o', '/dev/null', '-e', 'trace=fdatasync', '-e', ...told]
  const { child, serving, ended } = launch(t, ['--data', data], { before })
  const { ready } = await serving
  const client = await connect(ready)
  const acknowledged: string[] = []
  let refused: Answer | undefined
  for (let n = 0; n < 200 && refused === undefined; n++) {
    const answer = await client('POST', SCRIPTS, { displayName: `script ${n}`, scriptContent })
    if (answer.status === 201) acknowledged.push(`script ${n}`)
    else refused = answer
  }
  assert(refused !== undefined, 'no sync failed')
  assert.equal(refused.status, 503)
  for (const answer of [await createScript(client, 'later'), await client('GET', SCRIPTS)])
    assertUnavailable(answer)
  assert.equal((await fetch(`${ready.httpUrl}/health/ready`)).status, 503)
  process.kill(ready.pid, 'SIGTERM')
  await ended
  assert.equal(child.exitCode, 0)
  const names = await namesOf(await clientAgain(t, data))
  assert.deepEqual(names.slice(0, acknowledged.length), acknowledged)
  assert(!names.includes('later'))
  return refused
}

async function createScript(client: Client, displayName: string): Promise<Answer> {
  return await client('POST', SCRIPTS, { displayName })
}

async function namesOf(client: Client): Promise<readonly unknown[]> {
  return (await list(client, SCRIPTS)).map(({ displayName }) => displayName)
}

function assertUnavailable({ status, body }: Answer): void {
  assert.equal(status, 503, JSON.stringify(body))
  const { code, message } = Object(body['error'])
  assert.equal(code, 'ServiceUnavailable')
  assert.match(message, /nothing was changed\. Please try again\.$/)
}

async function clientAgain(t: TestContext, data: string): Promise<Client> {
  return await connect((await serve(t, ['--data', data])).ready)
}

describe('a running server', { concurrency: 2 }, () => {
  test('refuses writes while another program holds the database, reads on, and writes when it is free', async (t) => {
    const data = createFolder(t)
    const serving = await serve(t, ['--data', data])
    const client = await connect(serving.ready)
    assert.equal((await createScript(client, 'before')).status, 201)
    using other = new DatabaseSync(join(data, 'runstate.db'))
    other.exec('BEGIN IMMEDIATE')
    for (const answer of await Promise.all([createScript(client, 'a'), createScript(client, 'b')]))
      assertUnavailable(answer)
    assert.deepEqual(await namesOf(client), ['before'])
    other.exec('ROLLBACK')
    assert.equal((await createScript(client, 'after')).status, 201)
    assert.deepEqual(await namesOf(client), ['before', 'after'])
    await serving.stop('SIGKILL')
    assert.deepEqual(await namesOf(await clientAgain(t, data)), ['before', 'after'])
  })

  test('on a full disk refuses what has no room, reads on, and keeps all that it acknowledged and nothing else', {
    skip: process.platform === 'win32' && 'no ulimit here',
  }, async (t) => {
    const data = createFolder(t)
    const { child, serving, ended } = launch(t, ['--data', data], { before: SMALL_DISK })
    const client = await connect((await serving).ready)
    const scriptContent = Buffer.alloc(100_000, 'x').toString('base64')
    const acknowledged: string[] = []
    let refused: Answer | undefined
    for (let n = 0; n < 100 && refused === undefined; n++) {
      const answer = await client('POST', SCRIPTS, { displayName: `script ${n}`, scriptContent })
      if (answer.status === 201) acknowledged.push(`script ${n}`)
      else refused = answer
    }
    assert(refused !== undefined, 'the disk was never full')
    assertUnavailable(refused)
    assert(acknowledged.length > 0)
    assert.deepEqual(await namesOf(client), acknowledged)
    child.kill('SIGKILL')
    await ended
    const again = await clientAgain(t, data)
    assert.deepEqual(await namesOf(again), acknowledged)
    assert.equal((await createScript(again, 'there is room')).status, 201)
    assert.deepEqual(inspectFile(data), [])
  })

  test('whose disk fails a sync says that the write may be stored, and serves nothing until it is started again', {
    skip: untraceable,
  }, async (t) => {
    const lost = await failForGood(
      t,
      ['inject=fdatasync:error=EIO:when=20+'],
      Buffer.from('small').toString('base64'),
    )
    assert.match(JSON.stringify(lost.body), /read whether it did before trying again/)
  })

  test('that cannot sync what it copied out of its log serves nothing until it is started again', {
    skip: untraceable,
  }, async (t) => {
    // More than the frames at which the log is copied.
    const scriptContent = Buffer.alloc(500_000, 'x').toString('base64')
    await failForGood(t, ['inject=fdatasync:error=EIO', '-P', FILE], scriptContent)
  })

  test('goes on after another was refused its folder, and has lost nothing', async (t) => {
    const data = createFolder(t)
    const serving = await serve(t, ['--data', data])
    const client = await connect(serving.ready)
    await createScript(client, 'before')
    const second = launch(t, ['--data', data])
    await assert.rejects(second.serving, /Another Runstate serves the data folder/)
    assert.equal((await second.ended).code, 1)
    assert.equal((await createScript(client, 'after')).status, 201)
    await serving.stop('SIGKILL')
    assert.deepEqual(await namesOf(await clientAgain(t, data)), ['before', 'after'])
  })
})
