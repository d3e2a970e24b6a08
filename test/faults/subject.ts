/** What a campaign runs on, by the database of its servers. */
import type { Environment } from '../support/command-line.ts'
import { countOrphans, inspectFile, openFile } from './check.ts'

/** A database, and what of it can be killed. */
export interface Subject {
  /** Flags by which a server finds the database. */
  readonly flags: readonly string[]
  readonly environment?: Environment
  /** What is killed under a server that goes on, each in turn with the server. */
  readonly outages: readonly Outage[]
  /** Resolves when the database does nothing more for a server that was killed. */
  quiet(): Promise<void>
  /** What is wrong with the database by its own account. */
  inspect(): readonly string[]
  /** Waits until what deletions left behind is gone; says what is still there without a script. */
  inspectOrphans(): Promise<readonly string[]>
}

/** The end of a database, or of a part of it, and its return. */
export interface Outage {
  readonly name: string
  /** Whether nothing is served until the return: else the database comes back by itself. */
  readonly isTotal: boolean
  begin(): Promise<void>
  end(): Promise<void>
}

/** The database in a data folder. */
export function fileSubject(data: string): Subject {
  return {
    flags: ['--data', data],
    outages: [],
    quiet: async () => undefined,
    inspect: () => inspectFile(data),
    inspectOrphans: async () => {
      using database = openFile(data)
      return await countOrphans(async (sql) => Number(database.prepare(sql).get()?.['count']))
    },
  }
}

/** A database that ends with its server: nothing of it can be looked into. */
export function memorySubject(data: string, environment: Environment): Subject {
  return {
    flags: ['--data', data, '--memory'],
    environment,
    outages: [],
    quiet: async () => undefined,
    inspect: () => [],
    inspectOrphans: async () => [],
  }
}
