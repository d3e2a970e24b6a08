/** A short run of `npm run fuzz`, always the same; and that its rules see what they are there for. */
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { breachesOf } from './answers.ts'
import { databaseBreaches } from './database.ts'
import { Random } from './random.ts'
import type { FuzzRequest } from './request.ts'
import { anyRequest } from './requests.ts'
import { fuzz } from './run.ts'
import { startSubject } from './subject.ts'
import { World } from './world.ts'

const NOTHING = { summaries: new Set<string>(), assignments: new Set<string>() }

describe('hostile requests', () => {
  test('are all answered as they should be, and leave the database consistent', async () => {
    const { requests, statuses, failures } = await fuzz({ requests: 3000, seed: 1 })
    assert.deepEqual(failures, [])
    assert.equal(requests, 3000)
    for (const status of [200, 201, 204, 400, 401, 403, 404, 405, 406, 415])
      assert((statuses.get(status) ?? 0) > 0, `none is answered with ${status}`)
  })

  test('are the same of the same seed', () => {
    const world = new World([{ name: 'a', authorization: 'Bearer a' }])
    const stream = (seed: number): readonly FuzzRequest[] =>
      Array.from({ length: 200 }, (_, index) => anyRequest(new Random(seed, index), world))
    assert.deepEqual(stream(5), stream(5))
    assert.notDeepEqual(stream(5), stream(6))
  })
})

describe('the rules of answers', () => {
  const request: FuzzRequest = { method: 'GET', target: '/', headers: {}, body: undefined }
  const error = (code: string): string =>
    JSON.stringify({ error: { code, message: 'x', innerError: { 'request-id': 'x' } } })
  const rows: readonly (readonly [status: number, body: string, rules: readonly string[]])[] = [
    [404, error('ResourceNotFound'), []],
    [500, error('InternalServerError'), ['no answer is a 5xx']],
    [503, error('ServiceUnavailable'), ['a 503 says when to come again']],
    [400, error('ResourceNotFound'), ['an error has the status of its code']],
    [400, error('toString'), ['an error has the shape of Graph']],
    [400, '{"error":{}}', ['an error has the shape of Graph']],
    [200, '{"a":', ['the answer can be read']],
    [200, '{"a":"SQLITE_ERROR"}', ['nothing of the inside is told']],
    [201, '{}', ['a 201 says where it is']],
    [200, '{"responses":[{"id":"1","status":500,"headers":{}}]}', ['no answer is a 5xx']],
  ]
  for (const [status, text, rules] of rows) {
    test(`see what is wrong with ${status} ${text.slice(0, 60)}`, () => {
      const headers = new Headers({ 'content-type': 'application/json', 'request-id': 'x' })
      const found = breachesOf(request, { status, headers, body: Buffer.from(text), milliseconds: 1 })
      assert.deepEqual(
        found.map(({ rule }) => rule),
        rules,
      )
    })
  }
})

describe('the rules of the database', () => {
  const faults: Readonly<Record<string, readonly [sql: string, seen: RegExp]>> = {
    'a counter that counts nothing': [
      'UPDATE run_summary SET success_user_count = 7',
      /success_user_count of .+ is 7/,
    ],
    'an id of another target': [
      "UPDATE assignment SET id = id || 'x'",
      /^assignment .+ is of groupAssignmentTarget/,
    ],
    'a row without its parent': ['UPDATE user_state SET script = 99', /^user_state: 1 rows have no script$/],
    'a script without a summary': ['DELETE FROM run_summary', /^script: 1 rows have no run_summary/],
    'a text that is folded otherwise': [
      "UPDATE script SET display_name_fold = 'x'",
      /^script.display_name_fold/,
    ],
  }
  for (const [what, [sql, seen]] of Object.entries(faults)) {
    test(`see ${what}`, async () => {
      await using subject = await startSubject('documented')
      const { server, databaseFile, callers } = subject
      const send = async (path: string, body: object): Promise<string> => {
        const headers = { authorization: callers[0]?.authorization ?? '', 'content-type': 'application/json' }
        const url = `/beta/deviceManagement/deviceShellScripts${path}`
        const response = await server.fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
        assert.equal(response.status, 201)
        return Object(await response.json()).id
      }
      const id = await send('', { displayName: 'One' })
      await send(`/${id}/userRunStates`, { successDeviceCount: 1 })
      await send(`/${id}/groupAssignments`, { targetGroupId: 'a' })
      assert.deepEqual(databaseBreaches(databaseFile, NOTHING), [])
      const database = new DatabaseSync(databaseFile)
      database.exec(sql)
      database.close()
      assert(databaseBreaches(databaseFile, NOTHING).some((line) => seen.test(line)))
    })
  }
})
