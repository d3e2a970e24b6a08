/** What the commands of the control plane are made of. */
import type { Json } from '#odata/odata.ts'
import type { Administration, RouteOptions } from './route.ts'

/** What a command has to work with. */
export interface Plane extends Pick<RouteOptions, 'identity' | 'exports'> {
  readonly administration: Administration
  readonly origin: string
}

/** Does what a command says, and gives what is answered in JSON. */
export type Command = (argument: Argument, plane: Plane) => Promise<unknown>

/** The members of a command's argument, each undefined where it is missing or of another kind. */
export interface Argument {
  text(name: string): string | undefined
  texts(name: string): readonly string[] | undefined
  number(name: string): number | undefined
  numbers(name: string): readonly number[] | undefined
  boolean(name: string): boolean | undefined
}

/** Reads the body of a command. */
export function readArgument(json: Json): Argument {
  const members = json.kind === 'object' ? json.members : new Map<string, Json>()
  const scalar = (name: string, kind: Json['kind']): string | undefined => {
    const value = members.get(name)
    return value?.kind === kind && 'text' in value ? value.text : undefined
  }
  const texts = (name: string): readonly string[] | undefined => {
    const value = members.get(name)
    return value?.kind === 'array'
      ? value.items.flatMap((item) => ('text' in item ? [item.text] : []))
      : undefined
  }
  return {
    text: (name) => scalar(name, 'string'),
    texts,
    numbers: (name) => texts(name)?.map(Number),
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
