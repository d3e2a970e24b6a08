import type { Command } from 'commander'
import { runTask } from '../control.ts'
import { dataOption } from '../options.ts'

interface TenantFlags {
  readonly data?: string
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
    .action(async ({ data }: TenantFlags) => {
      const tenants = await runTask({ data, command: 'tenants', here: (server) => server.tenants() })
      for (const each of Array.isArray(tenants) ? tenants : [])
        process.stdout.write(`${JSON.stringify(each)}\n`)
    })
  tenant
    .command('put <id>')
    .description('add the tenant with this GUID, or change what is given of it')
    .addOption(dataOption())
    .option('--domain <name>', 'its domain, by which it can be named too')
    .option('--licence', 'with an Intune licence, as a new tenant has')
    .option('--no-licence', 'without one: every call is refused as the real service does')
    .action(async (tid: string, { data, domain, licence }: TenantFlags) => {
      const settings = {
        tid,
        ...(domain === undefined ? {} : { domain }),
        ...(licence === undefined ? {} : { licensed: licence }),
      }
      const put = await runTask({
        data,
        command: 'put-tenant',
        argument: settings,
        here: (server) => server.putTenant(settings),
      })
      process.stdout.write(`${JSON.stringify(put)}\n`)
    })
}
