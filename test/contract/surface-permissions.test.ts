/** Who may do what: every documented operation with each permission alone, as scope and as role, and with none. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Answer, errorOf, type Runstate, startRunstate } from '../support/runstate.ts'
import { assertRefused, families, observedServing, readText, useRunstate } from './families.ts'
import { assignExample, type SurfaceOperation, surface } from './surface.ts'

const user = 'admin@contoso.com'

const SCRIPTS_READ = 'DeviceManagementScripts.Read.All'
const SCRIPTS_WRITE = 'DeviceManagementScripts.ReadWrite.All'
const CONFIGURATION_READ = 'DeviceManagementConfiguration.Read.All'
const CONFIGURATION_WRITE = 'DeviceManagementConfiguration.ReadWrite.All'
const DEVICES_READ = 'DeviceManagementManagedDevices.Read.All'
const DEVICES_WRITE = 'DeviceManagementManagedDevices.ReadWrite.All'

/** All seven of the documentation. */
const permissions = [
  ...[SCRIPTS_READ, SCRIPTS_WRITE, CONFIGURATION_READ, CONFIGURATION_WRITE, DEVICES_READ, DEVICES_WRITE],
  'DeviceManagementManagedDevices.PrivilegedOperations.All',
]

/** How permissions come: as scopes of a user, or as roles of an application. */
const kinds = {
  User: (names: readonly string[]) => ({ scopes: names, user }),
  Application: (names: readonly string[]) => ({ roles: names }),
} as const

type Subject = keyof typeof kinds
const subjects = ['User', 'Application'] as const satisfies readonly Subject[]

/** Each of these is enough, alone; no other is. */
function sufficientFor({ access, method, family }: SurfaceOperation): readonly string[] {
  const isRead = method === 'GET'
  if (access === 'script') return isRead ? [SCRIPTS_READ, SCRIPTS_WRITE] : [SCRIPTS_WRITE]
  if (access === 'payloadLinks') return [CONFIGURATION_READ, CONFIGURATION_WRITE]
  if (access === 'assign' && family.set === 'deviceManagementScripts') return [SCRIPTS_WRITE]
  if (access === 'assign' || !isRead) return [CONFIGURATION_WRITE, DEVICES_WRITE]
  return [CONFIGURATION_READ, CONFIGURATION_WRITE, DEVICES_READ, DEVICES_WRITE]
}

function request(runstate: Runstate, operation: SurfaceOperation, token: string | null): Promise<Answer> {
  const { method, path, body, family } = operation
  return runstate.send(method, path, body === undefined ? { token } : { token, body: body(family) })
}

/** All that a family's reads answer, as text. */
async function readAll(runstate: Runstate, operation: SurfaceOperation): Promise<string> {
  const reads = surface.filter(({ family, method }) => family === operation.family && method === 'GET')
  const texts = []
  for (const { path } of reads) texts.push(await readText(runstate, path))
  return texts.join('\n')
}

/** Asserts the recorded wording: who is refused, and what would have been enough, the least first. */
function assertForbidden(answer: Answer, subject: Subject, sufficient: readonly string[]): void {
  assertRefused(answer, 403, 'Forbidden')
  const { message } = errorOf(answer)
  const text = `${subject} is not authorized to perform this operation.`
  assert(message.includes(text), message)
  assert(message.includes(sufficient.join(', ')), message)
}

/** Asserts that what is not enough is refused, alone and together, and that nothing was written then. */
async function assertOthersRefused(runstate: Runstate, operation: SurfaceOperation): Promise<void> {
  const before = await readAll(runstate, operation)
  const sufficient = sufficientFor(operation)
  const others = permissions.filter((name) => !sufficient.includes(name))
  for (const subject of subjects) {
    for (const names of [...others.map((name) => [name]), others, ['Directory.ReadWrite.All']]) {
      const token = await runstate.token(kinds[subject](names))
      assertForbidden(await request(runstate, operation, token), subject, sufficient)
    }
    const token = await runstate.token(kinds[subject]([]))
    const { status, text } = await request(runstate, operation, token)
    assert([401, 403].includes(status), text)
  }
  assertRefused(await request(runstate, operation, null), 401, 'InvalidAuthenticationToken')
  assertRefused(await request(runstate, operation, 'junk'), 401, 'InvalidAuthenticationToken')
  assert.equal(await readAll(runstate, operation), before)
}

/** Asserts that each permission that is enough is so alone; every write is to a fresh server. */
async function assertSufficientAccepted(reader: Runstate, operation: SurfaceOperation): Promise<void> {
  for (const name of sufficientFor(operation)) {
    for (const subject of subjects) {
      if (operation.method === 'GET') await assertAccepted(reader, operation, kinds[subject]([name]))
      else {
        await using runstate = await startRunstate({ demo: true })
        await assertAccepted(runstate, operation, kinds[subject]([name]))
      }
    }
  }
}

async function assertAccepted(
  runstate: Runstate,
  operation: SurfaceOperation,
  options: Parameters<Runstate['token']>[0],
): Promise<void> {
  const answer = await request(runstate, operation, await runstate.token(options))
  assert.equal(answer.status, operation.status, answer.text)
}

describe('who may', () => {
  const runstate = useRunstate({ demo: true })

  for (const operation of surface) {
    const { method, path } = operation
    test(`${method} ${path}: nobody without ${sufficientFor(operation).join(' or ')}`, async () => {
      await assertOthersRefused(runstate(), operation)
    })

    test(`${method} ${path}: each with ${sufficientFor(operation).join(' or ')}`, async () => {
      await assertSufficientAccepted(runstate(), operation)
    })
  }
})

describe('who may call an action by its qualified name', () => {
  const runstate = useRunstate({ demo: true })

  for (const operation of surface.filter(({ access }) => access === 'assign' || access === 'payloadLinks')) {
    const path = operation.path.replace(/[^/]+$/, (name) => `microsoft.graph.${name}`)
    test(`is who may call it by its own: ${path}`, async () => {
      await assertOthersRefused(runstate(), { ...operation, path })
      await assertSufficientAccepted(runstate(), { ...operation, path })
    })
  }
})

/** The devices themselves, which are none of the scripts' surface. */
const deviceRequests = [
  ['GET', 'managedDevices', 200, [DEVICES_READ, DEVICES_WRITE]],
  ['GET', 'managedDevices/$count', 200, [DEVICES_READ, DEVICES_WRITE]],
  ['GET', 'managedDevices/705c034c-034c-705c-4c03-5c704c035c70', 200, [DEVICES_READ, DEVICES_WRITE]],
  ['POST', 'managedDevices', 201, [DEVICES_WRITE]],
] as const

describe('who may reach devices', () => {
  const runstate = useRunstate({ demo: true })

  for (const [method, path, status, sufficient] of deviceRequests) {
    test(`${method} ${path}: ${sufficient.join(' or ')}`, async () => {
      for (const subject of subjects) {
        for (const name of permissions) {
          const before = await readText(runstate(), 'managedDevices')
          const token = await runstate().token(kinds[subject]([name]))
          const body = method === 'POST' ? { body: { deviceName: 'x' } } : {}
          const answer = await runstate().send(method, path, { token, ...body })
          if (sufficient.some((one) => one === name)) assert.equal(answer.status, status, answer.text)
          else {
            assertForbidden(answer, subject, sufficient)
            assert.equal(await readText(runstate(), 'managedDevices'), before)
          }
        }
      }
      assertRefused(await runstate().send(method, path, { token: null }), 401)
    })
  }
})

describe('who may, where script permissions count below a script', () => {
  for (const config of [observedServing, { quirks: { 'script-permissions-below': 'accepted' } }] as const) {
    test(`reads with either, and writes with the greater: ${JSON.stringify(config)}`, async () => {
      await using runstate = await startRunstate({ ...config, demo: true })
      const below = surface.filter(({ access }) => access === 'below')
      for (const operation of below.toSorted((a, b) => rank(a) - rank(b))) {
        const reading = await runstate.token({ roles: [SCRIPTS_READ] })
        const writing = await runstate.token({ roles: [SCRIPTS_WRITE] })
        const first = await request(runstate, operation, reading)
        if (operation.method !== 'GET') assertRefused(first, 403, 'Forbidden')
        else assert.equal(first.status, operation.status, first.text)
        const second = await request(runstate, operation, writing)
        // Two paths lead to one row: what one created is a conflict for the other, what it deleted is gone.
        assert(
          [200, 201, 204, 404, 409].includes(second.status),
          `${operation.method} ${operation.path}: ${second.text}`,
        )
        const none = await runstate.token({ roles: [permissions.at(-1) ?? ''] })
        assertRefused(await request(runstate, operation, none), 403, 'Forbidden')
      }
    })
  }
})

/** Reads first, then what creates and changes, deletions last. */
function rank({ method }: SurfaceOperation): number {
  return ['GET', 'POST', 'PATCH', 'DELETE'].indexOf(method)
}

test('a permission is asked for before the entity is looked for, and before the body is read', async () => {
  await using runstate = await startRunstate()
  const token = await runstate.token({ roles: [SCRIPTS_READ] })
  for (const { set } of families) {
    for (const path of ['assign', 'assignments', 'deviceRunStates', 'userRunStates/x/deviceRunStates']) {
      for (const body of [assignExample, '{', {}]) {
        const answer = await runstate.send('POST', `${set}/x/${path}`, { token, body })
        assertRefused(answer, 403, 'Forbidden')
      }
    }
  }
})
