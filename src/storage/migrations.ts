import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { Dialect } from './dialect.ts'
import { command, query, type SqlPlan } from './plan.ts'

/** One step of the schema: a pair of files `NNN-name.{sqlite,postgres}.sql`, of which this is one. */
export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  /** SHA-256 of the file, so that a step changed after it was taken is noticed. */
  readonly hash: string
  /** The number of the last step that the oldest program knows which may run on the result. */
  readonly oldestProgram: number
}

/** A step as the database remembers it. */
export interface AppliedMigration {
  readonly number: number
  readonly hash: string
  readonly oldestProgram: number
}

const FOLDER = new URL('./migrations/', import.meta.url)

/** The steps for one database, in order, as they lie beside this file. */
export function loadMigrations({ name: dialect }: Dialect): readonly Migration[] {
  const suffix = `.${dialect}.sql`
  const files = readdirSync(FOLDER)
    .filter((file) => file.endsWith(suffix))
    .sort()
  return files.map((file, i) => {
    const sql = readFileSync(new URL(file, FOLDER), 'utf8')
    const [, number, name = ''] = /^(\d{3})-([a-z0-9-]+)\./.exec(file) ?? []
    const [, oldest] = /^-- oldest program: (\d+)$/m.exec(sql) ?? []
    assert(Number(number) === i + 1, `${file} is not step ${i + 1}`)
    assert(
      oldest !== undefined,
      `${file} does not say which program is the oldest that may run on its result`,
    )
    return {
      number: i + 1,
      name,
      sql,
      hash: createHash('sha256').update(sql).digest('hex'),
      oldestProgram: Number(oldest),
    }
  })
}

/**
 * The steps that are still to be taken. A database with more steps than this program knows is served all the
 * same, unless one of them says that this program is too old.
 *
 * @throws Error saying what to do, where the program is too old or a step was changed after it was taken.
 */
export function pendingMigrations(
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
): readonly Migration[] {
  for (const { number, hash, oldestProgram } of applied) {
    if (oldestProgram > known.length) {
      throw new Error(
        `The database was brought to step ${number} by a newer Runstate, and this one knows ${known.length}: use a newer Runstate.`,
      )
    }
    const step = known[number - 1]
    if (step !== undefined && step.hash !== hash) {
      throw new Error(
        `The database took step ${number} (${step.name}) in another form than this Runstate has: use the Runstate that made it, or a new data folder.`,
      )
    }
  }
  return known.slice(applied.length)
}

/**
 * Asserts that every step of a database is known here: what is copied out of it, or put in its place, is all of it.
 *
 * @throws Error saying what to do, as {@link pendingMigrations} and where there are more steps than are known.
 */
export function assertKnown(known: readonly Migration[], applied: readonly AppliedMigration[]): void {
  pendingMigrations(known, applied)
  if (applied.length <= known.length) return
  throw new Error(
    `The database was brought to step ${applied.length} by a newer Runstate, and this one knows ${known.length}: use a newer Runstate.`,
  )
}

/** The steps that a database remembers, oldest first. */
export const APPLIED = query`SELECT number, hash, oldest_program FROM migration ORDER BY number`

/** A row of {@link APPLIED}. */
export function appliedOf(row: Readonly<Record<string, unknown>>): AppliedMigration {
  return {
    number: Number(row['number']),
    hash: String(row['hash']),
    oldestProgram: Number(row['oldest_program']),
  }
}

/** Has the database remember a step. */
export function recordOf({ number, name, hash, oldestProgram }: Migration): SqlPlan<'command'> {
  return command`INSERT INTO migration (number, name, hash, oldest_program)
    VALUES (${number}, ${name}, ${hash}, ${oldestProgram})`
}
