import type { Command } from 'commander'
import { runTask } from '../control.ts'
import { databaseOption, dataOption } from '../options.ts'

interface TenantFlags {
  readonly data?: string
  readonly database?: string
  readonly domain?: string
  readonly licence?: boolean
}

/** `runstate tenant`: the tenants of a server and their settings. */
export function addTenant(program: Command): void {
  const tenant = program.command('tenant').description('list the tenants, add one, or change its settings')
  tenant
    .command('list')
    .description('print the tenants, a JSON line each')
    .addOption(dataOption())
    .addOption(databaseOption())
    .action(async ({ data, database }: TenantFlags) => {
      const tenants = await runTask({
        data,
        database,
        command: 'tenants',
        here: (server) => server.tenants(),
      })
      for (const each of Array.isArray(tenants) ? tenants : [])
        process.stdout.write(`${JSON.stringify(each)}\n`)
    })
  tenant
    .command('put <id>')
    .description('add the tenant with this GUID, or change what is given of it')
    .addOption(dataOption())
    .addOption(databaseOption())
    .option('--domain <name>', 'its domain, by which it can be named too')
    .option('--licence', 'with an Intune licence, as a new tenant has')
    .option('--no-licence', 'without one: every call is refused as the real service does')
    .action(async (tid: string, { data, database, domain, licence }: TenantFlags) => {
      const settings = {
        tid,
        ...(domain === undefined ? {} : { domain }),
        ...(licence === undefined ? {} : { licensed: licence }),
      }
      const put = await runTask({
        data,
        database,
        command: 'put-tenant',
        argument: settings,
        here: (server) => server.putTenant(settings),
      })
      process.stdout.write(`${JSON.stringify(put)}\n`)
    })
}
