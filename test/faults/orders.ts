/** The requests of the load: what each sends, and what it writes in the words of the ledger. */
import { randomUUID } from 'node:crypto'
import type { Dice } from '../support/dice.ts'
import type { Members } from './client.ts'
import type { Ledger, Step } from './ledger.ts'

export const SCRIPTS = 'deviceManagement/deviceShellScripts'
export const SHARED = 'shared'

/** One request, alone or as a part of a batch. */
export interface Order {
  readonly method: string
  readonly path: string
  readonly body?: Members | undefined
  readonly step: Step
}

/** One of the clients that write side by side; each keeps to names of its own. */
export interface Writer {
  readonly name: string
  readonly ledger: Ledger
  readonly roll: Dice
  /** A number that was never used before. */
  readonly next: () => number
}

const RUN_STATES = ['success', 'fail', 'scriptError', 'pending'] as const
const STATES_OF_A_PLACE = 6
const SCRIPTS_OF_A_WRITER = 3

/** What the ledger says of each kind of thing; the checks read it back in the same words. */
export const formatOf = {
  script: ({ description }: Members): string => `${description}`,
  user: ({ successDeviceCount, errorDeviceCount }: Members): string =>
    `${successDeviceCount}/${errorDeviceCount}`,
  device: ({ runState, errorCode }: Members): string => `${runState}/${errorCode}`,
  assigned: (groups: readonly string[]): string => groups.toSorted().join(' '),
} as const

/** The names of states, by the member that carries them. */
export const STATES = {
  user: { collection: 'userRunStates', nameIn: 'userPrincipalName' },
  device: { collection: 'deviceRunStates', nameIn: 'errorDescription' },
} as const

type StateKind = keyof typeof STATES

function one(name: string, value: string | undefined): Step {
  return { values: new Map([[name, value]]) }
}

function pick<T>(roll: Dice, from: readonly T[]): T | undefined {
  return from[roll(from.length)]
}

/** The scripts of this writer alone. */
function ownScripts({ ledger, name }: Writer): readonly string[] {
  return ledger.names(`${name}-`).filter((each) => !each.includes('/'))
}

/** The states of this writer in any script. */
function ownStates({ ledger, name }: Writer): readonly string[] {
  return ledger.names('').filter((each) => each.includes(`/${name}-`))
}

function membersOf(kind: StateKind, { next, roll }: Writer): Members {
  const number = next()
  if (kind === 'device') return { runState: RUN_STATES[roll(RUN_STATES.length)], errorCode: number }
  return { successDeviceCount: number, errorDeviceCount: roll(3) === 0 ? number : 0 }
}

function createState(writer: Writer): Order | undefined {
  const { roll, ledger, name, next } = writer
  const script = pick(roll, [SHARED, ...ownScripts(writer)]) ?? SHARED
  const path = ledger.get(script)?.path
  const kind: StateKind = roll(2) === 0 ? 'user' : 'device'
  const place = `${script}/${kind}/${name}-`
  if (path === undefined || ledger.names(place).length >= STATES_OF_A_PLACE) return undefined
  const { collection, nameIn } = STATES[kind]
  const full = `${place}${next()}`
  const members = membersOf(kind, writer)
  const body = { ...members, [nameIn]: full.slice(full.lastIndexOf('/') + 1) }
  return { method: 'POST', path: `${path}/${collection}`, body, step: one(full, formatOf[kind](members)) }
}

function patchState(writer: Writer): Order | undefined {
  const name = pick(writer.roll, ownStates(writer))
  const path = name === undefined ? undefined : writer.ledger.get(name)?.path
  if (name === undefined || path === undefined) return undefined
  const kind: StateKind = name.includes('/user/') ? 'user' : 'device'
  const body = membersOf(kind, writer)
  return { method: 'PATCH', path, body, step: one(name, formatOf[kind](body)) }
}

function deleteState(writer: Writer): Order | undefined {
  const name = pick(writer.roll, ownStates(writer))
  const path = name === undefined ? undefined : writer.ledger.get(name)?.path
  return name === undefined || path === undefined
    ? undefined
    : { method: 'DELETE', path, step: one(name, undefined) }
}

function assign(writer: Writer): Order | undefined {
  const script = pick(writer.roll, ownScripts(writer))
  const path = script === undefined ? undefined : writer.ledger.get(script)?.path
  if (script === undefined || path === undefined) return undefined
  const groups = Array.from({ length: 1 + writer.roll(40) }, () => randomUUID())
  const deviceManagementScriptAssignments = groups.map((groupId) => ({
    target: { '@odata.type': '#microsoft.graph.groupAssignmentTarget', groupId },
  }))
  return {
    method: 'POST',
    path: `${path}/assign`,
    body: { deviceManagementScriptAssignments },
    step: one(`${script}/assigned`, formatOf.assigned(groups)),
  }
}

/** A new script, which has no assignments. */
export function createScript(name: string, number: number): Order {
  const values = new Map([
    [name, String(number)],
    [`${name}/assigned`, formatOf.assigned([])],
  ])
  const body = { displayName: name, description: String(number) }
  return { method: 'POST', path: SCRIPTS, body, step: { values } }
}

function createOwnScript(writer: Writer): Order | undefined {
  if (ownScripts(writer).length >= SCRIPTS_OF_A_WRITER) return undefined
  return createScript(`${writer.name}-${writer.next()}`, writer.next())
}

function patchScript(writer: Writer): Order | undefined {
  const script = pick(writer.roll, ownScripts(writer))
  const path = script === undefined ? undefined : writer.ledger.get(script)?.path
  if (script === undefined || path === undefined) return undefined
  const body = { description: String(writer.next()) }
  return { method: 'PATCH', path, body, step: one(script, formatOf.script(body)) }
}

/** With a script goes all that hangs below it. */
function deleteScript(writer: Writer): Order | undefined {
  const script = pick(writer.roll, ownScripts(writer))
  const path = script === undefined ? undefined : writer.ledger.get(script)?.path
  if (script === undefined || path === undefined) return undefined
  const names = [script, ...writer.ledger.names(`${script}/`)]
  return { method: 'DELETE', path, step: { values: new Map(names.map((name) => [name, undefined])) } }
}

const small = [patchState, patchState, patchState, createState, createState, deleteState, assign, patchScript]
const all = [...small, ...small, createOwnScript, createOwnScript, deleteScript]

/** The parts of the next request: one that is sent alone, or those of a batch, each of other names. */
export function nextOrders(writer: Writer): readonly Order[] {
  const { roll } = writer
  if (roll(4) > 0) return [all[roll(all.length)]?.(writer) ?? []].flat()
  const orders: Order[] = []
  for (let count = 2 + roll(8); count > 0; count--) {
    const order = small[roll(small.length)]?.(writer)
    if (order === undefined || orders.some((each) => isShared(each.step, order.step))) continue
    const before = roll(3) === 0 ? orders.at(-1) : undefined
    orders.push({ ...order, step: { ...order.step, after: before?.step } })
  }
  return orders
}

function isShared(one: Step, other: Step): boolean {
  return [...one.values.keys()].some((name) => other.values.has(name))
}
