import type { Command } from 'commander'
import { runTask } from '../control.ts'
import { databaseOption, dataOption } from '../options.ts'

interface ResetFlags {
  readonly data?: string
  readonly database?: string
  readonly tenant?: string
  readonly to?: string
}

/** `runstate reset`: empties a tenant, or takes it back to a mark. */
export function addReset(program: Command): void {
  program
    .command('reset')
    .description('empty a tenant, or take it back to a mark')
    .addOption(dataOption())
    .addOption(databaseOption())
    .option('--to <mark>', 'to the state that was marked so')
    .option('--tenant <id or domain>', "another tenant than the server's own")
    .action(async ({ to, tenant, ...place }: ResetFlags) => {
      const whose = tenant === undefined ? {} : { tenant }
      await runTask({
        ...place,
        command: 'reset',
        argument: to === undefined ? whose : { name: to, ...whose },
        here: (server) => (to === undefined ? server.reset(tenant) : server.resetTo({ name: to, ...whose })),
      })
    })
}
