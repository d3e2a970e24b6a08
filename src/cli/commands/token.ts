import { type Command, InvalidArgumentError, Option } from 'commander'
import type { TokenOptions } from '#server.ts'
import { runTask } from '../control.ts'
import { collectWords, databaseOption, dataOption } from '../options.ts'

interface TokenFlags {
  readonly data?: string
  readonly database?: string
  readonly role?: readonly string[]
  readonly scope?: readonly string[]
  readonly user?: string
  readonly tenant?: string
  readonly expires?: number
}

/** `runstate token`: prints a bearer token, and nothing else. */
export function addToken(program: Command): void {
  program
    .command('token')
    .description('print an access token: of the application with every permission, or as the options say')
    .addOption(dataOption())
    .addOption(databaseOption())
    .addOption(
      new Option('--role <name...>', 'application permissions').argParser(collectWords).conflicts('scope'),
    )
    .addOption(new Option('--scope <name...>', 'delegated permissions, with --user').argParser(collectWords))
    .option('--user <upn>', 'the user who signed in')
    .option('--tenant <id or domain>', "another tenant than the server's own")
    .addOption(
      new Option('--expires <duration>', 'how long it lives: 30s, 5m, 1h (default), 2d').argParser(
        parseDuration,
      ),
    )
    .action(async (flags: TokenFlags, command: Command) => {
      if ((flags.scope === undefined) !== (flags.user === undefined)) {
        command.error('error: --scope and --user are given together')
      }
      process.stdout.write(`${await mint(flags)}\n`)
    })
}

async function mint({ data, database, role, scope, user, tenant, expires }: TokenFlags): Promise<string> {
  const options: TokenOptions = { roles: role, scopes: scope, user, tenant, lifetime: expires }
  const answer = await runTask({
    data,
    database,
    command: 'token',
    argument: options,
    here: async (server) => ({ token: await server.token(options) }),
  })
  return typeof answer === 'object' && answer !== null && 'token' in answer ? String(answer.token) : ''
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

function parseDuration(text: string): number {
  const [, count, unit = ''] = /^(-?\d+)([smhd])$/.exec(text) ?? []
  const seconds = UNITS[unit]
  if (seconds === undefined) throw new InvalidArgumentError('It is a number and a unit: 30s, 5m, 1h, 2d.')
  return Number(count) * seconds
}
