import { environmentIdentity } from '#config.ts'
import { control, readServerFile } from '#http/http.ts'
import { createServer, type RunstateServer } from '#server.ts'
import type { Place } from '#storage/storage.ts'

/** The data folder where none is named. */
const DATA = '.runstate'

/** A thing to do, by the name under which a running server knows it, and how it is done without one. */
export interface Task {
  readonly data?: string | undefined
  /** A database that is asked in place of the data folder, whoever else serves it. */
  readonly database?: string | undefined
  readonly command: string
  readonly argument?: unknown
  readonly here: (server: RunstateServer) => Promise<unknown>
}

/** What is asked of the server of a data folder. */
export type Question = Omit<Task, 'here'>

/** Has a thing done by the server that serves the data folder; undefined where none answers. */
export async function askServer({
  data = DATA,
  database,
  command,
  argument = {},
}: Question): Promise<{ readonly answer: unknown } | undefined> {
  const running = database === undefined ? await readServerFile(data) : undefined
  return running === undefined ? undefined : await control(running, command, argument)
}

/**
 * Does a thing by the server that serves the data folder, or in its place where none answers. A server that is still
 * there all the same holds the folder, and then nothing is done.
 */
export async function runTask({ here, ...question }: Task): Promise<unknown> {
  const outcome = await askServer(question)
  if (outcome !== undefined) return outcome.answer
  const { data = DATA, database } = question
  await using server = await createServer({
    data,
    ...(database === undefined ? {} : { database }),
    ...environmentIdentity(),
  })
  return await here(server)
}

/** Where a command's database is, as its flags say. */
export function placeOf({ data = DATA, database }: Pick<Task, 'data' | 'database'>): Place {
  return database === undefined ? { data } : { database }
}
