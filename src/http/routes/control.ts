import { hash, timingSafeEqual } from 'node:crypto'
import type { HttpRequest } from '#base/base.ts'
import type { Identity } from '#identity/identity.ts'
import { type Json, ODataError, parseJson } from '#odata/odata.ts'
import { assertMethod, jsonResponse, type Route } from './route.ts'

/** What the command line may ask of a running server. */
const commands: Readonly<
  Record<string, (argument: Argument, identity: Identity, origin: string) => Promise<unknown>>
> = {
  token: async (argument, identity, origin) => {
    const options = {
      roles: argument.texts('roles'),
      scopes: argument.texts('scopes'),
      user: argument.text('user'),
      tenant: argument.text('tenant'),
      lifetime: argument.number('lifetime'),
    }
    return { token: await identity.mint(options, origin) }
  },
  'put-tenant': async (argument, { directory }) => {
    const domain = argument.text('domain')
    const licensed = argument.boolean('licensed')
    return await directory.putTenant({
      tid: argument.text('tid') ?? '',
      ...(domain === undefined ? {} : { domain }),
      ...(licensed === undefined ? {} : { licensed }),
    })
  },
  tenants: async (_argument, { directory }) => await directory.tenants(),
}

/**
 * `/.runstate/control/{command}`: the way of the command line to a running server, which alone writes its
 * database. It takes the secret that only the owner of the data folder can read.
 */
export const controlRoute: Route = {
  pattern: /^\/\.runstate\/control\/([\w-]+)$/,
  answer: async (request, [name = ''], { identity, secret }) => {
    assertMethod(request, 'POST')
    assertSecret(request, secret)
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (command === undefined) throw new ODataError('ResourceNotFound', `There is no command '${name}'.`)
    const argument = readArgument(parseJson(request.body ?? new Uint8Array()))
    return { response: jsonResponse(await command(argument, identity, request.origin)) }
  },
}

function assertSecret({ headers }: HttpRequest, secret: string): void {
  const given = /^Bearer (\S+)$/.exec(headers['authorization'] ?? '')?.[1] ?? ''
  if (timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', secret, 'buffer'))) return
  throw new ODataError('InvalidAuthenticationToken', 'The secret of this server is another one.')
}

/** The members of a command's argument, each undefined where it is missing or of another kind. */
interface Argument {
  text(name: string): string | undefined
  texts(name: string): readonly string[] | undefined
  number(name: string): number | undefined
  boolean(name: string): boolean | undefined
}

function readArgument(json: Json): Argument {
  const members = json.kind === 'object' ? json.members : new Map<string, Json>()
  const scalar = (name: string, kind: Json['kind']): string | undefined => {
    const value = members.get(name)
    return value?.kind === kind && 'text' in value ? value.text : undefined
  }
  return {
    text: (name) => scalar(name, 'string'),
    texts: (name) => {
      const value = members.get(name)
      return value?.kind === 'array'
        ? value.items.flatMap((item) => ('text' in item ? [item.text] : []))
        : undefined
    },
    number: (name) => {
      const text = scalar(name, 'number')
      return text === undefined ? undefined : Number(text)
    },
    boolean: (name) => {
      const text = scalar(name, 'boolean')
      return text === undefined ? undefined : text === 'true'
    },
  }
}
