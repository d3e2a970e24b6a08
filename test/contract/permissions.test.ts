/** Who may do what: every operation with every permission, and the refusals of those who may not. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Answer, errorOf, type Runstate, startRunstate } from '../support/runstate.ts'
import { assertRefused, families, shellFamily, useRunstate } from './families.ts'
import { createTarget, type Operation, operations, readAll, request, type Target } from './operations.ts'

const user = 'admin@contoso.com'

/** The tenant of personal Microsoft accounts. */
const PERSONAL_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad'

const permissions = [
  'DeviceManagementScripts.Read.All',
  'DeviceManagementScripts.ReadWrite.All',
  'DeviceManagementConfiguration.Read.All',
  'DeviceManagementConfiguration.ReadWrite.All',
  'DeviceManagementManagedDevices.Read.All',
  'DeviceManagementManagedDevices.ReadWrite.All',
  'DeviceManagementManagedDevices.PrivilegedOperations.All',
  'DeviceManagementApps.ReadWrite.All',
  'Directory.ReadWrite.All',
] as const

/** Each of these is enough, alone; no other is. The last row is the seed's own table. */
const sufficient: Readonly<
  Record<Operation['entity'], Readonly<Record<Operation['kind'], readonly string[]>>>
> = {
  script: {
    read: ['DeviceManagementScripts.Read.All', 'DeviceManagementScripts.ReadWrite.All'],
    write: ['DeviceManagementScripts.ReadWrite.All'],
  },
  userRunState: {
    read: [
      'DeviceManagementConfiguration.Read.All',
      'DeviceManagementConfiguration.ReadWrite.All',
      'DeviceManagementManagedDevices.Read.All',
      'DeviceManagementManagedDevices.ReadWrite.All',
    ],
    write: ['DeviceManagementConfiguration.ReadWrite.All', 'DeviceManagementManagedDevices.ReadWrite.All'],
  },
}

/** How permissions come: as scopes of a user, or as roles of an application. */
const kinds = [
  ['delegated', (names: readonly string[]) => ({ scopes: names, user })],
  ['application', (names: readonly string[]) => ({ roles: names })],
] as const

/** Asserts that a request with a token is refused so, and that nothing was written. */
async function assertDenied(
  runstate: Runstate,
  operation: Operation,
  { target, token }: { readonly target: Target; readonly token: string | null },
): Promise<Answer> {
  const before = await readAll(runstate, target)
  const answer = await request(runstate, operation, { target, token })
  assert([401, 403].includes(answer.status), `${operation.name}: ${answer.status} ${answer.text}`)
  assert.equal(await readAll(runstate, target), before, operation.name)
  return answer
}

/** Asserts the recorded wording: who is refused, and what would have been enough. */
function assertForbidden(answer: Answer, subject: string, operation: Operation): void {
  assertRefused(answer, 403, 'Forbidden')
  const { message } = errorOf(answer)
  assert(message.includes(`${subject} is not authorized to perform this operation`), message)
  for (const name of sufficient[operation.entity][operation.kind]) assert(message.includes(name), message)
}

for (const family of families) {
  for (const operation of operations) {
    describe(`who may ${operation.name} of ${family.set}`, () => {
      const runstate = useRunstate()
      const enough = sufficient[operation.entity][operation.kind]

      for (const [kind, optionsOf] of kinds) {
        for (const permission of permissions) {
          const verb = enough.includes(permission) ? 'may' : 'may not'
          test(`${permission} as ${kind} permission ${verb}`, async () => {
            const target = await createTarget(runstate(), family)
            const token = await runstate().token(optionsOf([permission]))
            if (enough.includes(permission)) {
              const answer = await request(runstate(), operation, { target, token })
              assert.equal(answer.status, operation.status, answer.text)
            } else {
              const answer = await assertDenied(runstate(), operation, { target, token })
              assertForbidden(answer, kind === 'delegated' ? 'User' : 'Application', operation)
            }
          })
        }

        test(`all the other permissions together, ${kind}, may not`, async () => {
          const target = await createTarget(runstate(), family)
          const others = permissions.filter((name) => !enough.includes(name))
          const token = await runstate().token(optionsOf(others))
          assertRefused(await assertDenied(runstate(), operation, { target, token }), 403, 'Forbidden')
        })

        test(`no permission, ${kind}, may not`, async () => {
          const target = await createTarget(runstate(), family)
          const token = await runstate().token(optionsOf([]))
          await assertDenied(runstate(), operation, { target, token })
        })

        test(`one permission that is enough among others, ${kind}, may`, async () => {
          const target = await createTarget(runstate(), family)
          const token = await runstate().token(optionsOf(permissions))
          const answer = await request(runstate(), operation, { target, token })
          assert.equal(answer.status, operation.status, answer.text)
        })
      }

      test('a personal account may not, whatever it brings', async () => {
        const target = await createTarget(runstate(), family)
        for (const [, optionsOf] of kinds) {
          const token = await runstate().token({ ...optionsOf(permissions), tenant: PERSONAL_TENANT })
          await assertDenied(runstate(), operation, { target, token })
        }
      })

      test('nobody may without a token', async () => {
        const target = await createTarget(runstate(), family)
        const answer = await assertDenied(runstate(), operation, { target, token: null })
        assertRefused(answer, 401, 'InvalidAuthenticationToken')
        assert.equal(errorOf(answer).message, 'Access token is empty.')
      })
    })
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** A token with the claims of another, under a header of one's own choice. */
function forge(token: string, header: unknown): string {
  const [, claims = '', signature = ''] = token.split('.')
  return `${encode(header)}.${claims}.${signature}`
}

/** A token with one claim changed and the signature kept. */
function alter(token: string, claim: string, value: unknown): string {
  const [header = '', claims = '', signature = ''] = token.split('.')
  const changed = { ...JSON.parse(Buffer.from(claims, 'base64url').toString()), [claim]: value }
  return `${header}.${encode(changed)}.${signature}`
}

/** Tokens that are none, made of a good one. */
const badTokens: readonly (readonly [string, (good: string) => string])[] = [
  ['text', () => 'junk'],
  ['text with two dots', () => 'a.b.c'],
  ['an empty string', () => ''],
  ['a token without its signature', (good) => good.slice(0, good.lastIndexOf('.') + 1)],
  ['a token with half of its signature', (good) => good.slice(0, -100)],
  ['a token with another signature', (good) => `${good.slice(0, -40)}${'A'.repeat(40)}`],
  ['a token that asks for no signature', (good) => forge(good, { alg: 'none', typ: 'JWT' })],
  ['an unsigned token', (good) => forge(good, { alg: 'none', typ: 'JWT' }).replace(/[^.]*$/, '')],
  ['a token that asks for another algorithm', (good) => forge(good, { alg: 'HS256', typ: 'JWT' })],
  ['a token that names an unknown key', (good) => forge(good, { alg: 'RS256', kid: 'unknown' })],
  [
    'a token with more roles than were signed',
    (good) => alter(good, 'roles', ['DeviceManagementScripts.ReadWrite.All']),
  ],
  ['a token with a longer life than was signed', (good) => alter(good, 'exp', 4_102_444_800)],
]

describe('a token that cannot be believed', () => {
  const runstate = useRunstate()

  for (const [name, make] of badTokens) {
    test(`is refused: ${name}`, async () => {
      const target = await createTarget(runstate(), shellFamily)
      const good = await runstate().token()
      for (const operation of operations) {
        const answer = await assertDenied(runstate(), operation, { target, token: make(good) })
        assertRefused(answer, 401, 'InvalidAuthenticationToken')
      }
    })
  }

  test('is refused: one of another server', async () => {
    await using another = await startRunstate()
    const target = await createTarget(runstate(), shellFamily)
    const token = await another.token()
    for (const operation of operations) {
      const answer = await assertDenied(runstate(), operation, { target, token })
      assertRefused(answer, 401, 'InvalidAuthenticationToken')
    }
  })

  test('is refused: one that has expired, which is said', async () => {
    const target = await createTarget(runstate(), shellFamily)
    const token = await runstate().token({ lifetime: -10 })
    for (const operation of operations) {
      const answer = await assertDenied(runstate(), operation, { target, token })
      assertRefused(answer, 401, 'InvalidAuthenticationToken')
      assert.equal(errorOf(answer).message, 'Lifetime validation failed, the token is expired.')
    }
  })

  test('is refused: one that was good, once its time has passed', async () => {
    const clock = { time: Date.UTC(2026, 0, 1), now: () => clock.time }
    await using runstate = await startRunstate({}, { wallClock: clock })
    const target = await createTarget(runstate, shellFamily)
    const everything = await runstate.token({ lifetime: 7200 })
    const token = await runstate.token({ lifetime: 600 })
    assert.equal((await runstate.send('GET', target.state, { token })).status, 200)
    clock.time += 3_600_000
    const answer = await runstate.send('PATCH', target.state, { token, body: { errorDeviceCount: 5 } })
    assertRefused(answer, 401, 'InvalidAuthenticationToken')
    const { status, body } = await runstate.send('GET', target.state, { token: everything })
    assert.equal(status, 200)
    assert.equal(body['errorDeviceCount'], 0)
  })

  for (const authorization of ['Basic YTpi', 'Bearer', 'Bearer ', 'Token abc']) {
    test(`is refused: the header "${authorization}"`, async () => {
      const headers = { authorization }
      const answer = await runstate().send('GET', shellFamily.set, { token: null, headers })
      assertRefused(answer, 401, 'InvalidAuthenticationToken')
    })
  }

  test('is no matter of the scheme’s case', async () => {
    const headers = { authorization: `bearer ${await runstate().token()}` }
    const answer = await runstate().send('GET', shellFamily.set, { token: null, headers })
    assert.equal(answer.status, 200, answer.text)
  })
})
