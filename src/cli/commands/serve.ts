import type { Command } from 'commander'
import { createServer, type ListeningServer, type RunstateServer } from '#server.ts'
import { formatFirstScreen } from '../first-screen.ts'
import { addServerOptions, configOf, type ServerFlags } from '../options.ts'

/** `runstate serve`: listens until it is told to stop. */
export function addServe(program: Command): void {
  addServerOptions(program.command('serve').description('serve until SIGINT or SIGTERM')).action(
    async (flags: ServerFlags) => {
      const stopped = stopSignal()
      await using server = await createServer({ ...configOf(flags), log: true })
      const listening = await server.listen()
      await server.announce()
      process.stdout.write(
        process.stdout.isTTY ? formatFirstScreen(server, listening) : readyLine(server, listening),
      )
      await stopped
    },
  )
}

/** The line by which another program knows that connections are accepted, and where. */
function readyLine({ config }: RunstateServer, { url, httpUrl, ca }: ListeningServer): string {
  const { tenant, clientId, clientSecret, profile, cloud, isDevelopment } = config
  const secret = isDevelopment ? clientSecret : null
  return `${JSON.stringify({ url, httpUrl, ca, tenant, clientId, clientSecret: secret, profile, cloud, pid: process.pid })}\n`
}

/** Resolves at the first signal to stop; a second one ends the process at once, as the system does by itself. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
      resolve()
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
  })
}
