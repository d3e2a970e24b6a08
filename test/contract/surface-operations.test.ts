/** Every documented operation, performed on a demo server with the documented ids. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Answer, type Runstate, startRunstate } from '../support/runstate.ts'
import {
  assertRefused,
  families,
  observedServing,
  readText,
  rowsOf,
  useRunstate,
  writtenMembers,
} from './families.ts'
import { contextOf, type Entity, operationKinds, type SurfaceOperation, surface } from './surface.ts'

/** What an operation is about: of scripts, the family's own entity. */
function aboutOf({ about, family }: SurfaceOperation): Entity {
  if (about !== undefined) return about
  const { type, members, example, creation } = family
  return { type, id: String(example['id']), members, example, creation, change: {} }
}

function perform(runstate: Runstate, { method, path, body, family }: SurfaceOperation): Promise<Answer> {
  return runstate.send(method, path, body === undefined ? {} : { body: body(family) })
}

/** Asserts that members are the documented ones, in their order, after the type. */
function assertMembers(members: Readonly<Record<string, unknown>>, { type, members: names }: Entity): void {
  assert.deepEqual(Object.keys(members), ['@odata.type', ...names])
  assert.equal(members['@odata.type'], `#microsoft.graph.${type}`)
}

/** Asserts that what was sent, or else the documentation's own, is in the answer. */
function assertValues(members: Readonly<Record<string, unknown>>, operation: SurfaceOperation): void {
  const { id, example, creation } = aboutOf(operation)
  const sent = operation.body?.(operation.family) ?? {}
  assert(typeof sent === 'object' && sent !== null)
  const expected = operation.status === 201 ? { ...creation } : { id, ...example, ...sent }
  for (const [name, value] of Object.entries(expected)) {
    const actual = members[name]
    if (name === 'target') {
      assert(typeof actual === 'object' && typeof value === 'object')
      assert.deepEqual({ ...actual, ...value }, actual)
    } else if (operation.status !== 200 || name !== 'lastModifiedDateTime') {
      assert.deepEqual(actual, value, name)
    }
  }
}

function assertEntity(answer: Answer, operation: SurfaceOperation): void {
  const { '@odata.context': context, ...members } = answer.body
  assert.match(answer.text, /^\{\s*"@odata\.context"/)
  assert(String(context).endsWith(`/beta/$metadata#${contextOf(operation)}`), String(context))
  assertMembers(members, aboutOf(operation))
  assertValues(members, operation)
}

function assertRows(answer: Answer, operation: SurfaceOperation): void {
  assert(
    String(answer.body['@odata.context']).endsWith(`/beta/$metadata#${contextOf(operation)}`),
    answer.text,
  )
  assert.deepEqual(Object.keys(answer.body), ['@odata.context', 'value'])
  const rows = rowsOf(answer)
  for (const row of rows) assertMembers(row, aboutOf(operation))
  const own = rows.find(({ id }) => id === aboutOf(operation).id)
  assert(own !== undefined, answer.text)
  assertValues(own, operation)
}

/** Asserts that there are as many rows as are listed, in bare digits. */
async function assertNumber(runstate: Runstate, answer: Answer, { path }: SurfaceOperation): Promise<void> {
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/)
  assert.match(answer.text, /^\d+$/)
  const rows = rowsOf(await runstate.send('GET', path.replace('/$count', '')))
  assert.equal(Number(answer.text), rows.length)
}

function assertNothing({ text, headers }: Answer): void {
  assert.equal(text, '')
  assert.equal(headers.get('content-type'), null)
}

async function assertAnswered(
  runstate: Runstate,
  answer: Answer,
  operation: SurfaceOperation,
): Promise<void> {
  assert.equal(answer.status, operation.status, answer.text)
  if (operation.answers === 'entity') assertEntity(answer, operation)
  else if (operation.answers === 'rows') assertRows(answer, operation)
  else if (operation.answers === 'number') await assertNumber(runstate, answer, operation)
  else if (operation.answers === 'nothing') assertNothing(answer)
  else assert.equal(rowsOf(answer).length, 1)
  if (!['nothing', 'number'].includes(operation.answers)) {
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json;odata\.metadata=minimal;/)
    assert.equal(answer.headers.get('odata-version'), '4.0')
  }
}

/** Asserts that the store is now as the answer said. */
async function assertDone(runstate: Runstate, answer: Answer, operation: SurfaceOperation): Promise<void> {
  const { method, path, answers } = operation
  if (method === 'DELETE') assertRefused(await runstate.send('GET', path), 404, 'ResourceNotFound')
  if (method === 'PATCH') assert.equal(await readText(runstate, path), answer.text)
  if (method !== 'POST' || answers !== 'entity') return
  const location = new URL(answer.headers.get('location') ?? '')
  assert.equal(await readText(runstate, location.pathname), answer.text)
  const ids = rowsOf(await runstate.send('GET', path)).map(({ id }) => id)
  assert(ids.includes(answer.body['id']))
}

/** Paths with the methods that each has. */
const allowedMethods = Map.groupBy(surface, ({ path }) => path)

describe('the documented operations', () => {
  test('are 124: 41 of each family and hasPayloadLinks', () => {
    assert.equal(surface.length, 124)
    assert.equal(new Set(surface.map(({ method, path }) => `${method} ${path}`)).size, 124)
    assert.equal(operationKinds.length, 42)
    for (const family of families) {
      const own = surface.filter((operation) => operation.family === family && operation.only === undefined)
      assert.equal(own.length, 41, family.set)
    }
  })

  for (const operation of surface) {
    test(`are served: ${operation.method} ${operation.path}`, async () => {
      await using runstate = await startRunstate({ demo: true })
      const answer = await perform(runstate, operation)
      await assertAnswered(runstate, answer, operation)
      await assertDone(runstate, answer, operation)
    })
  }

  for (const operation of surface.filter(({ answers }) => ['entity', 'rows'].includes(answers))) {
    test(`carry no type in the observed profile: ${operation.method} ${operation.path}`, async () => {
      await using runstate = await startRunstate({ demo: true, ...observedServing })
      const { set } = operation.family
      const isSetOnce = operation.method === 'PATCH' && set === 'deviceCustomAttributeShellScripts'
      if (isSetOnce && operation.about === undefined) return
      const answer = await perform(runstate, operation)
      assert.equal(answer.status, operation.status, answer.text)
      const [row = answer.body] = operation.answers === 'rows' ? rowsOf(answer) : []
      const { '@odata.context': _, ...members } = row
      assert.deepEqual(Object.keys(members), aboutOf(operation).members)
    })
  }
})

describe('a path of the surface', () => {
  const runstate = useRunstate({ demo: true })

  for (const [path, operations] of allowedMethods) {
    const allowed: readonly string[] = operations.map(({ method }) => method)
    const wrong = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => !allowed.includes(method))

    test(`refuses ${wrong.join(', ')}, and says what it takes: ${path}`, async () => {
      for (const method of wrong) {
        const sending = ['GET', 'DELETE'].includes(method) ? {} : { body: {} }
        const answer = await runstate().send(method, path, sending)
        assertRefused(answer, 405, 'MethodNotAllowed')
        const named = (answer.headers.get('allow') ?? '').split(/\s*,\s*/)
        assert.deepEqual(named.toSorted(), allowed.toSorted(), `${method} ${path}`)
      }
      const reads = operations.filter(({ method }) => method === 'GET')
      for (const one of reads) await readText(runstate(), one.path)
    })
  }

  test('has 22 forms in each family, and one more', () => {
    assert.equal(allowedMethods.size, 22 * 3 + 1)
  })

  test('may have its keys in parentheses, and its segments in any case', async () => {
    for (const { path, method } of surface.filter((one) => one.method === 'GET')) {
      const segments = path.split('/')
      const keyed = segments.reduce((all, one) =>
        /^[0-9a-f-]{36}$/.test(one) ? `${all}('${one}')` : `${all}/${one}`,
      )
      const upper = segments.map((one) => (/^[0-9a-f-]{36}$/.test(one) ? one : one.toUpperCase())).join('/')
      const expected = await readText(runstate(), path)
      for (const other of [keyed, upper, `${path}/`, path.replaceAll('/', '//')]) {
        const answer = await runstate().send(method, other)
        assert.equal(answer.text, expected, other)
      }
    }
  })
})

describe('an action under its qualified name', () => {
  for (const operation of surface.filter(({ access }) => access === 'assign' || access === 'payloadLinks')) {
    for (const qualify of ['microsoft.graph.', 'Microsoft.Graph.']) {
      const path = operation.path.replace(/[^/]+$/, (name) => `${qualify}${name}`)
      test(`is the same: ${path}`, async () => {
        await using runstate = await startRunstate({ demo: true })
        const answer = await perform(runstate, { ...operation, path })
        await assertAnswered(runstate, answer, operation)
        assertRefused(await runstate.send('GET', path), 405, 'MethodNotAllowed')
      })
    }
  }

  test('is none that another namespace has', async () => {
    await using runstate = await startRunstate({ demo: true })
    for (const { path, body, family } of surface.filter(({ access }) => access === 'assign')) {
      const wrong = path.replace(/assign$/, 'contoso.assign')
      const before = await readText(runstate, path.replace(/assign$/, 'assignments'))
      assertRefused(await runstate.send('POST', wrong, { body: body?.(family) }), 400, 'BadRequest')
      assert.equal(await readText(runstate, path.replace(/assign$/, 'assignments')), before)
    }
  })
})

test('the written order of members is theirs in the text, not only as parsed', async () => {
  await using runstate = await startRunstate({ demo: true })
  for (const operation of surface.filter(({ answers, method }) => answers === 'entity' && method === 'GET')) {
    const { text } = await perform(runstate, operation)
    const flat = text.replace(/"(target|roleScopeTagIds)":(\{[^}]*\}|\[[^\]]*\])/g, '"$1":0')
    const names = writtenMembers(flat).map(([name]) => name)
    assert.deepEqual(names, ['@odata.context', '@odata.type', ...aboutOf(operation).members])
  }
})
