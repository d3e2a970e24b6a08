/** The values of a script's members: how they are written, read and refused. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Runstate } from '../support/runstate.ts'
import {
  assertRefused,
  createScript,
  customAttributeFamily,
  type Family,
  families,
  readText,
  shellFamily,
  useRunstate,
  windowsFamily,
} from './families.ts'

/** A member, what is sent for it, and what comes back. */
type Taken = readonly [string, unknown, unknown]

/** Sends a value at creation and in a PATCH; it comes back so from both, and from a GET. */
async function assertTaken(
  runstate: Runstate,
  family: Family,
  [member, sent, expected]: Taken,
): Promise<void> {
  const body = { ...family.creation, [member]: sent }
  const created = await runstate.send('POST', family.set, { body })
  assert.equal(created.status, 201, created.text)
  assert.deepEqual(created.body[member], expected)
  const path = await createScript(runstate, family)
  const patched = await runstate.send('PATCH', path, { body: { [member]: sent } })
  assert.equal(patched.status, 200, patched.text)
  assert.deepEqual(patched.body[member], expected)
  assert.equal(await readText(runstate, path), patched.text)
}

/** Sends a value at creation and in a PATCH; neither writes anything. */
async function assertNotTaken(
  runstate: Runstate,
  family: Family,
  [member, sent]: readonly [string, unknown],
): Promise<void> {
  const path = await createScript(runstate, family)
  const [before, list] = [await readText(runstate, path), await readText(runstate, `${family.set}?$top=1000`)]
  const created = await runstate.send('POST', family.set, { body: { ...family.creation, [member]: sent } })
  assertRefused(created, 400)
  assertRefused(await runstate.send('PATCH', path, { body: { [member]: sent } }), 400)
  assert.equal(await readText(runstate, path), before)
  assert.equal(await readText(runstate, `${family.set}?$top=1000`), list)
}

const durations = [
  ['PT24H', 'P1D'],
  ['P1W', 'P7D'],
  ['P1D', 'P1D'],
  ['PT0S', 'PT0S'],
  ['PT0M', 'PT0S'],
  ['PT15M', 'PT15M'],
  ['PT30M', 'PT30M'],
  ['PT60M', 'PT1H'],
  ['PT90M', 'PT1H30M'],
  ['PT3600S', 'PT1H'],
  ['PT12H', 'PT12H'],
  ['P1DT12H', 'P1DT12H'],
  ['PT36H', 'P1DT12H'],
  ['PT2M43.444327S', 'PT2M43.444327S'],
  ['PT0.5S', 'PT0.5S'],
  ['PT1.0000001S', 'PT1.0000001S'],
  ['PT1.500S', 'PT1.5S'],
] as const

describe('executionFrequency', () => {
  const runstate = useRunstate()

  for (const [sent, expected] of durations) {
    test(`takes ${sent} as ${expected}`, async () => {
      await assertTaken(runstate(), shellFamily, ['executionFrequency', sent, expected])
    })
  }

  for (const sent of [
    '',
    'P',
    'PT',
    'P1DT',
    '1',
    '1 day',
    '24:00:00',
    'PT1',
    'PT1H1',
    'T1H',
    'PTS',
    60,
    true,
    null,
    ['PT1H'],
    {},
  ]) {
    test(`refuses ${JSON.stringify(sent)}`, async () => {
      await assertNotTaken(runstate(), shellFamily, ['executionFrequency', sent])
    })
  }
})

/** The enumerations of the scripts, their members in the order of their ordinals. */
const enumerations: readonly (readonly [Family, string, readonly string[]])[] = [
  ...families.map((family) => [family, 'runAsAccount', ['system', 'user']] as const),
  [customAttributeFamily, 'customAttributeType', ['integer', 'string', 'dateTime']],
]

for (const [family, member, names] of enumerations) {
  describe(`${member} of ${family.set}`, () => {
    const runstate = useRunstate()

    for (const [ordinal, name] of names.entries()) {
      test(`takes ${name}, and ${ordinal} for it`, async () => {
        await assertTaken(runstate(), family, [member, name, name])
        await assertTaken(runstate(), family, [member, ordinal, name])
      })
    }

    for (const sent of ['nobody', '', null, true, 0.5, ['user'], { value: 'user' }]) {
      test(`refuses ${JSON.stringify(sent)}`, async () => {
        await assertNotTaken(runstate(), family, [member, sent])
      })
    }
  })
}

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('base64')

/** base64 of one, two and three bytes, of text with marks, of every byte, and of more than the portal takes. */
const contents = [
  ...['YQ==', 'YWI=', 'YWJj', '77u/IyEvYmluL3NoDQo=', everyByte],
  Buffer.alloc(300_000, 'Write-Output 1\r\n').toString('base64'),
]

for (const family of families) {
  describe(`scriptContent of ${family.set}`, () => {
    const runstate = useRunstate()

    for (const content of contents) {
      test(`keeps ${content.length} characters, ${content.slice(0, 12)}…`, async () => {
        await assertTaken(runstate(), family, ['scriptContent', content, content])
      })
    }

    for (const sent of [
      '!',
      '#!/bin/sh',
      'YQ==YQ==',
      'Y',
      '=',
      'YQ=',
      'YW\u00e9j',
      5,
      true,
      [35, 33],
      { value: 'YQ==' },
    ]) {
      test(`refuses ${JSON.stringify(sent)}`, async () => {
        await assertNotTaken(runstate(), family, ['scriptContent', sent])
      })
    }

    test('says of invalid base64 what it was to be', async () => {
      const body = { ...family.creation, scriptContent: 'Write-Output 1' }
      const answer = await runstate().send('POST', family.set, { body })
      assertRefused(answer, 400, 'ModelValidationFailure')
      assert.match(answer.text, /Cannot convert the literal '.*' to the expected type 'Edm\.Binary'\./)
    })
  })

  describe(`roleScopeTagIds of ${family.set}`, () => {
    const runstate = useRunstate()

    for (const tags of [['0'], ['1', '0', '2'], [], ['Role Scope Tag Ids value'], ['ä "\\\u{1f600}']]) {
      test(`keeps ${JSON.stringify(tags)}`, async () => {
        await assertTaken(runstate(), family, ['roleScopeTagIds', tags, tags])
      })
    }

    for (const sent of [[0], ['0', 1], [['0']], [{}], '0', 0, {}]) {
      test(`refuses ${JSON.stringify(sent)}`, async () => {
        await assertNotTaken(runstate(), family, ['roleScopeTagIds', sent])
      })
    }
  })

  describe(`the strings of ${family.set}`, () => {
    const runstate = useRunstate()

    for (const member of ['displayName', 'description', 'fileName']) {
      test(`keep any text in ${member}`, async () => {
        for (const text of [
          '',
          ' ',
          'ÄÖÜ ß İ',
          '\u{1f469}\u200d\u{1f4bb}',
          'a\tb\r\nc',
          `"'\\/<&>`,
          'x'.repeat(1500),
        ]) {
          await assertTaken(runstate(), family, [member, text, text])
        }
      })

      test(`may be null in ${member}`, async () => {
        const path = await createScript(runstate(), family, { [member]: 'text' })
        const { status, body } = await runstate().send('PATCH', path, { body: { [member]: null } })
        assert.equal(status, 200)
        assert.equal(body[member], null)
      })

      test(`refuse what is no text in ${member}`, async () => {
        for (const sent of [5, true, ['a'], {}, 'a\u0000', '\ud800', 'x\udc00y']) {
          await assertNotTaken(runstate(), family, [member, sent])
        }
      })
    }
  })
}

describe('the Booleans of a script', () => {
  const runstate = useRunstate()
  const members: readonly (readonly [Family, string])[] = [
    [windowsFamily, 'enforceSignatureCheck'],
    [windowsFamily, 'runAs32Bit'],
    [shellFamily, 'blockExecutionNotifications'],
  ]

  for (const [family, member] of members) {
    test(`take ${member} as a Boolean and as a string`, async () => {
      for (const value of [true, false]) {
        await assertTaken(runstate(), family, [member, value, value])
        await assertTaken(runstate(), family, [member, String(value), value])
      }
    })

    test(`refuse what is none for ${member}`, async () => {
      for (const sent of ['yes', '', null, 1, 0, [true], {}]) {
        await assertNotTaken(runstate(), family, [member, sent])
      }
    })
  }
})

describe('retryCount', () => {
  const runstate = useRunstate()

  test('takes whole numbers', async () => {
    for (const [sent, expected] of [
      [0, 0],
      [3, 3],
      [2_147_483_647, 2_147_483_647],
      ['5', 5],
      [' 7 ', 7],
    ]) {
      await assertTaken(runstate(), shellFamily, ['retryCount', sent, expected])
    }
  })

  test('refuses what is none', async () => {
    for (const sent of [2.5, '2.5', 'three', 2_147_483_648, null, true, [1]]) {
      await assertNotTaken(runstate(), shellFamily, ['retryCount', sent])
    }
  })
})
