import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** How the command line finds a running server: a file in its data folder that only its owner can read. */
export interface ServerFile {
  readonly pid: number
  /** The origin of the server's plain HTTP listener. */
  readonly httpUrl: string
  /** What the control plane asks for. */
  readonly secret: string
}

const NAME = 'server.json'

/** Writes the file, whole or not at all. */
export async function writeServerFile(folder: string, contents: ServerFile): Promise<void> {
  const file = path.join(folder, NAME)
  const partial = `${file}.${randomUUID()}`
  await writeFile(partial, JSON.stringify(contents), { flag: 'wx', mode: 0o600 })
  await rename(partial, file)
}

/** Removes the file; nothing happens where there is none. */
export async function removeServerFile(folder: string): Promise<void> {
  await rm(path.join(folder, NAME), { force: true })
}

/** Reads the file; undefined where there is none. A server that was killed leaves its file behind. */
export async function readServerFile(folder: string): Promise<ServerFile | undefined> {
  const text = await readFile(path.join(folder, NAME), 'utf8').catch(() => '{}')
  const { pid, httpUrl, secret }: Partial<ServerFile> = JSON.parse(text)
  return pid === undefined || httpUrl === undefined || secret === undefined
    ? undefined
    : { pid, httpUrl, secret }
}

/**
 * Runs a command in a running server; undefined where nothing answers, or nothing that knows the secret: the file was
 * left behind, and its port is free or another's.
 *
 * @throws Error with the server's own message, where it refuses.
 */
export async function control(
  { httpUrl, secret }: ServerFile,
  command: string,
  argument: unknown,
): Promise<{ readonly answer: unknown } | undefined> {
  const response = await fetch(`${httpUrl}/.runstate/control/${command}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(argument),
  }).catch(() => undefined)
  if (response === undefined || !response.headers.has('request-id') || response.status === 401)
    return undefined
  const answer: unknown = await response.json()
  if (response.ok) return { answer }
  throw new Error(messageOf(answer))
}

function messageOf(answer: unknown): string {
  const error = typeof answer === 'object' && answer !== null && 'error' in answer ? answer.error : undefined
  const isError = typeof error === 'object' && error !== null && 'message' in error
  return isError ? String(error.message) : 'The server refused, and did not say why.'
}
