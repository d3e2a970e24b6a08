import { randomUUID } from 'node:crypto'
import { access, open, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** How a file is written. */
export interface WholeFile {
  readonly file: string
  /** Whether a file that is there is replaced. */
  readonly isReplaced: boolean
  /** Fills the file of this name; it is there, and empty. */
  readonly fill: (partial: string) => Promise<void>
}

/**
 * Writes a file that is its owner's alone, whole or not at all: beside its place first, and there when it is on the
 * disk. Only a process that is killed leaves `<file>.<guid>.partial` behind.
 *
 * @throws Error in one sentence, where it is there and is not to be replaced, or cannot be written.
 */
export async function writeWholeFile({ file, isReplaced, fill }: WholeFile): Promise<void> {
  if (!isReplaced && (await isThere(file))) {
    throw new Error(`The file ${file} is there already: choose another, or replace it with --force.`)
  }
  const partial = `${file}.${randomUUID()}.partial`
  try {
    await writeFile(partial, '', { flag: 'wx', mode: 0o600 })
    await fill(partial)
    await moveWhole(partial, file)
  } catch (cause) {
    await rm(partial, { force: true })
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`The file ${file} could not be written (${reason}).`, { cause })
  }
}

/** Gives a file another's name in the same folder: once it is on the disk, and so that the change is too. */
export async function moveWhole(from: string, to: string): Promise<void> {
  await syncFile(from)
  await rename(from, to)
  await syncFile(path.dirname(to))
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Whether there is a file, or anything else, of a name. */
export async function isThere(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  )
}
