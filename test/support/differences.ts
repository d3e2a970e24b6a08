/** All in which the databases may differ under the tests, and why. */
import { isOnPostgres } from './database.ts'

/** Tests that are about SQLite alone, by a part of their names. */
const ofSqlite = {
  'repeats a write that a locked database refused': 'another program locks the file',
  'an order of numbers beyond 64 bits': 'SQLite goes on with a number of less precision, PostgreSQL refuses',
} as const

/** Tests whose answers are not compared, by a part of their names. */
const notCompared = {
  ...ofSqlite,
  'after 50 writes at once': 'which of them is first is open',
  'where many assign at once': 'the last of them is open',
  'may each do what their token may': 'parts of a batch that wait for no other are done in any order',
  'may have several, and they one': 'as above',
  'the numbers of a server': 'they are of the process',
  'with the place of another question':
    'a forged place of another type is refused, or is before or after all rows',
  'what the database can take is never met with an error of ours':
    'how deep an expression may be is each database’s own',
} as const

/** Why a test is skipped on this database; false where it is not. */
export function skipped(test: keyof typeof ofSqlite): string | false {
  return isOnPostgres && ofSqlite[test]
}

/** Whether what a test was answered has to be the same from both databases. */
export function isCompared(test: string): boolean {
  return !Object.keys(notCompared).some((part) => test.includes(part))
}
