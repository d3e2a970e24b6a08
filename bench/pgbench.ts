/** The very statements of a PATCH and a GET, run by PostgreSQL's own benchmark: no HTTP, no token, no model. */
import { existsSync, globSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { EntityType } from '#model/model.ts'
import { compile, type Statement } from '#storage/compile.ts'
import { postgres, type SqlValue } from '#storage/dialect.ts'
import { CONNECTIONS } from './load.ts'
import { runProgram } from './program.ts'
import { type RowCounts, scriptId, stateId, typeNamed } from './rows.ts'

/** Where the rows are. */
export interface PgbenchSubject extends RowCounts {
  /** `postgres:///name?host=…&user=…` */
  readonly database: string
  readonly tenant: number
  /** Where its scripts may be written. */
  readonly folder: string
}

/** What stands in a statement where a row or a number is to be chosen anew each time. */
const CHOSEN: ReadonlyMap<SqlValue, string> = new Map<SqlValue, string>([
  [scriptId(0), `'${scriptId(0).slice(0, -1)}' || :script`],
  [stateId(0), `'${stateId(0).slice(0, -1)}' || :state`],
  [-1, ':success'],
])

/** Transactions a second of a statement, one a transaction, over as many connections as wrk has. */
export async function pgbench(
  subject: PgbenchSubject,
  method: 'PATCH' | 'GET',
  seconds: number,
): Promise<number> {
  const { database, folder, scripts, states } = subject
  const file = join(folder, `${method}.sql`)
  const choices = [
    `\\set state random(0, ${states - 1})`,
    `\\set script :state % ${scripts}`,
    '\\set success random(0, 8)',
  ]
  writeFileSync(file, `${choices.join('\n')}\n${formatForPgbench(statementOf(subject, method))};\n`)
  const url = new URL(database)
  const where = [
    ...['-h', url.searchParams.get('host') ?? '', '-U', url.searchParams.get('user') ?? ''],
    url.pathname.slice(1),
  ]
  const how = [
    '-n',
    '-M',
    'prepared',
    '-c',
    String(CONNECTIONS),
    '-j',
    '1',
    '-T',
    String(seconds),
    '-f',
    file,
  ]
  const printed = await runProgram([findPgbench(), ...how, ...where], { timeoutMs: (seconds + 30) * 1000 })
  if (!/^number of failed transactions: 0 /m.test(printed)) throw new Error(`pgbench failed: ${printed}`)
  return Number(/^tps = ([\d.]+)/m.exec(printed)?.[1])
}

function statementOf({ tenant }: PgbenchSubject, method: 'PATCH' | 'GET'): Statement {
  const parent: EntityType = typeNamed('deviceShellScript')
  const type = typeNamed('deviceManagementScriptUserState')
  const within = { tenant, parent: { type: parent, within: { tenant }, key: scriptId(0) } }
  const entity = { type, within, key: stateId(0) }
  const changes = { successDeviceCount: -1, errorDeviceCount: 0 }
  return compile(
    method === 'PATCH' ? { kind: 'update', ...entity, changes } : { kind: 'select', ...entity },
    postgres,
  )
}

/** A statement with its values in it, or pgbench's variables in their place. */
function formatForPgbench({ text, values }: Statement): string {
  return text.replaceAll(/\$(\d+)/g, (_, number) => {
    const value = values[Number(number) - 1] ?? null
    const chosen = CHOSEN.get(value)
    if (chosen !== undefined) return `(${chosen})`
    return typeof value === 'string' ? `'${value}'` : String(value)
  })
}

function findPgbench(): string {
  const folders = [...globSync('/usr/lib/postgresql/*/bin'), ...(process.env['PATH'] ?? '').split(delimiter)]
  const found = folders.map((folder) => join(folder, 'pgbench')).find((file) => existsSync(file))
  if (found === undefined) throw new Error('pgbench is not installed: apt-get install postgresql')
  return found
}
