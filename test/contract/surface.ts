/** The documented operations as data: 41 of each family and one more, with what each answers on a demo server. */
import { type Family, families, USER_STATE_ID, userStateExample, userStateMembers } from './families.ts'

type Members = Readonly<Record<string, unknown>>

/** What an operation answers with: rows, one entity, a number, or nothing. */
export type Answers = 'rows' | 'entity' | 'number' | 'results' | 'nothing'

/** Which of the permission tables an operation is in. */
export type Access = 'script' | 'assign' | 'below' | 'payloadLinks'

/** The entity that an operation is about. */
export interface Entity {
  readonly type: string
  /** Its documented id. */
  readonly id: string
  /** Every member, in the documented order. */
  readonly members: readonly string[]
  /** The documentation's own, without its id. */
  readonly example: Members
  /** What is sent to create another one; not the documented one, which is there already. */
  readonly creation: Members
  readonly change: Members
}

/** A row of the documentation: an operation of every family, or of the Windows scripts alone. */
export interface OperationKind {
  readonly name: string
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** After `/deviceManagement/`; `{F}` is the family, other names in braces are keys. */
  readonly template: string
  readonly status: 200 | 201 | 204
  readonly answers: Answers
  readonly access: Access
  /** Undefined for the script itself, whose entity is the family's. */
  readonly about?: Entity
  readonly body?: (family: Family) => unknown
  /** Where it is not of every family. */
  readonly only?: string
}

export interface SurfaceOperation extends OperationKind {
  readonly family: Family
  readonly path: string
}

const GROUP = '11111111-2222-4333-8444-555555555555'

const filter = {
  deviceAndAppManagementAssignmentFilterId: 'Device And App Management Assignment Filter Id value',
  deviceAndAppManagementAssignmentFilterType: 'include',
} as const

export const targetOf = (name: string, members: Members = {}): Members => ({
  '@odata.type': `#microsoft.graph.${name}`,
  ...members,
})

export const assignment: Entity = {
  type: 'deviceManagementScriptAssignment',
  id: 'a87a601e-601e-a87a-1e60-7aa81e607aa8',
  members: ['id', 'target'],
  example: {
    target: targetOf('configurationManagerCollectionAssignmentTarget', {
      ...filter,
      collectionId: 'Collection Id value',
    }),
  },
  creation: { target: targetOf('groupAssignmentTarget', { groupId: GROUP }) },
  change: {
    target: targetOf('configurationManagerCollectionAssignmentTarget', {
      deviceAndAppManagementAssignmentFilterId: null,
      deviceAndAppManagementAssignmentFilterType: 'none',
      collectionId: 'Collection Id value',
    }),
  },
}

export const groupAssignment: Entity = {
  type: 'deviceManagementScriptGroupAssignment',
  id: 'ecd2357d-357d-ecd2-7d35-d2ec7d35d2ec',
  members: ['id', 'targetGroupId'],
  example: { targetGroupId: 'Target Group Id value' },
  creation: { targetGroupId: GROUP },
  change: { targetGroupId: 'Target Group Id value' },
}

export const deviceState: Entity = {
  type: 'deviceManagementScriptDeviceState',
  id: '39440cba-0cba-3944-ba0c-4439ba0c4439',
  members: ['id', 'runState', 'resultMessage', 'lastStateUpdateDateTime', 'errorCode', 'errorDescription'],
  example: {
    runState: 'success',
    resultMessage: 'Result Message value',
    lastStateUpdateDateTime: '2017-01-01T08:02:58.4418045Z',
    errorCode: 9,
    errorDescription: 'Error Description value',
  },
  creation: {
    runState: 'fail',
    resultMessage: 'no such file',
    lastStateUpdateDateTime: '2026-08-28T19:19:56Z',
    errorCode: 127,
    errorDescription: null,
  },
  change: { runState: 'scriptError', errorCode: -1 },
}

export const userState: Entity = {
  type: 'deviceManagementScriptUserState',
  id: USER_STATE_ID,
  members: userStateMembers,
  example: userStateExample,
  creation: { successDeviceCount: 1, errorDeviceCount: 2, userPrincipalName: 'one@contoso.com' },
  change: { errorDeviceCount: 77 },
}

export const runSummary: Entity = {
  type: 'deviceManagementScriptRunSummary',
  id: '514d5d38-5d38-514d-385d-4d51385d4d51',
  members: ['id', 'successDeviceCount', 'errorDeviceCount', 'successUserCount', 'errorUserCount'],
  example: { successDeviceCount: 2, errorDeviceCount: 0, successUserCount: 0, errorUserCount: 14 },
  creation: {},
  change: { successUserCount: 5, errorUserCount: 15 },
}

export const managedDevice: Entity = {
  type: 'managedDevice',
  id: '705c034c-034c-705c-4c03-5c704c035c70',
  members: [
    ...['id', 'userId', 'deviceName', 'enrolledDateTime', 'lastSyncDateTime', 'operatingSystem', 'osVersion'],
    ...['emailAddress', 'azureADDeviceId', 'model', 'manufacturer', 'serialNumber', 'userPrincipalName'],
    'userDisplayName',
  ],
  example: { deviceName: 'Device Name value', userPrincipalName: 'User Principal Name value' },
  creation: { deviceName: 'LAPTOP-1' },
  change: {},
}

/** What the documentation prints as the body of `assign`: the values are its own. */
export const assignExample = {
  deviceManagementScriptGroupAssignments: [
    {
      '@odata.type': '#microsoft.graph.deviceManagementScriptGroupAssignment',
      id: groupAssignment.id,
      targetGroupId: 'Target Group Id value',
    },
  ],
  deviceManagementScriptAssignments: [
    {
      '@odata.type': '#microsoft.graph.deviceManagementScriptAssignment',
      id: assignment.id,
      target: {
        '@odata.type': 'microsoft.graph.deviceAndAppManagementAssignmentTarget',
        ...filter,
      },
    },
  ],
} as const

interface Collection {
  readonly names: readonly [one: string, all: string]
  readonly path: string
  readonly key: string
  readonly access: Access
  readonly about?: Entity
}

/** The six operations that every collection has. */
function operationsOf({ names: [one, all], path, key, access, about }: Collection): readonly OperationKind[] {
  const common = { access, ...(about === undefined ? {} : { about }) }
  const item = `${path}/{${key}}`
  const creation = (family: Family) => (about ?? family).creation
  const change = () => about?.change ?? { description: 'changed by a stranger' }
  return [
    { ...common, name: `list ${all}`, method: 'GET', template: path, status: 200, answers: 'rows' },
    {
      ...common,
      name: `count ${all}`,
      method: 'GET',
      template: `${path}/$count`,
      status: 200,
      answers: 'number',
    },
    { ...common, name: `get ${one}`, method: 'GET', template: item, status: 200, answers: 'entity' },
    {
      ...{ ...common, name: `create ${one}`, method: 'POST', template: path, status: 201, answers: 'entity' },
      body: creation,
    },
    {
      ...{
        ...common,
        name: `update ${one}`,
        method: 'PATCH',
        template: item,
        status: 200,
        answers: 'entity',
      },
      body: change,
    },
    { ...common, name: `delete ${one}`, method: 'DELETE', template: item, status: 204, answers: 'nothing' },
  ]
}

const below = { access: 'below' } as const
const script = '{F}/{script}'
const nested = `${script}/userRunStates/{userState}/deviceRunStates`

/** The documented operations, one row for the three families. */
export const operationKinds: readonly OperationKind[] = [
  ...operationsOf({ names: ['a script', 'scripts'], path: '{F}', key: 'script', access: 'script' }),
  {
    ...{ name: 'assign a script', method: 'POST', template: `${script}/assign`, status: 204 },
    ...{ answers: 'nothing', access: 'assign' },
    body: () => assignExample,
  },
  ...operationsOf({
    ...{ ...below, names: ['an assignment', 'assignments'], path: `${script}/assignments` },
    ...{ key: 'assignment', about: assignment },
  }),
  ...operationsOf({
    ...{ ...below, names: ['a group assignment', 'group assignments'], path: `${script}/groupAssignments` },
    ...{ key: 'groupAssignment', about: groupAssignment },
  }),
  ...operationsOf({
    ...{ ...below, names: ['a device run state', 'device run states'], path: `${script}/deviceRunStates` },
    ...{ key: 'deviceState', about: deviceState },
  }),
  {
    ...{ ...below, name: 'get the device of a device run state', method: 'GET', about: managedDevice },
    ...{ template: `${script}/deviceRunStates/{deviceState}/managedDevice`, status: 200, answers: 'entity' },
  },
  {
    ...{ ...below, name: 'get the run summary', method: 'GET', about: runSummary },
    ...{ template: `${script}/runSummary`, status: 200, answers: 'entity' },
  },
  {
    ...{ ...below, name: 'update the run summary', method: 'PATCH', about: runSummary },
    ...{ template: `${script}/runSummary`, status: 200, answers: 'entity' },
    body: () => runSummary.change,
  },
  ...operationsOf({
    ...{ ...below, names: ['a user run state', 'user run states'], path: `${script}/userRunStates` },
    ...{ key: 'userState', about: userState },
  }),
  ...operationsOf({
    ...{ ...below, names: ["a user's device run state", "a user's device run states"], path: nested },
    ...{ key: 'deviceState', about: deviceState },
  }),
  {
    ...{ ...below, name: "get the device of a user's device run state", method: 'GET', about: managedDevice },
    ...{ template: `${nested}/{deviceState}/managedDevice`, status: 200, answers: 'entity' },
  },
  {
    ...{
      name: 'ask which scripts are assigned',
      method: 'POST',
      status: 200,
      only: 'deviceManagementScripts',
    },
    ...{ template: 'deviceManagementScripts/hasPayloadLinks', answers: 'results', access: 'payloadLinks' },
    body: (family) => ({ payloadIds: [family.example['id']] }),
  },
]

/** Every operation on its own path, with the documented ids. */
export const surface: readonly SurfaceOperation[] = families.flatMap((family) =>
  operationKinds
    .filter(({ only }) => only === undefined || only === family.set)
    .map((kind) => ({ ...kind, family, path: fillIn(kind.template, family) })),
)

/** A template with the family and the documented ids in it. */
export function fillIn(template: string, family: Family): string {
  const values: Readonly<Record<string, string>> = {
    F: family.set,
    script: String(family.example['id']),
    assignment: assignment.id,
    groupAssignment: groupAssignment.id,
    deviceState: deviceState.id,
    userState: userState.id,
  }
  return template.replace(/\{(\w+)\}/g, (braced, name: string) => values[name] ?? braced)
}

/** What `@odata.context` says of an answer, after `#`: keys in parentheses and quotes, whatever the path had. */
export function contextOf({ template, family, answers, method }: SurfaceOperation): string {
  if (answers === 'results') return 'Collection(microsoft.graph.hasPayloadLinkResultItem)'
  const isItem = /\}$/.test(template) && template !== '{F}'
  const place = isItem ? template.slice(0, template.lastIndexOf('/')) : template
  const path = fillIn(place.replace(/\/(\{\w+\})/g, "('$1')"), family)
  const suffix = answers === 'entity' || method === 'POST' ? '/$entity' : ''
  return `deviceManagement/${path}${suffix}`
}
