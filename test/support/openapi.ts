/** The OpenAPI document of a server, read as a client reads it. */
import type { Runstate } from './runstate.ts'

type Members = Readonly<Record<string, unknown>>

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly example?: string
  readonly schema: Members
}

interface Media {
  readonly schema: Members
  readonly example?: unknown
}

type Content = Readonly<Record<string, Media>>

export interface DocumentedOperation {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly tags: readonly string[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required: boolean; readonly content: Content }
  readonly responses: Readonly<
    Record<string, { readonly $ref?: string; readonly content?: Content; readonly headers?: Members }>
  >
  readonly security: readonly { readonly oauth2: readonly string[] }[]
}

type PathItem = { readonly parameters: readonly Parameter[] } & {
  readonly [M in 'get' | 'post' | 'patch' | 'delete']?: DocumentedOperation
}

export interface Document extends Members {
  readonly openapi: string
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, PathItem>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Members>>
    readonly responses: Members
    readonly securitySchemes: {
      readonly oauth2: {
        readonly flows: {
          readonly clientCredentials: { readonly tokenUrl: string; readonly scopes: Members }
        }
      }
    }
  }
}

/** An operation with where it is: the template, and the path with the examples of the keys in it. */
export interface PlacedOperation extends DocumentedOperation {
  readonly template: string
  readonly path: string
  readonly method: string
  /** The status of its success; of several the first. */
  readonly status: number
  readonly body: unknown
}

export async function readDocument({ server }: Runstate): Promise<Document> {
  const response = await server.fetch('/openapi.json')
  return JSON.parse(await response.text())
}

/** Every operation of a document. */
export function listOperations({ paths }: Document): readonly PlacedOperation[] {
  return Object.entries(paths).flatMap(([template, item]) => {
    const keys = new Map(item.parameters.map(({ name, example = '' }) => [name, example]))
    const path = template.replace(/\{(\w+)\}/g, (braced, name: string) => keys.get(name) ?? braced)
    return (['get', 'post', 'patch', 'delete'] as const).flatMap((method) => {
      const operation = item[method]
      if (operation === undefined) return []
      const status = Number(Object.keys(operation.responses).find((code) => code.startsWith('2')))
      const body = operation.requestBody?.content['application/json']?.example
      return [{ ...operation, template, path, method: method.toUpperCase(), status, body }]
    })
  })
}
