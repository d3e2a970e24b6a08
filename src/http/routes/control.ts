import { hash, timingSafeEqual } from 'node:crypto'
import type { HttpRequest } from '#base/base.ts'
import { ODataError, parseJson } from '#odata/odata.ts'
import { type Command, readArgument } from './command.ts'
import { assertMethod, jsonResponse, type Route } from './route.ts'
import { transferCommands } from './transfer-commands.ts'

/** What the command line may ask of a running server. */
const commands: Readonly<Record<string, Command>> = {
  token: async (argument, { identity, origin }) => {
    const options = {
      roles: argument.texts('roles'),
      scopes: argument.texts('scopes'),
      user: argument.text('user'),
      tenant: argument.text('tenant'),
      lifetime: argument.number('lifetime'),
    }
    return { token: await identity.mint(options, origin) }
  },
  'put-tenant': async (argument, { identity: { directory } }) => {
    const domain = argument.text('domain')
    const licensed = argument.boolean('licensed')
    return await directory.putTenant({
      tid: argument.text('tid') ?? '',
      ...(domain === undefined ? {} : { domain }),
      ...(licensed === undefined ? {} : { licensed }),
    })
  },
  tenants: async (_argument, { identity: { directory } }) => await directory.tenants(),
  ...transferCommands,
}

/**
 * `/.runstate/control/{command}`: the way of the command line to a running server, which alone writes its
 * database. It takes the secret that only the owner of the data folder can read.
 */
export const controlRoute: Route = {
  pattern: /^\/\.runstate\/control\/([\w-]+)$/,
  answer: async (request, [name = ''], options) => {
    assertMethod(request, 'POST')
    assertSecret(request, options.secret)
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (command === undefined) throw new ODataError('ResourceNotFound', `There is no command '${name}'.`)
    const argument = readArgument(parseJson(request.body ?? new Uint8Array()))
    return { response: jsonResponse(await command(argument, { ...options, origin: request.origin })) }
  },
}

function assertSecret({ headers }: HttpRequest, secret: string): void {
  const given = /^Bearer (\S+)$/.exec(headers['authorization'] ?? '')?.[1] ?? ''
  if (timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', secret, 'buffer'))) return
  throw new ODataError('InvalidAuthenticationToken', 'The secret of this server is another one.')
}
