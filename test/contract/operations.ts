/** The operations served, as requests, for the tests that walk all of them. */
import type { Answer, Runstate } from '../support/runstate.ts'
import { createUserState, type Family, readText } from './families.ts'

/** A script with one user state, for a request to be aimed at. */
export interface Target {
  readonly family: Family
  /** The path of the script. */
  readonly script: string
  /** The path of its user state. */
  readonly state: string
}

export interface Operation {
  readonly name: string
  readonly entity: 'script' | 'userRunState'
  readonly kind: 'read' | 'write'
  readonly method: string
  readonly path: (target: Target) => string
  readonly body?: (target: Target) => unknown
  /** The status of its success in the documented profile. */
  readonly status: number
}

const change = { description: 'changed by a stranger' }
const stateChange = { errorDeviceCount: 77, userPrincipalName: 'changed by a stranger' }

const states = ({ script }: Target) => `${script}/userRunStates`

export const operations: readonly Operation[] = [
  {
    name: 'list scripts',
    entity: 'script',
    kind: 'read',
    method: 'GET',
    path: ({ family }) => family.set,
    status: 200,
  },
  {
    name: 'get a script',
    entity: 'script',
    kind: 'read',
    method: 'GET',
    path: ({ script }) => script,
    status: 200,
  },
  {
    ...{ name: 'create a script', entity: 'script', kind: 'write', method: 'POST', status: 201 },
    path: ({ family }) => family.set,
    body: ({ family }) => family.creation,
  },
  {
    ...{ name: 'update a script', entity: 'script', kind: 'write', method: 'PATCH', status: 200 },
    path: ({ script }) => script,
    body: () => change,
  },
  {
    ...{ name: 'delete a script', entity: 'script', kind: 'write', method: 'DELETE', status: 204 },
    path: ({ script }) => script,
  },
  {
    name: 'list user states',
    entity: 'userRunState',
    kind: 'read',
    method: 'GET',
    path: states,
    status: 200,
  },
  {
    ...{ name: 'get a user state', entity: 'userRunState', kind: 'read', method: 'GET', status: 200 },
    path: ({ state }) => state,
  },
  {
    ...{ name: 'create a user state', entity: 'userRunState', kind: 'write', method: 'POST', status: 201 },
    path: states,
    body: () => stateChange,
  },
  {
    ...{ name: 'update a user state', entity: 'userRunState', kind: 'write', method: 'PATCH', status: 200 },
    path: ({ state }) => state,
    body: () => stateChange,
  },
  {
    ...{ name: 'delete a user state', entity: 'userRunState', kind: 'write', method: 'DELETE', status: 204 },
    path: ({ state }) => state,
  },
]

/** Creates a script with a user state. */
export async function createTarget(runstate: Runstate, family: Family): Promise<Target> {
  const state = await createUserState(runstate, family)
  const script = state.slice(0, state.indexOf('/userRunStates'))
  return { family, script, state }
}

/** Requests an operation with a token; null sends none. */
export function request(
  runstate: Runstate,
  operation: Operation,
  { target, token }: { readonly target: Target; readonly token: string | null },
): Promise<Answer> {
  const body = operation.body?.(target)
  return runstate.send(
    operation.method,
    operation.path(target),
    body === undefined ? { token } : { token, body },
  )
}

/** All that can be read of a target's family: the list, the script and its user states. */
export async function readAll(runstate: Runstate, { family, script }: Target): Promise<string> {
  const paths = [family.set, script, `${script}/userRunStates`]
  const texts = []
  for (const path of paths) texts.push(await readText(runstate, path))
  return texts.join('\n')
}
