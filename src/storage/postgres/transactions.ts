import { setTimeout as sleep } from 'node:timers/promises'
import { compile } from '../compile.ts'
import { postgres } from '../dialect.ts'
import { CommitTally } from '../figures.ts'
import { uncertain } from '../refusals.ts'
import { rowsOf } from '../results.ts'
import type { Transaction } from '../transaction.ts'
import { Failure, isOfOthers, refusalOf } from './failure.ts'
import type { Session, Sessions } from './sessions.ts'

/** How often a transaction is begun that others stand in the way of. */
const ATTEMPTS = 5

/** The longest wait before the second attempt; each further one may take twice as long. */
const PAUSE_MS = 10

/** Runs transactions, each on a connection of its own. */
export class Transactions {
  readonly #sessions: Sessions
  readonly #tally = new CommitTally()

  constructor(sessions: Sessions) {
    this.#sessions = sessions
  }

  get commits(): number {
    return this.#tally.total
  }

  get commitSizes(): CommitTally['sizes'] {
    return this.#tally.sizes
  }

  /** @throws what the body throws; the refusal of what failed; the signal's reason where it aborts between statements. */
  async run<T>(body: () => Transaction<T>, signal?: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#sessions.use((session) => this.#runOnce(session, body(), signal), signal)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        if (attempt === ATTEMPTS || !isOfOthers(error)) throw refusalOf(error)
      }
      await sleep(Math.random() * PAUSE_MS * 2 ** attempt)
    }
  }

  async #runOnce<T>(session: Session, body: Transaction<T>, signal: AbortSignal | undefined): Promise<T> {
    await session.execute('BEGIN')
    const result = await drive(session, body, signal).catch(async (error: unknown) => {
      await rollBack(session)
      throw error
    })
    await commit(session)
    this.#tally.count(1)
    return result
  }
}

async function drive<T>(session: Session, body: Transaction<T>, signal: AbortSignal | undefined): Promise<T> {
  let step = body.next()
  while (step.done !== true) {
    signal?.throwIfAborted()
    const plan = step.value
    step = body.next(rowsOf(plan, await session.all(compile(plan, postgres)), postgres))
  }
  return step.value
}

/** A connection that is lost, or cannot even do that, is closed, and PostgreSQL rolls back by itself. */
async function rollBack(session: Session): Promise<void> {
  if (session.isDiscarded) return
  try {
    await session.execute('ROLLBACK')
  } catch {
    session.discard()
  }
}

async function commit(session: Session): Promise<void> {
  let answer: string
  try {
    answer = await session.execute('COMMIT')
  } catch (error) {
    session.discard()
    throw error instanceof Failure && error.isLoss ? uncertain(error) : error
  }
  if (answer !== 'COMMIT') throw new Failure(new Error(`COMMIT was answered with ${answer}`))
}
