import { limits } from '#base/base.ts'
import { compile } from '../compile.ts'
import { postgres } from '../dialect.ts'
import { pageOf, rowsOf } from '../results.ts'
import type { Moment } from '../seam.ts'
import { answering } from './failure.ts'
import type { Session, Sessions } from './sessions.ts'

/** Borrows a connection for a transaction at *repeatable read*, until the moment is disposed of. */
export async function takeMoment(sessions: Sessions): Promise<Moment> {
  const begun = Promise.withResolvers<Session>()
  const ended = Promise.withResolvers<void>()
  const lent = sessions
    .use(async (session) => {
      await begin(session)
      begun.resolve(session)
      await ended.promise
      // The connection goes with the transaction: nothing of it is left to end.
      session.discard()
    })
    .catch(begun.reject)
  const session = await answering(begun.promise)
  return {
    read: async (plan) => rowsOf(plan, await answering(session.all(compile(plan, postgres))), postgres),
    page: async (plan) => {
      const statement = compile({ ...plan, limit: plan.limit + 1 }, postgres)
      return pageOf(plan, await answering(session.read(statement, limits.pageBytes)), postgres)
    },
    [Symbol.asyncDispose]: async () => {
      ended.resolve()
      await lent
    },
  }
}

/** Who reads may be slower than a transaction may stand still otherwise. */
async function begin(session: Session): Promise<void> {
  await session.execute('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  await session.execute('SET LOCAL idle_in_transaction_session_timeout = 0')
  await session.execute('SELECT 1')
}
