import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { limits, quirksOf, wallClock } from '#base/base.ts'
import { model, timestampOf } from '#model/model.ts'
import {
  parseOptions,
  parsePath,
  parsePreferences,
  type QueryOptions,
  type ResourcePath,
} from '#odata/odata.ts'
import { command, one, openStorage, type Storage, query as select } from '#storage/storage.ts'
import type { OperationContext, OperationResult } from './context.ts'
import { create } from './create.ts'
import { list } from './list.ts'

const SCRIPTS = '/beta/deviceManagement/deviceShellScripts'
const ORIGIN = 'https://localhost:8443'

/** An empty tenant in a database of its own, and an operation's context in it. */
async function openTenant(): Promise<OperationContext & AsyncDisposable> {
  const storage = await openStorage({ model })
  const row = await storage.transact(function* () {
    yield* one(command`INSERT INTO tenant (tid) VALUES (${'t'})`)
    return yield* one(select`SELECT number FROM tenant`)
  })
  return {
    model,
    storage,
    clock: wallClock,
    quirks: quirksOf('documented'),
    origin: ORIGIN,
    tenant: Number(row?.['number']),
    signal: new AbortController().signal,
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  }
}

const answering = { preferences: parsePreferences(undefined), metadata: 'minimal' } as const

function optionsOf(query: string, { navigation }: ResourcePath): QueryOptions {
  return parseOptions(query, { type: navigation.target, kind: 'collection', now: timestampOf(0) })
}

async function add(context: OperationContext, target: string, members: object = {}): Promise<string> {
  const path = parsePath(target, model)
  assert(path.kind === 'collection')
  const body = Buffer.from(JSON.stringify(members))
  const request = {
    path,
    query: '',
    options: optionsOf('', path),
    body,
    ...answering,
  }
  return String((await create(context, request)).body?.['id'])
}

/** A page by its URL, as a client follows it. */
async function page(context: OperationContext, url: string): Promise<OperationResult> {
  const { pathname: target, search } = new URL(url, ORIGIN)
  const path = parsePath(target, model)
  assert(path.kind === 'collection')
  const query = search.slice(1)
  const options = optionsOf(query, path)
  return await list(context, { path, query, options, body: Buffer.of(), ...answering })
}

function linkOf({ body }: OperationResult): string | undefined {
  const link = body?.['@odata.nextLink']
  return link === undefined ? undefined : String(link)
}

function idsOf({ body }: OperationResult): readonly string[] {
  const value = body?.['value']
  assert(Array.isArray(value))
  return value.map((entity: { readonly id: string }) => entity.id)
}

/** The ids of each page, from the first link to the last; `between` runs after each page. */
async function walk(
  context: OperationContext,
  first: string,
  between: (page: number) => Promise<unknown> = async () => undefined,
): Promise<string[][]> {
  const pages: string[][] = []
  for (let url: string | undefined = first; url !== undefined; ) {
    const result = await page(context, url)
    pages.push([...idsOf(result)])
    url = linkOf(result)
    await between(pages.length)
  }
  return pages
}

async function addMany(context: OperationContext, target: string, count: number): Promise<string[]> {
  return await Promise.all(Array.from({ length: count }, () => add(context, target)))
}

describe('the pages of a list', () => {
  test('hold every entity once, in one order, whatever their size', async () => {
    await using context = await openTenant()
    const ids = await addMany(context, SCRIPTS, 7)
    for (const top of [1, 2, 3, 6, 7, 8]) {
      const pages = await walk(context, `${SCRIPTS}?$top=${top}`)
      assert.deepEqual(pages.flat(), ids)
      assert.equal(pages.length, Math.ceil(ids.length / top))
    }
  })

  test('of the children of one entity hold them by their keys', async () => {
    await using context = await openTenant()
    const target = `${SCRIPTS}/${await add(context, SCRIPTS)}/userRunStates`
    const ids = await addMany(context, target, 5)
    await addMany(context, `${SCRIPTS}/${await add(context, SCRIPTS)}/userRunStates`, 5)
    assert.deepEqual((await walk(context, `${target}?$top=2`)).flat(), ids.toSorted())
  })

  test('skip nothing and repeat nothing where entities come and go between them', async () => {
    await using context = await openTenant()
    const ids = await addMany(context, SCRIPTS, 4)
    const added: string[] = []
    const pages = await walk(context, `${SCRIPTS}?$top=2`, async (number) => {
      if (number === 1) await removeScript(context.storage, ids[1])
      if (number <= 2) added.push(await add(context, SCRIPTS))
    })
    assert.deepEqual(pages.flat(), [...ids, ...added])
  })

  test('are the limit’s size where nothing is said', async () => {
    await using context = await openTenant()
    await addMany(context, SCRIPTS, limits.pageRows + 1)
    const pages = await walk(context, SCRIPTS)
    assert.deepEqual(
      pages.map((ids) => ids.length),
      [limits.pageRows, 1],
    )
  })

  test('end early where their content is large', async () => {
    await using context = await openTenant()
    const scriptContent = Buffer.alloc(3 * 1024 * 1024).toString('base64')
    for (let i = 0; i < 4; i += 1) await add(context, SCRIPTS, { scriptContent })
    const pages = await walk(context, `${SCRIPTS}?$top=4`)
    assert.deepEqual(
      pages.map((ids) => ids.length),
      [2, 2],
    )
  })
})

async function removeScript(storage: Storage, id = ''): Promise<void> {
  await storage.transact(() => one(command`DELETE FROM script WHERE id = ${id}`))
}

describe('the link to the next page', () => {
  const queries = [
    ['$top=1', '$top=1&'],
    ['top=1&=999&x=%20y', 'top=1&=999&x=%20y&'],
    ['&&%24top=1&', '%24top=1&'],
    ['$top=1&myskiptoken=1', '$top=1&myskiptoken=1&'],
    ['$Top=1&note=a?b', '$Top=1&note=a?b&'],
  ] as const
  for (const [given, kept] of queries) {
    test(`keeps the query '${given}' as it was written`, async () => {
      await using context = await openTenant()
      await addMany(context, SCRIPTS, 3)
      const first = linkOf(await page(context, `${SCRIPTS}?${given}`)) ?? ''
      const second = linkOf(await page(context, first)) ?? ''
      for (const link of [first, second]) {
        const [before, token = ''] = link.split('$skiptoken=')
        assert.equal(before, `${ORIGIN}${SCRIPTS}?${kept}`)
        assert.match(token, /^[\w-]+$/)
      }
      assert.equal(linkOf(await page(context, second)), undefined)
    })
  }

  for (const name of ['$skiptoken', 'skiptoken', '%24SkipToken', '$SKIPTOKEN']) {
    test(`replaces the token of the page before, given as ${name}`, async () => {
      await using context = await openTenant()
      await addMany(context, SCRIPTS, 3)
      const first = linkOf(await page(context, `${SCRIPTS}?$top=1`)) ?? ''
      const [, token = ''] = first.split('$skiptoken=')
      const second = linkOf(await page(context, `${SCRIPTS}?${name}=${token}&$top=1`)) ?? ''
      assert.equal(second.toLowerCase().split('skiptoken').length, 2, second)
      assert.notEqual(second.split('$skiptoken=')[1], token)
    })
  }

  test('names the collection as the model does, however the client did', async () => {
    await using context = await openTenant()
    await addMany(context, SCRIPTS, 2)
    const link = linkOf(await page(context, '/BETA/devicemanagement//deviceshellscripts/?$top=1')) ?? ''
    assert(link.startsWith(`${ORIGIN}${SCRIPTS}?$top=1&$skiptoken=`), link)
  })
})

describe('a token', () => {
  test('of another collection is refused, of a family as of a parent', async () => {
    await using context = await openTenant()
    const [one = '', other = ''] = await addMany(context, SCRIPTS, 2)
    const states = (id: string): string => `${SCRIPTS}/${id}/userRunStates`
    await addMany(context, states(one), 2)
    const link = linkOf(await page(context, `${states(one)}?$top=1`)) ?? ''
    const [, token = ''] = link.split('?')
    const strangers = [SCRIPTS, SCRIPTS.replace('Shell', 'Management'), states(other)]
    for (const target of strangers) {
      await assert.rejects(page(context, `${target}?${token}`), {
        code: 'BadRequest',
        message: "The value of the query option '$skiptoken' belongs to another request.",
      })
    }
    const same = await page(context, `${SCRIPTS.toUpperCase()}('${one}')/userRunStates?${token}`)
    assert.equal(idsOf(same).length, 1)
  })

  test('continues with another size of page', async () => {
    await using context = await openTenant()
    const ids = await addMany(context, SCRIPTS, 5)
    const link = linkOf(await page(context, `${SCRIPTS}?$top=1`)) ?? ''
    assert.deepEqual(idsOf(await page(context, link.replace('$top=1', '$top=3'))), ids.slice(1, 4))
  })
})

describe('a list', () => {
  test('of nothing is empty and has no link', async () => {
    await using context = await openTenant()
    const { status, body, rowsWritten } = await page(context, SCRIPTS)
    assert.deepEqual([status, rowsWritten], [200, 0])
    assert.deepEqual(body, {
      '@odata.context': `${ORIGIN}/beta/$metadata#deviceManagement/deviceShellScripts`,
      value: [],
    })
  })

  test('below what is not there is not found, an empty one is', async () => {
    await using context = await openTenant()
    const id = await add(context, SCRIPTS)
    assert.deepEqual(idsOf(await page(context, `${SCRIPTS}/${id}/userRunStates`)), [])
    for (const target of [`${SCRIPTS}/x`, `${SCRIPTS.replace('Shell', 'Management')}/${id}`]) {
      await assert.rejects(page(context, `${target}/userRunStates`), { code: 'ResourceNotFound' })
    }
  })

  test('that nobody waits for any more is not read', async () => {
    await using context = await openTenant()
    await add(context, SCRIPTS)
    const aborted = { ...context, signal: AbortSignal.abort() }
    await assert.rejects(page(aborted, SCRIPTS), { name: 'AbortError' })
  })
})
