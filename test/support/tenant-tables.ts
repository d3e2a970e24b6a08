/** The law of tenants over what a database was sent: which tables it is about, and what may look at more than one tenant. */
import { MIGRATED } from './database.ts'
import type { Databases } from './postgres.ts'
import { findTenantless } from './tenant-law.ts'

/** The statements that are about all tenants: each entry is a decision. */
const OF_ALL_TENANTS: readonly string[] = [
  // The next of what deletions left behind, whosever it is.
  'SELECT tenant, parent_table, parent FROM purge ORDER BY tenant, parent LIMIT 1',
]

/** What breaks the law among statements, a line each; which tables have a tenant says the catalogue of the database. */
export async function findStatementsOfAnyTenant(
  { run }: Pick<Databases, 'run'>,
  statements: readonly string[],
): Promise<readonly string[]> {
  const tables = await run(
    "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'tenant'",
    MIGRATED,
  )
  const judged = statements.filter((text) => !OF_ALL_TENANTS.includes(text))
  return judged.flatMap((text) => findTenantless(text, new Set(tables)).map((breach) => `${breach}: ${text}`))
}
