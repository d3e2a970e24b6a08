import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { developmentIdentity } from '#config.ts'
import { errorOf, startRunstate } from '../../test/support/runstate.ts'

const { tenant, domain } = developmentIdentity
const runstate = await startRunstate()
after(() => runstate[Symbol.asyncDispose]())

function isKeySet(body: object): body is JSONWebKeySet {
  return 'keys' in body && Array.isArray(body.keys)
}

describe('the discovery document', () => {
  for (const name of [tenant, tenant.toUpperCase(), domain]) {
    test(`of ${name} keeps that name in its addresses, and the tenant's id in its issuer`, async () => {
      const answer = await runstate.send('GET', `/${name}/v2.0/.well-known/openid-configuration`, {
        token: null,
      })
      assert.equal(answer.status, 200)
      assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8')
      assert.deepEqual(answer.body, {
        issuer: `https://localhost/${tenant}/v2.0`,
        authorization_endpoint: `https://localhost/${name}/oauth2/v2.0/authorize`,
        token_endpoint: `https://localhost/${name}/oauth2/v2.0/token`,
        jwks_uri: `https://localhost/${name}/discovery/v2.0/keys`,
        token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
        grant_types_supported: ['client_credentials'],
        response_types_supported: ['code'],
        response_modes_supported: ['query'],
        subject_types_supported: ['pairwise'],
        id_token_signing_alg_values_supported: ['RS256'],
        scopes_supported: ['openid'],
      })
    })
  }

  test('names the host by which it was asked for, which MSAL insists on', async () => {
    const url = `https://127.0.0.1:8443/${tenant}/v2.0/.well-known/openid-configuration`
    const answer = await runstate.send('GET', new URL(url).pathname, { token: null })
    const response = await runstate.server.fetch(url)
    const text = await response.text()
    assert.equal(text, answer.text.replaceAll('https://localhost/', 'https://127.0.0.1:8443/'))
  })

  test('names the public URL, where one is fixed, whatever host was used', async () => {
    await using fixed = await startRunstate({ publicUrl: 'https://runstate.example:444' })
    const url = `https://127.0.0.1:8443/${tenant}/v2.0/.well-known/openid-configuration`
    const document = await (await fixed.server.fetch(url)).text()
    assert(document.includes(`"issuer":"https://runstate.example:444/${tenant}/v2.0"`))
    assert(!document.includes('127.0.0.1'))
  })

  test('is not there for a tenant that nobody knows', async () => {
    for (const name of ['common', 'fabrikam.com', 'x'.repeat(5000)]) {
      const answer = await runstate.send('GET', `/${name}/v2.0/.well-known/openid-configuration`, {
        token: null,
      })
      assert.equal(answer.status, 400)
      assert.deepEqual(errorOf(answer), {
        code: 'BadRequest',
        message: `The tenant '${name.slice(0, 100)}' is not known here.`,
      })
    }
  })

  test('and the keys are read, and nothing else is done to them', async () => {
    for (const path of [
      `/${tenant}/v2.0/.well-known/openid-configuration`,
      `/${tenant}/discovery/v2.0/keys`,
    ]) {
      assert.equal((await runstate.send('HEAD', path, { token: null })).status, 200)
      for (const method of ['POST', 'PUT', 'DELETE']) {
        const answer = await runstate.send(method, path, { token: null })
        assert.equal(answer.status, 405)
        assert.equal(answer.headers.get('allow'), 'GET')
      }
    }
  })
})

describe('the key set', () => {
  test('verifies an access token, by the means of any client', async () => {
    const { body } = await runstate.send('GET', `/${tenant}/discovery/v2.0/keys`, { token: null })
    assert(isKeySet(body))
    const { payload, protectedHeader } = await jwtVerify(await runstate.token(), createLocalJWKSet(body), {
      issuer: `https://localhost/${tenant}/v2.0`,
      audience: 'https://graph.microsoft.com',
      algorithms: ['RS256'],
    })
    assert.equal(payload['tid'], tenant)
    assert.equal(protectedHeader.kid, body.keys[0]?.kid)
  })

  test('holds nothing but public halves', async () => {
    const { body } = await runstate.send('GET', `/${tenant}/discovery/v2.0/keys`, { token: null })
    assert(isKeySet(body))
    assert.deepEqual(
      body.keys.map((key) => Object.keys(key).sort()),
      [['alg', 'e', 'kid', 'kty', 'n', 'use']],
    )
  })

  test('of another server does not verify the token', async () => {
    await using other = await startRunstate()
    const { body } = await other.send('GET', `/${tenant}/discovery/v2.0/keys`, { token: null })
    assert(isKeySet(body))
    await assert.rejects(jwtVerify(await runstate.token(), createLocalJWKSet(body)))
  })
})
