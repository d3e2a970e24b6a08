import { Failure, unusable } from './failure.ts'
import { Sessions } from './sessions.ts'
import { restoreDatabase } from './snapshot.ts'

/** Puts the content of a file in the place of a database's. @throws Error in one sentence, as the database cannot. */
export async function restorePostgres(url: string, file: string): Promise<void> {
  const report = (): void => undefined
  await using sessions = new Sessions({ url, size: 1, statementMs: 0, isReadOnly: false, report })
  try {
    await restoreDatabase(sessions, file)
  } catch (error) {
    throw error instanceof Failure ? unusable(url, error) : error
  }
}
