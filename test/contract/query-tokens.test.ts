/** Links to the next page are no longer than a URL may be. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { limits } from '#base/base.ts'
import { startRunstate } from '../support/runstate.ts'

const ORDERED = 'deviceShellScripts?$select=id&$orderby=description&$top=1'

/** A description whose token is of about so many bytes: three bytes of it are four of the token. */
function describing(bytes: number): string {
  return 'd'.repeat(Math.floor((bytes * 3) / 4) - 40)
}

describe('the link to the next page', () => {
  test('is given where what the page is ordered by is long, and works', async () => {
    await using runstate = await startRunstate()
    for (const displayName of ['a', 'b'])
      await runstate.create('deviceShellScripts', {
        displayName,
        description: describing(limits.skipTokenBytes),
      })
    const first = await runstate.send('GET', ORDERED)
    const link = String(first.body['@odata.nextLink'])
    assert(link.length < limits.urlBytes, `${link.length}`)
    const second = await runstate.send('GET', link.slice(link.indexOf('/beta')))
    assert.equal(second.status, 200, second.text)
    assert.equal(second.body['@odata.nextLink'], undefined)
    assert.notDeepEqual(second.body['value'], first.body['value'])
  })

  test('is refused where it would be longer than a URL may be', async () => {
    await using runstate = await startRunstate()
    for (const displayName of ['a', 'b'])
      await runstate.create('deviceShellScripts', {
        displayName,
        description: describing(2 * limits.skipTokenBytes),
      })
    const answer = await runstate.send('GET', ORDERED)
    assert.equal(answer.status, 400)
    assert.match(answer.text, /No link to the next page can be given/)
    const whole = await runstate.send('GET', ORDERED.replace('$top=1', '$top=2'))
    assert.equal(whole.status, 200)
  })
})
