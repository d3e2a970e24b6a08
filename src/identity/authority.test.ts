import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { decodeJwt } from 'jose'
import { ODataError } from '#odata/odata.ts'
import { CLIENT, OTHER_TENANT, startIdentity, TENANT } from '../../test/support/identity.ts'
import { errorOf, startRunstate } from '../../test/support/runstate.ts'
import { PERSONAL_TENANT } from './clouds.ts'

const ISSUER = 'https://localhost:8443'
const shared = await startIdentity({ after })
const { identity, clock } = shared

describe('a token that is minted', () => {
  test('is the own client in the own tenant, with its roles, where nothing is said', async () => {
    const { iat = 0, uti, oid, sub, ...claims } = decodeJwt(await identity.mint({}, ISSUER))
    assert.deepEqual(claims, {
      idtyp: 'app',
      roles: CLIENT.roles,
      appid: CLIENT.id,
      azp: CLIENT.id,
      tid: TENANT,
      ver: '2.0',
      iss: `${ISSUER}/${TENANT}/v2.0`,
      aud: 'https://graph.microsoft.com',
      nbf: iat - 300,
      exp: iat + 3599,
    })
    assert.equal(iat, Math.floor(clock.now() / 1000))
    assert.equal(oid, sub)
    assert.notEqual(uti, decodeJwt(await identity.mint({}, ISSUER))['uti'], 'no two tokens are the same')
  })

  test('has the roles that are named, whether anybody knows them or not', async () => {
    assert.deepEqual(decodeJwt(await identity.mint({ roles: ['Made.Up'] }, ISSUER))['roles'], ['Made.Up'])
    assert.deepEqual(decodeJwt(await identity.mint({ roles: [] }, ISSUER))['roles'], [])
  })

  test('has scopes and a user, and then no roles', async () => {
    const options = { scopes: ['Made.Up', 'Read'], user: 'Ada@contoso.com', roles: ['Write'] }
    const claims = decodeJwt(await identity.mint(options, ISSUER))
    const { idtyp, scp, upn, preferred_username: name, roles } = claims
    assert.deepEqual([idtyp, scp, upn, name], ['user', 'Made.Up Read', 'Ada@contoso.com', 'Ada@contoso.com'])
    assert.equal(roles, undefined)
  })

  test('has the same object id each time, another for another user, client or tenant', async () => {
    await identity.directory.putTenant({ tid: OTHER_TENANT })
    const oidOf = async (options: object): Promise<unknown> =>
      decodeJwt(await identity.mint(options, ISSUER))['oid']
    const kinds = [{}, { scopes: [], user: 'a' }, { scopes: [], user: 'b' }, { tenant: OTHER_TENANT }]
    const ids = await Promise.all(kinds.map(oidOf))
    assert.equal(new Set(ids).size, kinds.length)
    assert.deepEqual(await Promise.all(kinds.map(oidOf)), ids)
  })

  test('lives as long as is said', async () => {
    for (const lifetime of [1, 86_400]) {
      const { iat = 0, exp } = decodeJwt(await identity.mint({ lifetime }, ISSUER))
      assert.equal(exp, iat + lifetime)
    }
  })

  test('may have expired before it is given', async () => {
    for (const lifetime of [0, -3600]) {
      const token = await identity.mint({ lifetime }, ISSUER)
      await assert.rejects(identity.authenticate(`Bearer ${token}`), /the token is expired/)
    }
  })

  test('is for the tenant that is named, by id or domain, in any case', async () => {
    await identity.directory.putTenant({ tid: OTHER_TENANT, domain: 'Fabrikam.com' })
    for (const tenant of [OTHER_TENANT, 'fabrikam.com', 'FABRIKAM.COM']) {
      const { tid, iss } = decodeJwt(await identity.mint({ tenant }, ISSUER))
      assert.deepEqual([tid, iss], [OTHER_TENANT, `${ISSUER}/${OTHER_TENANT}/v2.0`])
    }
  })

  test('is not, for a tenant that nobody knows', async () => {
    for (const tenant of ['nobody.example', '', 'x'.repeat(5000)]) {
      await assert.rejects(identity.mint({ tenant }, ISSUER), (error) => {
        assert(error instanceof ODataError && error.code === 'BadRequest')
        assert.equal(error.message, `The tenant '${tenant.slice(0, 100)}' is not known here.`)
        return true
      })
    }
  })

  test('may be of a personal account, which may do nothing', async () => {
    await using runstate = await startRunstate({ demo: true })
    const permission = 'DeviceManagementConfiguration.ReadWrite.All'
    for (const options of [{}, { scopes: [permission], user: 'ada@outlook.com' }]) {
      const token = await runstate.token({ tenant: PERSONAL_TENANT, ...options })
      const answer = await runstate.send('GET', 'deviceShellScripts', { token })
      assert.equal(answer.status, 403)
      assert.deepEqual(errorOf(answer), {
        code: 'Forbidden',
        message: 'Personal Microsoft accounts are not supported for this operation.',
      })
    }
  })
})
