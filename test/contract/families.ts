/** The three families of scripts as the documentation describes them, and what every contract test does with them. */
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import type { ServerConfig, ServerParts } from '#server.ts'
import { type Answer, errorOf, type Runstate, startRunstate } from '../support/runstate.ts'

type Members = Readonly<Record<string, unknown>>

export interface Family {
  /** The entity set, which is the path. */
  readonly set: string
  /** The entity type, without its namespace. */
  readonly type: string
  /** Every member, in the documented order. */
  readonly members: readonly string[]
  /** What a client sends at least. */
  readonly creation: Members
  /** What the rest is then. */
  readonly defaults: Members
  /** A value other than the default for every member that can be written. */
  readonly complete: Members
  /** The documentation's own entity. */
  readonly example: Members
}

/** base64 of "scriptContent". */
export const SCRIPT_CONTENT = 'c2NyaXB0Q29udGVudA=='

/** The documentation's own user state, without its id. */
export const userStateExample = {
  successDeviceCount: 2,
  errorDeviceCount: 0,
  userPrincipalName: 'User Principal Name value',
} as const

/** The id of the documentation's own user state. */
export const USER_STATE_ID = 'd5a29103-9103-d5a2-0391-a2d50391a2d5'

/** What `@odata.type` says of a user state. */
export const USER_STATE_TYPE = '#microsoft.graph.deviceManagementScriptUserState'

export const userStateMembers = ['id', 'successDeviceCount', 'errorDeviceCount', 'userPrincipalName'] as const

export const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const creation = { displayName: 'Clean up', fileName: 'clean-up.sh', scriptContent: SCRIPT_CONTENT }

const commonDefaults = { description: '', roleScopeTagIds: ['0'] }

const commonComplete = {
  displayName: 'Überall €',
  description: 'What it is for',
  scriptContent: 'IyEvYmluL3NoCg==',
  runAsAccount: 'system',
  fileName: 'another.sh',
  roleScopeTagIds: ['0', '17'],
}

const commonExample = {
  displayName: 'Display Name value',
  description: 'Description value',
  scriptContent: SCRIPT_CONTENT,
  createdDateTime: '2017-01-01T08:02:43.5775965Z',
  lastModifiedDateTime: '2017-01-01T08:00:35.1329464Z',
  runAsAccount: 'user',
  fileName: 'File Name value',
  roleScopeTagIds: ['Role Scope Tag Ids value'],
}

const commonMembers = ['description', 'scriptContent', 'createdDateTime', 'lastModifiedDateTime']

export const windowsFamily: Family = {
  set: 'deviceManagementScripts',
  type: 'deviceManagementScript',
  members: [
    ...['id', 'displayName', ...commonMembers, 'runAsAccount', 'enforceSignatureCheck', 'fileName'],
    ...['roleScopeTagIds', 'runAs32Bit'],
  ],
  creation,
  defaults: { ...commonDefaults, runAsAccount: 'user', enforceSignatureCheck: false, runAs32Bit: false },
  complete: { ...commonComplete, enforceSignatureCheck: true, runAs32Bit: true },
  example: {
    ...commonExample,
    id: '59ea4525-4525-59ea-2545-ea592545ea59',
    enforceSignatureCheck: true,
    runAs32Bit: true,
  },
}

export const shellFamily: Family = {
  set: 'deviceShellScripts',
  type: 'deviceShellScript',
  members: [
    ...['executionFrequency', 'retryCount', 'blockExecutionNotifications', 'id', 'displayName'],
    ...[...commonMembers, 'runAsAccount', 'fileName', 'roleScopeTagIds'],
  ],
  creation,
  defaults: {
    ...commonDefaults,
    runAsAccount: 'user',
    executionFrequency: 'PT0S',
    retryCount: 0,
    blockExecutionNotifications: false,
  },
  complete: {
    ...commonComplete,
    executionFrequency: 'PT15M',
    retryCount: 3,
    blockExecutionNotifications: true,
  },
  example: {
    ...commonExample,
    id: 'ca9e0ad8-0ad8-ca9e-d80a-9ecad80a9eca',
    executionFrequency: 'PT2M43.444327S',
    retryCount: 10,
    blockExecutionNotifications: true,
  },
}

export const customAttributeFamily: Family = {
  set: 'deviceCustomAttributeShellScripts',
  type: 'deviceCustomAttributeShellScript',
  members: [
    ...['id', 'customAttributeName', 'customAttributeType', 'displayName'],
    ...[...commonMembers, 'runAsAccount', 'fileName', 'roleScopeTagIds'],
  ],
  creation: { ...creation, customAttributeType: 'string' },
  defaults: { ...commonDefaults, runAsAccount: 'system', customAttributeName: 'Clean up' },
  complete: {
    ...commonComplete,
    runAsAccount: 'user',
    customAttributeName: 'Shoe size',
    customAttributeType: 'dateTime',
  },
  example: {
    ...commonExample,
    id: '929d921b-921b-929d-1b92-9d921b929d92',
    customAttributeName: 'Custom Attribute Name value',
    customAttributeType: 'string',
  },
}

export const families: readonly Family[] = [windowsFamily, shellFamily, customAttributeFamily]

/** A family other than the one given. */
export function anotherThan(family: Family): Family {
  return family === shellFamily ? windowsFamily : shellFamily
}

/** The observed profile, but for the rows by which it refuses requests that the pages print, or answers in another order. */
export const observedServing = {
  profile: 'observed',
  quirks: { 'unrouted-navigations': 'routed', 'group-ids': 'any', 'member-order': 'documented' },
} as const satisfies ServerConfig

/** A server for the tests of a describe: started before them, stopped after them. */
export function useRunstate(config: ServerConfig = {}, parts: ServerParts = {}): () => Runstate {
  let runstate: Runstate | undefined
  before(async () => {
    runstate = await startRunstate(config, parts)
  })
  after(async () => {
    await runstate?.[Symbol.asyncDispose]()
  })
  return () => {
    assert(runstate !== undefined, 'the server is started')
    return runstate
  }
}

/** Creates a script of a family; gives its path. */
export async function createScript(
  runstate: Runstate,
  family: Family,
  members: Members = {},
): Promise<string> {
  return `${family.set}/${await runstate.create(family.set, { ...family.creation, ...members })}`
}

/** Creates a script of a family with one user state; gives the path of the state. */
export async function createUserState(
  runstate: Runstate,
  family: Family,
  members: Members = userStateExample,
): Promise<string> {
  const states = `${await createScript(runstate, family)}/userRunStates`
  return `${states}/${await runstate.create(states, members)}`
}

/** Gets what is there; gives its text. */
export async function readText(runstate: Runstate, path: string): Promise<string> {
  const answer = await runstate.send('GET', path)
  assert.equal(answer.status, 200, answer.text)
  return answer.text
}

/** The rows of a collection's answer. */
export function rowsOf({ status, text, body }: Answer): readonly Members[] {
  assert.equal(status, 200, text)
  const { value } = body
  assert(Array.isArray(value), text)
  return value
}

/** The members of an answer that are the entity's own: no annotations. */
export function ownMembers(body: Members): Members {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !name.includes('@')))
}

/** The last segment of a path: a key. */
export function keyOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Asserts that a request was refused in this way. */
export function assertRefused(answer: Answer, status: number, code?: string): void {
  assert.equal(answer.status, status, answer.text)
  const error = errorOf(answer)
  if (code !== undefined) assert.equal(error.code, code, answer.text)
  assert.notEqual(error.message, '')
}

/** The members of a flat JSON object as they are written: names and values, in their order. */
export function writtenMembers(text: string): readonly (readonly [string, string])[] {
  const members = text.matchAll(/"([^"]+)"\s*:\s*("(?:[^"\\]|\\.)*"|[^,}\s]+)/g)
  return [...members].map(([, name = '', value = '']) => [name, value])
}
