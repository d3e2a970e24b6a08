import { control, readServerFile } from '#http/http.ts'

/** Two ways to the same end. */
export interface Ways<T> {
  /** With a running server, which is asked. */
  readonly running: (ask: (command: string, argument: unknown) => Promise<unknown>) => Promise<T>
  /** Without one: the database is opened here. */
  readonly stopped: () => Promise<T>
}

/** Does a thing by the server that serves the data folder, or in its place where none is running. */
export async function runIn<T>(data: string, { running, stopped }: Ways<T>): Promise<T> {
  const server = await readServerFile(data)
  if (server === undefined || !isAlive(server.pid)) return await stopped()
  return await running((command, argument) => control(server, command, argument))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
