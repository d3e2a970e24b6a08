/** Microsoft's generated models of Graph beta read what the server writes, and write what it reads. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  Duration,
  type ModelSerializerFunction,
  type Parsable,
  type ParsableFactory,
} from '@microsoft/kiota-abstractions'
import * as sdk from '@microsoft/msgraph-beta-sdk/models/index.js'
import type { ODataError } from '@microsoft/msgraph-beta-sdk/models/oDataErrors/index.js'
import { type Listening, startListening } from '../support/listening.ts'
import { type BetaClient, createBetaClient, jsonOf, plainJson } from './beta-client.ts'

/** A type of entity, where the demo has one, and what is sent of it. */
interface Kind<T extends Parsable> {
  readonly name: string
  readonly collection: string
  /** The demo's. */
  readonly id: string
  readonly factory: ParsableFactory<T>
  readonly collectionFactory: ParsableFactory<Parsable>
  readonly serialize: ModelSerializerFunction<T>
  readonly creation: T
  readonly change: T
}

/** A kind whose model's type is its own affair. */
interface Row extends Pick<Kind<Parsable>, 'name' | 'collection' | 'id'> {
  read(client: BetaClient): Promise<unknown>
  readAll(client: BetaClient): Promise<unknown>
  /** What was sent, and what came back. */
  create(client: BetaClient): Promise<readonly [sent: unknown, answer: unknown]>
  update(client: BetaClient, path: string): Promise<readonly [sent: unknown, answer: unknown]>
}

function rowOf<T extends Parsable>(kind: Kind<T>): Row {
  const { name, collection, id, factory, collectionFactory, serialize, creation, change } = kind
  return {
    name,
    collection,
    id,
    read: async (client) => jsonOf(await client.read(`${collection}/${id}`, factory)),
    readAll: async (client) => jsonOf(await client.read(collection, collectionFactory)),
    create: async (client) => {
      const answer = await client.create(collection, factory, { model: creation, serialize })
      return [jsonOf(creation, 'members'), jsonOf(answer)]
    },
    update: async (client, path) => {
      const answer = await client.update(path, factory, { model: change, serialize })
      return [jsonOf(change, 'members'), jsonOf(answer)]
    },
  }
}

const DEVICE = '705c034c-034c-705c-4c03-5c704c035c70'
const SHELL_SCRIPT = 'deviceShellScripts/ca9e0ad8-0ad8-ca9e-d80a-9ecad80a9eca'
const USER_STATE = `${SHELL_SCRIPT}/userRunStates/d5a29103-9103-d5a2-0391-a2d50391a2d5`

const scriptContent = Uint8Array.from(Buffer.from('#!/bin/sh\n')).buffer

const script = {
  displayName: 'Clean up',
  description: 'Überall €',
  fileName: 'clean-up.sh',
  roleScopeTagIds: ['0', '17'],
  runAsAccount: sdk.RunAsAccountTypeObject.System,
  scriptContent,
}

const scriptChange = { description: 'Another', runAsAccount: sdk.RunAsAccountTypeObject.User }

/**
 * A target as a caller of this SDK has to give it: its serialiser forgets what a derived type adds, so the group goes
 * among the additional data.
 */
function groupTarget(groupId: string): sdk.DeviceAndAppManagementAssignmentTarget {
  return {
    odataType: '#microsoft.graph.groupAssignmentTarget',
    deviceAndAppManagementAssignmentFilterType: sdk.DeviceAndAppManagementAssignmentFilterTypeObject.Include,
    additionalData: { groupId },
  }
}

function deviceStatesOf(parent: string, name: string): Row {
  return rowOf<sdk.DeviceManagementScriptDeviceState>({
    name,
    collection: `${parent}/deviceRunStates`,
    id: '39440cba-0cba-3944-ba0c-4439ba0c4439',
    factory: sdk.createDeviceManagementScriptDeviceStateFromDiscriminatorValue,
    collectionFactory: sdk.createDeviceManagementScriptDeviceStateCollectionResponseFromDiscriminatorValue,
    serialize: sdk.serializeDeviceManagementScriptDeviceState,
    creation: {
      runState: sdk.RunStateObject.ScriptError,
      resultMessage: 'It failed.',
      errorCode: -1,
      lastStateUpdateDateTime: new Date('2026-11-23T18:00:00.5Z'),
    },
    change: { runState: sdk.RunStateObject.Success, errorCode: 0 },
  })
}

const rows: readonly Row[] = [
  rowOf<sdk.DeviceManagementScript>({
    name: 'deviceManagementScript',
    collection: 'deviceManagementScripts',
    id: '59ea4525-4525-59ea-2545-ea592545ea59',
    factory: sdk.createDeviceManagementScriptFromDiscriminatorValue,
    collectionFactory: sdk.createDeviceManagementScriptCollectionResponseFromDiscriminatorValue,
    serialize: sdk.serializeDeviceManagementScript,
    creation: { ...script, enforceSignatureCheck: true, runAs32Bit: true },
    change: { ...scriptChange, runAs32Bit: false },
  }),
  rowOf<sdk.DeviceShellScript>({
    name: 'deviceShellScript',
    collection: 'deviceShellScripts',
    id: 'ca9e0ad8-0ad8-ca9e-d80a-9ecad80a9eca',
    factory: sdk.createDeviceShellScriptFromDiscriminatorValue,
    collectionFactory: sdk.createDeviceShellScriptCollectionResponseFromDiscriminatorValue,
    serialize: sdk.serializeDeviceShellScript,
    creation: { ...script, executionFrequency: new Duration({ minutes: 15 }), retryCount: 3 },
    change: { ...scriptChange, executionFrequency: new Duration({ days: 7 }), retryCount: 0 },
  }),
  rowOf<sdk.DeviceCustomAttributeShellScript>({
    name: 'deviceCustomAttributeShellScript',
    collection: 'deviceCustomAttributeShellScripts',
    id: '929d921b-921b-929d-1b92-9d921b929d92',
    factory: sdk.createDeviceCustomAttributeShellScriptFromDiscriminatorValue,
    collectionFactory: sdk.createDeviceCustomAttributeShellScriptCollectionResponseFromDiscriminatorValue,
    serialize: sdk.serializeDeviceCustomAttributeShellScript,
    creation: {
      ...script,
      customAttributeName: 'Shoe size',
      customAttributeType: sdk.DeviceCustomAttributeValueTypeObject.DateTime,
    },
    change: scriptChange,
  }),
  rowOf<sdk.DeviceManagementScriptAssignment>({
    name: 'deviceManagementScriptAssignment',
    collection: `${SHELL_SCRIPT}/assignments`,
    id: 'a87a601e-601e-a87a-1e60-7aa81e607aa8',
    factory: sdk.createDeviceManagementScriptAssignmentFromDiscriminatorValue,
    collectionFactory: sdk.createDeviceManagementScriptAssignmentCollectionResponseFromDiscriminatorValue,
    serialize: sdk.serializeDeviceManagementScriptAssignment,
    creation: { target: groupTarget('11111111-2222-4333-8444-555555555555') },
    change: {
      target: {
        ...groupTarget('11111111-2222-4333-8444-555555555555'),
        deviceAndAppManagementAssignmentFilterId: 'another',
      },
    },
  }),
  rowOf<sdk.DeviceManagementScriptGroupAssignment>({
    name: 'deviceManagementScriptGroupAssignment',
    collection: `${SHELL_SCRIPT}/groupAssignments`,
    id: 'ecd2357d-357d-ecd2-7d35-d2ec7d35d2ec',
    factory: sdk.createDeviceManagementScriptGroupAssignmentFromDiscriminatorValue,
    collectionFactory:
      sdk.createDeviceManagementScriptGroupAssignmentCollectionResponseFromDiscriminatorValue,
    serialize: sdk.serializeDeviceManagementScriptGroupAssignment,
    creation: { targetGroupId: '22222222-2222-4333-8444-555555555555' },
    change: { targetGroupId: '22222222-2222-4333-8444-555555555555' },
  }),
  rowOf<sdk.DeviceManagementScriptUserState>({
    name: 'deviceManagementScriptUserState',
    collection: `${SHELL_SCRIPT}/userRunStates`,
    id: 'd5a29103-9103-d5a2-0391-a2d50391a2d5',
    factory: sdk.createDeviceManagementScriptUserStateFromDiscriminatorValue,
    collectionFactory: sdk.createDeviceManagementScriptUserStateCollectionResponseFromDiscriminatorValue,
    serialize: sdk.serializeDeviceManagementScriptUserState,
    creation: { successDeviceCount: 3, errorDeviceCount: 1, userPrincipalName: 'anna@contoso.com' },
    change: { successDeviceCount: 4, errorDeviceCount: 0, userPrincipalName: null },
  }),
  deviceStatesOf(SHELL_SCRIPT, 'deviceManagementScriptDeviceState'),
  deviceStatesOf(USER_STATE, 'deviceManagementScriptDeviceState of a user'),
]

/** What is sent to `assign`, for the SDK's main package has no model of it. */
interface Assignments extends Parsable {
  readonly groups: sdk.DeviceManagementScriptGroupAssignment[]
  readonly assignments: sdk.DeviceManagementScriptAssignment[]
}

const serializeAssignments: ModelSerializerFunction<Assignments> = (writer, model) => {
  writer.writeCollectionOfObjectValues(
    'deviceManagementScriptGroupAssignments',
    model?.groups,
    sdk.serializeDeviceManagementScriptGroupAssignment,
  )
  writer.writeCollectionOfObjectValues(
    'deviceManagementScriptAssignments',
    model?.assignments,
    sdk.serializeDeviceManagementScriptAssignment,
  )
}

/** What is sent to `hasPayloadLinks`. */
interface Payloads extends Parsable {
  readonly payloadIds: string[]
}

const serializePayloads: ModelSerializerFunction<Payloads> = (writer, model) => {
  writer.writeCollectionOfPrimitiveValues('payloadIds', model?.payloadIds)
}

interface PayloadLinks extends Parsable {
  value?: sdk.HasPayloadLinkResultItem[]
}

const createPayloadLinks: ParsableFactory<PayloadLinks> =
  () =>
  (model = {}) => ({
    value: (node) => {
      Object.assign(model, {
        value: node.getCollectionOfObjectValues(sdk.createHasPayloadLinkResultItemFromDiscriminatorValue),
      })
    },
  })

/** Asserts that what was sent is in the answer. */
function assertKept([sent, answer]: readonly [unknown, unknown]): void {
  assert(typeof sent === 'object' && typeof answer === 'object')
  const { target: sentTarget, ...members }: Readonly<Record<string, unknown>> = { ...sent }
  const { target, ...kept }: Readonly<Record<string, unknown>> = { ...answer }
  assert.deepEqual({ ...kept, ...members }, kept)
  if (typeof sentTarget === 'object' && typeof target === 'object')
    assert.deepEqual({ ...target, ...sentTarget }, target)
}

describe("Microsoft's beta SDK", () => {
  let listening: Listening
  let client: BetaClient
  before(async () => {
    listening = await startListening({ demo: true })
    client = createBetaClient(listening)
  })
  after(async () => {
    await listening[Symbol.asyncDispose]()
  })

  /** The JSON that a client without a model reads. */
  const fetchJson = async (path: string): Promise<unknown> => {
    const headers = { authorization: `Bearer ${await listening.server.token()}` }
    const response = await listening.server.fetch(`/beta/deviceManagement/${path}`, { headers })
    assert.equal(response.status, 200)
    return plainJson(await response.json())
  }

  for (const row of rows) {
    test(`reads every member of a ${row.name}`, async () => {
      assert.deepEqual(await row.read(client), await fetchJson(`${row.collection}/${row.id}`))
    })

    test(`reads every member of a collection of ${row.name}`, async () => {
      assert.deepEqual(await row.readAll(client), await fetchJson(row.collection))
    })

    test(`creates, updates and deletes a ${row.name}`, async () => {
      const created = await row.create(client)
      assertKept(created)
      const [, answer] = created
      assert(typeof answer === 'object' && answer !== null && 'id' in answer)
      const path = `${row.collection}/${answer.id}`
      assert.deepEqual(await fetchJson(path), answer)
      const updated = await row.update(client, path)
      assertKept(updated)
      assert.deepEqual(await fetchJson(path), updated[1])
      await client.remove(path)
      await assert.rejects(row.update(client, path), { responseStatusCode: 404 })
    })
  }

  test('reads and updates a run summary', async () => {
    const path = `${SHELL_SCRIPT}/runSummary`
    const factory = sdk.createDeviceManagementScriptRunSummaryFromDiscriminatorValue
    assert.deepEqual(jsonOf(await client.read(path, factory)), await fetchJson(path))
    const model = { successDeviceCount: 7, errorUserCount: 3 }
    const serialize = sdk.serializeDeviceManagementScriptRunSummary
    assertKept([model, jsonOf(await client.update(path, factory, { model, serialize }))])
  })

  test('reads managed devices, alone, as a collection and by way of a run state', async () => {
    const factory = sdk.createManagedDeviceFromDiscriminatorValue
    const device = await fetchJson(`managedDevices/${DEVICE}`)
    assert.deepEqual(jsonOf(await client.read(`managedDevices/${DEVICE}`, factory)), device)
    const collectionFactory = sdk.createManagedDeviceCollectionResponseFromDiscriminatorValue
    const devices = await client.read('managedDevices', collectionFactory)
    assert.deepEqual(jsonOf(devices), { value: [device] })
    const states = `${SHELL_SCRIPT}/deviceRunStates/39440cba-0cba-3944-ba0c-4439ba0c4439`
    assert.deepEqual(jsonOf(await client.read(`${states}/managedDevice`, factory)), device)
  })

  test('creates a run state that names its device', async () => {
    const script = 'deviceManagementScripts/59ea4525-4525-59ea-2545-ea592545ea59'
    const device = `${listening.url}/beta/deviceManagement/managedDevices/${DEVICE}`
    const state = await client.create<sdk.DeviceManagementScriptDeviceState>(
      `${script}/deviceRunStates`,
      sdk.createDeviceManagementScriptDeviceStateFromDiscriminatorValue,
      {
        model: { additionalData: { 'managedDevice@odata.bind': device } },
        serialize: sdk.serializeDeviceManagementScriptDeviceState,
      },
    )
    assert.equal(state.id, `59ea4525-4525-59ea-2545-ea592545ea59:${DEVICE}`)
  })

  test('assigns a script, and reads every type of target as itself', async () => {
    const path = 'deviceCustomAttributeShellScripts/929d921b-921b-929d-1b92-9d921b929d92'
    const types = ['allDevicesAssignmentTarget', 'allLicensedUsersAssignmentTarget']
    const assignments: sdk.DeviceManagementScriptAssignment[] = [
      ...types.map((type) => ({ target: { odataType: `#microsoft.graph.${type}` } })),
      { target: groupTarget('first') },
      { target: { ...groupTarget('second'), odataType: '#microsoft.graph.exclusionGroupAssignmentTarget' } },
    ]
    const model = { groups: [{ targetGroupId: 'third' }], assignments }
    await client.act(`${path}/assign`, { model, serialize: serializeAssignments })
    const answer = await client.read<sdk.DeviceManagementScriptAssignmentCollectionResponse>(
      `${path}/assignments`,
      sdk.createDeviceManagementScriptAssignmentCollectionResponseFromDiscriminatorValue,
    )
    assert.deepEqual(jsonOf(answer), await fetchJson(`${path}/assignments`))
    const targets = answer.value?.map(({ target }) => [
      target?.odataType?.replace('#microsoft.graph.', ''),
      target && 'groupId' in target ? target.groupId : undefined,
    ])
    assert.deepEqual(targets?.sort(), [
      ['allDevicesAssignmentTarget', undefined],
      ['allLicensedUsersAssignmentTarget', undefined],
      ['exclusionGroupAssignmentTarget', 'second'],
      ['groupAssignmentTarget', 'first'],
      ['groupAssignmentTarget', 'third'],
    ])
  })

  test('asks for payload links and reads their sources', async () => {
    const known = '59ea4525-4525-59ea-2545-ea592545ea59'
    const unknown = '00000000-0000-4000-8000-000000000000'
    const links = await client.ask('deviceManagementScripts/hasPayloadLinks', createPayloadLinks, {
      model: { payloadIds: [known, unknown] },
      serialize: serializePayloads,
    })
    const odataType = '#microsoft.graph.hasPayloadLinkResultItem'
    assert.deepEqual(jsonOf(links.value), [
      { '@odata.type': odataType, payloadId: known, hasLink: true, error: '', sources: ['direct'] },
      { '@odata.type': odataType, payloadId: unknown, hasLink: false, error: '', sources: [] },
    ])
  })

  test('reads a refusal as an ODataError with its code, message and request id', async () => {
    const path = 'deviceShellScripts/00000000-0000-4000-8000-000000000000'
    const refused = client.read(path, sdk.createDeviceShellScriptFromDiscriminatorValue)
    await assert.rejects(refused, (error: unknown) => {
      const { responseStatusCode, errorEscaped } = readRefusal(error)
      assert.equal(responseStatusCode, 404)
      assert.equal(errorEscaped?.code, 'ResourceNotFound')
      assert.notEqual(errorEscaped.message, '')
      assert.match(errorEscaped.innerError?.requestId ?? '', /^[0-9a-f-]{36}$/)
      assert(errorEscaped.innerError?.date instanceof Date)
      return true
    })
  })
})

/** A thrown value as the SDK's error, of which nothing was unknown to the deserialiser. */
function readRefusal(error: unknown): Partial<ODataError> {
  assert(typeof error === 'object' && error !== null && 'errorEscaped' in error)
  jsonOf(error.errorEscaped)
  return error as Partial<ODataError>
}
