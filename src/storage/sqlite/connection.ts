import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { CacheFigures } from '#base/base.ts'
import type { Row } from '#odata/odata.ts'
import type { SqlRow } from '../columns.ts'
import { compile, compileEach, type Statement } from '../compile.ts'
import { sqlite } from '../dialect.ts'
import type { InsertManyPlan, Plan } from '../plan.ts'
import { rowsOf } from '../results.ts'

/** How long a statement waits for another process that holds the file. */
const BUSY_MS = 2000

/** Statements kept prepared on a connection; the oldest goes first. */
const PREPARED = 200

/** One connection to the file: statements are prepared once and kept. */
export class Connection {
  readonly #database: DatabaseSync
  readonly #prepared = new Map<string, StatementSync>()
  readonly #figures = { hits: 0, misses: 0 }

  /** @param deadline called by a scan at each row; it ends the scan by throwing. */
  constructor(file: string, options: { readonly readOnly: boolean; readonly deadline?: () => void }) {
    this.#database = new DatabaseSync(file, { readOnly: options.readOnly, timeout: BUSY_MS })
    const { deadline } = options
    this.#database.function('fold', { deterministic: true }, (text) =>
      typeof text === 'string' ? text.toLowerCase() : null,
    )
    this.#database.function('deadline', () => {
      deadline?.()
      return 1
    })
  }

  /** How often a statement was prepared already. */
  get figures(): CacheFigures {
    return this.#figures
  }

  /** Whether a transaction is open; SQLite closes it by itself on some errors. */
  get isTransaction(): boolean {
    return this.#database.isTransaction
  }

  /** Runs SQL that takes no values and whose rows do not matter, one statement or several. */
  execute(text: string): void {
    this.#database.exec(text)
  }

  /** Runs one statement as {@link execute}, to be run again and again. */
  repeat(text: string): void {
    this.#prepare(text).run()
  }

  /** Runs a plan, and gives its rows in the terms of the model. */
  run(plan: Plan): readonly Row[] {
    if (plan.kind === 'insertMany') return this.#insertEach(plan)
    return rowsOf(plan, this.all(compile(plan, sqlite)), sqlite)
  }

  /** Runs a statement. */
  all({ text, values }: Statement): readonly SqlRow[] {
    return this.#prepare(text).all(...toSqlite(values))
  }

  /** Runs a statement row by row. */
  iterate({ text, values }: Statement): Iterable<SqlRow> {
    return this.#prepare(text).iterate(...toSqlite(values))
  }

  close(): void {
    this.#prepared.clear()
    this.#database.close()
  }

  #insertEach(plan: InsertManyPlan): readonly Row[] {
    const { text, values } = compileEach(plan, sqlite)
    const statement = this.#prepare(text)
    for (const each of values) statement.run(...toSqlite(each))
    return []
  }

  #prepare(text: string): StatementSync {
    const known = this.#prepared.get(text)
    if (known !== undefined) {
      this.#figures.hits += 1
      return known
    }
    this.#figures.misses += 1
    const statement = this.#database.prepare(text)
    for (const oldest of this.#prepared.keys()) {
      if (this.#prepared.size < PREPARED) break
      this.#prepared.delete(oldest)
    }
    this.#prepared.set(text, statement)
    return statement
  }
}

/** SQLite has no Booleans. */
function toSqlite(values: Statement['values']): readonly SQLInputValue[] {
  return values.every(isTaken) ? values : values.map((value) => (isTaken(value) ? value : Number(value)))
}

function isTaken(value: Statement['values'][number]): value is Exclude<typeof value, boolean> {
  return typeof value !== 'boolean'
}
