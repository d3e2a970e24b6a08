/** The door of the command line. */
import { Command, CommanderError } from 'commander'
import { SCHEMA_DATE } from '#model/model.ts'
import { readManifest } from './manifest.ts'

/** Adds each command to the program; in the order in which the help shows them. */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  serve: async () => (await import('./commands/serve.ts')).addServe,
  token: async () => (await import('./commands/token.ts')).addToken,
  tenant: async () => (await import('./commands/tenant.ts')).addTenant,
  mark: async () => (await import('./commands/mark.ts')).addMark,
  reset: async () => (await import('./commands/reset.ts')).addReset,
  snapshot: async () => (await import('./commands/snapshot.ts')).addSnapshot,
  import: async () => (await import('./commands/import.ts')).addImport,
  export: async () => (await import('./commands/export.ts')).addExport,
}

/** Exit codes: done, failed, wrong usage. */
const DONE = 0
const FAILED = 1
const WRONG_USAGE = 2

const ABOUT = `An independent, self-hosted server compatible with the Intune device-scripts part of Microsoft Graph beta.

APIs under the /beta version of Microsoft Graph are subject to change; their use in production is not supported.
This server follows the schema of ${SCHEMA_DATE}.
Runstate is not a product of Microsoft. Microsoft, Intune and Graph are trademarks of the Microsoft group of companies.`

/**
 * Runs a command line.
 *
 * @param argv what follows the name of the program.
 * @returns the exit code.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('runstate')
    .description(ABOUT)
    .version(readManifest().version)
    .showHelpAfterError('(runstate --help tells more)')
    .exitOverride()
  for (const load of commandsFor(argv)) (await load())(program)
  try {
    await program.parseAsync(argv, { from: 'user' })
    return DONE
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : WRONG_USAGE
    const message = error instanceof Error ? error.message : String(error)
    process.stderr.write(`runstate: ${message}\n`)
    return error instanceof Error && error.name === 'ConfigError' ? WRONG_USAGE : FAILED
  }
}

/** Only the command that is named is loaded; all of them where none is, so that the help tells of each. */
function commandsFor([name = '']: readonly string[]): readonly (typeof commands)[string][] {
  const named = Object.hasOwn(commands, name) ? commands[name] : undefined
  return named === undefined ? Object.values(commands) : [named]
}
