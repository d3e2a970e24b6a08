/** What the tests of `$expand` are about: scripts with something of everything below them, and how it is read. */
import assert from 'node:assert/strict'
import type { Answer, Runstate } from '../support/runstate.ts'
import { type Family, rowsOf } from './families.ts'
import { targetOf } from './surface.ts'

export type Members = Readonly<Record<string, unknown>>

/** A group id with this number in it. */
export function groupId(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
}

export async function createDevice(runstate: Runstate, deviceName: string): Promise<string> {
  const userPrincipalName = `${deviceName.toLowerCase()}@contoso.com`
  return await runstate.create('managedDevices', { deviceName, userPrincipalName, osVersion: '10.0.1' })
}

/** Creates a device state in a collection, of a device where one is named; gives its id. */
export async function createDeviceState(
  runstate: Runstate,
  states: string,
  { device, ...members }: Members = {},
): Promise<string> {
  const url = `https://graph.microsoft.com/beta/deviceManagement/managedDevices/${device}`
  const bound = device === undefined ? {} : { 'managedDevice@odata.bind': url }
  return await runstate.create(states, { ...bound, ...members })
}

/** A script that has something of everything below it. */
export interface FullScript {
  readonly path: string
  readonly id: string
  readonly devices: readonly string[]
  readonly userStates: readonly string[]
}

/**
 * Creates a script with three assignments, two of them to groups; two user states with two device states each; and one
 * device state of no user and no device.
 */
export async function createFullScript(
  runstate: Runstate,
  family: Family,
  name: string,
): Promise<FullScript> {
  const id = await runstate.create(family.set, { ...family.creation, displayName: name })
  const path = `${family.set}/${id}`
  const deviceManagementScriptAssignments = [
    { target: targetOf('groupAssignmentTarget', { groupId: groupId(2) }) },
    { target: targetOf('allDevicesAssignmentTarget') },
    { target: targetOf('groupAssignmentTarget', { groupId: groupId(1) }) },
  ]
  const body = { deviceManagementScriptAssignments }
  assert.equal((await runstate.send('POST', `${path}/assign`, { body })).status, 204)
  const devices: string[] = []
  const userStates: string[] = []
  for (const user of ['one', 'two']) {
    const counts = { successDeviceCount: user.length, errorDeviceCount: userStates.length }
    const state = await runstate.create(`${path}/userRunStates`, {
      ...counts,
      userPrincipalName: `${user}@contoso.com`,
    })
    userStates.push(state)
    for (const runState of ['success', 'fail'] as const) {
      const device = await createDevice(runstate, `${name}-${user}-${runState}`)
      devices.push(device)
      await createDeviceState(runstate, `${path}/userRunStates/${state}/deviceRunStates`, {
        ...{ device, runState, resultMessage: `${name} of ${user}`, errorCode: devices.length },
      })
    }
  }
  await createDeviceState(runstate, `${path}/deviceRunStates`, { runState: 'pending', errorCode: 5 })
  return { path, id, devices, userStates }
}

/** The entities that a row has in a member. */
export function expandedIn(row: Members | undefined, name: string): readonly Members[] {
  const value = row?.[name]
  assert(Array.isArray(value), JSON.stringify(row))
  return value
}

/** The single entity that a row has in a member. */
export function singleIn(row: Members | undefined, name: string): Members {
  const value = row?.[name]
  assert(typeof value === 'object' && value !== null && !Array.isArray(value), JSON.stringify(row))
  return { ...value }
}

/** The path and query of a link in a row, `@odata.nextLink` for one; undefined where it has none. */
export function linkIn(row: Members | undefined, name: string): string | undefined {
  const link = row?.[name]
  if (link === undefined) return undefined
  const { pathname, search } = new URL(String(link))
  return `${pathname}${search}`
}

/** All rows from a link on, page by page. */
export async function walk(runstate: Runstate, first: string | undefined): Promise<readonly Members[]> {
  const rows: Members[] = []
  for (let next = first; next !== undefined; ) {
    const answer = await runstate.send('GET', next)
    rows.push(...rowsOf(answer))
    next = linkIn(answer.body, '@odata.nextLink')
  }
  return rows
}

/** Gets what is there, and asserts that it is. */
export async function read(runstate: Runstate, path: string): Promise<Answer> {
  const answer = await runstate.send('GET', path)
  assert.equal(answer.status, 200, `${path}: ${answer.text}`)
  return answer
}

/** The members of a row that belong to one navigation: itself, and what is said of it. */
export function partOf(row: Members | undefined, name: string): Members {
  const own = Object.entries(row ?? {}).filter(([member]) => member === name || member.startsWith(`${name}@`))
  return Object.fromEntries(own)
}

/** What a collection's own URL answers, in the form that it has where it is expanded. */
export function asExpanded({ body }: Answer, name: string): Members {
  const named = Object.entries(body).map(([member, value]) =>
    member === 'value' ? [name, value] : [`${name}${member}`, value],
  )
  return Object.fromEntries(named)
}
