/** The connections to PostgreSQL: opened as they are needed, kept, and replaced where they are lost. */
import { createHash } from 'node:crypto'
import { type ClientBase, Pool, type PoolClient, Query, TypeOverrides } from 'pg'
import type { CacheFigures } from '#base/base.ts'
import type { SqlRow } from '../columns.ts'
import type { Statement } from '../compile.ts'
import type { PoolFigures } from '../figures.ts'
import type { Scan } from '../results.ts'
import { sizeOf } from '../results.ts'
import { Failure } from './failure.ts'

/** How connections are opened, and what they may do. */
export interface SessionOptions {
  /** `postgres://…`, with what it says of TLS (`sslmode`, `sslrootcert`). */
  readonly url: string
  /** Connections at most. */
  readonly size: number
  /** Milliseconds that a statement may take; 0 for as long as it takes. */
  readonly statementMs: number
  readonly isReadOnly: boolean
  /** Is told of connections that are lost. */
  readonly report: (message: string) => void
}

/** How long a request waits for a connection, new or free. */
const CONNECT_MS = 10_000

/** How much longer than a statement may take its answer is waited for: a database that hangs ends no statement. */
const GRACE_MS = 2000

/** How long an answer is waited for that may take as long as it takes: a step of a migration may rewrite a large table. */
export const ENDLESS_MS = 24 * 3600 * 1000

/** How long a transaction may stand still before PostgreSQL ends it: a process that hangs holds no locks. */
const IDLE_IN_TRANSACTION_MS = 10_000

/** Statements that a connection keeps prepared; one that has more is replaced, for PostgreSQL keeps them all. */
const PREPARED = 300

/** PostgreSQL's types whose values the driver would give as text: bigint and numeric. */
const NUMBERS = [20, 1700]

/** A pool of connections with the same rights and deadlines. */
export class Sessions implements AsyncDisposable {
  readonly #pool: Pool
  readonly #prepared = new WeakMap<PoolClient, Set<string>>()
  readonly #statements = { hits: 0, misses: 0 }
  readonly #answerMs: number
  readonly #report: (message: string) => void
  #reportedAt = Number.NEGATIVE_INFINITY

  constructor({ url, size, statementMs, isReadOnly, report }: SessionOptions) {
    this.#report = report
    this.#answerMs = statementMs === 0 ? ENDLESS_MS : statementMs + GRACE_MS
    this.#pool = new Pool({
      connectionString: withSettings(url, {
        synchronous_commit: 'on',
        default_transaction_isolation: 'read\\ committed',
        default_transaction_read_only: isReadOnly ? 'on' : 'off',
        statement_timeout: String(statementMs),
        idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_MS),
      }),
      max: size,
      connectionTimeoutMillis: CONNECT_MS,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      fallback_application_name: 'runstate',
      types: typesOf(),
    })
    // Without these a connection that is lost, idle or at work, ends the process.
    this.#pool.on('error', () => undefined)
    this.#pool.on('connect', (client: ClientBase) => client.on('error', (error) => this.#tellLoss(error)))
  }

  get figures(): PoolFigures {
    const { totalCount, idleCount: idle, waitingCount: waiting } = this.#pool
    return { busy: totalCount - idle, idle, waiting }
  }

  /** How often a statement was prepared already on the connection that ran it. */
  get statements(): CacheFigures {
    return this.#statements
  }

  /**
   * Lends a connection.
   *
   * @throws Failure where none is to be had; the signal's reason where it aborts while waiting for one.
   */
  async use<T>(run: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const client = await this.#acquire(signal)
    const prepared = this.#prepared.get(client) ?? new Set()
    this.#prepared.set(client, prepared)
    const session = new Session(client, { prepared, tally: this.#statements, answerMs: this.#answerMs })
    try {
      return await run(session)
    } finally {
      client.release(session.isSpent)
    }
  }

  /** Waits for the connections that are lent, and closes all. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end()
  }

  async #acquire(signal: AbortSignal | undefined): Promise<PoolClient> {
    signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<PoolClient>()
    const giveUp = (): void => reject(signal?.reason)
    signal?.addEventListener('abort', giveUp)
    // The pool throws where a file that the URL names cannot be read.
    Promise.try(() => this.#pool.connect()).then(
      (client) => (signal?.aborted === true ? client.release() : resolve(client)),
      (error: unknown) => reject(new Failure(error, 'The database cannot be reached')),
    )
    try {
      return await promise
    } finally {
      signal?.removeEventListener('abort', giveUp)
    }
  }

  /** A server that stops loses all of its connections: that is said once a second, not for each. */
  #tellLoss(error: Error): void {
    const now = performance.now()
    if (now - this.#reportedAt < 1000) return
    this.#reportedAt = now
    this.#report(`The connection to the database was lost, the next request opens another: ${error.message}`)
  }
}

/** Settings of the server's in the URL's `options`, after those that are there: the last one counts. */
function withSettings(url: string, settings: Readonly<Record<string, string>>): string {
  const target = new URL(url)
  const own = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
  const given = target.searchParams.get('options')
  target.searchParams.set('options', [...(given === null ? [] : [given]), ...own].join(' '))
  return target.href
}

function typesOf(): TypeOverrides {
  const types = new TypeOverrides()
  for (const oid of NUMBERS) types.setTypeParser(oid, Number)
  return types
}

const names = new Map<string, string>()

/** The name under which a text is prepared: always the same for the same text. */
function nameOf(text: string): string {
  const known = names.get(text)
  if (known !== undefined) return known
  if (names.size >= 1000) names.clear()
  const name = createHash('sha256').update(text).digest('base64url')
  names.set(text, name)
  return name
}

/** What outlives the lending of a connection. */
interface SessionState {
  /** The names of the statements that are prepared on it. */
  readonly prepared: Set<string>
  /** Counts whether what is run was prepared. */
  readonly tally: { hits: number; misses: number }
  /** How long an answer is waited for. */
  readonly answerMs: number
}

/** A connection while it is lent. */
export class Session {
  readonly #client: PoolClient
  readonly #prepared: Set<string>
  readonly #tally: { hits: number; misses: number }
  readonly #answerMs: number
  #isDiscarded = false

  constructor(client: PoolClient, { prepared, tally, answerMs }: SessionState) {
    this.#client = client
    this.#prepared = prepared
    this.#tally = tally
    this.#answerMs = answerMs
  }

  /** Whether the connection is lost, or given up. */
  get isDiscarded(): boolean {
    return this.#isDiscarded
  }

  /** Whether the connection is not to be lent again. */
  get isSpent(): boolean {
    return this.#isDiscarded || this.#prepared.size > PREPARED || this.#client.getTransactionStatus() !== 'I'
  }

  /** The number of the server's process that serves this connection. */
  get processId(): number | undefined {
    return 'processID' in this.#client && typeof this.#client.processID === 'number'
      ? this.#client.processID
      : undefined
  }

  /** Has the connection closed when it comes back. */
  discard(): void {
    this.#isDiscarded = true
  }

  /**
   * Runs SQL that takes no values; gives the word that the server answers it with.
   *
   * @throws Failure, also where no answer comes in time.
   */
  async execute(text: string, answerMs = this.#answerMs): Promise<string> {
    return (await this.#answered(this.#client.query(text), answerMs)).command
  }

  /** Runs a statement that is kept prepared. @throws as {@link execute}. */
  async all({ text, values }: Statement): Promise<readonly SqlRow[]> {
    const name = nameOf(text)
    this.#tally[this.#prepared.has(name) ? 'hits' : 'misses'] += 1
    this.#prepared.add(name)
    return (await this.#answered(this.#client.query<SqlRow>({ name, text, values: [...values] }))).rows
  }

  /**
   * Runs a statement that is planned for its values, and takes its rows as they come; those after the one that passes
   * `maxBytes` are not waited for.
   *
   * @throws as {@link execute}; the signal's reason where it aborts.
   */
  async scan(statement: Statement, maxBytes: number, signal: AbortSignal): Promise<Scan> {
    const { promise: ended, resolve, reject } = Promise.withResolvers<Scan>()
    const giveUp = (): void => this.#cut(() => reject(signal.reason))
    signal.addEventListener('abort', giveUp)
    try {
      const whole = this.#stream(statement, maxBytes, (scan) => this.#cut(() => resolve(scan)))
      return await this.#answered(Promise.race([whole, ended]))
    } catch (error) {
      throw signal.aborted ? signal.reason : error
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  /** As {@link scan}, but the rows after are waited for, and the connection stays. */
  async read(statement: Statement, maxBytes: number): Promise<Scan> {
    return await this.#answered(this.#stream(statement, maxBytes, () => undefined))
  }

  /** @param onCut is told of each row after the one that passes `maxBytes`: it is not kept. */
  #stream({ text, values }: Statement, maxBytes: number, onCut: (scan: Scan) => void): Promise<Scan> {
    const { promise, resolve, reject } = Promise.withResolvers<Scan>()
    const rows: SqlRow[] = []
    let [bytes, isCut] = [0, false]
    const query = new Query<SqlRow>({ text, values: [...values] })
    query.on('row', (row) => {
      bytes += sizeOf(row)
      isCut = bytes > maxBytes && rows.length > 0
      if (isCut) onCut({ rows, isCut })
      else rows.push(row)
    })
    query.on('error', reject)
    query.on('end', () => resolve({ rows, isCut }))
    this.#client.query(query)
    return promise
  }

  /** A connection that broke, or on which nothing comes in time, is not lent again. */
  async #answered<T>(answer: Promise<T>, withinMs = this.#answerMs): Promise<T> {
    const { promise: silence, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => reject(new Error(`no answer came within ${withinMs} ms`)), withinMs)
    try {
      return await Promise.race([answer, silence])
    } catch (error) {
      const failure = new Failure(error)
      if (failure.isLoss) this.discard()
      throw failure
    } finally {
      clearTimeout(timer)
    }
  }

  /** Ends a statement from this side. The connection goes with it: what is still on its way is not for the next one. */
  #cut(settle: () => void): void {
    this.discard()
    settle()
  }
}
