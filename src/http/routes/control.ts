import { hash, timingSafeEqual } from 'node:crypto'
import path from 'node:path'
import type { HttpRequest } from '#base/base.ts'
import type { MarkName } from '#identity/identity.ts'
import { ODataError, parseJson } from '#odata/odata.ts'
import { type Argument, type Command, readArgument } from './command.ts'
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
  'put-tenant': async (argument, { identity }) => {
    const domain = argument.text('domain')
    const licensed = argument.boolean('licensed')
    return await identity.directory.putTenant({
      tid: argument.text('tid') ?? '',
      ...(domain === undefined ? {} : { domain }),
      ...(licensed === undefined ? {} : { licensed }),
    })
  },
  tenants: async (_argument, { identity }) => await identity.directory.tenants(),
  'put-mark': async (argument, { administration }) => await administration.mark(markOf(argument)),
  'remove-mark': async (argument, { administration }) => {
    await administration.removeMark(markOf(argument))
    return {}
  },
  marks: async (_argument, { administration }) => await administration.marks(),
  reset: async (argument, { administration }) => {
    await (argument.text('name') === undefined
      ? administration.reset(argument.text('tenant'))
      : administration.resetTo(markOf(argument)))
    return {}
  },
  save: async (argument, { administration }) => {
    const file = argument.text('file') ?? ''
    if (!path.isAbsolute(file)) throw new ODataError('BadRequest', 'A snapshot is saved by its whole path.')
    await administration
      .save(file, { isReplaced: argument.boolean('isReplaced') ?? false })
      .catch((cause: Error) => {
        throw new ODataError('BadRequest', cause.message, { cause })
      })
    return {}
  },
  ...transferCommands,
}

function markOf(argument: Argument): MarkName {
  const tenant = argument.text('tenant')
  return { name: argument.text('name') ?? '', ...(tenant === undefined ? {} : { tenant }) }
}

/**
 * `/.runstate/control/{command}`: the way of the command line to a running server, which alone writes its
 * database. It takes the secret that only the owner of the data folder can read.
 */
export const controlRoute: Route = {
  pattern: /^\/\.runstate\/control\/([\w-]+)$/,
  answer: async (request, [name = ''], { identity, administration, exports, secret }) => {
    assertMethod(request, 'POST')
    assertSecret(request, secret)
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (command === undefined) throw new ODataError('ResourceNotFound', `There is no command '${name}'.`)
    const argument = readArgument(parseJson(request.body ?? new Uint8Array()))
    const plane = { identity, administration: administration(), exports, origin: request.origin }
    return { response: jsonResponse(await command(argument, plane)) }
  },
}

function assertSecret({ headers }: HttpRequest, secret: string): void {
  const given = /^Bearer (\S+)$/.exec(headers['authorization'] ?? '')?.[1] ?? ''
  if (timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', secret, 'buffer'))) return
  throw new ODataError('InvalidAuthenticationToken', 'The secret of this server is another one.')
}
