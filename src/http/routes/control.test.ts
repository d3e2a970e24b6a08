import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { type Listening, startListening } from '../../../test/support/wire.ts'
import { readServerFile, type ServerFile } from '../server-file.ts'

/** One that command lines find; what they do to its tenants is by tenants of their own. */
const shared = await startListening({ after })
await shared.server.announce()
const file = await fileOf(shared)

async function fileOf({ ca }: Listening): Promise<ServerFile> {
  const found = await readServerFile(dirname(ca))
  assert(found !== undefined)
  return found
}

interface Command {
  readonly name: string
  readonly method?: string
  readonly authorization?: string | undefined
  readonly body?: string
}

async function send({ name, method = 'POST', authorization, body = '{}' }: Command): Promise<Response> {
  return await fetch(`${shared.httpUrl}/.runstate/control/${name}`, {
    method,
    headers: authorization === undefined ? {} : { authorization },
    ...(method === 'POST' ? { body } : {}),
  })
}

const right = `Bearer ${file.secret}`

async function messageOf(response: Response): Promise<string> {
  return Object(await response.json()).error.message
}

describe('the control plane', () => {
  const wrong = [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    `Basic ${file.secret}`,
    file.secret,
    `Bearer ${file.secret}x`,
    `Bearer ${file.secret.slice(1)}`,
    `Bearer ${file.secret.toUpperCase()}`,
    `Bearer ${file.secret} ${file.secret}`,
    `Bearer ${'x'.repeat(10_000)}`,
    `Bearer ${shared.token}`,
  ]
  for (const authorization of wrong) {
    test(`is closed to ${authorization?.replace(file.secret, '(secret)').slice(0, 40)}`, async () => {
      for (const name of ['tenants', 'token', 'put-tenant', 'put-mark', 'reset', 'save', 'nothing']) {
        const response = await send({ name, authorization })
        assert.equal(response.status, 401)
        assert.equal(await messageOf(response), 'The secret of this server is another one.')
      }
    })
  }

  test('says nothing about itself to a web page that asks first', async () => {
    for (const method of ['OPTIONS', 'GET']) {
      const response = await send({ name: 'token', method, authorization: right })
      assert.equal(response.status, 405)
      assert.equal(response.headers.get('access-control-allow-origin'), null)
    }
  })

  test('knows no command but its own, not even the name that every object has', async () => {
    for (const name of ['nothing', 'constructor']) {
      const response = await send({ name, authorization: right })
      assert.equal(response.status, 404, name)
    }
    const response = await send({ name: 'nothing', authorization: right })
    assert.equal(await messageOf(response), "There is no command 'nothing'.")
  })

  test('mints tokens as they are asked for', async () => {
    const body = JSON.stringify({ scopes: ['Read', 'Write'], user: 'ada@contoso.com', lifetime: 60 })
    const { token } = Object(await (await send({ name: 'token', authorization: right, body })).json())
    const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
    assert.deepEqual([claims.scp, claims.upn, claims.exp - claims.iat], ['Read Write', 'ada@contoso.com', 60])
  })

  test('adds tenants, changes and lists them', async () => {
    const tid = '11111111-1111-4111-8111-111111111111'
    const put = async (settings: object): Promise<unknown> => {
      const body = JSON.stringify({ tid, ...settings })
      return await (await send({ name: 'put-tenant', authorization: right, body })).json()
    }
    const tenant = { number: 2, tid, domain: null, licensed: true }
    assert.deepEqual(await put({}), tenant)
    assert.deepEqual(await put({ domain: 'fabrikam.com' }), { ...tenant, domain: 'fabrikam.com' })
    assert.deepEqual(await put({ licensed: false }), { ...tenant, domain: 'fabrikam.com', licensed: false })
    const tenants = await (await send({ name: 'tenants', authorization: right })).json()
    assert.deepEqual(tenants, await shared.server.tenants())
  })

  test('marks tenants, resets them and forgets their marks', async () => {
    const tenant = '22222222-1111-4111-8111-111111111111'
    await shared.server.putTenant({ tid: tenant })
    const order = async (name: string, argument: object): Promise<unknown> => {
      const response = await send({ name, authorization: right, body: JSON.stringify(argument) })
      return response.ok ? await response.json() : await messageOf(response)
    }
    const mark = { name: 'm', tenant }
    const numberOf = async () => (await shared.server.tenants()).find(({ tid }) => tid === tenant)?.number
    assert.deepEqual(await order('put-mark', mark), mark)
    assert.deepEqual(await order('marks', {}), [mark])
    const numbers = [await numberOf()]
    for (const argument of [mark, { tenant }]) {
      assert.deepEqual(await order('reset', argument), {})
      numbers.push(await numberOf())
    }
    assert.equal(new Set(numbers).size, 3)
    assert.deepEqual(await order('remove-mark', mark), {})
    assert.equal(await order('remove-mark', mark), "The tenant has no mark 'm'.")
    assert.equal(await order('reset', mark), "The tenant has no mark 'm'.")
    assert.deepEqual(await order('marks', {}), [])
    assert.equal(await numberOf(), numbers.at(-1))
  })

  test('saves a snapshot by its whole path, once', async () => {
    const path = join(dirname(shared.ca), 'a.snapshot')
    const save = async (argument: object): Promise<Response> =>
      await send({ name: 'save', authorization: right, body: JSON.stringify(argument) })
    assert.equal((await save({ file: path })).status, 200)
    const again = await save({ file: path })
    assert.equal(again.status, 400)
    assert.match(await messageOf(again), /^The file .+ is there already/)
    assert.equal((await save({ file: path, isReplaced: true })).status, 200)
    for (const file of ['a.snapshot', '', undefined, 7]) {
      const refused = await save({ file })
      assert.deepEqual(
        [refused.status, await messageOf(refused)],
        [400, 'A snapshot is saved by its whole path.'],
      )
    }
  })

  test('refuses what makes no sense, in one sentence', async () => {
    for (const [name, body, message] of [
      ['put-tenant', '{"tid":"me"}', "The tenant id 'me' is not a GUID."],
      ['put-tenant', '{}', "The tenant id '' is not a GUID."],
      ['token', '{"tenant":"nobody.example"}', "The tenant 'nobody.example' is not known here."],
      ['reset', '{"tenant":"nobody.example"}', "The tenant 'nobody.example' is not known here."],
    ] as const) {
      const response = await send({ name, authorization: right, body })
      assert.equal(response.status, 400)
      assert.equal(await messageOf(response), message)
    }
    for (const body of ['', '{', 'null']) {
      const { status } = await send({ name: 'put-tenant', authorization: right, body })
      assert.equal(status, 400, body)
    }
  })
})
