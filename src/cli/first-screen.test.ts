import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createServer, type ServerConfig } from '#server.ts'
import { formatFirstScreen } from './first-screen.ts'

const listening = {
  url: 'https://localhost:8443',
  httpUrl: 'http://localhost:8080',
  ca: '/home/ada/.runstate/ca.pem',
}
const own = {
  tenant: '11111111-1111-4111-8111-111111111111',
  clientId: '33333333-3333-4333-8333-333333333333',
  clientSecret: 'swordfish',
}

async function screenOf(config: ServerConfig, ca = listening.ca): Promise<string> {
  await using server = await createServer({ memory: true, ...config })
  return formatFirstScreen(server, { ...listening, ca })
}

test('the first screen says all that a client needs', async () => {
  assert.equal(
    await screenOf({}),
    `
  Runstate is serving   https://localhost:8443/beta/deviceManagement
                        http://localhost:8080/beta/deviceManagement

  tenant                7e57ab1e-0000-4000-8000-000000000001
  client id             7e57ab1e-0000-4000-8000-00000000c11e
  client secret         runstate-development-secret
  CA certificate        /home/ada/.runstate/ca.pem
  profile, cloud        documented, global

  Try it:
    curl --cacert /home/ada/.runstate/ca.pem -H "Authorization: Bearer $(npx runstate token)" https://localhost:8443/beta/deviceManagement/deviceShellScripts

  Ctrl-C stops it.

`,
  )
})

test('a secret of one’s own is not shown', async () => {
  const screen = await screenOf(own)
  assert(!screen.includes(own.clientSecret))
  assert.match(screen, /client secret {9}as given\n/)
})

test('paths are words of a shell, whatever is in them', async () => {
  const screen = await screenOf({ data: "it's $(here)" }, '/a b/ca.pem')
  assert(screen.includes(`curl --cacert '/a b/ca.pem' -H`), screen)
  assert(screen.includes(`$(npx runstate token --data 'it'\\''s $(here)')`), screen)
})
