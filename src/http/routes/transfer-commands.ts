import type { Argument, Command } from './command.ts'

/** Imports and exports by the command line, which goes through the server that has the database. */
export const transferCommands: Readonly<Record<string, Command>> = {
  'import-begin': async (argument, { administration }) => {
    const into = await administration.transfer(argument.text('tenant'))
    const source = argument.text('source') ?? ''
    return { line: await into.begin({ source, fromLine: argument.number('fromLine') }) }
  },
  'import-batch': async (argument, { administration }) => {
    const into = await administration.transfer(argument.text('tenant'))
    return await into.importBatch({
      lines: argument.texts('lines') ?? [],
      lineNumbers: argument.numbers('lineNumbers') ?? [],
      source: argument.text('source'),
      to: argument.text('to'),
      isLast: isSaid(argument, 'isLast'),
      isCells: isSaid(argument, 'isCells'),
      skipsBad: isSaid(argument, 'skipsBad'),
      updates: isSaid(argument, 'updates'),
      ignoresUnknown: isSaid(argument, 'ignoresUnknown'),
    })
  },
  'export-begin': async (argument, { administration, exports }) => {
    const from = await administration.transfer(argument.text('tenant'))
    return { id: exports.open(from.exportLines()) }
  },
  'export-next': async (argument, { exports }) => await exports.next(argument.text('id') ?? ''),
}

function isSaid(argument: Argument, name: string): boolean {
  return argument.boolean(name) ?? false
}
