import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { defineEntity, defineEnumeration, type PatchOf, type PayloadOf, type RowOf } from './define.ts'
import type { deviceCustomAttributeShellScript } from './entities/device-custom-attribute-shell-script.ts'
import type { deviceHealthScript } from './entities/device-health-script.ts'
import type { deviceHealthScriptAssignment } from './entities/device-health-script-assignment.ts'
import type { deviceManagementScript } from './entities/device-management-script.ts'
import type { deviceManagementScriptUserState } from './entities/device-management-script-user-state.ts'
import type { deviceShellScript } from './entities/device-shell-script.ts'

type UserState = typeof deviceManagementScriptUserState
type Windows = typeof deviceManagementScript
type Shell = typeof deviceShellScript
type CustomAttribute = typeof deviceCustomAttributeShellScript
type Health = typeof deviceHealthScript
type HealthAssignment = typeof deviceHealthScriptAssignment

/** True where two types are the same, `readonly` and `?` included. */
type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** One type for an intersection or a mapped type, its members spelled out. */
type Flat<T> = { [N in keyof T]: T[N] }

/** Compiles only for a verdict that is true. */
function hold<Verdict extends true>(verdict: Verdict): void {
  assert(verdict)
}

interface CommonRow {
  readonly id: string
  readonly displayName: string | null
  readonly description: string | null
  readonly scriptContent: Uint8Array | null
  readonly createdDateTime: string
  readonly lastModifiedDateTime: string
  readonly runAsAccount: 'system' | 'user'
  readonly fileName: string | null
  readonly roleScopeTagIds: readonly string[] | null
}

interface WindowsRow extends CommonRow {
  readonly enforceSignatureCheck: boolean
  readonly runAs32Bit: boolean
}

interface ShellRow extends CommonRow {
  readonly executionFrequency: number
  readonly retryCount: number
  readonly blockExecutionNotifications: boolean
}

interface CustomAttributeRow extends CommonRow {
  readonly customAttributeName: string | null
  readonly customAttributeType: 'integer' | 'string' | 'dateTime'
}

interface UserStateRow {
  readonly id: string
  readonly successDeviceCount: number
  readonly errorDeviceCount: number
  readonly userPrincipalName: string | null
}

type Stamps = 'createdDateTime' | 'lastModifiedDateTime'

/** All members optional but the named ones, which are not there. */
type Without<Row, Names extends keyof Row> = Flat<Partial<Omit<Row, Names>>>

describe('the compiler holds', () => {
  test('the row of each entity type to every property, nullable where it is', () => {
    hold<IsSame<RowOf<UserState>, Flat<UserStateRow>>>(true)
    hold<IsSame<RowOf<Windows>, Flat<WindowsRow>>>(true)
    hold<IsSame<RowOf<Shell>, Flat<ShellRow>>>(true)
    hold<IsSame<RowOf<CustomAttribute>, Flat<CustomAttributeRow>>>(true)
  })

  test('the payload of a creation to what is not read-only, all of it optional', () => {
    hold<IsSame<PayloadOf<UserState>, Without<UserStateRow, 'id'>>>(true)
    hold<IsSame<PayloadOf<Windows>, Without<WindowsRow, 'id' | Stamps>>>(true)
    hold<IsSame<PayloadOf<Shell>, Without<ShellRow, 'id' | Stamps>>>(true)
    hold<IsSame<PayloadOf<CustomAttribute>, Without<CustomAttributeRow, 'id' | Stamps>>>(true)
  })

  test('the patch to what is neither read-only nor set once, all of it optional', () => {
    type SetOnce = 'displayName' | 'customAttributeName' | 'customAttributeType'
    hold<IsSame<PatchOf<UserState>, Without<UserStateRow, 'id'>>>(true)
    hold<IsSame<PatchOf<Windows>, Without<WindowsRow, 'id' | Stamps>>>(true)
    hold<IsSame<PatchOf<Shell>, Without<ShellRow, 'id' | Stamps>>>(true)
    hold<IsSame<PatchOf<CustomAttribute>, Without<CustomAttributeRow, 'id' | Stamps | SetOnce>>>(true)
  })

  test('a complex value to the members of one of its types, and a collection to such values', () => {
    type Parameter = NonNullable<RowOf<Health>['detectionScriptParameters']>[number]
    const common = { name: 'a', description: null, isRequired: true, applyDefaultValueWhenNotAssigned: false }
    const parameters: readonly Parameter[] = [
      { type: 'deviceHealthScriptParameter', members: common },
      { type: 'deviceHealthScriptIntegerParameter', members: { ...common, defaultValue: 7 } },
      { type: 'deviceHealthScriptStringParameter', members: { ...common, defaultValue: null } },
      // @ts-expect-error the default value is of another type
      { type: 'deviceHealthScriptBooleanParameter', members: { ...common, defaultValue: 7 } },
      // @ts-expect-error there is no such type
      { type: 'deviceHealthScriptRunSchedule', members: common },
    ]
    const patches: readonly PatchOf<Health>[] = [
      { detectionScriptParameters: parameters },
      { detectionScriptParameters: [], remediationScriptParameters: null },
      // @ts-expect-error an item is never null
      { detectionScriptParameters: [null] },
    ]
    assert.deepEqual([parameters.length, patches.length], [5, 3])
  })

  test('a schedule to what all its types above it have', () => {
    const members = { interval: 1, useUtc: false, time: null, date: '2024-02-29' }
    const patches: readonly PatchOf<HealthAssignment>[] = [
      { runSchedule: { type: 'deviceHealthScriptRunOnceSchedule', members } },
      { runSchedule: { type: 'deviceHealthScriptRunSchedule', members: { interval: 1 } } },
      { runSchedule: null },
      // @ts-expect-error a daily schedule has a time of the day
      { runSchedule: { type: 'deviceHealthScriptDailySchedule', members: { interval: 1 } } },
      // @ts-expect-error a day is a text
      { runSchedule: { type: 'deviceHealthScriptRunOnceSchedule', members: { ...members, date: 5 } } },
    ]
    assert.equal(patches.length, 5)
  })

  test('a patch to values that its members can take', () => {
    const patches: readonly PatchOf<UserState>[] = [
      {},
      { successDeviceCount: 2, userPrincipalName: null },
      // @ts-expect-error null is not for a count
      { successDeviceCount: null },
      // @ts-expect-error a count is a number
      { successDeviceCount: '2' },
      // @ts-expect-error the key is read-only
      { id: 'x' },
      // @ts-expect-error there is no such member
      { failedDeviceCount: 2 },
      // @ts-expect-error absent is not the same as undefined
      { successDeviceCount: undefined },
    ]
    assert.equal(patches.length, 7)
  })

  test('a declaration made on the spot as one of the model', () => {
    const colour = defineEnumeration({ name: 'colour', members: { red: 0, green: 1 } })
    const thing = defineEntity({
      name: 'thing',
      description: '',
      table: { name: 'thing' },
      properties: {
        id: { type: 'Edm.String', access: 'readOnly', description: '' },
        colours: { type: colour, collection: true, description: '' },
        shade: { type: colour, nullable: true, access: 'setOnce', description: '' },
        wait: { type: 'Edm.Duration', description: '' },
      },
      navigations: {},
      permissions: { list: [], get: [], create: [], update: [], delete: [] },
      example: {},
    })
    type Colour = 'red' | 'green'
    type Row = {
      readonly id: string
      readonly colours: readonly Colour[]
      readonly shade: Colour | null
      readonly wait: number
    }
    hold<IsSame<RowOf<typeof thing>, Row>>(true)
    hold<IsSame<PatchOf<typeof thing>, { readonly colours?: readonly Colour[]; readonly wait?: number }>>(
      true,
    )
    hold<IsSame<(typeof thing)['table'], { readonly name: 'thing' }>>(true)
  })

  test('every difference for one: a type, null, readonly, an optional or a missing member', () => {
    // @ts-expect-error another type
    hold<IsSame<{ readonly a: string }, { readonly a: number }>>(true)
    // @ts-expect-error null
    hold<IsSame<{ readonly a: string }, { readonly a: string | null }>>(true)
    // @ts-expect-error readonly
    hold<IsSame<{ readonly a: string }, { a: string }>>(true)
    // @ts-expect-error optional
    hold<IsSame<{ readonly a: string }, { readonly a?: string }>>(true)
    // @ts-expect-error missing
    hold<IsSame<{ readonly a: string }, { readonly a: string; readonly b: string }>>(true)
  })
})
