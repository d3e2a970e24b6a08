/** An id that is made of what a client sends is never longer than a URL, a header and a link can hold. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { limits } from '#base/base.ts'
import { errorOf, type Runstate, startRunstate } from '../support/runstate.ts'

/** A script, and a group whose assignment's id has just so many characters; none of them stands in a URL as it is. */
async function scriptAndGroup(runstate: Runstate, characters: number): Promise<readonly [string, string]> {
  const script = await runstate.create('deviceShellScripts', {})
  return [`deviceShellScripts/${script}`, '€'.repeat(characters - script.length - 1)]
}

describe('the id of an assignment', () => {
  test('as long as may be is read by its Location, and from page to page', async () => {
    await using runstate = await startRunstate()
    const [script, targetGroupId] = await scriptAndGroup(runstate, limits.idCharacters)
    const { status, headers } = await runstate.send('POST', `${script}/groupAssignments`, {
      body: { targetGroupId },
    })
    assert.equal(status, 201)
    const location = headers.get('location') ?? ''
    assert(location.length < limits.urlBytes, `${location.length}`)
    const read = await runstate.send('GET', new URL(location).pathname)
    assert.equal(read.body['targetGroupId'], targetGroupId)
    await runstate.create(`${script}/groupAssignments`, { targetGroupId: `${targetGroupId.slice(1)}!` })
    await runstate.create(`${script}/groupAssignments`, { targetGroupId: '\uffff' })
    let link: unknown = `/beta/deviceManagement/${script}/groupAssignments?$top=1`
    let pages = 0
    for (; typeof link === 'string'; pages += 1) {
      const { pathname, search } = new URL(link, 'https://localhost')
      const page = await runstate.send('GET', pathname + search)
      assert.equal(page.status, 200, page.text)
      link = page.body['@odata.nextLink']
    }
    assert.equal(pages, 3)
  })

  test('of one character more is refused, and nothing is written', async () => {
    await using runstate = await startRunstate()
    const [script, targetGroupId] = await scriptAndGroup(runstate, limits.idCharacters + 1)
    const target = { '@odata.type': '#microsoft.graph.groupAssignmentTarget', groupId: targetGroupId }
    const bodies = {
      groupAssignments: { targetGroupId },
      assignments: { target },
      assign: { deviceManagementScriptAssignments: [{ target }] },
    }
    for (const [path, body] of Object.entries(bodies)) {
      const answer = await runstate.send('POST', `${script}/${path}`, { body })
      assert.equal(answer.status, 400)
      assert.match(errorOf(answer).message, /^The id that '\w+' leads to is longer than 1024 characters\.$/)
    }
    assert.equal((await runstate.send('GET', `${script}/assignments/$count`)).text, '0')
  })
})
