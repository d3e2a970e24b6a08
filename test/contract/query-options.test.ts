/** The other query options, how options may be spelled, and the queries of real clients, verbatim. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { rowsOf } from './families.ts'
import { ask, type Collection, found, markers, queryOf, usePopulation } from './queries.ts'

const [one, two, three] = ['one.sh', 'TWO.sh', 'three.SH']

const collections = Object.keys(markers).filter((name): name is Collection => Object.hasOwn(markers, name))

describe('$top, $skip and $count', () => {
  const population = usePopulation()

  for (const collection of collections) {
    test(`cut the page and count all rows: ${collection}`, async () => {
      const { runstate, paths } = population()
      const path = paths[collection]
      const all = rowsOf(await ask(runstate, path, ''))
      const total = all.length
      for (const top of [0, 1, total - 1, total, total + 1]) {
        const answer = await ask(runstate, path, { $top: String(top), $count: 'true' })
        assert.deepEqual(rowsOf(answer), all.slice(0, top))
        assert.equal(answer.body['@odata.count'], total)
        assert.equal(answer.body['@odata.nextLink'] !== undefined, top > 0 && top < total, `$top=${top}`)
      }
      for (const skip of [0, 1, total, total + 1, 999_999_999_999]) {
        const answer = await ask(runstate, path, { $skip: String(skip), $count: 'true' })
        assert.deepEqual(rowsOf(answer), all.slice(skip))
        assert.equal(answer.body['@odata.count'], total)
        assert.equal(answer.body['@odata.nextLink'], undefined)
      }
      assert.equal('@odata.count' in (await ask(runstate, path, { $count: 'false' })).body, false)
      assert.equal((await runstate.send('GET', `${path}/$count`)).text, String(total))
    })
  }

  test('count what the filter and the search keep, before paging', async () => {
    const { runstate, paths } = population()
    for (const [query, count] of [
      [{ $filter: 'errorCode gt 1', $top: '1' }, 3],
      [{ $filter: 'errorCode gt 1', $top: '1', $skip: '2' }, 3],
      [{ $filter: 'errorCode gt 1', $top: '0' }, 3],
      [{ $filter: 'errorCode gt 9' }, 0],
    ] as const) {
      const { body } = await ask(runstate, paths.deviceStates, { ...query, $count: 'true' })
      assert.equal(body['@odata.count'], count)
    }
    const { body } = await ask(runstate, paths.shell, { $search: 'update', $count: 'true' })
    assert.equal(body['@odata.count'], 1)
  })

  test('pass over rows of the first page only, and count on every page', async () => {
    const { runstate, paths } = population()
    const query = {
      $filter: 'errorCode gt 0',
      $orderby: 'errorCode desc',
      $skip: '1',
      $top: '1',
      $count: 'true',
    }
    const codes = []
    let next: string | undefined = `${paths.deviceStates}?${queryOf(query)}`
    while (next !== undefined) {
      const answer = await runstate.send('GET', next)
      codes.push(...rowsOf(answer).map(({ errorCode }) => errorCode))
      assert.equal(answer.body['@odata.count'], 4)
      const link: unknown = answer.body['@odata.nextLink']
      next = link === undefined ? undefined : String(link).replace(runstate.server.url, '')
    }
    assert.deepEqual(codes, [3, 2, 1])
  })
})

describe('$search', () => {
  const population = usePopulation()
  for (const [search, ...marks] of [
    ['SAUBER', one],
    ['cleans', one],
    ['"Cleans up"', one],
    ['up', one, two],
    ['up sauber', one],
    ['up AND sauber', one],
    ['sauber OR all', one, two],
    ['up NOT sauber', two],
    ['NOT up', three],
    ['NOT (sauber OR padded)', two],
    ['"nothing of this"'],
    ["'all'", two],
    ['über', one],
    ['and'],
  ] as const) {
    test(`finds ${marks.length === 0 ? 'nothing' : marks.join(', ')}: ${search}`, async () => {
      const { runstate, paths } = population()
      assert.deepEqual(await found(population(), 'shell', { $search: search }), [...marks])
      assert.equal(
        (await ask(runstate, `${paths.shell}/$count`, { $search: search })).text,
        `${marks.length}`,
      )
    })
  }

  test('goes together with a filter, an order and pages', async () => {
    const query = { $search: 'up', $filter: 'retryCount ge 0', $orderby: 'retryCount', $top: '5' }
    assert.deepEqual(await found(population(), 'shell', query), [two, one])
    assert.deepEqual(await found(population(), 'health', { $search: 'memory' }), ['FABRIKAM'])
  })
})

describe('$format', () => {
  const population = usePopulation()
  test('goes before Accept', async () => {
    const { runstate, paths } = population()
    for (const [format, level] of [
      ['json', 'minimal'],
      ['JSON', 'minimal'],
      ['application/json', 'minimal'],
      ['application/json;odata.metadata=none', 'none'],
      ['application/json;odata.metadata=full', 'full'],
    ] as const) {
      const headers = { accept: 'application/json;odata.metadata=minimal' }
      const url = `${paths.shell}?$format=${format}`
      const answer = await runstate.send('GET', url, { headers })
      assert.equal(answer.status, 200, answer.text)
      assert(answer.headers.get('content-type')?.includes(`odata.metadata=${level}`), format)
      assert.equal('@odata.context' in answer.body, level !== 'none')
    }
    for (const format of ['xml', 'atom', 'application/xml', 'text/html'])
      assert.equal((await ask(runstate, paths.shell, { $format: format })).status, 406)
  })
})

describe('options', () => {
  const population = usePopulation()
  for (const query of [
    "$filter=fileName eq 'two.sh'&$select=fileName",
    "filter=fileName eq 'two.sh'&select=filename",
    "$FILTER=FILENAME EQ 'TWO.SH'&$Select=FILENAME",
    "$filter=fileName+eq+'two.sh'&$select=fileName",
    '%24filter=fileName%20eq%20%27two.sh%27&%24select=fileName',
    '%24%66ilter=%66ileName%20eq%20%27two%2Esh%27&$select=fileName',
    "$filter=fileName eq 'two.sh'&$select=fileName&unknown=1&also&=9&=&x$filter=false",
    "&&$filter=fileName eq 'two.sh'&&$select=fileName&",
    "$filter=startswith(fileName,'t') and endswith(fileName,'O.sh')&$select=fileName",
    "$filter=displayName eq 'update ''all'''&$select=fileName",
    '$filter=displayName%20eq%20%27update%20%27%27all%27%27%27&$select=fileName',
    "$filter=displayName eq 'update%20''all'''&$select=fileName&$top=1&$skip=0&$count=false",
  ]) {
    test(`are read however they are spelled: ${query}`, async () => {
      const { runstate, paths } = population()
      const rows = rowsOf(await runstate.send('GET', `${paths.shell}?${query}`))
      const names = rows.map((row) => Object.entries(row).filter(([name]) => !name.startsWith('@')))
      assert.deepEqual(names, [[['fileName', two]]])
    })
  }

  test('keep a plus sign that is percent-encoded', async () => {
    const { runstate, paths } = population()
    const url = `${paths.shell}?$filter=createdDateTime eq 2026-02-01T01:59:58.5%2B02:00`
    assert.deepEqual(
      rowsOf(await runstate.send('GET', url)).map(({ fileName }) => fileName),
      [one],
    )
  })
})

/** What shipped clients send (docs/facts.md, 1.3 and 2.8), with how many rows it finds. */
const clients: readonly (readonly [Collection, string, number, ...string[]])[] = [
  [
    'deviceStates',
    '$select=id,lastStateUpdateDateTime,runState,errorCode,errorDescription,resultMessage&$expand=managedDevice($select=deviceName,userPrincipalName,osVersion)',
    4,
    ...['id', 'resultMessage', 'lastStateUpdateDateTime', 'runState', 'errorCode', 'errorDescription'],
    'managedDevice',
  ],
  [
    'deviceStates',
    '$select=resultMessage&$expand=managedDevice($select=deviceName,userPrincipalName)',
    4,
    ...['resultMessage', 'managedDevice'],
  ],
  [
    'deviceStates',
    '$expand=managedDevice($select=deviceName)&$select=lastStateUpdateDateTime,errorCode,resultMessage',
    4,
    ...['resultMessage', 'lastStateUpdateDateTime', 'errorCode', 'managedDevice'],
  ],
  ['deviceStates', '$expand=managedDevice', 4],
  ['deviceStates', '$expand=managedDevice($select=id)&$top=100', 4],
  ['deviceStates', '=managedDevice', 4],
  ['deviceStates', '=managedDevice(=deviceName,userPrincipalName)', 4],
  ['userStates', '', 3],
  ['shell', "$filter=displayName eq 'Überall Sauber'", 1],
  ['windows', "$filter=DisplayName eq 'überall sauber'", 1],
  ['windows', "$filter=contains(displayName,'sauber')", 1],
  ['windows', "$filter=contains(fileName,'.SH')", 3],
  ['windows', "$filter=runAsAccount eq 'system'", 1],
  ['attributes', "$filter=runAsAccount eq 'system'", 1],
  ['shell', '$select=id,displayName', 3, 'id', 'displayName'],
  ['shell', 'select=id,displayname', 3, 'id', 'displayName'],
  ['shell', '$expand=assignments', 3],
  ['shell', '$expand=groupAssignments', 3],
  ['windows', '$expand=assignments&$top=999', 3],
  ...['999', '100', '200', '50'].map((top) => ['shell', `$top=${top}`, 3] as const),
  ['shell', '=999&=assignments', 3],
  ['shell', '$count=true', 3],
  ['shell', '$orderby=displayName', 3],
]

describe('the query of a client', () => {
  const population = usePopulation()
  for (const [collection, query, count, ...names] of clients) {
    test(`is answered: ${collection}?${query}`, async () => {
      const { runstate, paths } = population()
      for (const url of [`${paths[collection]}?${query}`, `${paths[collection]}/?${query}`]) {
        const rows = rowsOf(await runstate.send('GET', url))
        assert.equal(rows.length, count)
        for (const row of names.length === 0 ? [] : rows)
          assert.deepEqual(
            Object.keys(row)
              .filter((name) => !name.includes('@'))
              .sort(),
            [...names].sort(),
          )
      }
    })
  }
})
