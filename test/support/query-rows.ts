/** A few rows of every kind to ask of: nulls, both cases, letters beyond ASCII; the same for both databases. */
import { type EntityType, type Timestamp, timestampOf, type Value } from '#model/model.ts'
import type { Condition, OrderKey } from '#odata/odata.ts'
import { bindFilter, bindOrder } from '#odata/query/bind.ts'
import { parseFilter } from '#odata/query/filter-parser.ts'
import { parseOrderBy } from '#odata/query/order-parser.ts'
import { command, type WritePlan } from '#storage/plan.ts'
import { types } from './storage.ts'

/** What `now()` is. */
export const NOW: Timestamp = '2026-11-23T12:00:00.0000000Z'

export function filterOf(type: EntityType, text: string): Condition {
  return bindFilter(parseFilter(text), { text, type, now: NOW })
}

export function orderOf(type: EntityType, text: string): readonly OrderKey[] {
  return bindOrder(parseOrderBy(text), { text, type, now: NOW })
}

const TICKS_PER_HOUR = 36_000_000_000
const STAMP = timestampOf(0)

type Members = Readonly<Record<string, Value>>

function insert(type: EntityType, number: number | undefined, row: Members): WritePlan {
  return { kind: 'insert', type, tenant: 1, number, row }
}

/** The scripts a to g, numbered from 1. */
const scripts: readonly Members[] = [
  {
    displayName: 'Alpha',
    description: null,
    executionFrequency: TICKS_PER_HOUR,
    retryCount: 3,
    fileName: 'a.SH',
  },
  { displayName: 'ÄLPHA ß', description: '', retryCount: 0, roleScopeTagIds: ['0', 'Tag'], fileName: null },
  { displayName: 'beta\u{1F600}x', description: 'Alpha', retryCount: 2_147_483_647, roleScopeTagIds: [] },
  { displayName: null, description: null, retryCount: -7, roleScopeTagIds: null, runAsAccount: 'user' },
  { displayName: ' \u00a0padded\u3000', description: 'x%y_z', retryCount: 3, runAsAccount: 'user' },
  { displayName: 'İstanbul', description: "it’s 'so' \\", retryCount: 5, blockExecutionNotifications: true },
  {
    displayName: 'ΟΔΥΣΣΕΥΣ',
    description: 'STRASSE',
    executionFrequency: 24 * TICKS_PER_HOUR,
    roleScopeTagIds: ['ΟΔΥΣΣΕΥΣ'],
  },
]

const creations = [
  ...['2025-12-31T23:59:59.9999999Z', '2026-01-01T00:00:00.0000000Z', '2026-02-28T05:06:07.0000001Z'],
  ...['2026-11-23T11:59:59.9999999Z', '2026-11-23T12:00:00.0000000Z', '2026-11-23T12:00:00.0000001Z'],
  '9999-12-31T23:59:59.9999999Z',
]

function scriptRow(members: Members, i: number): Members {
  const plain = { runAsAccount: 'system', blockExecutionNotifications: false, roleScopeTagIds: ['0'] }
  const stamps = { createdDateTime: creations[i] ?? STAMP, lastModifiedDateTime: STAMP }
  const rest = { executionFrequency: 0, retryCount: 0, fileName: `${'abcdefg'[i]}.sh`, scriptContent: null }
  return { id: `Id-${'abcdefg'[i]}`, ...plain, ...stamps, ...rest, ...members }
}

const userStates: readonly (readonly [script: number, row: Members])[] = [
  [1, { id: 'u1', successDeviceCount: 2, errorDeviceCount: 0, userPrincipalName: 'Ada@Contoso.com' }],
  [1, { id: 'u2', successDeviceCount: 0, errorDeviceCount: 3, userPrincipalName: null }],
  [2, { id: 'u3', successDeviceCount: 1, errorDeviceCount: 1, userPrincipalName: 'zoë@contoso.com' }],
]

const deviceStates: readonly (readonly [script: number, user: string | null, row: Members])[] = [
  [
    1,
    'u1',
    { id: 'd1', runState: 'success', resultMessage: 'Done ΟΔΥΣΣΕΥΣ', errorCode: 0, managedDevice: 'M1' },
  ],
  [1, 'u2', { id: 'd2', runState: 'fail', resultMessage: null, errorCode: -5, errorDescription: 'Denied' }],
  [2, 'u3', { id: 'd3', runState: 'scriptError', resultMessage: '', errorCode: 7, managedDevice: 'M2' }],
  [2, null, { id: 'd4', runState: 'unknown', errorCode: 7, managedDevice: 'gone' }],
]

const devices: readonly Members[] = [
  { id: 'M1', deviceName: 'Mac-1', osVersion: '14.2', model: null, userId: 'U-1' },
  { id: 'M2', deviceName: 'PC-2', osVersion: null, model: 'X1', userId: 'u-1' },
]

const group = {
  deviceAndAppManagementAssignmentFilterId: null,
  deviceAndAppManagementAssignmentFilterType: 'include',
}

const targets: readonly (readonly [script: number, id: string, target: Value])[] = [
  [1, 'as1', { type: 'groupAssignmentTarget', members: { ...group, groupId: 'G1' } }],
  [2, 'as2', { type: 'allDevicesAssignmentTarget', members: group }],
  [3, 'as3', { type: 'exclusionGroupAssignmentTarget', members: { ...group, groupId: 'G2' } }],
  [3, 'as4', null],
]

const schedules: readonly (readonly [id: string, schedule: Value])[] = [
  ['h1', { type: 'deviceHealthScriptHourlySchedule', members: { interval: 8 } }],
  [
    'h2',
    {
      type: 'deviceHealthScriptDailySchedule',
      members: { interval: 1, useUtc: true, time: '11:58:36.2550000' },
    },
  ],
  [
    'h3',
    {
      type: 'deviceHealthScriptRunOnceSchedule',
      members: { interval: 0, useUtc: false, time: '00:00:00.0000000', date: '2026-02-28' },
    },
  ],
  ['h4', null],
]

const counters = {
  id: 'summary',
  successDeviceCount: 1,
  errorDeviceCount: 1,
  successUserCount: 0,
  errorUserCount: 0,
}

/** What must be in a migrated database: plans that insert the rows, in the tenant 1. */
export const queryRows: readonly WritePlan[] = [
  command`INSERT INTO tenant (tid) VALUES (${'a-tenant'})`,
  ...scripts.map((members, i) => insert(types.shell, i + 1, scriptRow(members, i))),
  ...userStates.map(([script, row]) => insert(types.userState, script, row)),
  ...deviceStates.map(([script, id, row]): WritePlan => {
    const filled = { lastStateUpdateDateTime: STAMP, errorDescription: null, resultMessage: null, ...row }
    const plan = { kind: 'insert', type: types.deviceState, tenant: 1, number: script, row: filled } as const
    return id === null ? plan : { ...plan, link: { column: 'user_state', id } }
  }),
  ...devices.map((row) =>
    insert(types.device, undefined, { enrolledDateTime: STAMP, lastSyncDateTime: STAMP, ...row }),
  ),
  ...targets.map(([script, id, target]) => insert(types.assignment, script, { id, target })),
  insert(types.summary, 1, counters),
  insert(types.summary, 2, { ...counters, successDeviceCount: -4 }),
  command`INSERT INTO run_summary (tenant, script, slot, id, success_device_count, error_device_count,
    success_user_count, error_user_count) VALUES (${1}, ${1}, ${3}, ${''}, ${4}, ${-2}, ${0}, ${0})`,
  insert(types.health, 8, { ...scriptRow({}, 0), ...healthRow() }),
  ...schedules.map(([id, runSchedule]) =>
    insert(types.healthAssignment, 8, { id, runSchedule, target: null, runRemediationScript: id === 'h2' }),
  ),
]

function healthRow(): Members {
  const flags = { enforceSignatureCheck: false, runAs32Bit: false, isGlobalScript: false }
  return { id: 'health', ...flags, deviceHealthScriptType: 'deviceHealthScript' }
}
