import { environmentIdentity } from '#config.ts'
import { control, readServerFile } from '#http/http.ts'
import { createServer, type RunstateServer } from '#server.ts'

/** A thing to do, by the name under which a running server knows it, and how it is done without one. */
export interface Task {
  readonly data: string | undefined
  /** A database that is asked in place of the data folder, whoever else serves it. */
  readonly database: string | undefined
  readonly command: string
  readonly argument?: unknown
  readonly here: (server: RunstateServer) => Promise<unknown>
}

/**
 * Does a thing by the server that serves the data folder, or in its place where none answers. A server that is still
 * there all the same holds the folder, and then nothing is done.
 */
export async function runTask({
  data = '.runstate',
  database,
  command,
  argument = {},
  here,
}: Task): Promise<unknown> {
  const running = database === undefined ? await readServerFile(data) : undefined
  const outcome = running === undefined ? undefined : await control(running, command, argument)
  if (outcome !== undefined) return outcome.answer
  await using server = await createServer({
    data,
    ...(database === undefined ? {} : { database }),
    ...environmentIdentity(),
  })
  return await here(server)
}
