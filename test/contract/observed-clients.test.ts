/** What shipped clients send and rely on, in the profile that answers as recorded. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseQuirks } from '#config.ts'
import { errorOf } from '../support/runstate.ts'
import {
  assertRefused,
  createScript,
  customAttributeFamily,
  families,
  keyOf,
  rowsOf,
  shellFamily,
  useRunstate,
  windowsFamily,
} from './families.ts'

const ZEROS = '00000000-0000-0000-0000-000000000000'
const GROUP = '11111111-2222-4333-8444-555555555555'

describe('the observed profile', () => {
  const runstate = useRunstate({ profile: 'observed' })

  test('takes the type of an entity in any case, and passes over its context and dates', async () => {
    for (const { set, type, creation } of families) {
      const body = {
        '@odata.context': 'https://graph.microsoft.com/beta/$metadata#x/$entity',
        '@odata.type': `#microsoft.graph.${type.slice(0, 1).toUpperCase()}${type.slice(1)}`,
        ...creation,
        createdDateTime: '2001-01-01T00:00:00Z',
      }
      const script = `${set}/${await runstate().create(set, body)}`
      const { createdDateTime, lastModifiedDateTime } = (await runstate().send('GET', script)).body
      assert.equal(createdDateTime, lastModifiedDateTime)
      assert.notEqual(createdDateTime, body.createdDateTime)
    }
  })

  test('takes the type of a custom attribute by its number', async () => {
    const body = { ...customAttributeFamily.creation, customAttributeType: 1 }
    const answer = await runstate().send('POST', customAttributeFamily.set, { body })
    assert.equal(answer.body['customAttributeType'], 'string', answer.text)
  })

  test('takes 5 retries, which the admin centre does not offer', async () => {
    const body = { ...shellFamily.creation, retryCount: 5 }
    const answer = await runstate().send('POST', shellFamily.set, { body })
    assert.equal(answer.body['retryCount'], 5, answer.text)
  })

  test('refuses an array of numbers for scriptContent', async () => {
    for (const family of families) {
      const body = { ...family.creation, scriptContent: [35, 33] }
      const answer = await runstate().send('POST', family.set, { body })
      assertRefused(answer, 400, 'ModelValidationFailure')
      assert.match(errorOf(answer).message, /scriptContent/)
    }
  })

  test('keeps a filter of zeros, and an unknown group', async () => {
    const target = {
      '@odata.type': '#microsoft.graph.groupAssignmentTarget',
      groupId: GROUP,
      deviceAndAppManagementAssignmentFilterId: ZEROS,
      deviceAndAppManagementAssignmentFilterType: 'none',
    }
    const script = await createScript(runstate(), windowsFamily)
    const body = { deviceManagementScriptAssignments: [{ target }] }
    assert.equal((await runstate().send('POST', `${script}/assign`, { body })).status, 200)
    const [row = {}] = rowsOf(await runstate().send('GET', `${script}/assignments`))
    assert.deepEqual(row['target'], target)
  })

  test('assigns a custom attribute by the path of shell scripts', async () => {
    const script = await createScript(runstate(), customAttributeFamily)
    const through = `deviceShellScripts/${keyOf(script)}`
    const body = { deviceManagementScriptGroupAssignments: [{ targetGroupId: GROUP }] }
    assert.equal((await runstate().send('POST', `${through}/assign`, { body })).status, 200)
    const [row = {}] = rowsOf(await runstate().send('GET', `${script}/groupAssignments`))
    assert.equal(row['targetGroupId'], GROUP)
    assertRefused(await runstate().send('GET', through), 404, 'ResourceNotFound')
  })

  test('has no count and no next link in a short list', async () => {
    for (const { set } of families) {
      const { body } = await runstate().send('GET', set)
      assert.deepEqual(Object.keys(body), ['@odata.context', 'value'])
    }
  })
})

describe('the observed profile with plain errors', () => {
  const runstate = useRunstate({ profile: 'observed', quirks: parseQuirks(['error-shape=plain']) })

  test('still has the statuses that are recorded', async () => {
    const { set } = windowsFamily
    assertRefused(await runstate().send('GET', `${set}/${GROUP}`), 404, 'ResourceNotFound')
    assertRefused(await runstate().send('POST', set, { body: { id: GROUP } }), 500, 'InternalServerError')
  })
})
