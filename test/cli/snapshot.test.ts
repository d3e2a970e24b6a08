import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { type Client, connect, list } from '../faults/client.ts'
import { SCRIPTS } from '../faults/orders.ts'
import { createFolder, run, type Serving, serve } from '../support/command-line.ts'

/** A server with one script, and its client. */
async function start(
  t: TestContext,
  data: string,
): Promise<{ readonly client: Client; readonly serving: Serving }> {
  const serving = await serve(t, ['--data', data])
  return { client: await connect(serving.ready), serving }
}

async function add(client: Client, displayName: string): Promise<void> {
  assert.equal((await client('POST', SCRIPTS, { displayName })).status, 201)
}

async function namesOf(client: Client): Promise<readonly unknown[]> {
  return (await list(client, SCRIPTS)).map(({ displayName }) => displayName)
}

async function succeed(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(args)
  assert.deepEqual([code, stderr], [0, ''])
  return stdout
}

async function fail(pattern: RegExp, ...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await run(args)
  assert.deepEqual([code, stdout], [1, ''], stderr)
  assert.match(stderr, /^runstate: [^\n]+\n$/)
  assert.match(stderr, pattern)
}

describe('runstate snapshot', () => {
  test('saves what a running server has, and restores it when that has stopped', async (t) => {
    const [data, folder] = [createFolder(t), createFolder(t)]
    const file = join(folder, 'a.snapshot')
    const { client, serving } = await start(t, data)
    await add(client, 'saved')
    assert.equal(await succeed('snapshot', 'save', file, '--data', data), '')
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.deepEqual(readdirSync(folder), ['a.snapshot'])
    await add(client, 'after')
    await fail(
      /is there already: choose another, or replace it with --force\./,
      'snapshot',
      'save',
      file,
      '--data',
      data,
    )
    await fail(/could not be written/, 'snapshot', 'save', join(folder, 'none', 'x'), '--data', data)
    await fail(
      /Another Runstate serves the data folder .+: stop it/,
      'snapshot',
      'restore',
      file,
      '--data',
      data,
    )
    assert.deepEqual(await namesOf(client), ['saved', 'after'])
    assert.equal((await serving.stop()).code, 0)
    await succeed('snapshot', 'restore', file, '--data', data)
    const again = await start(t, data)
    assert.deepEqual(await namesOf(again.client), ['saved'])
    await again.serving.stop()
  })

  test('saves with no server what is in the folder, and with --force over another file', async (t) => {
    const [data, folder] = [createFolder(t), createFolder(t)]
    const file = join(folder, 'a.snapshot')
    const { client, serving } = await start(t, data)
    await add(client, 'saved')
    await serving.stop('SIGKILL')
    writeFileSync(file, 'a note')
    await fail(/is there already/, 'snapshot', 'save', file, '--data', data)
    assert.equal(readFileSync(file, 'utf8'), 'a note')
    await succeed('snapshot', 'save', file, '--force', '--data', data)
    const other = join(folder, 'other')
    await succeed('snapshot', 'restore', file, '--data', other)
    assert.deepEqual(await namesOf((await start(t, other)).client), ['saved'])
  })

  test('saves what a server has in memory', async (t) => {
    const [data, folder] = [createFolder(t), createFolder(t)]
    const file = join(folder, 'a.snapshot')
    const serving = await serve(t, ['--data', data, '--memory'])
    await add(await connect(serving.ready), 'in memory')
    await succeed('snapshot', 'save', file, '--data', data)
    const other = join(folder, 'other')
    await succeed('snapshot', 'restore', file, '--data', other)
    assert.deepEqual(await namesOf((await start(t, other)).client), ['in memory'])
  })

  test('ends with a sentence where there is nothing to save or restore', async (t) => {
    const folder = createFolder(t)
    const none = join(folder, 'none')
    await fail(
      /There is no database in the data folder/,
      'snapshot',
      'save',
      join(folder, 'x'),
      '--data',
      none,
    )
    await fail(/There is no snapshot/, 'snapshot', 'restore', none, '--data', folder)
    assert.deepEqual([existsSync(none), existsSync(join(folder, 'x'))], [false, false])
    for (const args of [['snapshot'], ['snapshot', 'save'], ['snapshot', 'restore'], ['mark', 'put']])
      assert.equal((await run(args)).code, 2, args.join(' '))
  })
})

describe('runstate mark and runstate reset', () => {
  const neighbour = '11111111-2222-4333-8444-555555555555'

  test('take a tenant of a running server back, and empty it', async (t) => {
    const data = createFolder(t)
    const { client, serving } = await start(t, data)
    await add(client, 'marked')
    const mark = { name: 'full', tenant: serving.ready.tenant }
    assert.deepEqual(JSON.parse(await succeed('mark', 'put', 'full', '--data', data)), mark)
    await add(client, 'after')
    assert.equal(await succeed('reset', '--to', 'full', '--data', data), '')
    assert.deepEqual(await namesOf(client), ['marked'])
    assert.equal(await succeed('reset', '--data', data), '')
    assert.deepEqual(await namesOf(client), [])
    await succeed('reset', '--to', 'full', '--data', data)
    assert.deepEqual(await namesOf(client), ['marked'])
    await fail(/The tenant has no mark 'none'/, 'reset', '--to', 'none', '--data', data)
    await fail(/is not known here/, 'reset', '--tenant', neighbour, '--data', data)
    await fail(/The name of a mark is/, 'mark', 'put', 'a b', '--data', data)
    assert.deepEqual(await namesOf(client), ['marked'])
  })

  test('do the same with no server, for each tenant apart', async (t) => {
    const data = createFolder(t)
    const { client, serving } = await start(t, data)
    await add(client, 'marked')
    await serving.stop()
    await succeed('tenant', 'put', neighbour, '--data', data)
    await succeed('mark', 'put', 'full', '--data', data)
    await succeed('mark', 'put', 'empty', '--tenant', neighbour, '--data', data)
    const listed = (await succeed('mark', 'list', '--data', data)).trim().split('\n')
    assert.deepEqual(
      listed.map((line) => JSON.parse(line)),
      [
        { name: 'empty', tenant: neighbour },
        { name: 'full', tenant: serving.ready.tenant },
      ],
    )
    await succeed('reset', '--data', data)
    await succeed('reset', '--to', 'full', '--data', data)
    await succeed('mark', 'remove', 'empty', '--tenant', neighbour, '--data', data)
    await fail(/has no mark 'empty'/, 'reset', '--to', 'empty', '--tenant', neighbour, '--data', data)
    const again = await start(t, data)
    assert.deepEqual(await namesOf(again.client), ['marked'])
    await succeed('mark', 'remove', 'full', '--data', data)
    assert.equal(await succeed('mark', 'list', '--data', data), '')
  })
})
