/** Rows and files for the tests of the storage. */
import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { TestContext } from 'node:test'
import type { ColumnKind } from '#model/edm.ts'
import {
  type ComplexType,
  type ComplexValue,
  type EntityType,
  KEY,
  model,
  type PrimitiveProperty,
  type Property,
  timestampOf,
  type Value,
} from '#model/model.ts'
import type { Changes, Row } from '#odata/odata.ts'
import { insertEntity } from '#operations/new-entity.ts'
import { LogSync } from '#storage/sqlite/log-sync.ts'
import { all, command, type EntityReference, one, POSITION, query, type Storage } from '#storage/storage.ts'

const root = join(import.meta.dirname, '../..')

/** A folder that goes when the test ends. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'runstate-storage-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A file for a database; its folder goes when the test ends. */
export function temporaryFile(t: TestContext): string {
  return join(temporaryFolder(t), 'runstate.db')
}

/** The log of a database on a disk that keeps nothing. */
export function openBrokenLog(t: TestContext): LogSync {
  const file = temporaryFile(t)
  writeFileSync(`${file}-wal`, '')
  return new LogSync(file, (_descriptor, done) => setImmediate(done, new Error('on purpose')))
}

export function typeNamed(name: string): EntityType {
  const type = model.entityTypes.get(name)
  assert(type !== undefined, `the model has the type ${name}`)
  return type
}

/** A script of each family, what belongs to any of them, a device, and a health script with what belongs to it. */
export const types = {
  management: typeNamed('deviceManagementScript'),
  shell: typeNamed('deviceShellScript'),
  attribute: typeNamed('deviceCustomAttributeShellScript'),
  assignment: typeNamed('deviceManagementScriptAssignment'),
  groupAssignment: typeNamed('deviceManagementScriptGroupAssignment'),
  summary: typeNamed('deviceManagementScriptRunSummary'),
  deviceState: typeNamed('deviceManagementScriptDeviceState'),
  userState: typeNamed('deviceManagementScriptUserState'),
  device: typeNamed('managedDevice'),
  health: typeNamed('deviceHealthScript'),
  healthAssignment: typeNamed('deviceHealthScriptAssignment'),
  healthSummary: typeNamed('deviceHealthScriptRunSummary'),
  healthState: typeNamed('deviceHealthScriptDeviceState'),
} as const

const samples: Readonly<Record<ColumnKind, Value>> = {
  text: 'Text',
  int16: 0,
  int32: 1,
  int64: 2,
  boolean: true,
  binary: new Uint8Array([1, 2, 3]),
  json: ['0'],
}

/** A row with every property and reference of a type, those of `members` as they are given. */
export function sampleRow({ properties, references }: EntityType, members: Changes): Row {
  const values = properties.map((property): [string, Value] => [property.name, sampleOf(property)])
  const ids = references.map(({ name }): [string, Value] => [name, 'an-id'])
  return Object.fromEntries([...values, ...ids].map(([name, value]) => [name, members[name] ?? value]))
}

function sampleOf(property: Property): Value {
  if (property.kind === 'primitive') return sampleValue(property)
  const value = sampleComplex([...property.types.values()])
  return property.kind === 'complexCollection' ? [value] : value
}

/** A value of the type with the most members. */
function sampleComplex(declared: readonly ComplexType[]): ComplexValue {
  const [type] = declared.toSorted((a, b) => b.members.length - a.members.length)
  assert(type !== undefined)
  const members = type.members.map((member) => [member.name, sampleValue(member)])
  return { type: type.name, members: Object.fromEntries(members) }
}

function sampleValue({ ordinals, column }: PrimitiveProperty): Value {
  const [first] = ordinals?.keys() ?? []
  return first ?? samples[column.kind]
}

/** Adds a tenant, and gives its number. */
export async function createTenant(storage: Storage, tid = 'a-tenant'): Promise<number> {
  const row = await storage.transact(() =>
    one(command`INSERT INTO tenant (tid) VALUES (${tid}) RETURNING number`),
  )
  return Number(row?.['number'])
}

/** A script in the database. */
export interface StoredScript {
  readonly reference: EntityReference
  readonly tenant: number
  readonly number: number
}

/** Creates a script as a request does. */
export async function createScript(storage: Storage, tenant: number, id: string): Promise<StoredScript> {
  const type = types.management
  const within = { tenant }
  const reference = { type, within, key: id }
  const entity = { type, within, members: { [KEY]: id }, now: timestampOf(0) }
  await storage.transact(() => insertEntity(entity))
  const [row] = await storage.read({ kind: 'select', only: 'position', ...reference })
  return { reference, tenant, number: Number(row?.[POSITION]) }
}

/** Gives a script `count` user states, `00000001` and on. */
export async function createUserStates(
  storage: Storage,
  { tenant, number }: Pick<StoredScript, 'tenant' | 'number'>,
  count: number,
): Promise<void> {
  await storage.transact(() =>
    all(command`WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ${count})
      INSERT INTO user_state (tenant, script, id, success_device_count, error_device_count)
      SELECT ${tenant}, ${number}, printf('%08d', n), 0, 0 FROM c WHERE n <= ${count}`),
  )
}

/** The rows of a table; its name comes from a test. */
export async function countRows(storage: Storage, table: string): Promise<number> {
  const [row] = await storage.read(query([`SELECT count(*) AS count FROM ${table}`]))
  return Number(row?.['count'])
}

/** A Node process beside this one, and what it printed so far. */
export interface Child {
  readonly process: ChildProcessByStdio<null, Readable, null>
  /** The first line that it prints. */
  readonly firstLine: Promise<string>
  /** All that it printed and how it ended. */
  readonly ended: Promise<{ readonly output: string; readonly code: number | null }>
}

/** How a child is started. */
export interface ChildOptions {
  /** Flags of Node. */
  readonly flags?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** A shell's command that runs before, in the same process: `ulimit` for one. */
  readonly before?: string
}

/** Runs a module in a process of its own, in this repository. It ends with the test at the latest. */
export function startChild(t: TestContext, code: string, options: ChildOptions = {}): Child {
  const { flags = [], environment = {}, before = ':' } = options
  const node = [process.execPath, ...flags, '--input-type=module-typescript', '--eval', code]
  const child = spawn('/bin/sh', ['-c', `${before}; exec "$@"`, 'sh', ...node], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  const first = Promise.withResolvers<string>()
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (text: string) => {
    output += text
    const end = output.indexOf('\n')
    if (end !== -1) first.resolve(output.slice(0, end))
  })
  const ended = new Promise<{ output: string; code: number | null }>((resolve) => {
    child.on('close', (code) => {
      first.resolve(output)
      resolve({ output, code })
    })
  })
  return { process: child, firstLine: first.promise, ended }
}

/** A storage in which every call fails as it is told to. */
export function failingStorage(fail: () => never): Storage {
  const reads = {
    read: fail,
    page: fail,
    related: fail,
    count: fail,
    moment: fail,
    save: fail,
    figures: fail,
  }
  const calls = { ...reads, transact: fail, purge: fail, copyMarks: fail }
  return { ...calls, commits: 0, [Symbol.asyncDispose]: fail }
}
