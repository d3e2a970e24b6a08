/** `/openapi.json`: valid, complete, and true of the server that sends it. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { model } from '#model/model.ts'
import { type Document, listOperations, type PlacedOperation, readDocument } from '../support/openapi.ts'
import { type Answer, errorOf, type Runstate, startRunstate } from '../support/runstate.ts'
import { rowsOf, useRunstate } from './families.ts'
import { healthOperations, pathOf } from './health.ts'
import { surface } from './surface.ts'

await using source = await startRunstate()
const document = await readDocument(source)
const operations = listOperations(document)

const SEED =
  '/beta/deviceManagement/deviceShellScripts/{deviceShellScriptId}/userRunStates/{deviceManagementScriptUserStateId}'

/** The contract that the project was created from: what it prints as request and as response. */
const seedRequest = {
  '@odata.type': '#microsoft.graph.deviceManagementScriptUserState',
  successDeviceCount: 2,
  errorDeviceCount: 0,
  userPrincipalName: 'User Principal Name value',
}

const seedResponse = {
  '@odata.type': '#microsoft.graph.deviceManagementScriptUserState',
  id: 'd5a29103-9103-d5a2-0391-a2d50391a2d5',
  successDeviceCount: 2,
  errorDeviceCount: 0,
  userPrincipalName: 'User Principal Name value',
}

const devices = 'managedDevices'

/** All that is served, as requests with the documented ids. */
const served = [
  ...surface.map(({ method, path, status }) => ({ method, path, status })),
  ...healthOperations.map((operation) => ({ ...operation, path: pathOf(operation) })),
  { method: 'GET', path: devices, status: 200 },
  { method: 'POST', path: devices, status: 201 },
  { method: 'GET', path: `${devices}/$count`, status: 200 },
  { method: 'GET', path: `${devices}/705c034c-034c-705c-4c03-5c704c035c70`, status: 200 },
].map(({ method, path, status }) => `${method} /beta/deviceManagement/${path} ${status}`)

function perform(runstate: Runstate, { method, path, body }: PlacedOperation): Promise<Answer> {
  return runstate.send(method, path, body === undefined ? {} : { body })
}

describe('the OpenAPI document', () => {
  test('is JSON for whoever asks, and valid OpenAPI 3.1', async () => {
    const { status, headers, text } = await source.send('GET', '/openapi.json', { token: null })
    assert.equal(status, 200)
    assert.equal(headers.get('content-type'), 'application/json; charset=utf-8')
    const { valid, errors } = await new Validator().validate(JSON.parse(text))
    assert(valid, JSON.stringify(errors))
    assert.match(document.openapi, /^3\.1\./)
  })

  test('names the origin by which the client came, and the token endpoint there', async () => {
    for (const origin of ['http://localhost:8080', 'https://127.0.0.1:9443', 'https://localhost']) {
      const response = await source.server.fetch(`${origin}/openapi.json`)
      const { servers, components }: Document = JSON.parse(await response.text())
      assert.deepEqual(servers, [{ url: origin }])
      const { tokenUrl } = components.securitySchemes.oauth2.flows.clientCredentials
      assert.equal(tokenUrl, `${origin}/${source.server.config.tenant}/oauth2/v2.0/token`)
    }
  })

  test('keeps one document an origin, and forgets the oldest without changing any', async () => {
    const read = async (port: number): Promise<string> =>
      await (await source.server.fetch(`http://localhost:${port}/openapi.json`)).text()
    const first = await read(1024)
    for (let port = 1025; port < 1060; port += 1) assert(!(await read(port)).includes('localhost:1024'))
    assert.equal(await read(1024), first)
  })

  test('has every operation that is served, with its status, and no other', () => {
    const documented = operations.map(({ method, path, status }) => `${method} ${path} ${status}`)
    assert.deepEqual(documented.toSorted(), served.toSorted())
  })

  test('gives each operation an id of its own, a tag of an entity set, and words', () => {
    assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length)
    const sets = document.tags.map(({ name }) => name)
    for (const { operationId, tags, summary, description } of operations) {
      assert.match(operationId, /^deviceManagement(\.[a-zA-Z]+)+$/)
      assert(tags.length === 1 && sets.includes(String(tags[0])), operationId)
      assert.match(summary, /\w/)
      assert.match(description, /^[A-Z].+\.$/)
    }
  })

  test('refers to nothing that it does not have, and has nothing to which it does not refer', () => {
    const text = JSON.stringify(document)
    const references = new Set([...text.matchAll(/"#\/components\/([^"]+)"/g)].map(([, name]) => name))
    const { schemas, responses } = document.components
    const there = [
      ...Object.keys(schemas).map((name) => `schemas/${name}`),
      ...Object.keys(responses).map((name) => `responses/${name}`),
    ]
    assert.deepEqual([...references].sort(), there.sort())
  })

  test('asks for a token with the permissions of the model', () => {
    const { scopes } = document.components.securitySchemes.oauth2.flows.clientCredentials
    for (const { security } of operations) {
      for (const { oauth2 } of security) assert(oauth2.length === 1 && String(oauth2[0]) in scopes)
    }
  })
})

describe('the seed’s request, run from the document', () => {
  const operation = operations.find((one) => one.template === SEED && one.method === 'PATCH')
  const { requestBody, responses } = operation ?? {}

  test('has the example of the contract, and its response', () => {
    assert.deepEqual(requestBody?.content['application/json']?.example, seedRequest)
    assert.deepEqual(responses?.['200']?.content?.['application/json']?.example, seedResponse)
    assert.equal(operation?.summary, 'Update deviceManagementScriptUserState')
  })

  test('is the same for the three families', () => {
    const all = operations.filter(
      ({ operationId, method }) => method === 'PATCH' && operationId.endsWith('.userRunStates.update'),
    )
    assert.equal(all.length, 3)
    for (const { body } of all) assert.deepEqual(body, seedRequest)
  })

  test('is answered as it documents', async () => {
    await using runstate = await startRunstate({ demo: true })
    assert(operation !== undefined)
    const { status, body } = await perform(runstate, operation)
    const { '@odata.context': context, ...members } = body
    assert.equal(status, 200)
    assert.match(String(context), /\/userRunStates\/\$entity$/)
    assert.deepEqual(members, seedResponse)
  })

  test('is written on none but the server that the document names', async () => {
    await using runstate = await startRunstate({ demo: true })
    const own = await readDocument(runstate)
    assert.equal(own.servers[0]?.url, runstate.server.url)
  })
})

describe('a server does what its document says', () => {
  const runstate = useRunstate({ demo: true })
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  before(() => ajv.addSchema(document, 'openapi'))

  /** Asserts that an answer has the documented form: its schema, and no member that the schema does not know. */
  function assertForm({ responses, operationId }: PlacedOperation, { status, body }: Answer): void {
    const { schema } = responses[status]?.content?.['application/json'] ?? {}
    if (schema === undefined) return
    const text = JSON.stringify(schema).replaceAll('"#/', '"openapi#/')
    const validate = ajv.compile(JSON.parse(text))
    assert(validate(body), `${operationId}: ${JSON.stringify(validate.errors)}`)
  }

  for (const operation of operations) {
    const { method, template, status, responses } = operation
    test(`${method} ${template}`, async () => {
      await using own = method === 'GET' ? undefined : await startRunstate({ demo: true })
      const answer = await perform(own ?? runstate(), operation)
      assert.equal(answer.status, status, answer.text)
      assertForm(operation, answer)
      const { content = {}, headers = {} } = responses[status] ?? {}
      for (const type of Object.keys(content))
        assert((answer.headers.get('content-type') ?? '').startsWith(type))
      for (const header of Object.keys(headers)) assert(answer.headers.has(header), header)
    })
  }

  test('every example has the form that is documented for it', () => {
    const media = operations.flatMap(({ requestBody, responses }) =>
      [requestBody?.content, ...Object.values(responses).map(({ content }) => content)].flatMap(
        (content) => content?.['application/json'] ?? [],
      ),
    )
    const examples = media.filter(({ example }) => example !== undefined)
    assert(examples.length > operations.length)
    for (const { schema, example } of examples) {
      const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/')))
      assert(validate(example), JSON.stringify([example, validate.errors]))
    }
  })

  test('what has not the documented form is refused', async () => {
    const schema = { $ref: 'openapi#/components/schemas/microsoft.graph.deviceManagementScriptUserState' }
    const validate = ajv.compile(schema)
    const { path = '' } = operations.find(({ template }) => template === SEED) ?? {}
    for (const body of [
      { successDeviceCount: -1 },
      { successDeviceCount: null },
      { errorDeviceCount: 2.5 },
      { userPrincipalName: 7 },
    ]) {
      assert(!validate(body), JSON.stringify(body))
      assert.equal((await runstate().send('PATCH', path, { body })).status, 400)
    }
    assert(validate({ userPrincipalName: null }))
    assert.equal((await runstate().send('PATCH', path, { body: { userPrincipalName: null } })).status, 200)
  })

  test('each entity has the members of its schema, all of them', async () => {
    for (const operation of operations.filter(({ operationId }) => operationId.endsWith('.get'))) {
      const { body } = await perform(runstate(), operation)
      const name = String(body['@odata.type']).slice(1)
      const schema = document.components.schemas[name] ?? assert.fail(name)
      const properties: Readonly<Record<string, object>> = Object(schema['properties'])
      const readable = Object.keys(properties).filter((each) => !('writeOnly' in Object(properties[each])))
      const { '@odata.context': _, ...members } = body
      assert.deepEqual(Object.keys(members).toSorted(), readable.toSorted(), operation.operationId)
    }
  })

  test('no path takes a method that it does not document', async () => {
    for (const [path, own] of Map.groupBy(operations, (operation) => operation.path)) {
      const answer = await runstate().send('PUT', path, { body: {} })
      assert.equal(answer.status, 405, path)
      const allowed = (answer.headers.get('allow') ?? '').split(', ')
      assert.deepEqual(allowed.toSorted(), own.map(({ method }) => method).toSorted(), path)
    }
  })

  test('no operation accepts a permission that it does not document', async () => {
    const token = await runstate().token({ roles: [] })
    for (const { method, path, body, security } of operations) {
      const answer = await runstate().send(method, path, body === undefined ? { token } : { body, token })
      assert.equal(answer.status, 403, path)
      const [, accepted = ''] = errorOf(answer).message.split('following scopes: ')
      assert.deepEqual(
        accepted.split(', '),
        security.flatMap(({ oauth2 }) => oauth2),
        `${method} ${path}`,
      )
    }
  })

  test('an update may be answered by nothing', async () => {
    const operation = operations.find(({ template, method }) => template === SEED && method === 'PATCH')
    const { path = '', body, parameters = [] } = operation ?? {}
    assert.deepEqual(
      parameters.map((one) => [one.name, one.in]),
      [['Prefer', 'header']],
    )
    const answer = await runstate().send('PATCH', path, { body, headers: { prefer: 'return=minimal' } })
    assert.equal(answer.status, 204)
  })
})

describe('the query options of the document', () => {
  const runstate = useRunstate({ demo: true })
  /** All that OData has, with a value that each may have. */
  const values: Readonly<Record<string, string>> = {
    $apply: 'aggregate($count as n)',
    $compute: "concat(id,'x') as y",
    $count: 'true',
    $deltatoken: 'x',
    $expand: 'assignments',
    $filter: "displayName eq 'x'",
    $format: 'json',
    $index: '0',
    $levels: '1',
    $orderby: 'displayName',
    $schemaversion: '*',
    $search: 'x',
    $select: 'id',
    $skip: '0',
    $skiptoken: 'x',
    $top: '1',
  }
  const list = operations.find(
    ({ operationId }) => operationId === 'deviceManagement.deviceShellScripts.list',
  )
  const documented = (list?.parameters ?? []).map(({ name }) => name)

  for (const [name, value] of Object.entries(values)) {
    test(`${documented.includes(name) ? 'are served' : 'lack what is not'}: ${name}`, async () => {
      const answer = await runstate().send('GET', `deviceShellScripts?${name}=${encodeURIComponent(value)}`)
      const isServed =
        answer.status === 200 || errorOf(answer).message !== `The query option '${name}' is not supported.`
      assert.equal(isServed, documented.includes(name), answer.text)
    })
  }

  test('know the members that can be selected', async () => {
    const select = list?.parameters?.find(({ name }) => name === '$select')?.schema
    const names: readonly string[] = Object(select?.['items']).enum
    const type = model.entityTypes.get('deviceShellScript')
    assert.deepEqual(
      names,
      type?.properties.map(({ name }) => name),
    )
    const answer = await runstate().send('GET', `deviceShellScripts?$select=${names.join(',')}`)
    assert.equal(answer.status, 200)
    assert.equal(rowsOf(answer).length, 1)
  })
})
