import type { Command } from 'commander'
import { runTask } from '../control.ts'
import { databaseOption, dataOption } from '../options.ts'

interface MarkFlags {
  readonly data?: string
  readonly database?: string
  readonly tenant?: string
}

/** `runstate mark`: states of a tenant that `runstate reset --to` goes back to. */
export function addMark(program: Command): void {
  const mark = program.command('mark').description('mark the state of a tenant, for resets to go back to it')
  markCommand(mark, 'put <name>', 'mark all that the tenant has now; a mark of this name is replaced').action(
    async (name: string, { tenant, ...place }: MarkFlags) => {
      const argument = { name, ...(tenant === undefined ? {} : { tenant }) }
      const here = { command: 'put-mark', argument }
      const put = await runTask({ ...place, ...here, here: (server) => server.mark(argument) })
      process.stdout.write(`${JSON.stringify(put)}\n`)
    },
  )
  markCommand(mark, 'remove <name>', 'forget a mark').action(
    async (name: string, { tenant, ...place }: MarkFlags) => {
      const argument = { name, ...(tenant === undefined ? {} : { tenant }) }
      const task = { command: 'remove-mark', argument }
      await runTask({ ...place, ...task, here: (server) => server.removeMark(argument) })
    },
  )
  mark
    .command('list')
    .description('print the marks of every tenant, a JSON line each')
    .addOption(dataOption())
    .addOption(databaseOption())
    .action(async (place: MarkFlags) => {
      const marks = await runTask({ ...place, command: 'marks', here: (server) => server.marks() })
      for (const each of Array.isArray(marks) ? marks : []) process.stdout.write(`${JSON.stringify(each)}\n`)
    })
}

function markCommand(mark: Command, usage: string, description: string): Command {
  return mark
    .command(usage)
    .description(description)
    .addOption(dataOption())
    .addOption(databaseOption())
    .option('--tenant <id or domain>', "another tenant than the server's own")
}
