/** The options of a server, as flags and environment variables. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { CLOUDS, type Cloud, environmentFlag, parseQuirks, type ServerConfig } from '#config.ts'

/** What commander makes of the flags. */
export interface ServerFlags {
  readonly host?: readonly string[]
  readonly port?: number
  readonly httpPort?: number
  readonly data?: string
  readonly memory?: boolean
  readonly database?: string
  readonly profile?: 'documented' | 'observed'
  readonly quirk?: readonly string[]
  readonly cloud?: Cloud
  readonly demo?: boolean
  readonly metrics?: boolean
  readonly publicUrl?: string
  readonly allowHost?: readonly string[]
  readonly tenant?: string
  readonly clientId?: string
  readonly clientSecret?: string
}

/** `--data`, for every command that works on a data folder. */
export function dataOption(): Option {
  return new Option('--data <folder>', 'data folder: certificates, database (default: .runstate)').env(
    'RUNSTATE_DATA',
  )
}

/** `--database`, for every command that works on a database. */
export function databaseOption(): Option {
  return new Option(
    '--database <url>',
    'a PostgreSQL database, postgres://…, in place of the data folder’s',
  ).env('RUNSTATE_DATABASE')
}

/** Adds the options of a server. */
export function addServerOptions(command: Command): Command {
  const options = [
    new Option('--host <address...>', 'addresses to listen on (default: 127.0.0.1 and ::1)')
      .env('RUNSTATE_HOST')
      .argParser(collectWords),
    new Option('--port <number>', 'HTTPS port, 0 for any free one (default: 8443)')
      .env('RUNSTATE_PORT')
      .argParser(parseNumber),
    new Option('--http-port <number>', 'HTTP port, 0 for any free one (default: 8080)')
      .env('RUNSTATE_HTTP_PORT')
      .argParser(parseNumber),
    dataOption(),
    new Option('--memory', 'keep the database only as long as the process (env: RUNSTATE_MEMORY=true)'),
    databaseOption(),
    new Option(
      '--profile <name>',
      'what the answers follow: the pages, or recordings of the real service (default: documented)',
    )
      .env('RUNSTATE_PROFILE')
      .choices(['documented', 'observed']),
    new Option('--quirk <name=behaviour...>', 'a single behaviour, over the profile')
      .env('RUNSTATE_QUIRK')
      .argParser(collectWords),
    new Option('--cloud <name>', 'the cloud whose tokens are taken (default: global)')
      .env('RUNSTATE_CLOUD')
      .choices(CLOUDS),
    new Option('--demo', "fill a fresh database with the documentation's examples (env: RUNSTATE_DEMO=true)"),
    new Option('--metrics', 'count requests, and serve the numbers at /metrics (env: RUNSTATE_METRICS=true)'),
    new Option('--public-url <origin>', 'the origin that links name, whatever host a client used').env(
      'RUNSTATE_PUBLIC_URL',
    ),
    new Option('--allow-host <name...>', 'further names that clients may call the server by')
      .env('RUNSTATE_ALLOW_HOST')
      .argParser(collectWords),
    new Option('--tenant <guid>', 'tenant of your own, with --client-id and --client-secret').env(
      'RUNSTATE_TENANT',
    ),
    new Option('--client-id <guid>', 'application that may ask for tokens').env('RUNSTATE_CLIENT_ID'),
    new Option('--client-secret <text>', 'its secret; rather in the environment than here').env(
      'RUNSTATE_CLIENT_SECRET',
    ),
  ]
  for (const option of options) command.addOption(option)
  return command
}

/** A server's settings out of its flags. Of a flag without a value commander asks only whether its variable is there. */
export function configOf({ host, allowHost, quirk, ...flags }: ServerFlags): ServerConfig {
  return {
    ...flags,
    memory: flags.memory ?? environmentFlag('RUNSTATE_MEMORY'),
    demo: flags.demo ?? environmentFlag('RUNSTATE_DEMO'),
    metrics: flags.metrics ?? environmentFlag('RUNSTATE_METRICS'),
    ...(host === undefined ? {} : { hosts: host }),
    ...(allowHost === undefined ? {} : { allowHosts: allowHost }),
    quirks: parseQuirks(quirk ?? []),
  }
}

/** A whole number. */
export function parseNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is not a whole number.')
  return Number(text)
}

/** Words given one by one, or in one with commas between, as an environment variable has them. */
export function collectWords(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), ...text.split(',').filter((word) => word !== '')]
}
