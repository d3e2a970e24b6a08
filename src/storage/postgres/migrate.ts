import { compile } from '../compile.ts'
import { postgres } from '../dialect.ts'
import { type AppliedMigration, loadMigrations, type Migration, pendingMigrations } from '../migrations.ts'
import { command, query } from '../plan.ts'
import type { Session, Sessions } from './sessions.ts'

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
      await session.execute('SET LOCAL statement_timeout = 0')
      await session.execute(`SELECT pg_advisory_xact_lock(${LOCK})`)
      await takeSteps(session, steps)
      await session.execute('COMMIT')
    } catch (error) {
      session.discard()
      throw error
    }
  })
}

async function takeSteps(session: Session, steps: readonly Migration[]): Promise<void> {
  await session.execute('SET LOCAL client_min_messages = warning')
  await session.execute(`CREATE TABLE IF NOT EXISTS migration (
    number integer PRIMARY KEY, name text NOT NULL, hash text NOT NULL, oldest_program integer NOT NULL)`)
  for (const { number, name, sql, hash, oldestProgram } of pendingMigrations(
    steps,
    await readApplied(session),
  )) {
    await session.execute(sql)
    const recorded = command`INSERT INTO migration (number, name, hash, oldest_program)
      VALUES (${number}, ${name}, ${hash}, ${oldestProgram})`
    await session.all(compile(recorded, postgres))
  }
}

async function readApplied(session: Session): Promise<readonly AppliedMigration[]> {
  const applied = query`SELECT number, hash, oldest_program FROM migration ORDER BY number`
  const rows = await session.all(compile(applied, postgres))
  return rows.map((row) => ({
    number: Number(row['number']),
    hash: String(row['hash']),
    oldestProgram: Number(row['oldest_program']),
  }))
}
