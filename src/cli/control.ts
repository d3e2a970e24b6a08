import { environmentIdentity } from '#config.ts'
import { control, readServerFile, type ServerFile } from '#http/http.ts'
import { createServer, type RunstateServer } from '#server.ts'

/** Which server's things are done. */
export interface Place {
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

/**
 * Who does things: the server that serves the data folder, or this process in its place where none answers. A server that
 * is still there all the same holds the folder, and then nothing is done.
 */
export class Doer implements AsyncDisposable {
  readonly #place: Place
  readonly #running: ServerFile | undefined
  #own: RunstateServer | undefined

  private constructor(place: Place, running: ServerFile | undefined) {
    this.#place = place
    this.#running = running
  }

  static async find(place: Place): Promise<Doer> {
    const { data = '.runstate', database } = place
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
    const { data = '.runstate', database } = this.#place
    return await createServer({
      data,
      ...(database === undefined ? {} : { database }),
      ...environmentIdentity(),
    })
  }
}

/** Does one thing, as {@link Doer} does. */
export async function runTask({ data, database, ...task }: Place & Task): Promise<unknown> {
  await using doer = await Doer.find({ data, database })
  return await doer.run(task)
}
