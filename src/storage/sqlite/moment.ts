import { limits } from '#base/base.ts'
import type { Row } from '#odata/odata.ts'
import { compile } from '../compile.ts'
import { sqlite } from '../dialect.ts'
import { query, type ReadPlan } from '../plan.ts'
import { unavailable } from '../refusals.ts'
import { pageOf, rowsUpTo } from '../results.ts'
import type { Moment, Page, PagePlan } from '../seam.ts'
import { Connection } from './connection.ts'
import { isDatabaseFailure } from './failure.ts'
import type { LogSync } from './log-sync.ts'

/** A read transaction on a connection of its own; what is written meanwhile stays in the log of writes until it ends. */
export class SqliteMoment implements Moment {
  readonly #connection: Connection
  readonly #log: LogSync | undefined

  constructor(file: string, log: LogSync | undefined) {
    this.#log = log
    this.#connection = new Connection(file, { readOnly: true })
    this.#connection.execute('BEGIN')
    // The moment is that of the first read.
    this.#connection.run(query`SELECT number FROM migration LIMIT 1`)
  }

  async read(plan: ReadPlan): Promise<readonly Row[]> {
    return this.#answer(() => this.#connection.run(plan))
  }

  async page(plan: PagePlan): Promise<Page> {
    const statement = compile({ ...plan, limit: plan.limit + 1 }, sqlite)
    return this.#answer(() => {
      const scan = rowsUpTo(limits.pageBytes, this.#connection.iterate(statement))
      return pageOf(plan, scan, sqlite)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.close()
  }

  #answer<T>(read: () => T): T {
    if (this.#log?.failure !== undefined) throw unavailable(this.#log.failure)
    try {
      return read()
    } catch (error) {
      throw isDatabaseFailure(error) ? unavailable(error) : error
    }
  }
}
