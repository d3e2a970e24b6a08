/** Pages of every collection of the surface: all rows, each once, in one order, by links that serve nothing else. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Runstate, startRunstate } from '../support/runstate.ts'
import { assertRefused, rowsOf, useRunstate } from './families.ts'
import { type SurfaceOperation, surface, targetOf } from './surface.ts'

const lists = surface.filter(({ answers }) => answers === 'rows')

/** A body of which many can be created side by side. */
function bodyOf({ template, family }: SurfaceOperation, i: number): unknown {
  const groupId = `00000000-0000-4000-8000-${String(10 * template.length + i).padStart(12, '0')}`
  if (template === '{F}') return family.creation
  if (template.endsWith('/groupAssignments')) return { targetGroupId: groupId }
  if (template.endsWith('/assignments'))
    return { target: targetOf('exclusionGroupAssignmentTarget', { groupId }) }
  return {}
}

/** Follows the links from a first page; gives the ids of every page. */
async function walk(runstate: Runstate, first: string): Promise<readonly (readonly unknown[])[]> {
  const pages = []
  let next: string | undefined = first
  while (next !== undefined) {
    const answer = await runstate.send('GET', next)
    pages.push(rowsOf(answer).map(({ id }) => id))
    const link: unknown = answer.body['@odata.nextLink']
    const url: URL | undefined = link === undefined ? undefined : new URL(String(link))
    if (url !== undefined) assert.equal(url.origin, runstate.server.url)
    next = url === undefined ? undefined : `${url.pathname}${url.search}`
  }
  return pages
}

async function firstToken(runstate: Runstate, path: string): Promise<string> {
  const { body } = await runstate.send('GET', `${path}?$top=1`)
  const token = new URL(String(body['@odata.nextLink'])).searchParams.get('$skiptoken')
  assert(token !== null)
  return token
}

describe('pages', () => {
  for (const list of lists) {
    test(`have all rows of ${list.path}, each once, whatever their size`, async () => {
      await using runstate = await startRunstate({ demo: true })
      for (let i = 1; i <= 6; i++) await runstate.create(list.path, bodyOf(list, i))
      const all = rowsOf(await runstate.send('GET', list.path)).map(({ id }) => id)
      assert(all.length >= 7)
      assert.equal(new Set(all).size, all.length)
      for (const size of [1, 2, 3, all.length, all.length + 1]) {
        const pages = await walk(runstate, `${list.path}?$top=${size}`)
        assert.deepEqual(pages.flat(), all)
        assert.equal(pages.length, Math.ceil(all.length / size))
      }
    })

    test(`of ${list.path} leave nothing out when rows before them are deleted`, async () => {
      await using runstate = await startRunstate({ demo: true })
      for (let i = 1; i <= 4; i++) await runstate.create(list.path, bodyOf(list, i))
      const all = rowsOf(await runstate.send('GET', list.path)).map(({ id }) => id)
      const first = await runstate.send('GET', `${list.path}?$top=2`)
      for (const id of all.slice(0, 2)) {
        const { status, text } = await runstate.send('DELETE', `${list.path}/${id}`)
        assert.equal(status, 204, text)
      }
      const url = new URL(String(first.body['@odata.nextLink']))
      assert.deepEqual((await walk(runstate, `${url.pathname}${url.search}`)).flat(), all.slice(2))
    })
  }
})

describe('a link to the next page', () => {
  const runstate = useRunstate({ demo: true })

  test('serves the collection that it was made for, and no other', async () => {
    const own = lists.filter(({ family }) => family.set === 'deviceShellScripts')
    for (const list of own) for (let i = 1; i <= 3; i++) await runstate().create(list.path, bodyOf(list, i))
    for (const list of own) {
      const token = encodeURIComponent(await firstToken(runstate(), list.path))
      assert.equal((await runstate().send('GET', `${list.path}?$top=1&$skiptoken=${token}`)).status, 200)
      for (const other of own.filter((one) => one !== list)) {
        const answer = await runstate().send('GET', `${other.path}?$top=1&$skiptoken=${token}`)
        assertRefused(answer, 400, 'BadRequest')
      }
    }
  })
})
