import { type Command, Option } from 'commander'
import { Doer } from '../control.ts'
import { databaseOption, dataOption, parseNumber } from '../options.ts'
import { importFile } from '../transfer/import-file.ts'
import { Progress } from '../transfer/progress.ts'

interface ImportFlags {
  readonly data?: string
  readonly database?: string
  readonly tenant?: string
  readonly to?: string
  readonly format?: 'ndjson' | 'csv'
  readonly fromLine?: number
  readonly skipBad?: boolean
  readonly update?: boolean
  readonly ignoreUnknown?: boolean
}

/** `runstate import`: stores the entities of a file. */
export function addImport(program: Command): void {
  program
    .command('import <file>')
    .description('store the entities of a file, a line each: NDJSON or CSV; - reads standard input')
    .addOption(dataOption())
    .addOption(databaseOption())
    .option('--tenant <id or domain>', "another tenant than the server's own")
    .option(
      '--to <collection>',
      'where lines without @odata.id belong: deviceManagement/managedDevices, for one',
    )
    .addOption(
      new Option('--format <name>', 'what the file is, where its name does not say').choices([
        'ndjson',
        'csv',
      ]),
    )
    .addOption(new Option('--from-line <number>', 'begin there').argParser(parseNumber))
    .option('--skip-bad', 'leave bad lines out, in place of stopping at the first batch that has one')
    .option('--update', 'give what is there already the members of its line, in place of refusing it')
    .option('--ignore-unknown', 'pass over members that Runstate does not have')
    .action(async (file: string, flags: ImportFlags) => {
      const summary = await importOf(file, flags)
      if (summary.bad > 0) throw new Error(`${summary.bad} bad lines were left out.`)
    })
}

async function importOf(file: string, flags: ImportFlags): Promise<{ readonly bad: number }> {
  const { data, database, tenant, to, fromLine } = flags
  const { format = file.toLowerCase().endsWith('.csv') ? 'csv' : 'ndjson' } = flags
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  try {
    await using doer = await Doer.find({ data, database })
    const progress = new Progress(process.stderr)
    const options = {
      ...{ file, format, tenant, to, fromLine },
      skipsBad: flags.skipBad ?? false,
      updates: flags.update ?? false,
      ignoresUnknown: flags.ignoreUnknown ?? false,
    }
    const { written, bad } = await importFile(options, { doer, progress, stop: stop.signal })
    const { seconds } = progress
    progress.say(`${written} rows in ${seconds.toFixed(1)} s, ${Math.round(written / seconds)} rows/s`)
    process.stdout.write(`${JSON.stringify({ written, bad, seconds: Math.round(seconds * 1000) / 1000 })}\n`)
    return { bad }
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}
