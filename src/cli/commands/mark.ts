import type { Command } from 'commander'
import type { MarkName } from '#server.ts'
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
  addTenantOption(mark.command('put <name>'))
    .description('mark all that the tenant has now; a mark of this name is replaced')
    .action(async (name: string, { tenant, ...place }: MarkFlags) => {
      const argument = markOf(name, tenant)
      const task = { command: 'put-mark', argument }
      const put = await runTask({ ...place, ...task, here: (server) => server.mark(argument) })
      process.stdout.write(`${JSON.stringify(put)}\n`)
    })
  addTenantOption(mark.command('remove <name>'))
    .description('forget a mark')
    .action(async (name: string, { tenant, ...place }: MarkFlags) => {
      const argument = markOf(name, tenant)
      const task = { command: 'remove-mark', argument }
      await runTask({ ...place, ...task, here: (server) => server.removeMark(argument) })
    })
  addPlaceOptions(mark.command('list'))
    .description('print the marks of every tenant, a JSON line each')
    .action(async (place: MarkFlags) => {
      const marks = await runTask({ ...place, command: 'marks', here: (server) => server.marks() })
      for (const each of Array.isArray(marks) ? marks : []) process.stdout.write(`${JSON.stringify(each)}\n`)
    })
}

function markOf(name: string, tenant: string | undefined): MarkName {
  return { name, ...(tenant === undefined ? {} : { tenant }) }
}

function addPlaceOptions(command: Command): Command {
  return command.addOption(dataOption()).addOption(databaseOption())
}

function addTenantOption(command: Command): Command {
  return addPlaceOptions(command).option('--tenant <id or domain>', "another tenant than the server's own")
}
