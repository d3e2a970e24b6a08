/** The door of the command line. */
import { Command, CommanderError } from 'commander'
import { SCHEMA_DATE } from '#model/model.ts'
import { addExport } from './commands/export.ts'
import { addImport } from './commands/import.ts'
import { addMark } from './commands/mark.ts'
import { addReset } from './commands/reset.ts'
import { addServe } from './commands/serve.ts'
import { addSnapshot } from './commands/snapshot.ts'
import { addTenant } from './commands/tenant.ts'
import { addToken } from './commands/token.ts'
import { readManifest } from './manifest.ts'

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
  addServe(program)
  addToken(program)
  addTenant(program)
  addMark(program)
  addReset(program)
  addSnapshot(program)
  addImport(program)
  addExport(program)
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
