/** A database of SQLite with tenants, and nothing around it. */
import type { TestContext } from 'node:test'
import { command, query } from '#storage/plan.ts'
import { Connection } from '#storage/sqlite/connection.ts'
import { migrate } from '#storage/sqlite/migrate.ts'
import { all, type Transaction } from '#storage/transaction.ts'
import { temporaryFile } from './storage.ts'

export interface TenantFile {
  readonly file: string
  readonly connection: Connection
  /** The tenants that another connection sees. */
  readonly stored: () => readonly string[]
}

export function openTenantFile(t: TestContext): TenantFile {
  const file = temporaryFile(t)
  const connection = new Connection(file, { readOnly: false })
  connection.execute('PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 0')
  migrate(connection)
  const observer = new Connection(file, { readOnly: true })
  t.after(() => {
    observer.close()
    connection.close()
  })
  const stored = () => observer.run(query`SELECT tid FROM tenant ORDER BY tid`).map(({ tid }) => String(tid))
  return { file, connection, stored }
}

/** Stores a tenant; with `bytes`, a large one. */
export function* storeTenant(tid: string, bytes = 0): Transaction<string> {
  yield* all(command`INSERT INTO tenant (tid, domain) VALUES (${tid}, ${tid.padEnd(bytes, '.')})`)
  return tid
}
