/** Microsoft's generated models of Graph beta and health scripts: their parameters, assignments and schedules. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  DateOnly,
  type ModelSerializerFunction,
  type Parsable,
  TimeOnly,
} from '@microsoft/kiota-abstractions'
import * as sdk from '@microsoft/msgraph-beta-sdk/models/index.js'
import { type Listening, startListening } from '../support/listening.ts'
import { type BetaClient, createBetaClient } from './beta-client.ts'

const SET = 'deviceHealthScripts'
const DEMO = 'bcb60502-0502-bcb6-0205-b6bc0205b6bc'

/** What is sent to `assign`, for the SDK's main package has no model of it. */
interface Assignments extends Parsable {
  readonly assignments: sdk.DeviceHealthScriptAssignment[]
}

const serializeAssignments: ModelSerializerFunction<Assignments> = (writer, model) => {
  writer.writeCollectionOfObjectValues(
    'deviceHealthScriptAssignments',
    model?.assignments,
    sdk.serializeDeviceHealthScriptAssignment,
  )
}

/** A parameter as a caller of this SDK has to give it: its serialiser forgets what a derived type adds. */
function parameter(type: string, defaultValue: unknown): sdk.DeviceHealthScriptParameter {
  return {
    odataType: `#microsoft.graph.deviceHealthScript${type}Parameter`,
    ...{ name: type, isRequired: true, applyDefaultValueWhenNotAssigned: false },
    additionalData: { defaultValue },
  }
}

describe("Microsoft's beta SDK and health scripts", () => {
  let listening: Listening
  let client: BetaClient
  before(async () => {
    listening = await startListening({ demo: true })
    client = createBetaClient(listening)
  })
  after(async () => {
    await listening[Symbol.asyncDispose]()
  })

  const get = (id: string) =>
    client.read<sdk.DeviceHealthScript>(`${SET}/${id}`, sdk.createDeviceHealthScriptFromDiscriminatorValue)

  test('lists them and gets one, every member of which it knows', async () => {
    const factory = sdk.createDeviceHealthScriptCollectionResponseFromDiscriminatorValue
    const { value } = await client.read<sdk.DeviceHealthScriptCollectionResponse>(SET, factory)
    assert.deepEqual(
      value?.map(({ id }) => id),
      [DEMO],
    )
    const script = await get(DEMO)
    assert.deepEqual(Object.keys(script.additionalData ?? {}), ['@odata.context'])
    assert.equal(script.deviceHealthScriptType, 'managedInstallerScript')
    assert(script.detectionScriptContent instanceof ArrayBuffer)
    assert.equal(Buffer.from(script.detectionScriptContent).toString(), 'detectionScriptContent')
    const [first] = script.remediationScriptParameters ?? []
    assert(first && 'defaultValue' in first)
    assert.deepEqual(
      [first.odataType, first.name, first.defaultValue],
      ['#microsoft.graph.deviceHealthScriptStringParameter', 'Name value', 'Default Value value'],
    )
  })

  test('creates one with parameters of every type, and reads each as itself', async () => {
    const values = [
      ['String', 'C:'],
      ['Integer', 7],
      ['Boolean', true],
    ] as const
    const created = await client.create<sdk.DeviceHealthScript>(
      SET,
      sdk.createDeviceHealthScriptFromDiscriminatorValue,
      {
        model: {
          displayName: 'Disk space',
          runAsAccount: sdk.RunAsAccountTypeObject.System,
          detectionScriptContent: Uint8Array.from(Buffer.from('exit 0')).buffer,
          detectionScriptParameters: values.map(([type, value]) => parameter(type, value)),
        },
        serialize: sdk.serializeDeviceHealthScript,
      },
    )
    const script = await get(created.id ?? '')
    const read = script.detectionScriptParameters?.map((one) => [
      one.odataType,
      one.name,
      'defaultValue' in one ? one.defaultValue : undefined,
    ])
    const expected = values.map(([type, value]) => [
      `#microsoft.graph.deviceHealthScript${type}Parameter`,
      ...[type, value],
    ])
    assert.deepEqual(read, expected)
    assert.deepEqual(script.remediationScriptParameters, [])
  })

  test('assigns one, and reads the schedule’s day and time', async () => {
    const assignments: sdk.DeviceHealthScriptAssignment[] = [
      {
        runRemediationScript: true,
        target: {
          odataType: '#microsoft.graph.groupAssignmentTarget',
          additionalData: { groupId: 'first' },
        },
        runSchedule: {
          odataType: '#microsoft.graph.deviceHealthScriptRunOnceSchedule',
          interval: 1,
          additionalData: { useUtc: true, date: '2024-02-29', time: '16:05:09.5' },
        },
      },
    ]
    await client.act(`${SET}/${DEMO}/assign`, { model: { assignments }, serialize: serializeAssignments })
    const { value = [] } = await client.read<sdk.DeviceHealthScriptAssignmentCollectionResponse>(
      `${SET}/${DEMO}/assignments`,
      sdk.createDeviceHealthScriptAssignmentCollectionResponseFromDiscriminatorValue,
    )
    const [assignment, ...others] = value ?? []
    assert.equal(others.length, 0)
    assert.deepEqual([assignment?.id, assignment?.runRemediationScript], [`${DEMO}:first`, true])
    const schedule: sdk.DeviceHealthScriptRunOnceSchedule = { ...assignment?.runSchedule }
    assert.equal(schedule.odataType, '#microsoft.graph.deviceHealthScriptRunOnceSchedule')
    assert(schedule.date instanceof DateOnly && schedule.time instanceof TimeOnly)
    assert.equal(schedule.date.toString(), '2024-02-29')
    const { hours, minutes, seconds } = schedule.time
    assert.deepEqual([hours, minutes, seconds, schedule.useUtc], [16, 5, 9, true])
    assert.deepEqual(schedule.additionalData ?? {}, {})
  })
})
