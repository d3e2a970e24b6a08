import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** A folder that goes when it is disposed of, or at the latest with the process. */
export interface TemporaryFolder extends Disposable {
  readonly path: string
}

const folders = new Set<string>()
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

export function temporaryFolder(): TemporaryFolder {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'runstate-bench-'))
  folders.add(folder)
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true })
    folders.delete(folder)
  }
  return { path: folder, [Symbol.dispose]: remove }
}
