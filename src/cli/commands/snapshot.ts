import path from 'node:path'
import type { Command } from 'commander'
import { model } from '#model/model.ts'
import { restoreSnapshot, saveSnapshot } from '#storage/storage.ts'
import { askServer, placeOf } from '../control.ts'
import { databaseOption, dataOption } from '../options.ts'

interface SnapshotFlags {
  readonly data?: string
  readonly database?: string
  readonly force?: boolean
}

/** `runstate snapshot`: a whole database in one file, and back. */
export function addSnapshot(program: Command): void {
  const snapshot = program
    .command('snapshot')
    .description('save the whole database in one file, also while it is served, or restore it')
  snapshot
    .command('save <file>')
    .description('write the database, as it is at one moment; the file holds keys that sign tokens')
    .addOption(dataOption())
    .addOption(databaseOption())
    .option('--force', 'replace a file that is there')
    .action(save)
  snapshot
    .command('restore <file>')
    .description('replace all that the database has, of any tenant; no server may run on it')
    .addOption(dataOption())
    .addOption(databaseOption())
    .action(async (file: string, flags: SnapshotFlags) => {
      await restoreSnapshot(path.resolve(file), placeOf(flags))
    })
}

async function save(name: string, { force = false, ...flags }: SnapshotFlags): Promise<void> {
  const order = { file: path.resolve(name), isReplaced: force }
  const outcome = await askServer({ ...flags, command: 'save', argument: order })
  if (outcome === undefined) await saveSnapshot({ model, place: placeOf(flags), ...order })
}
