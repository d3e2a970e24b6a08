import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { startIdentity } from '../../test/support/identity.ts'
import { type Cloud, clouds, GRAPH_APPLICATION } from './clouds.ts'

const names: readonly Cloud[] = ['global', 'usgov', 'dod', 'china']

test('the clouds and their addresses are those of the documentation', () => {
  assert.deepEqual(Object.keys(clouds), names)
  assert.deepEqual(
    names.map((name) => clouds[name].graph),
    [
      'https://graph.microsoft.com',
      'https://graph.microsoft.us',
      'https://dod-graph.microsoft.us',
      'https://microsoftgraph.chinacloudapi.cn',
    ],
  )
})

for (const cloud of names) {
  describe(`the cloud ${cloud}`, async () => {
    const { identity } = await startIdentity({ after }, { cloud })

    test('takes tokens for its own Graph and no other, with and without a slash', () => {
      for (const name of names) {
        for (const slash of ['', '/'])
          assert.equal(identity.isAudience(clouds[name].graph + slash), name === cloud, name + slash)
        assert.equal(identity.isAudience(clouds[name].login), false, 'who signs in is nobody to be called')
      }
    })

    test('makes tokens for its own Graph, which it takes', async () => {
      assert.equal(identity.graph, clouds[cloud].graph)
      const token = await identity.mint({}, 'https://localhost')
      assert.equal((await identity.authenticate(`Bearer ${token}`)).kind, 'application')
    })

    test('refuses the tokens of the next, though the key is the same', async () => {
      const other = clouds[names[(names.indexOf(cloud) + 1) % names.length] ?? cloud].graph
      const claims = { tid: '11111111-1111-4111-8111-111111111111', clientId: 'any', lifetime: 60 }
      const token = await identity.issue({ ...claims, audience: other, issuer: 'https://localhost' })
      await assert.rejects(identity.authenticate(`Bearer ${token}`), {
        message: 'Access token validation failure. Invalid audience.',
      })
    })
  })
}

describe('an audience is ours', async () => {
  const { identity } = await startIdentity({ after })
  identity.addOrigin('https://localhost:8443')

  for (const [audience, isOurs] of [
    [GRAPH_APPLICATION, true],
    [`${GRAPH_APPLICATION}/`, true],
    ['https://localhost:8443', true],
    ['https://localhost:8443/', true],
    ['https://localhost:8443//', false],
    ['https://localhost:8443/beta', false],
    ['https://localhost', false],
    ['http://localhost:8443', false],
    ['https://localhost:84430', false],
    ['00000002-0000-0000-c000-000000000000', false],
    ['', false],
    ['/', false],
  ] as const) {
    test(`${JSON.stringify(audience)}: ${isOurs}`, () => {
      assert.equal(identity.isAudience(audience), isOurs)
    })
  }
})
