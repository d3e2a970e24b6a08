import { limits } from '#base/base.ts'
import type { Model } from '#model/model.ts'
import type { Row } from '#odata/odata.ts'
import { BackgroundWork, NOT_COPIED, NOT_REMOVED } from '../background-work.ts'
import { compile, type Statement } from '../compile.ts'
import { postgres } from '../dialect.ts'
import type { StorageFigures } from '../figures.ts'
import { copySome } from '../marks.ts'
import { type CountPlan, query, type ReadPlan, type RelatedPlan } from '../plan.ts'
import { purgeSome } from '../purge.ts'
import { unavailable } from '../refusals.ts'
import { pageOf, relatedOf, rowsOf, type Scan } from '../results.ts'
import type { Moment, Page, PagePlan, Storage } from '../seam.ts'
import { all, type Transaction } from '../transaction.ts'
import { answering, Failure, refusalOfPage, unusable } from './failure.ts'
import { migrate } from './migrate.ts'
import { takeMoment } from './moment.ts'
import { type SessionOptions, Sessions } from './sessions.ts'
import { saveDatabase } from './snapshot.ts'
import { Transactions } from './transactions.ts'

/** How a database of PostgreSQL is opened. */
export interface PostgresOptions {
  readonly model: Model
  /** `postgres://user:password@host:port/database`, and what it says of TLS. */
  readonly database: string
  /** Milliseconds that a statement may take; `limits.scanMs` where absent. */
  readonly scanMs?: number
  /** Is told of connections that are lost. */
  readonly report?: ((message: string) => void) | undefined
}

/** Connections for lookups and transactions, and for what scans: scans that take long hold up no write. */
const WORKING = 16
const SCANNING = 4

/**
 * Connects, brings the tables up to date, and goes on with what an earlier run left to do in the background.
 *
 * @throws Error in one sentence where the database cannot be reached or used.
 */
export async function openPostgres(options: PostgresOptions): Promise<Storage> {
  const storage = new PostgresStorage(options)
  try {
    await storage.migrate()
  } catch (error) {
    await storage[Symbol.asyncDispose]()
    throw error instanceof Failure ? unusable(options.database, error) : error
  }
  void storage.purge()
  void storage.copyMarks()
  return storage
}

/** Held by whoever purges, in any process: two that took the same rows would each believe that none are left. */
const PURGE_LOCK = query`SELECT pg_advisory_xact_lock(1381323347, 2) IS NULL AS locked`

function* purgeAlone(model: Model): Transaction<boolean> {
  yield* all(PURGE_LOCK)
  return yield* purgeSome(model)
}

class PostgresStorage implements Storage {
  readonly #saving: Pick<SessionOptions, 'url' | 'report'>
  readonly #workers: Sessions
  readonly #scanners: Sessions
  readonly #transactions: Transactions
  readonly #purge: BackgroundWork
  readonly #copying: BackgroundWork
  #isClosing = false

  constructor({
    model,
    database: url,
    scanMs: statementMs = limits.scanMs,
    report = () => undefined,
  }: PostgresOptions) {
    this.#saving = { url, report }
    this.#workers = new Sessions({ url, size: WORKING, statementMs, isReadOnly: false, report })
    this.#scanners = new Sessions({ url, size: SCANNING, statementMs, isReadOnly: true, report })
    this.#transactions = new Transactions(this.#workers)
    this.#purge = new BackgroundWork(() => this.transact(() => purgeAlone(model)), NOT_REMOVED)
    this.#copying = new BackgroundWork(() => this.transact(() => copySome(model)), NOT_COPIED)
  }

  async save(target: string): Promise<void> {
    await using sessions = new Sessions({ ...this.#saving, size: 1, statementMs: 0, isReadOnly: true })
    await answering(saveDatabase(sessions, target))
  }

  get commits(): number {
    return this.#transactions.commits
  }

  figures(): StorageFigures {
    return {
      writers: this.#workers.figures,
      scanners: this.#scanners.figures,
      commitSizes: this.#transactions.commitSizes,
      statements: this.#workers.statements,
    }
  }

  async migrate(): Promise<void> {
    await migrate(this.#workers)
  }

  async read(plan: ReadPlan): Promise<readonly Row[]> {
    this.#assertOpen()
    const rows = this.#workers.use((session) => session.all(compile(plan, postgres)))
    return rowsOf(plan, await answering(rows), postgres)
  }

  async page(plan: PagePlan, signal: AbortSignal): Promise<Page> {
    const statement = compile({ ...plan, limit: plan.limit + 1 }, postgres)
    const answer = (failure: Failure): unknown => refusalOfPage(failure, plan.after !== undefined)
    return pageOf(plan, await answering(this.#scan(statement, signal), answer), postgres)
  }

  async related(plan: RelatedPlan, signal: AbortSignal): Promise<readonly Row[]> {
    const scan = this.#scan(compile(plan, postgres), signal, limits.expandedBytes)
    return relatedOf(plan, await answering(scan), postgres)
  }

  async count(counted: Omit<CountPlan, 'kind'>, signal: AbortSignal): Promise<number> {
    const statement = compile({ kind: 'count', ...counted }, postgres)
    const { rows } = await answering(this.#scan(statement, signal))
    return Number(rows[0]?.['count'])
  }

  async transact<T>(body: () => Transaction<T>, signal?: AbortSignal): Promise<T> {
    this.#assertOpen()
    return await this.#transactions.run(body, signal)
  }

  async moment(): Promise<Moment> {
    this.#assertOpen()
    return await takeMoment(this.#scanners)
  }

  purge(): Promise<void> {
    return this.#purge.run()
  }

  copyMarks(): Promise<void> {
    return this.#copying.run()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosing) return
    this.#isClosing = true
    await Promise.all([this.#purge.settled(), this.#copying.settled()])
    await Promise.all([this.#workers[Symbol.asyncDispose](), this.#scanners[Symbol.asyncDispose]()])
  }

  #assertOpen(): void {
    if (this.#isClosing) throw unavailable(new Error('the storage was closed'))
  }

  async #scan(statement: Statement, signal: AbortSignal, maxBytes: number = limits.pageBytes): Promise<Scan> {
    this.#assertOpen()
    return await this.#scanners.use(async (session) => {
      const cancel = (): void => void this.#cancel(session.processId)
      signal.addEventListener('abort', cancel)
      try {
        return await session.scan(statement, maxBytes, signal)
      } finally {
        signal.removeEventListener('abort', cancel)
      }
    }, signal)
  }

  /** Has the server end what nobody waits for; where that fails, the statement's deadline ends it. */
  async #cancel(processId: number | undefined): Promise<void> {
    if (processId === undefined || this.#isClosing) return
    const statement = compile(query`SELECT pg_cancel_backend(${processId})`, postgres)
    await this.#workers
      .use((session) => session.all(statement))
      .catch((error: unknown) => {
        if (!(error instanceof Failure)) throw error
      })
  }
}
