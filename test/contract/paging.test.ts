/** Paging: $top is the page size, a next link follows while rows remain, and no row is missed or seen twice. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Answer, type Runstate, startRunstate } from '../support/runstate.ts'
import {
  assertRefused,
  createScript,
  families,
  keyOf,
  rowsOf,
  shellFamily,
  useRunstate,
  windowsFamily,
} from './families.ts'

const idsOf = (answer: Answer) => rowsOf(answer).map((row) => String(row['id']))

/** Where the next page is: a path from the root, or undefined on the last page. */
function nextOf(runstate: Runstate, { body }: Answer): string | undefined {
  const link = body['@odata.nextLink']
  if (link === undefined) return undefined
  const url = new URL(String(link))
  assert.equal(url.origin, runstate.server.url)
  return `${url.pathname}${url.search}`
}

/** Walks from page to page; gives the ids of each. Between two pages it does what it is told to. */
async function walk(
  runstate: Runstate,
  path: string,
  between: (page: number, seen: readonly string[]) => Promise<void> = async () => undefined,
): Promise<readonly (readonly string[])[]> {
  const pages: (readonly string[])[] = []
  for (let next: string | undefined = path; next !== undefined; ) {
    const answer = await runstate.send('GET', next)
    pages.push(idsOf(answer))
    assert(pages.length < 200, 'the walk ends')
    next = nextOf(runstate, answer)
    if (next !== undefined) await between(pages.length, pages.flat())
  }
  return pages
}

async function createStates(runstate: Runstate, states: string, count: number): Promise<readonly string[]> {
  const ids = []
  for (let number = 0; number < count; number++) {
    ids.push(await runstate.create(states, { successDeviceCount: number }))
  }
  return ids
}

const sorted = (ids: readonly string[]) => [...ids].sort()

for (const family of families) {
  describe(`the pages of ${family.set}`, () => {
    test('hold $top scripts each, in the order of their creation', async () => {
      await using runstate = await startRunstate()
      const ids = []
      for (let count = 0; count < 7; count++) ids.push(keyOf(await createScript(runstate, family)))
      for (const [top, sizes] of [
        [1, [1, 1, 1, 1, 1, 1, 1]],
        [3, [3, 3, 1]],
        [6, [6, 1]],
        [7, [7]],
        [8, [7]],
        [999, [7]],
      ] as const) {
        const pages = await walk(runstate, `${family.set}?$top=${top}`)
        assert.deepEqual(
          pages.map((page) => page.length),
          sizes,
        )
        assert.deepEqual(pages.flat(), ids)
      }
      assert.deepEqual(idsOf(await runstate.send('GET', family.set)), ids)
    })

    test('hold $top user states each, every one once', async () => {
      await using runstate = await startRunstate()
      const states = `${await createScript(runstate, family)}/userRunStates`
      const ids = await createStates(runstate, states, 10)
      const all = idsOf(await runstate.send('GET', states))
      assert.deepEqual(sorted(all), sorted(ids))
      for (const [top, sizes] of [
        [1, Array.from({ length: 10 }, () => 1)],
        [3, [3, 3, 3, 1]],
        [5, [5, 5]],
        [10, [10]],
        [11, [10]],
      ] as const) {
        const pages = await walk(runstate, `${states}?$top=${top}`)
        assert.deepEqual(
          pages.map((page) => page.length),
          sizes,
        )
        assert.deepEqual(pages.flat(), all)
      }
    })

    test('hold each row that stays once while others come and go', async () => {
      await using runstate = await startRunstate()
      const script = await createScript(runstate, family)
      const paths: readonly (readonly [string, unknown])[] = [
        [`${script}/userRunStates`, {}],
        [family.set, family.creation],
      ]
      for (const [path, body] of paths) {
        for (let count = 0; count < 20; count++) await runstate.create(path, body)
        await assertUndisturbed(runstate, path, body)
      }
    })
  })
}

/** Walks a collection while rows seen, the last row seen and rows to come are deleted, and others are created. */
async function assertUndisturbed(runstate: Runstate, path: string, body: unknown): Promise<void> {
  const before = idsOf(await runstate.send('GET', path))
  const deleted = new Set<string>()
  const created = new Set<string>()
  const pages = await walk(runstate, `${path}?$top=4`, async (page, seen) => {
    if (page > 4) return
    const next = before[before.indexOf(seen.at(-1) ?? '') + 2]
    for (const id of [seen.at(-1), seen.at(-3), next]) {
      if (id === undefined || deleted.has(id)) continue
      const { status } = await runstate.send('DELETE', `${path}/${id}`)
      if (status === 204) deleted.add(id)
    }
    for (let count = 0; count < 2; count++) created.add(await runstate.create(path, body))
  })
  const seen = pages.flat()
  assert(deleted.size >= 6, `${deleted.size} were deleted`)
  assert.equal(new Set(seen).size, seen.length, 'no row is seen twice')
  const stayed = (ids: readonly string[]) => ids.filter((id) => !deleted.has(id) && !created.has(id))
  assert.deepEqual(stayed(seen), stayed(before))
  assert(seen.every((id) => before.includes(id) || created.has(id)))
}

describe('a page', () => {
  const runstate = useRunstate()

  test('holds 1,000 rows where nothing is said, and never more', async () => {
    const states = `${await createScript(runstate(), shellFamily)}/userRunStates`
    const [first = '', ...ids] = await createStates(runstate(), states, 1001)
    for (const query of ['', '?$top=1000']) {
      const pages = await walk(runstate(), `${states}${query}`)
      assert.deepEqual(
        pages.map((page) => page.length),
        [1000, 1],
      )
      assert.deepEqual(sorted(pages.flat()), sorted([first, ...ids]))
    }
    const large = await runstate().send('GET', `${states}?$top=5000`)
    if (large.status === 200) assert(rowsOf(large).length <= 1000)
    await runstate().send('DELETE', `${states}/${first}`)
    const pages = await walk(runstate(), states)
    assert.deepEqual(
      pages.map((page) => page.length),
      [1000],
    )
    assert.deepEqual(sorted(pages.flat()), sorted(ids))
  })

  test('names the next one by an absolute link that keeps the options', async () => {
    const states = `${await createScript(runstate(), shellFamily)}/userRunStates`
    await createStates(runstate(), states, 3)
    const answer = await runstate().send('GET', `${states}?$top=2&tag=x`)
    assert.deepEqual(Object.keys(answer.body).toSorted(), ['@odata.context', '@odata.nextLink', 'value'])
    const link = new URL(String(answer.body['@odata.nextLink']))
    assert.equal(link.pathname, `/beta/deviceManagement/${states}`)
    assert.equal(link.searchParams.get('$top'), '2')
    assert.notEqual(link.searchParams.get('$skiptoken') ?? '', '')
    const last = await runstate().send('GET', `${link.pathname}${link.search}`)
    assert.deepEqual(Object.keys(last.body), ['@odata.context', 'value'])
    assert.equal(last.body['@odata.context'], answer.body['@odata.context'])
  })

  test('that is empty is the last', async () => {
    const states = `${await createScript(runstate(), shellFamily)}/userRunStates`
    for (const query of ['', '?$top=1']) {
      const { status, body } = await runstate().send('GET', `${states}${query}`)
      assert.equal(status, 200)
      assert.deepEqual(Object.keys(body), ['@odata.context', 'value'])
      assert.deepEqual(body['value'], [])
    }
  })

  for (const name of ['$top', 'top', '$TOP', 'Top', '%24top']) {
    test(`takes its size from ${name}`, async () => {
      const states = `${await createScript(runstate(), shellFamily)}/userRunStates`
      await createStates(runstate(), states, 3)
      const pages = await walk(runstate(), `${states}?${name}=2`)
      assert.deepEqual(
        pages.map((page) => page.length),
        [2, 1],
      )
    })
  }

  for (const top of ['-1', 'x', '1.5', '1e1', '', '%20', '0x2', '99999999999999999999x']) {
    test(`refuses the size '${top}'`, async () => {
      assertRefused(await runstate().send('GET', `deviceShellScripts?$top=${top}`), 400)
    })
  }
})

describe('a page of much content', () => {
  test('ends at 8 MB, and the walk still sees every row once', async () => {
    await using runstate = await startRunstate()
    const bytes = 1_500_000
    const scriptContent = Buffer.alloc(bytes, 'echo much content\n').toString('base64')
    const ids = []
    for (let count = 0; count < 11; count++) {
      ids.push(keyOf(await createScript(runstate, windowsFamily, { scriptContent })))
    }
    const seen = []
    let pages = 0
    for (let next: string | undefined = windowsFamily.set; next !== undefined; ) {
      const answer = await runstate.send('GET', next)
      const rows = rowsOf(answer)
      for (const row of rows) assert.equal(row['scriptContent'], scriptContent)
      assert(rows.length * bytes <= 8 * 1024 * 1024, `${rows.length} rows of ${bytes} bytes`)
      seen.push(...idsOf(answer))
      pages += 1
      next = nextOf(runstate, answer)
    }
    assert.deepEqual(seen, ids)
    assert(pages >= 2, `${pages} pages`)
  })
})

describe('a $skiptoken', () => {
  const runstate = useRunstate()

  /** The second page of a collection: its path, and its query with the token. */
  async function secondPage(path: string): Promise<{ readonly search: string; readonly token: string }> {
    const next =
      nextOf(runstate(), await runstate().send('GET', `${path}?$top=1`)) ?? assert.fail('there is one')
    const { search, searchParams } = new URL(next, 'https://localhost')
    return { search, token: searchParams.get('$skiptoken') ?? assert.fail('it has a token') }
  }

  async function createWithStates(): Promise<{ readonly script: string; readonly states: string }> {
    const script = await createScript(runstate(), shellFamily)
    await createStates(runstate(), `${script}/userRunStates`, 3)
    return { script, states: `${script}/userRunStates` }
  }

  test('is bound to its collection', async () => {
    const [own, other] = [await createWithStates(), await createWithStates()]
    const { search } = await secondPage(own.states)
    assert.equal((await runstate().send('GET', `${own.states}${search}`)).status, 200)
    for (const path of [other.states, shellFamily.set, windowsFamily.set]) {
      assertRefused(await runstate().send('GET', `${path}${search}`), 400)
    }
    const scripts = await secondPage(shellFamily.set)
    assertRefused(await runstate().send('GET', `${windowsFamily.set}${scripts.search}`), 400)
    assertRefused(await runstate().send('GET', `${own.states}${scripts.search}`), 400)
  })

  test('shows another tenant nothing', async () => {
    const { states } = await createWithStates()
    const { search } = await secondPage(shellFamily.set)
    const tid = '33333333-4444-4555-8666-777777777777'
    await runstate().server.putTenant({ tid })
    const token = await runstate().token({ tenant: tid })
    const answer = await runstate().send('GET', `${shellFamily.set}${search}`, { token })
    if (answer.status === 200) assert.deepEqual(idsOf(answer), [])
    const { search: inner } = await secondPage(states)
    assert.notEqual((await runstate().send('GET', `${states}${inner}`, { token })).status, 200)
  })

  test('goes with every way to write its collection', async () => {
    const { script, states } = await createWithStates()
    const { search } = await secondPage(states)
    const expected = idsOf(await runstate().send('GET', `${states}${search}`))
    for (const path of [
      `${shellFamily.set}('${keyOf(script)}')/userRunStates`,
      `${states}/`,
      states.toLowerCase(),
    ]) {
      assert.deepEqual(idsOf(await runstate().send('GET', `${path}${search}`)), expected)
    }
  })

  test('works again and again', async () => {
    const { states } = await createWithStates()
    const { search } = await secondPage(states)
    const first = await runstate().send('GET', `${states}${search}`)
    const second = await runstate().send('GET', `${states}${search}`)
    assert.equal(second.text, first.text)
  })

  test('that was never given is refused', async () => {
    const { states } = await createWithStates()
    const { token } = await secondPage(states)
    const half = token.slice(0, Math.floor(token.length / 2))
    const nested = Buffer.from('[1,[2]]').toString('base64url')
    for (const bad of [
      '',
      'x',
      '0',
      '%00',
      '%F0%9F%98%80',
      'null',
      "'",
      half,
      `${token}${token}`,
      nested,
      'a'.repeat(5000),
    ]) {
      assertRefused(await runstate().send('GET', `${states}?$skiptoken=${bad}`), 400)
      assertRefused(await runstate().send('GET', `${shellFamily.set}?$skiptoken=${bad}`), 400)
    }
  })
})
