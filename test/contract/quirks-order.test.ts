/** The row `member-order`: the order in which a Windows script's members are written. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startRunstate } from '../support/runstate.ts'
import { createScript, families, ownMembers, rowsOf, windowsFamily } from './families.ts'
import { configsWith } from './quirks.ts'

const recorded = [
  ...['enforceSignatureCheck', 'runAs32Bit', 'id', 'displayName', 'description', 'scriptContent'],
  ...['createdDateTime', 'lastModifiedDateTime', 'runAsAccount', 'fileName', 'roleScopeTagIds'],
]

describe('the members of a script', () => {
  for (const behaviour of ['documented', 'recorded']) {
    for (const { name, config } of configsWith('member-order', behaviour)) {
      test(`are written in the ${behaviour} order: ${name}`, async () => {
        await using runstate = await startRunstate(config)
        for (const family of families) {
          const isOther = behaviour === 'recorded' && family === windowsFamily
          const expected = isOther ? recorded : family.members
          const script = await createScript(runstate, family)
          const { body } = await runstate.send('GET', script)
          const [row = {}] = rowsOf(await runstate.send('GET', family.set))
          for (const each of [body, row]) assert.deepEqual(Object.keys(ownMembers(each)), expected)
        }
      })
    }
  }
})
