/** The run summary: what it counts, that it moves with every write, and that a changed one is a base for later moves. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import { createDice } from '../support/dice.ts'
import { type Answer, type Runstate, startRunstate } from '../support/runstate.ts'
import {
  anotherThan,
  assertRefused,
  createScript,
  families,
  keyOf,
  ownMembers,
  readText,
  rowsOf,
  shellFamily,
  useRunstate,
} from './families.ts'
import { runSummary } from './surface.ts'

type Members = Readonly<Record<string, unknown>>

interface Counts {
  readonly successDeviceCount: number
  readonly errorDeviceCount: number
  readonly successUserCount: number
  readonly errorUserCount: number
}

const RUN_STATES = ['unknown', 'success', 'fail', 'scriptError', 'pending', 'notApplicable'] as const
const NOTHING: Counts = { successDeviceCount: 0, errorDeviceCount: 0, successUserCount: 0, errorUserCount: 0 }

/** The counts of a script's summary, without its id, which is the script's. */
async function summaryOf(runstate: Runstate, script: string): Promise<Members> {
  const answer = await runstate.send('GET', `${script}/runSummary`)
  assert.equal(answer.status, 200, answer.text)
  const { id, ...counts } = ownMembers(answer.body)
  assert.equal(id, keyOf(script))
  return counts
}

/** The counts of plain rows, as the rule says. */
function recount(devices: readonly Members[], users: readonly Members[]): Counts {
  const failed = ['fail', 'scriptError']
  const isError = ({ errorDeviceCount }: Members) => Number(errorDeviceCount) > 0
  const isSuccess = ({ successDeviceCount }: Members) => Number(successDeviceCount) > 0
  return {
    successDeviceCount: devices.filter(({ runState }) => runState === 'success').length,
    errorDeviceCount: devices.filter(({ runState }) => failed.includes(String(runState))).length,
    successUserCount: users.filter((user) => isSuccess(user) && !isError(user)).length,
    errorUserCount: users.filter(isError).length,
  }
}

/** Asserts that a script's summary is the count of what its two collections list. */
async function assertCounted(runstate: Runstate, script: string): Promise<void> {
  const devices = rowsOf(await runstate.send('GET', `${script}/deviceRunStates`))
  const users = rowsOf(await runstate.send('GET', `${script}/userRunStates`))
  assert.deepEqual(await summaryOf(runstate, script), recount(devices, users))
}

async function patchSummary(runstate: Runstate, script: string, body: unknown): Promise<Answer> {
  return runstate.send('PATCH', `${script}/runSummary`, { body })
}

interface Walk {
  readonly runstate: Runstate
  readonly script: string
  readonly roll: (sides: number) => number
}

/** The paths of what a random walk may change or delete now. */
async function pathsOf({ runstate, script }: Walk): Promise<readonly string[]> {
  const paths = []
  for (const navigation of ['deviceRunStates', 'userRunStates'])
    for (const { id } of rowsOf(await runstate.send('GET', `${script}/${navigation}`)))
      paths.push(`${script}/${navigation}/${id}`)
  return paths
}

function randomBody(path: string, roll: Walk['roll']): Members {
  const counts = { successDeviceCount: roll(3), errorDeviceCount: roll(2) }
  return path.includes('deviceRunStates') ? { runState: RUN_STATES[roll(6)], errorCode: roll(9) } : counts
}

/** One random creation, change or deletion, that succeeds. */
async function stepOf(walk: Walk): Promise<Answer> {
  const { runstate, script, roll } = walk
  const paths = await pathsOf(walk)
  const path = paths[roll(paths.length + 4)]
  if (path === undefined) {
    const user = paths.find((one) => one.includes('userRunStates'))
    const choices = [`${script}/deviceRunStates`, `${script}/userRunStates`]
    const states = [...choices, ...(user === undefined ? [] : [`${user}/deviceRunStates`])]
    const place = states[roll(states.length)] ?? `${script}/deviceRunStates`
    return runstate.send('POST', place, { body: randomBody(place, roll) })
  }
  if (roll(3) === 0) return runstate.send('DELETE', path)
  return runstate.send('PATCH', path, { body: randomBody(path, roll) })
}

for (const family of families) {
  describe(`the run summary of ${family.set}`, () => {
    const runstate = useRunstate()

    test('is all zeros for a new script, and has its id', async () => {
      assert.deepEqual(await summaryOf(runstate(), await createScript(runstate(), family)), NOTHING)
    })

    for (const from of RUN_STATES) {
      test(`counts a device that goes from ${from} to every other state`, async () => {
        const script = await createScript(runstate(), family)
        const states = `${script}/deviceRunStates`
        for (const to of RUN_STATES) {
          const id = await runstate().create(states, { runState: from })
          await assertCounted(runstate(), script)
          await runstate().send('PATCH', `${states}/${id}`, { body: { runState: to } })
          await assertCounted(runstate(), script)
          await runstate().send('PATCH', `${states}/${id}`, { body: { errorCode: 3 } })
          await assertCounted(runstate(), script)
        }
      })
    }

    test('counts a user with successes and errors as an error alone', async () => {
      const script = await createScript(runstate(), family)
      const states = `${script}/userRunStates`
      for (const [successDeviceCount, errorDeviceCount] of [
        [0, 0],
        [1, 0],
        [5, 0],
        [0, 1],
        [4, 4],
      ])
        await runstate().create(states, { successDeviceCount, errorDeviceCount })
      const expected = { ...NOTHING, successUserCount: 2, errorUserCount: 2 }
      assert.deepEqual(await summaryOf(runstate(), script), expected)
      const [row] = rowsOf(await runstate().send('GET', states)).filter(
        (one) => one['errorDeviceCount'] === 4,
      )
      await runstate().send('PATCH', `${states}/${row?.['id']}`, { body: { errorDeviceCount: 0 } })
      assert.deepEqual(await summaryOf(runstate(), script), {
        ...expected,
        successUserCount: 3,
        errorUserCount: 1,
      })
    })

    for (const seed of [1, 20, 300]) {
      test(`is a plain count after each of 80 random writes, of seed ${seed}`, async () => {
        const script = await createScript(runstate(), family)
        const walk = { runstate: runstate(), script, roll: createDice(seed) }
        for (let i = 0; i < 80; i++) {
          const { status, text } = await stepOf(walk)
          assert([200, 201, 204].includes(status), text)
          await assertCounted(runstate(), script)
        }
      })
    }

    test('is a plain count after 50 writes at once', async () => {
      const script = await createScript(runstate(), family)
      const devices = Array.from({ length: 10 }, (_, i) => ({ runState: RUN_STATES[i % 6] }))
      const ids = await Promise.all(
        devices.map((body) => runstate().create(`${script}/deviceRunStates`, body)),
      )
      const user = await runstate().create(`${script}/userRunStates`, { successDeviceCount: 1 })
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => {
          const id = ids[i % ids.length]
          const device = `${script}/deviceRunStates/${id}`
          const nested = `${script}/userRunStates/${user}/deviceRunStates`
          const changed = { body: { runState: RUN_STATES[i % 6] } }
          if (i % 5 === 0) return runstate().send('PATCH', device, changed)
          if (i % 5 === 1) return runstate().send('POST', `${script}/deviceRunStates`, changed)
          if (i % 5 === 2) return runstate().send('POST', nested, changed)
          const body = { successDeviceCount: i % 3, errorDeviceCount: i % 2 }
          if (i % 5 === 3) return runstate().send('POST', `${script}/userRunStates`, { body })
          return runstate().send('PATCH', `${script}/userRunStates/${user}`, { body })
        }),
      )
      for (const { status, text } of answers) assert([200, 201].includes(status), text)
      await assertCounted(runstate(), script)
      assert.equal(await readText(runstate(), `${script}/deviceRunStates/$count`), '30')
    })

    test('counts once where one state is changed and deleted many times at once', async () => {
      const script = await createScript(runstate(), family)
      const id = await runstate().create(`${script}/deviceRunStates`, { runState: 'success' })
      const path = `${script}/deviceRunStates/${id}`
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          i % 3 === 2
            ? runstate().send('DELETE', path)
            : runstate().send('PATCH', path, { body: { runState: i % 3 === 0 ? 'fail' : 'success' } }),
        ),
      )
      assert.equal(answers.filter(({ status }) => status === 204).length, 1)
      for (const { status, text } of answers) assert([200, 204, 404].includes(status), text)
      assert.deepEqual(await summaryOf(runstate(), script), NOTHING)
    })

    test('is not moved by a write that is refused', async () => {
      const script = await createScript(runstate(), family)
      const id = await runstate().create(`${script}/deviceRunStates`, { runState: 'success' })
      const before = await readText(runstate(), `${script}/runSummary`)
      for (const [method, path, body] of [
        ['POST', 'deviceRunStates', { runState: 'fail', nonsense: 1 }],
        ['POST', 'deviceRunStates', { runState: 'fail', 'managedDevice@odata.bind': 'x' }],
        ['PATCH', `deviceRunStates/${id}`, { runState: 'fail', errorCode: null }],
        ['POST', 'userRunStates', { errorDeviceCount: 1, successDeviceCount: -1 }],
      ] as const)
        assertRefused(await runstate().send(method, `${script}/${path}`, { body }), 400)
      assertRefused(await runstate().send('DELETE', `${script}/deviceRunStates/x`), 404)
      assert.equal(await readText(runstate(), `${script}/runSummary`), before)
    })

    test('is a base for later moves once it is changed', async () => {
      const script = await createScript(runstate(), family)
      const id = await runstate().create(`${script}/deviceRunStates`, { runState: 'success' })
      const body = { successDeviceCount: 40, errorUserCount: 14 }
      const answer = await patchSummary(runstate(), script, {
        '@odata.type': `#microsoft.graph.${runSummary.type}`,
        ...body,
      })
      assert.equal(answer.status, 200, answer.text)
      assert.deepEqual(ownMembers(answer.body), { id: keyOf(script), ...NOTHING, ...body })
      assert.equal(await readText(runstate(), `${script}/runSummary`), answer.text)
      await runstate().send('PATCH', `${script}/deviceRunStates/${id}`, { body: { runState: 'fail' } })
      await runstate().create(`${script}/userRunStates`, { errorDeviceCount: 1 })
      const expected = {
        successDeviceCount: 39,
        errorDeviceCount: 1,
        successUserCount: 0,
        errorUserCount: 15,
      }
      assert.deepEqual(await summaryOf(runstate(), script), expected)
      const empty = await patchSummary(runstate(), script, {})
      assert.deepEqual(ownMembers(empty.body), { id: keyOf(script), ...expected })
    })

    test('is never below zero, and is what it is set to all the same', async () => {
      const script = await createScript(runstate(), family)
      const states = `${script}/deviceRunStates`
      const ids = []
      for (const runState of ['success', 'success', 'fail'])
        ids.push(await runstate().create(states, { runState }))
      await patchSummary(runstate(), script, NOTHING)
      for (const id of ids) await runstate().send('DELETE', `${states}/${id}`)
      assert.deepEqual(await summaryOf(runstate(), script), NOTHING)
      const set = { successDeviceCount: 6, errorDeviceCount: 7, successUserCount: 8, errorUserCount: 9 }
      assert.deepEqual(ownMembers((await patchSummary(runstate(), script, set)).body), {
        id: keyOf(script),
        ...set,
      })
      await runstate().create(states, { runState: 'success' })
      assert.deepEqual(await summaryOf(runstate(), script), { ...set, successDeviceCount: 7 })
    })

    for (const body of [
      { successDeviceCount: -1 },
      { errorUserCount: null },
      { errorUserCount: 1.5 },
      { successUserCount: 2147483648 },
      { successUserCount: 'many' },
      { successUserCount: 1, deviceCount: 2 },
      { successUserCount: 1, '@odata.type': '#microsoft.graph.deviceManagementScriptUserState' },
      { successusercount: 1 },
      [],
      '',
      '{"errorUserCount":1,"errorUserCount":1}',
    ]) {
      test(`is not changed by ${JSON.stringify(body)}`, async () => {
        const script = await createScript(runstate(), family)
        assertRefused(await patchSummary(runstate(), script, body), 400)
        assert.deepEqual(await summaryOf(runstate(), script), NOTHING)
      })
    }

    test('is of its script alone, and of its family', async () => {
      const [script, other] = [await createScript(runstate(), family), await createScript(runstate(), family)]
      await patchSummary(runstate(), script, { errorUserCount: 5 })
      await runstate().create(`${script}/deviceRunStates`, { runState: 'fail' })
      assert.deepEqual(await summaryOf(runstate(), other), NOTHING)
      for (const path of [
        `${anotherThan(family).set}/${keyOf(script)}`,
        `${family.set}/00000000-0000-4000-8000-000000000000`,
      ]) {
        assertRefused(await runstate().send('GET', `${path}/runSummary`), 404, 'ResourceNotFound')
        assertRefused(await patchSummary(runstate(), path, { errorUserCount: 1 }), 404, 'ResourceNotFound')
      }
      const expected = { ...NOTHING, errorDeviceCount: 1, errorUserCount: 5 }
      assert.deepEqual(await summaryOf(runstate(), script), expected)
    })
  })
}

test('a change of the summary may ask for no content', async () => {
  await using runstate = await startRunstate()
  const script = await createScript(runstate, shellFamily)
  const headers = { prefer: 'return=minimal' }
  const answer = await runstate.send('PATCH', `${script}/runSummary`, {
    headers,
    body: { errorUserCount: 2 },
  })
  assert.equal(answer.status, 204, answer.text)
  assert.equal(answer.text, '')
  assert.deepEqual(await summaryOf(runstate, script), { ...NOTHING, errorUserCount: 2 })
})

test('the documentation’s own summary moves with the documentation’s own states', async () => {
  await using runstate = await startRunstate({ demo: true })
  const script = `deviceShellScripts/${shellFamily.example['id']}`
  const [state = {}] = rowsOf(await runstate.send('GET', `${script}/deviceRunStates`))
  assert.equal((await runstate.send('DELETE', `${script}/deviceRunStates/${state['id']}`)).status, 204)
  const { body } = await runstate.send('GET', `${script}/runSummary`)
  assert.deepEqual(ownMembers(body), { id: runSummary.id, ...runSummary.example, successDeviceCount: 1 })
})

test('a summary and its states survive a restart together', async () => {
  const data = await mkdtemp(path.join(tmpdir(), 'runstate-summary-'))
  try {
    const script = await (async () => {
      await using runstate = await startRunstate({ memory: false, data })
      const created = await createScript(runstate, shellFamily)
      await runstate.create(`${created}/deviceRunStates`, { runState: 'fail' })
      await patchSummary(runstate, created, { successUserCount: 3 })
      return created
    })()
    await using runstate = await startRunstate({ memory: false, data })
    const expected = { ...NOTHING, errorDeviceCount: 1, successUserCount: 3 }
    assert.deepEqual(await summaryOf(runstate, script), expected)
  } finally {
    await rm(data, { recursive: true, force: true })
  }
})
