import { compile } from '../compile.ts'
import { postgres } from '../dialect.ts'
import {
  APPLIED,
  appliedOf,
  loadMigrations,
  type Migration,
  pendingMigrations,
  recordOf,
} from '../migrations.ts'
import { ENDLESS_MS, type Session, type Sessions } from './sessions.ts'

/** Whoever migrates a database holds this lock: two numbers that mean nothing to others. */
const LOCK = '1381323347, 1'

/** Brings the tables up to date: all steps that are missing, in one transaction, one process at a time. */
export async function migrate(
  sessions: Sessions,
  steps: readonly Migration[] = loadMigrations(postgres),
): Promise<void> {
  await sessions.use(async (session) => {
    await session.execute('BEGIN')
    try {
      await takeStepsAlone(session, steps)
      await session.execute('COMMIT')
    } catch (error) {
      session.discard()
      throw error
    }
  })
}

/** Takes the missing steps in a transaction that has just begun, in which no other process takes any until it ends. */
export async function takeStepsAlone(
  session: Session,
  steps: readonly Migration[] = loadMigrations(postgres),
): Promise<void> {
  await session.execute('SET LOCAL statement_timeout = 0')
  await session.execute(`SELECT pg_advisory_xact_lock(${LOCK})`, ENDLESS_MS)
  await takeSteps(session, steps)
}

async function takeSteps(session: Session, steps: readonly Migration[]): Promise<void> {
  await session.execute('SET LOCAL client_min_messages = warning')
  await session.execute(`CREATE TABLE IF NOT EXISTS migration (
    number integer PRIMARY KEY, name text NOT NULL, hash text NOT NULL, oldest_program integer NOT NULL)`)
  const applied = (await session.all(compile(APPLIED, postgres))).map(appliedOf)
  for (const step of pendingMigrations(steps, applied)) {
    await session.execute(step.sql, ENDLESS_MS)
    await session.all(compile(recordOf(step), postgres))
  }
}
