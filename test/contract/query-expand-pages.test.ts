/** Pages of what is expanded: a hundred rows, a link that gives the rest, and a count of all. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { Runstate } from '../support/runstate.ts'
import { createDeviceState, expandedIn, linkIn, type Members, read, walk } from './expansions.ts'
import { assertRefused, createScript, rowsOf, shellFamily, useRunstate, windowsFamily } from './families.ts'

const STATES = 205
const LINK = 'userRunStates@odata.nextLink'
const COUNT = 'userRunStates@odata.count'

/** A script with so many user states: names that come three times each, every tenth without one. */
async function createStates(runstate: Runstate, count: number, family = shellFamily): Promise<string> {
  const path = await createScript(runstate, family)
  for (let i = 0; i < count; i += 1) {
    const userPrincipalName = i % 10 === 0 ? null : `user-${Math.floor(i / 3)}@contoso.com`
    await runstate.create(`${path}/userRunStates`, { successDeviceCount: i, userPrincipalName })
  }
  return path
}

/** The ids of what is expanded in an entity, and of what its link leads to. */
async function idsOf(
  runstate: Runstate,
  row: Members | undefined,
  name = 'userRunStates',
): Promise<unknown[]> {
  const rest = await walk(runstate, linkIn(row, `${name}@odata.nextLink`))
  return [...expandedIn(row, name), ...rest].map(({ id }) => id)
}

describe('the page of what is expanded', () => {
  const runstate = useRunstate()
  let script = ''
  before(async () => {
    script = await createStates(runstate(), STATES)
    await createStates(runstate(), 3)
  })

  test('holds a hundred rows, and its link gives the rest, each once', async () => {
    const all = await walk(runstate(), `${script}/userRunStates`)
    assert.equal(all.length, STATES)
    const { body } = await read(runstate(), `${script}?$expand=userRunStates`)
    assert.equal(expandedIn(body, 'userRunStates').length, 100)
    const rest = rowsOf(await read(runstate(), linkIn(body, LINK) ?? ''))
    assert.deepEqual([...expandedIn(body, 'userRunStates'), ...rest], all)
  })

  test('has a link in each row of a list that needs one, and leads to the rows of that one', async () => {
    const other = await createStates(runstate(), 101)
    const rows = rowsOf(await read(runstate(), 'deviceShellScripts?$expand=userRunStates'))
    for (const row of rows) {
      const own = await walk(runstate(), `deviceShellScripts/${row['id']}/userRunStates`)
      assert.equal(linkIn(row, LINK) !== undefined, own.length > 100)
      assert.deepEqual(
        await idsOf(runstate(), row),
        own.map(({ id }) => id),
      )
    }
    assert.equal((await runstate().send('DELETE', other)).status, 204)
  })

  for (const inside of [
    '$top=1',
    '$top=30',
    '$top=99',
    '$top=100',
    '$top=101',
    '$top=1000',
    '$top=999999999999',
    '$skip=3;$top=50',
    '$skip=150',
    '$orderby=userPrincipalName',
    '$orderby=userPrincipalName desc;$top=7',
    '$orderby=userPrincipalName,successDeviceCount desc;$top=40;$skip=11',
    '$orderby=length(userPrincipalName) desc;$top=64',
    '$filter=successDeviceCount ge 5;$top=50',
    `$filter=contains(userPrincipalName,'-1') or userPrincipalName eq null;$orderby=errorDeviceCount;$top=9`,
    '$select=id;$top=70',
    '$count=true;$top=60;$skip=10',
    '$top=80;$expand=deviceRunStates($top=1);$select=id',
  ]) {
    test(`goes on to the end, in the order of the collection: ${inside}`, async () => {
      const query = inside.split(/;(?![^(]*\))/).filter((option) => !option.startsWith('$top'))
      const all = await walk(
        runstate(),
        `${script}/userRunStates?${query.map((option) => option.replaceAll(' ', '%20')).join('&')}`,
      )
      const expand = encodeURIComponent(`userRunStates(${inside})`)
      const { body } = await read(runstate(), `${script}?$expand=${expand}`)
      const size = Math.min(Number(/\$top=(\d+)/.exec(inside)?.[1] ?? 100), 100)
      const [first, rest] = [expandedIn(body, 'userRunStates'), await walk(runstate(), linkIn(body, LINK))]
      assert.equal(first.length, Math.min(size, all.length))
      assert.deepEqual([...first, ...rest].map(withoutContext), all.map(withoutContext))
    })
  }

  test('keeps its options in its link, and not where it began', async () => {
    const inside =
      '$filter=successDeviceCount ge 1;$orderby=userPrincipalName;$top=9;$skip=2;$count=true;$select=id'
    const { body } = await read(runstate(), `${script}?$expand=userRunStates(${encodeURIComponent(inside)})`)
    const link = new URL(String(body[LINK]))
    assert.equal(link.origin, 'https://localhost')
    assert.equal(link.pathname, `/beta/deviceManagement/${script}/userRunStates`)
    const { $skiptoken: token, ...kept } = Object.fromEntries(link.searchParams)
    assert.notEqual(token, undefined)
    assert.deepEqual(kept, {
      ...{ $filter: 'successDeviceCount ge 1', $orderby: 'userPrincipalName', $top: '9' },
      ...{ $count: 'true', $select: 'id' },
    })
    const next = await read(runstate(), `${link.pathname}${link.search}`)
    assert.equal(next.body['@odata.count'], STATES - 1)
    assert.equal(rowsOf(next).length, 9)
  })

  test('has no link where a hundred are all, and one where a hundred and one are', async () => {
    for (const [count, isLinked] of [
      [100, false],
      [101, true],
    ] as const) {
      const path = await createStates(runstate(), count, windowsFamily)
      const { body } = await read(runstate(), `${path}?$expand=userRunStates`)
      assert.equal(expandedIn(body, 'userRunStates').length, 100)
      assert.equal(LINK in body, isLinked)
      assert.equal((await idsOf(runstate(), body)).length, count)
    }
  })

  test('is counted before it is cut', async () => {
    for (const [inside, count, rows] of [
      ['$count=true', STATES, 100],
      ['$count=true;$top=0', STATES, 0],
      ['$count=true;$top=3', STATES, 3],
      ['$count=true;$skip=200', STATES, 5],
      ['$count=true;$skip=205', STATES, 0],
      ['$count=true;$skip=99999999999', STATES, 0],
      ['$count=true;$skip=300;$top=0', STATES, 0],
      ['$count=true;$filter=successDeviceCount lt 7', 7, 7],
      ['$count=true;$filter=successDeviceCount lt 7;$skip=5', 7, 2],
      ['$count=true;$filter=successDeviceCount lt 7;$skip=7', 7, 0],
      ['$count=true;$filter=successDeviceCount lt 0', 0, 0],
      ['$count=true;$filter=successDeviceCount lt 150;$top=10;$orderby=successDeviceCount desc', 150, 10],
    ] as const) {
      const expand = encodeURIComponent(`userRunStates(${inside})`)
      for (const url of [script, 'deviceShellScripts']) {
        const answer = await read(runstate(), `${url}?$expand=${expand}`)
        const row = 'value' in answer.body ? rowsOf(answer)[0] : answer.body
        assert.equal(row?.[COUNT], count, inside)
        assert.equal(expandedIn(row, 'userRunStates').length, rows, inside)
        assert.equal(
          linkIn(row, LINK) !== undefined,
          rows > 0 && rows < count && !/skip/.test(inside),
          inside,
        )
      }
    }
  })

  test('has neither a count nor a link where none is asked for and none needed', async () => {
    const rows = rowsOf(
      await read(runstate(), 'deviceShellScripts?$expand=userRunStates($filter=successDeviceCount%20lt%203)'),
    )
    for (const row of rows) {
      assert(!(COUNT in row) && !(LINK in row))
      assert.equal(expandedIn(row, 'userRunStates').length, 3)
    }
  })

  test('keeps its link and its count where no other metadata is wanted', async () => {
    const headers = { accept: 'application/json;odata.metadata=none' }
    const { body } = await runstate().send('GET', `${script}?$expand=userRunStates($count=true)`, { headers })
    assert.equal(body[COUNT], STATES)
    assert.equal((await idsOf(runstate(), body)).length, STATES)
    assert.deepEqual(
      Object.keys(body).filter((name) => name.includes('@')),
      [COUNT, LINK],
    )
  })

  test('has a link that serves its own collection and question, and no other', async () => {
    const { body } = await read(runstate(), `${script}?$expand=userRunStates`)
    const token = new URL(String(body[LINK])).searchParams.get('$skiptoken')
    const [other] = rowsOf(await read(runstate(), 'deviceShellScripts?$skip=1'))
    for (const url of [
      `deviceShellScripts/${other?.['id']}/userRunStates?$skiptoken=${token}`,
      `${script}/deviceRunStates?$skiptoken=${token}`,
      `${script}/userRunStates?$orderby=userPrincipalName&$skiptoken=${token}`,
      `${script}/userRunStates?$filter=errorDeviceCount%20eq%200&$skiptoken=${token}`,
      `${script}?$expand=userRunStates($skiptoken=${token})`,
    ])
      assertRefused(await runstate().send('GET', url), 400, 'BadRequest')
  })
})

/** An entity without what says which members were asked for. */
function withoutContext(row: Members): Members {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !name.endsWith('@odata.context')))
}

describe('a page within a page', () => {
  const runstate = useRunstate()

  test('goes on by a link of its own, below the user that it is of', async () => {
    const path = await createScript(runstate(), windowsFamily)
    const users = [1, 2].map(() => runstate().create(`${path}/userRunStates`, {}))
    for (const [i, user] of (await Promise.all(users)).entries()) {
      const states = `${path}/userRunStates/${user}/deviceRunStates`
      const bodies = Array.from({ length: 120 + i }, (_, errorCode) => ({ errorCode }))
      await Promise.all(bodies.map((body) => createDeviceState(runstate(), states, body)))
    }
    const inner = 'deviceRunStates($orderby=errorCode desc;$count=true)'
    const { body } = await read(runstate(), `${path}?$expand=userRunStates($expand=${inner})`)
    for (const user of expandedIn(body, 'userRunStates')) {
      const count = Number(user['deviceRunStates@odata.count'])
      assert(count === 120 || count === 121)
      const rest = await walk(runstate(), linkIn(user, 'deviceRunStates@odata.nextLink'))
      const codes = [...expandedIn(user, 'deviceRunStates'), ...rest].map(({ errorCode }) => errorCode)
      assert.deepEqual(
        codes,
        Array.from({ length: count }, (_, i) => count - 1 - i),
      )
    }
  })

  test('of a list keeps $expand in the link to the next page', async () => {
    for (let i = 0; i < 3; i++) await createStates(runstate(), 2, windowsFamily)
    const query = '$expand=userRunStates($top=1;$count=true),runSummary&$top=1&$orderby=displayName'
    const rows = await walk(runstate(), `deviceManagementScripts?${query}`)
    assert.equal(rows.length, 4)
    assert.equal(new Set(rows.map(({ id }) => id)).size, 4)
    for (const row of rows) {
      assert.equal(row[COUNT], 2)
      assert.equal(expandedIn(row, 'userRunStates').length, 1)
      assert('runSummary' in row)
    }
  })
})
