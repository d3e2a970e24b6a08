import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { Doer } from '../control.ts'
import { databaseOption, dataOption } from '../options.ts'
import { exportLines } from '../transfer/export-lines.ts'
import { Progress } from '../transfer/progress.ts'

interface ExportFlags {
  readonly data?: string
  readonly database?: string
  readonly tenant?: string
  readonly output?: string
}

/** `runstate export`: writes all entities of a tenant, a JSON line each. */
export function addExport(program: Command): void {
  program
    .command('export')
    .description('write all entities of a tenant as NDJSON that import reads, as they are at one moment')
    .addOption(dataOption())
    .addOption(databaseOption())
    .option('--tenant <id or domain>', "another tenant than the server's own")
    .option('--output <file>', 'in place of standard output')
    .action(async ({ data, database, tenant, output }: ExportFlags) => {
      await using doer = await Doer.find({ data, database })
      const progress = new Progress(process.stderr)
      const told = tellRows(exportLines(doer, tenant), progress)
      if (output === undefined) await write(told, process.stdout)
      else await writeFile(told, output)
    })
}

/** Pauses where what takes the lines does. Standard output is not ours to end. */
async function write(lines: AsyncIterable<string>, target: Writable): Promise<void> {
  await pipeline(Readable.from(lines, { highWaterMark: 1 }), target, { end: target !== process.stdout })
}

/** The file has its name when it is whole. */
async function writeFile(lines: AsyncIterable<string>, file: string): Promise<void> {
  const partial = `${file}.partial`
  try {
    await write(lines, createWriteStream(partial, { mode: 0o600, flush: true }))
    await rename(partial, file)
  } finally {
    await rm(partial, { force: true })
  }
}

async function* tellRows(pieces: AsyncIterable<string>, progress: Progress): AsyncGenerator<string> {
  let rows = 0
  for await (const piece of pieces) {
    for (let at = piece.indexOf('\n'); at !== -1; at = piece.indexOf('\n', at + 1)) rows += 1
    yield piece
    progress.tell(rows)
  }
  const { seconds } = progress
  progress.say(`${rows} rows in ${seconds.toFixed(1)} s, ${Math.round(rows / seconds)} rows/s`)
}
