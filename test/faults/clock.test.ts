/** A clock that steps back: nothing is lost, listed twice or left out, and who is known stays known. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createFolder } from '../support/command-line.ts'
import { type Runstate, startRunstate } from '../support/runstate.ts'

const SCRIPTS = 'deviceShellScripts'
const START = Date.parse('2026-06-01T12:00:00Z')
const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** A clock that a test turns. */
function createClock(): { time: number; readonly now: () => number } {
  const clock = { time: START, now: () => clock.time }
  return clock
}

async function createScript(runstate: Runstate, displayName: string): Promise<string> {
  return await runstate.create(SCRIPTS, { displayName })
}

/** The names on a page, and the path of the next. */
async function pageOf(
  runstate: Runstate,
  path: string,
): Promise<{ readonly names: readonly unknown[]; readonly next: string | undefined }> {
  const { status, text, body } = await runstate.send('GET', path)
  assert.equal(status, 200, text)
  const { value, '@odata.nextLink': link }: Readonly<Record<string, unknown>> = body
  assert(Array.isArray(value))
  const next = typeof link === 'string' ? link.slice(new URL(link).origin.length) : undefined
  return { names: value.map(({ displayName }) => displayName), next }
}

/** The names on all pages. */
async function namesOf(runstate: Runstate, query = ''): Promise<readonly unknown[]> {
  const names: unknown[] = []
  for (let path: string | undefined = SCRIPTS + query; path !== undefined; ) {
    const page = await pageOf(runstate, path)
    names.push(...page.names)
    path = page.next
  }
  return names
}

describe('where the clock of the entities steps back', () => {
  test('they are listed and paged in the order of their creation, and dated as the clock says', async () => {
    const clock = createClock()
    await using runstate = await startRunstate({}, { clock })
    const ids = []
    for (const name of ['a', 'b', 'c']) {
      ids.push(await createScript(runstate, name))
      clock.time -= HOUR
    }
    assert.deepEqual(await namesOf(runstate), ['a', 'b', 'c'])
    assert.deepEqual(await namesOf(runstate, '?$top=1'), ['a', 'b', 'c'])
    assert.deepEqual(await namesOf(runstate, '?$top=1&$orderby=createdDateTime'), ['c', 'b', 'a'])
    const { body } = await runstate.send('GET', `${SCRIPTS}/${ids[1]}`)
    assert.equal(body['createdDateTime'], '2026-06-01T11:00:00Z')
  })

  test('a list that was begun before goes on, and has what is new at its end', async () => {
    const clock = createClock()
    await using runstate = await startRunstate({}, { clock })
    for (const name of ['a', 'b']) await createScript(runstate, name)
    const { names, next = '' } = await pageOf(runstate, `${SCRIPTS}?$top=1`)
    clock.time -= HOUR
    await createScript(runstate, 'c')
    const second = await pageOf(runstate, next)
    const third = await pageOf(runstate, second.next ?? '')
    assert.deepEqual([names, second.names, third.names, third.next], [['a'], ['b'], ['c'], undefined])
  })

  test('a change is kept, and dated as the clock says', async () => {
    const clock = createClock()
    await using runstate = await startRunstate({}, { clock })
    const id = await createScript(runstate, 'a')
    clock.time -= HOUR
    const body = { description: 'changed' }
    assert.equal((await runstate.send('PATCH', `${SCRIPTS}/${id}`, { body })).status, 200)
    const script = (await runstate.send('GET', `${SCRIPTS}/${id}`)).body
    const { description, createdDateTime, lastModifiedDateTime }: typeof script = script
    assert.deepEqual(
      [description, createdDateTime, lastModifiedDateTime],
      ['changed', '2026-06-01T12:00:00Z', '2026-06-01T11:00:00Z'],
    )
  })
})

describe('where the wall clock steps back', () => {
  test('a token that is known stays good, and a new one is good at once', async () => {
    const clock = createClock()
    await using runstate = await startRunstate({}, { wallClock: clock })
    assert.equal((await runstate.send('GET', SCRIPTS)).status, 200)
    clock.time -= HOUR
    assert.equal((await runstate.send('GET', SCRIPTS)).status, 200)
    const token = await runstate.token()
    assert.equal((await runstate.send('GET', SCRIPTS, { token })).status, 200)
  })

  for (const [minutes, status] of [
    [5, 200],
    [6, 401],
  ] as const) {
    test(`a token that is first shown ${minutes} minutes before its issue is answered with ${status}`, async () => {
      const clock = createClock()
      await using runstate = await startRunstate({}, { wallClock: clock })
      const token = await runstate.token()
      clock.time -= minutes * MINUTE
      assert.equal((await runstate.send('GET', SCRIPTS, { token })).status, status)
      clock.time = START
      assert.equal((await runstate.send('GET', SCRIPTS, { token })).status, 200)
    })
  }

  test('a server starts again a day earlier on what it kept, and goes on with it', async (t) => {
    const data = createFolder(t)
    const clock = createClock()
    for (const name of ['a', 'b', 'c']) {
      await using runstate = await startRunstate(
        { memory: false, data, port: 0, httpPort: 0 },
        { clock, wallClock: clock },
      )
      await runstate.server.listen()
      await createScript(runstate, name)
      clock.time -= 24 * HOUR
    }
    await using last = await startRunstate({ memory: false, data }, { clock, wallClock: clock })
    assert.deepEqual(await namesOf(last, '?$top=2'), ['a', 'b', 'c'])
  })
})
