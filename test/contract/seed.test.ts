/** The request the project was created from, answered exactly. */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect as connectPlain, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import type { ListeningServer } from '#server.ts'
import { type Runstate, startRunstate } from '../support/runstate.ts'
import {
  type Family,
  families,
  shellFamily,
  USER_STATE_ID,
  USER_STATE_TYPE,
  writtenMembers,
} from './families.ts'

/** The document's example of a request. */
const documentedRequest = `PATCH https://graph.microsoft.com/beta/deviceManagement/deviceShellScripts/{deviceShellScriptId}/userRunStates/{deviceManagementScriptUserStateId}
Content-type: application/json
Content-length: 180

{
  "@odata.type": "#microsoft.graph.deviceManagementScriptUserState",
  "successDeviceCount": 2,
  "errorDeviceCount": 0,
  "userPrincipalName": "User Principal Name value"
}`

/** The document's example of the response to it. */
const documentedResponse = `{
  "@odata.type": "#microsoft.graph.deviceManagementScriptUserState",
  "id": "d5a29103-9103-d5a2-0391-a2d50391a2d5",
  "successDeviceCount": 2,
  "errorDeviceCount": 0,
  "userPrincipalName": "User Principal Name value"
}`

/** The document's three routes. */
const documentedRoutes = [
  'PATCH /deviceManagement/deviceShellScripts/{deviceShellScriptId}/userRunStates/{deviceManagementScriptUserStateId}',
  'PATCH /deviceManagement/deviceManagementScripts/{deviceManagementScriptId}/userRunStates/{deviceManagementScriptUserStateId}',
  'PATCH /deviceManagement/deviceCustomAttributeShellScripts/{deviceCustomAttributeShellScriptId}/userRunStates/{deviceManagementScriptUserStateId}',
]

const documentedBody = documentedRequest.slice(documentedRequest.indexOf('{\n'))
const rawBody = documentedBody.replaceAll('\n', '\r\n')

function routeOf(family: Family): string {
  const route = documentedRoutes.find((one) => one.includes(`/${family.set}/`))
  assert(route !== undefined)
  return `/beta${fillIn(route.slice('PATCH '.length), family)}`
}

function fillIn(template: string, family: Family): string {
  return template
    .replace(`{${family.type}Id}`, String(family.example['id']))
    .replace('{deviceManagementScriptUserStateId}', USER_STATE_ID)
}

/** Asserts that an answer has the documented members, values and order after its context, and nothing else. */
function assertDocumented(text: string, family: Family): void {
  const [context, ...members] = writtenMembers(text)
  assert(context !== undefined)
  assert.equal(context[0], '@odata.context')
  const place = `#deviceManagement/${family.set}('${family.example['id']}')/userRunStates/$entity`
  assert(context[1].endsWith(`/beta/$metadata${place}"`), context[1])
  assert.deepEqual(members, writtenMembers(documentedResponse))
}

/** Gives the documentation's state other values, so that the seed's request has something to change. */
async function disturb(runstate: Runstate, route: string): Promise<void> {
  const body = { successDeviceCount: 7, errorDeviceCount: 5, userPrincipalName: null }
  const answer = await runstate.send('PATCH', route, { body })
  assert.equal(answer.status, 200, answer.text)
  assert.equal(answer.body['successDeviceCount'], 7)
}

async function assertStored(runstate: Runstate, family: Family): Promise<void> {
  const answer = await runstate.send('GET', routeOf(family))
  assert.equal(answer.status, 200, answer.text)
  assertDocumented(answer.text, family)
}

async function openSocket(listening: ListeningServer, scheme: 'http' | 'https'): Promise<Socket> {
  const port = Number(new URL(scheme === 'http' ? listening.httpUrl : listening.url).port)
  if (scheme === 'http') return connectPlain({ host: 'localhost', port })
  return connectTls({ host: 'localhost', port, ca: await readFile(listening.ca) })
}

/** Sends the seed's body, byte by byte as it is printed, and gives the whole response. */
async function sendRaw(socket: Socket, target: string, token: string): Promise<string> {
  const head = [
    `PATCH ${target} HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${token}`,
    'Accept: application/json',
    'Content-type: application/json',
    'Content-length: 180',
    'Connection: close',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n${rawBody}`)
  return readAll(socket)
}

/** Listens with a data folder of its own, and removes it. */
async function whileListening(
  use: (runstate: Runstate, listening: ListeningServer) => Promise<void>,
): Promise<void> {
  const data = await mkdtemp(path.join(tmpdir(), 'runstate-seed-'))
  try {
    await using runstate = await startRunstate({ demo: true, data, port: 0, httpPort: 0 })
    await use(runstate, await runstate.server.listen())
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

function assertRawAnswer(response: string, family: Family): void {
  const [head = '', body = ''] = response.split('\r\n\r\n')
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n/)
  assert.match(head, /\r\ncontent-type: application\/json/i)
  assertDocumented(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1), family)
}

describe('the seed', () => {
  test('is 180 bytes with CRLF line ends', () => {
    assert.equal(Buffer.byteLength(rawBody), 180)
    assert.equal(Buffer.byteLength(documentedResponse.replaceAll('\n', '\r\n')), 229)
  })

  for (const family of families) {
    test(`is answered with its members, values and order on ${family.set}`, async () => {
      await using runstate = await startRunstate({ demo: true })
      await disturb(runstate, routeOf(family))
      const answer = await runstate.send('PATCH', routeOf(family), { body: documentedBody })
      assert.equal(answer.status, 200, answer.text)
      assertDocumented(answer.text, family)
      await assertStored(runstate, family)
    })

    test(`is answered on ${family.set} in the observed profile too, without the type`, async () => {
      await using runstate = await startRunstate({ demo: true, profile: 'observed' })
      await disturb(runstate, routeOf(family))
      const answer = await runstate.send('PATCH', routeOf(family), { body: documentedBody })
      assert.equal(answer.status, 200, answer.text)
      const expected = writtenMembers(documentedResponse).filter(([name]) => name !== '@odata.type')
      assert.deepEqual(writtenMembers(answer.text).slice(1), expected)
    })

    test(`needs no @odata.type on ${family.set}`, async () => {
      await using runstate = await startRunstate({ demo: true })
      await disturb(runstate, routeOf(family))
      const { '@odata.type': type, ...body } = JSON.parse(documentedBody)
      assert.equal(type, USER_STATE_TYPE)
      const answer = await runstate.send('PATCH', routeOf(family), { body })
      assert.equal(answer.status, 200, answer.text)
      assertDocumented(answer.text, family)
    })

    test(`takes both key syntaxes, alone and mixed, on ${family.set}`, async () => {
      await using runstate = await startRunstate({ demo: true })
      const id = family.example['id']
      for (const script of [`${family.set}/${id}`, `${family.set}('${id}')`]) {
        for (const state of [`userRunStates/${USER_STATE_ID}`, `userRunStates('${USER_STATE_ID}')`]) {
          await disturb(runstate, routeOf(family))
          const answer = await runstate.send('PATCH', `${script}/${state}`, { body: documentedBody })
          assert.equal(answer.status, 200, `${script}/${state}: ${answer.text}`)
          assertDocumented(answer.text, family)
          await assertStored(runstate, family)
        }
      }
    })
  }

  test('touches no other state: not of the script, not of the other families', async () => {
    await using runstate = await startRunstate({ demo: true })
    for (const family of families) await disturb(runstate, routeOf(family))
    const sibling = await runstate.create(path.posix.dirname(routeOf(shellFamily)), {
      successDeviceCount: 41,
    })
    await runstate.send('PATCH', routeOf(shellFamily), { body: documentedBody })
    await assertStored(runstate, shellFamily)
    for (const family of families.filter((one) => one !== shellFamily)) {
      const { body } = await runstate.send('GET', routeOf(family))
      assert.equal(body['successDeviceCount'], 7)
    }
    const { body } = await runstate.send('GET', routeOf(shellFamily).replace(USER_STATE_ID, sibling))
    assert.equal(body['successDeviceCount'], 41)
  })

  test('is the documentation’s own entity in a demo, before anything is sent', async () => {
    await using runstate = await startRunstate({ demo: true })
    for (const family of families) await assertStored(runstate, family)
  })

  test('survives a restart', async () => {
    const data = await mkdtemp(path.join(tmpdir(), 'runstate-restart-'))
    try {
      const config = { demo: true, memory: false, data }
      const values = { successDeviceCount: 12, errorDeviceCount: 34, userPrincipalName: 'kept@contoso.com' }
      {
        await using runstate = await startRunstate(config)
        await disturb(runstate, routeOf(shellFamily))
        const answer = await runstate.send('PATCH', routeOf(shellFamily), { body: documentedBody })
        assert.equal(answer.status, 200, answer.text)
        await runstate.send('PATCH', routeOf(families[0] ?? shellFamily), { body: values })
      }
      await using runstate = await startRunstate(config)
      await assertStored(runstate, shellFamily)
      const { body } = await runstate.send('GET', routeOf(families[0] ?? shellFamily))
      const { successDeviceCount, errorDeviceCount, userPrincipalName } = body
      assert.deepEqual({ successDeviceCount, errorDeviceCount, userPrincipalName }, values)
    } finally {
      await rm(data, { recursive: true, force: true })
    }
  })
})

describe('the seed over a socket', () => {
  for (const scheme of ['https', 'http'] as const) {
    test(`is answered as its 180 raw bytes over ${scheme}, on all three routes`, async () => {
      await whileListening(async (runstate, listening) => {
        for (const family of families) {
          await disturb(runstate, routeOf(family))
          const socket = await openSocket(listening, scheme)
          const response = await sendRaw(socket, routeOf(family), await runstate.token())
          assertRawAnswer(response, family)
          await assertStored(runstate, family)
        }
      })
    })

    test(`works as pasted from the document over ${scheme}, once its host and ids are filled in`, async () => {
      await whileListening(async (runstate, listening) => {
        await disturb(runstate, routeOf(shellFamily))
        const [line = '', type = '', length = ''] = documentedRequest.split('\n')
        assert.equal(length, 'Content-length: 180')
        const target = fillIn(line, shellFamily).replace('PATCH https://graph.microsoft.com', '')
        assert.match(target, /^\/beta\/deviceManagement\/deviceShellScripts\/ca9e0ad8-.*\/d5a29103-[^{}]*$/)
        assert.equal(type, 'Content-type: application/json')
        const socket = await openSocket(listening, scheme)
        assertRawAnswer(await sendRaw(socket, target, await runstate.token()), shellFamily)
        await assertStored(runstate, shellFamily)
      })
    })
  }
})
