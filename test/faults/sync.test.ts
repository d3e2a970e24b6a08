/**
 * A kill leaves the system's cache as it is, so it cannot show that an acknowledged write would outlive the machine.
 * A trace of the server's calls shows it: between the frame of a write and its answer, the WAL is synced.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { createFolder, launch } from '../support/command-line.ts'
import { connect } from './client.ts'
import { SCRIPTS } from './orders.ts'
import { type Acknowledged, type Call, canTrace, findUnsynced, parseTrace, traceTo } from './trace.ts'

const SIDE_BY_SIDE = 4
const ROUNDS = 10
const skip = !canTrace && process.env['CI'] !== 'true' && 'no strace here that may trace'

interface Traced {
  readonly calls: readonly Call[]
  readonly written: readonly Acknowledged[]
}

/** PATCHes states from several connections, and gives what the server did meanwhile. */
async function tracePatches(t: TestContext, flags: readonly string[] = []): Promise<Traced> {
  const file = join(createFolder(t), 'trace')
  let pid: number | undefined
  // First the server: a tracer that is killed lets it go on.
  const after = (end: () => Promise<void> | void): void =>
    t.after(async () => {
      if (pid !== undefined && child.exitCode === null) process.kill(pid, 'SIGKILL')
      await end()
    })
  const { child, serving, ended } = launch({ after }, ['--data', createFolder(t), ...flags], {
    before: traceTo(file),
    environment: { TMPDIR: createFolder(t) },
  })
  const { ready } = await serving
  pid = ready.pid
  const client = await connect(ready)
  const { body } = await client('POST', SCRIPTS, { displayName: 'traced' })
  const states = `${SCRIPTS}/${body['id']}/userRunStates`
  const written: Acknowledged[] = []
  const patch = async (): Promise<void> => {
    const state = (await client('POST', states, {})).body['id']
    for (let round = 0; round < ROUNDS; round++) {
      const [row, answer] = [`${randomUUID()}@contoso.com`, randomUUID()]
      const members = { userPrincipalName: row, successDeviceCount: round }
      const headers = { 'client-request-id': answer }
      const { status } = await client('PATCH', `${states}/${state}`, members, headers)
      assert.equal(status, 200)
      written.push({ row, answer })
    }
  }
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, patch))
  process.kill(pid, 'SIGTERM')
  await ended
  return { calls: parseTrace(readFileSync(file, 'latin1')), written }
}

function unsyncedOf({ calls, written }: Traced): readonly string[] {
  return written.flatMap((each) => findUnsynced(calls, each) ?? [])
}

describe('the trace of a server', { skip, concurrency: 2 }, () => {
  test('has a sync of the WAL between the frame of each PATCH and its answer', async (t) => {
    const traced = await tracePatches(t)
    assert.equal(traced.written.length, SIDE_BY_SIDE * ROUNDS)
    assert.deepEqual(unsyncedOf(traced), [])
  })

  test('has none where nothing is synced, and the same check says so of each', async (t) => {
    const traced = await tracePatches(t, ['--memory'])
    assert.deepEqual(
      unsyncedOf(traced),
      traced.written.map(({ row }) => `${row} was answered before its frame was synced`),
    )
  })
})

describe('the check of a trace', () => {
  const frame = '7 pwrite64(24</data/runstate.db-wal>, "a row", 4096, 24) = 4096'
  const answer = '7 write(30<socket:[9]>, "HTTP/1.1 200 OK an answer", 25) = 25'
  const sync = '7 fdatasync(24</data/runstate.db-wal>) = 0'
  const cases: readonly (readonly [string, readonly string[], RegExp | undefined])[] = [
    ['finds nothing wrong with a sync between the two', [frame, sync, answer], undefined],
    [
      'takes a sync at its end',
      [frame, '7 fsync(24</data/runstate.db-wal> <unfinished ...>', answer, '7 <... fsync resumed>) = 0'],
      /was answered before/,
    ],
    [
      'takes a sync in another thread',
      [
        frame,
        '8 fdatasync(24</data/runstate.db-wal> <unfinished ...>',
        '8 <... fdatasync resumed>) = 0',
        answer,
      ],
      undefined,
    ],
    [
      'takes no sync that was under way when the frame was written',
      [
        '8 fdatasync(24</data/runstate.db-wal> <unfinished ...>',
        frame,
        '8 <... fdatasync resumed>) = 0',
        answer,
      ],
      /was answered before/,
    ],
    ['takes no sync that failed', [frame, sync.replace('= 0', '= -1 EIO'), answer], /was answered before/],
    ['takes no sync of another file', [frame, sync.replace('-wal', ''), answer], /was answered before/],
    ['takes no sync before the frame', [sync, frame, answer], /was answered before/],
    ['takes no sync after the answer', [frame, answer, sync], /was answered before/],
    ['finds an answer without a frame', [sync, answer, frame], /is in no frame/],
    ['finds a write without an answer', [frame, sync], /has no answer/],
  ]
  for (const [title, lines, expected] of cases) {
    test(title, () => {
      const found = findUnsynced(parseTrace(lines.join('\n')), { row: 'a row', answer: 'an answer' })
      if (expected === undefined) assert.equal(found, undefined)
      else assert.match(String(found), expected)
    })
  }
})
