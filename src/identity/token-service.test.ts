import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { developmentIdentity } from '#config.ts'
import { type Answer, type Runstate, startRunstate } from '../../test/support/runstate.ts'

/** Nothing that the endpoint does leaves a trace, so its tests share a server. */
const runstate = await startRunstate()
after(() => runstate[Symbol.asyncDispose]())

const { tenant, domain, clientId, clientSecret } = developmentIdentity
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const FORM = 'application/x-www-form-urlencoded'

interface TokenRequest {
  readonly method?: string
  readonly path?: string
  readonly type?: string | null
  /** Over the right form; undefined takes a parameter away. */
  readonly form?: Readonly<Record<string, string | undefined>>
  readonly headers?: Readonly<Record<string, string>>
}

async function request(given: TokenRequest = {}, by: Runstate = runstate): Promise<Answer> {
  const { method = 'POST', path = `/${tenant}/oauth2/v2.0/token`, type = FORM, form, headers } = given
  const parameters = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: 'https://graph.microsoft.com/.default',
    ...form,
  }
  const body = new URLSearchParams(
    Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  ).toString()
  return await by.send(method, path, {
    token: null,
    ...(method === 'GET' ? {} : { body }),
    headers: { 'content-type': method === 'GET' ? null : type, ...headers },
  })
}

function basic(id: string, secret: string): Readonly<Record<string, string>> {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` }
}

const noCredentials = { client_id: undefined, client_secret: undefined }

function assertGranted({ status, headers, body, text }: Answer): string {
  assert.equal(status, 200, text)
  assert.equal(headers.get('content-type'), 'application/json; charset=utf-8')
  assert.equal(headers.get('cache-control'), 'no-store')
  assert.equal(headers.get('pragma'), 'no-cache')
  const { access_token: token, ...rest } = body
  assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599 })
  assert(typeof token === 'string')
  return token
}

describe('the token endpoint', () => {
  test('gives a token of the application, with every permission, that opens Graph', async () => {
    const token = assertGranted(await request())
    const { alg, typ, kid } = decodeProtectedHeader(token)
    assert.deepEqual([alg, typ], ['RS256', 'JWT'])
    assert.match(kid ?? '', GUID)
    const { iat = 0, nbf, exp, uti, oid, sub, roles, ...claims } = decodeJwt(token)
    assert.deepEqual(claims, {
      idtyp: 'app',
      appid: clientId,
      azp: clientId,
      tid: tenant,
      ver: '2.0',
      iss: `https://localhost/${tenant}/v2.0`,
      aud: 'https://graph.microsoft.com',
    })
    assert.deepEqual([nbf, exp, sub], [iat - 300, iat + 3599, oid])
    assert.match(String(oid), GUID)
    assert.match(String(uti), GUID)
    assert(Array.isArray(roles) && roles.includes('DeviceManagementScripts.ReadWrite.All'))
    assert.equal((await runstate.send('GET', 'deviceShellScripts', { token })).status, 200)
  })

  test('knows a tenant by its id and by its domain, in any case', async () => {
    for (const name of [tenant, tenant.toUpperCase(), domain, 'Contoso.COM']) {
      const token = assertGranted(await request({ path: `/${name}/OAuth2/v2.0/Token/` }))
      assert.equal(decodeJwt(token)['tid'], tenant)
    }
  })

  test('takes no notice of a query string, which MSAL sends', async () => {
    const id = '11111111-2222-4333-8444-555555555555'
    const path = `/${tenant}/oauth2/v2.0/token?client-request-id=${id}&grant_type=nonsense`
    assertGranted(await request({ path }))
  })

  test('takes the content type with parameters and in any case', async () => {
    assertGranted(await request({ type: 'Application/X-WWW-Form-Urlencoded ; charset=UTF-8' }))
  })

  test('takes the client id in any case', async () => {
    assertGranted(await request({ form: { client_id: clientId.toUpperCase() } }))
  })

  for (const [scope, audience] of [
    ['https://graph.microsoft.com/.default', 'https://graph.microsoft.com'],
    ['https://graph.microsoft.com//.default', 'https://graph.microsoft.com/'],
    ['00000003-0000-0000-c000-000000000000/.default', '00000003-0000-0000-c000-000000000000'],
    ['https://localhost/.default', 'https://localhost'],
  ]) {
    test(`gives a token for ${audience} where the scope is ${scope}`, async () => {
      const token = assertGranted(await request({ form: { scope } }))
      assert.equal(decodeJwt(token).aud, audience)
      assert.equal((await runstate.send('GET', 'deviceShellScripts', { token })).status, 200)
    })
  }
})

describe('credentials in an Authorization header', () => {
  test('are taken where the form has none', async () => {
    assertGranted(await request({ form: noCredentials, headers: basic(clientId, clientSecret) }))
  })

  test('give way to those of the form', async () => {
    assertGranted(await request({ headers: basic('somebody', 'something') }))
  })

  for (const secret of ['a:b:c', 'a&b=c', 'a?b#c;d', '50%', 'a b+c', 'ä€😀']) {
    test(`may have a secret such as ${secret}, form-encoded`, async () => {
      await using own = await startRunstate({ tenant, clientId, clientSecret: secret })
      const headers = basic(clientId, encodeURIComponent(secret))
      assertGranted(await request({ form: noCredentials, headers }, own))
      assertGranted(await request({ form: { client_secret: secret } }, own))
      const bare = await request({ form: noCredentials, headers: basic(clientId, secret) }, own)
      assert.equal(
        bare.status === 200,
        !secret.includes('+'),
        'as it is, but for the sign that stands for a space',
      )
    })
  }

  test('that are wrong, or of another scheme, are refused', async () => {
    const wrong = await request({
      form: noCredentials,
      headers: basic(clientId, `${clientSecret}x`),
    })
    assert.deepEqual(wrong.body['error_codes'], [7000215])
    const bearer = await request({ form: noCredentials, headers: { authorization: 'Bearer x' } })
    assert.deepEqual(bearer.body['error_codes'], [900144])
  })
})

interface Refusal extends TokenRequest {
  readonly name: string
  readonly error: string
  readonly number: number
  readonly status: number
}

const malformed = { error: 'invalid_request', number: 900561, status: 400 }
const missing = { error: 'invalid_request', number: 900144, status: 400 }
const unsupported = { error: 'unsupported_grant_type', number: 70003, status: 400 }
const scopeless = { error: 'invalid_scope', number: 1002012, status: 400 }
const resourceless = { error: 'invalid_resource', number: 500011, status: 400 }
const secretless = { error: 'invalid_client', number: 7000215, status: 401 }
const tenantless = { error: 'invalid_request', number: 90002, status: 400 }

const refusals: readonly Refusal[] = [
  { name: 'a GET', ...malformed, method: 'GET' },
  { name: 'a PUT', ...malformed, method: 'PUT' },
  { name: 'JSON', ...malformed, type: 'application/json' },
  { name: 'a body without a type', ...malformed, type: null },
  { name: 'an unknown tenant', ...tenantless, path: '/fabrikam.com/oauth2/v2.0/token' },
  { name: 'the tenant of everyone', ...tenantless, path: '/common/oauth2/v2.0/token' },
  { name: 'no grant type', ...missing, form: { grant_type: undefined } },
  { name: 'an empty grant type', ...missing, form: { grant_type: '' } },
  { name: 'no client', ...missing, form: { client_id: undefined } },
  { name: 'no secret', ...missing, form: { client_secret: undefined } },
  { name: 'no scope', ...missing, form: { scope: undefined } },
  { name: 'the grant of a password', ...unsupported, form: { grant_type: 'password' } },
  ...['constructor', 'toString', '__proto__', 'hasOwnProperty'].map((grant_type) => {
    return { name: `the grant type ${grant_type}`, ...unsupported, form: { grant_type } }
  }),
  {
    name: 'another client',
    error: 'unauthorized_client',
    number: 700016,
    status: 400,
    form: { client_id: tenant },
  },
  { name: 'another secret', ...secretless, form: { client_secret: 'guessed' } },
  { name: 'the secret in capitals', ...secretless, form: { client_secret: clientSecret.toUpperCase() } },
  { name: 'single permissions', ...scopeless, form: { scope: 'DeviceManagementScripts.Read.All' } },
  { name: 'two scopes', ...scopeless, form: { scope: 'https://graph.microsoft.com/.default openid' } },
  { name: 'nothing before .default', ...scopeless, form: { scope: '/.default' } },
  { name: "another cloud's Graph", ...resourceless, form: { scope: 'https://graph.microsoft.us/.default' } },
  { name: 'another server', ...resourceless, form: { scope: 'https://localhost:1/.default' } },
]

describe('the token endpoint refuses', () => {
  for (const { name, error, number, status, ...given } of refusals) {
    test(`${name} with ${status}, ${error}, AADSTS${number}`, async () => {
      const answer = await request(given)
      assert.equal(answer.status, status, answer.text)
      const { error_description: description, timestamp, trace_id, correlation_id, ...rest } = answer.body
      assert.deepEqual(rest, { error, error_codes: [number] })
      assert.equal(trace_id, answer.headers.get('request-id'))
      assert.match(String(correlation_id), GUID)
      assert.match(String(timestamp), /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}Z$/)
      const [sentence] = String(description).split(' Trace ID: ')
      assert.match(String(sentence), new RegExp(`^AADSTS${number}: [A-Z].+\\.$`))
      assert.equal(
        description,
        `${sentence} Trace ID: ${trace_id} Correlation ID: ${correlation_id} Timestamp: ${timestamp}`,
      )
      assert.equal(answer.headers.get('cache-control'), 'no-store')
      assert(!answer.text.includes('guessed'), 'what was guessed is not repeated')
    })
  }

  test('with the correlation id that the client sent', async () => {
    const headers = { 'client-request-id': '11111111-2222-4333-8444-555555555555' }
    const answer = await request({ form: { scope: undefined }, headers })
    assert.equal(answer.body['correlation_id'], headers['client-request-id'])
    assert.equal(answer.headers.get('client-request-id'), headers['client-request-id'])
  })

  test('without repeating more than a little of what was sent', async () => {
    const long = 'x'.repeat(100_000)
    for (const form of [
      { grant_type: long },
      { client_id: long },
      { scope: long },
      { scope: `${long}/.default` },
    ]) {
      const answer = await request({ form })
      assert.equal(answer.status, 400)
      assert(answer.text.length < 1000)
    }
  })
})
