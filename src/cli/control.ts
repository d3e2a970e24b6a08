import { environmentIdentity } from '#config.ts'
import { control, readServerFile, type ServerFile } from '#http/http.ts'
import { createServer, type RunstateServer } from '#server.ts'
import type { Place } from '#storage/storage.ts'

/** The data folder where none is named. */
const DATA = '.runstate'

/** Which server's things are done, as the flags of a command say. */
export interface PlaceFlags {
  readonly data?: string | undefined
  /** A database that is asked in place of the data folder, whoever else serves it. */
  readonly database?: string | undefined
}

/** A thing to do, by the name under which a running server knows it, and how it is done without one. */
export interface Task {
  readonly command: string
  readonly argument?: unknown
  readonly here: (server: RunstateServer) => Promise<unknown>
}

/** What is asked of the server of a data folder. */
export type Question = PlaceFlags & Omit<Task, 'here'>

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
 * Who does things: the server that serves the data folder, or this process in its place where none answers. A server that
 * is still there all the same holds the folder, and then nothing is done.
 */
export class Doer implements AsyncDisposable {
  readonly #place: PlaceFlags
  readonly #running: ServerFile | undefined
  #own: RunstateServer | undefined

  private constructor(place: PlaceFlags, running: ServerFile | undefined) {
    this.#place = place
    this.#running = running
  }

  static async find(place: PlaceFlags): Promise<Doer> {
    const { data = DATA, database } = place
    return new Doer(place, database === undefined ? await readServerFile(data) : undefined)
  }

  /** Whether what was done last was done by a server that runs. */
  get isServed(): boolean {
    return this.#running !== undefined && this.#own === undefined
  }

  async run({ command, argument = {}, here }: Task): Promise<unknown> {
    if (this.#running !== undefined && this.#own === undefined) {
      const outcome = await control(this.#running, command, argument)
      if (outcome !== undefined) return outcome.answer
    }
    this.#own ??= await this.#open()
    return await here(this.#own)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#own?.[Symbol.asyncDispose]()
  }

  async #open(): Promise<RunstateServer> {
    const { data = DATA, database } = this.#place
    return await createServer({
      data,
      ...(database === undefined ? {} : { database }),
      ...environmentIdentity(),
    })
  }
}

/** Does one thing, as {@link Doer} does. */
export async function runTask({ data, database, ...task }: PlaceFlags & Task): Promise<unknown> {
  await using doer = await Doer.find({ data, database })
  return await doer.run(task)
}

/** Where a command's database is, as its flags say. */
export function placeOf({ data = DATA, database }: PlaceFlags): Place {
  return database === undefined ? { data } : { database }
}
