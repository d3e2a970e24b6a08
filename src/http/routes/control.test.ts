import assert from 'node:assert/strict'
import { dirname } from 'node:path'
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
      for (const name of ['tenants', 'token', 'put-tenant', 'nothing']) {
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

  test('refuses what makes no sense, in one sentence', async () => {
    for (const [name, body, message] of [
      ['put-tenant', '{"tid":"me"}', "The tenant id 'me' is not a GUID."],
      ['put-tenant', '{}', "The tenant id '' is not a GUID."],
      ['token', '{"tenant":"nobody.example"}', "The tenant 'nobody.example' is not known here."],
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
