import { limits } from '#base/base.ts'
import type { EntityType } from '#model/model.ts'
import type { JsonSchema } from './json-schema.ts'
import type { ServedOperation } from './served.ts'

interface QueryOptionRow {
  /** The kinds of path that a GET takes it on. */
  readonly kinds: readonly ServedOperation['kind'][]
  readonly description: string
  readonly schema: (type: EntityType) => JsonSchema
}

/** The query options that are served, as the OpenAPI document tells them: one row an option, and no other place. */
export const queryOptions: Readonly<Record<string, QueryOptionRow>> = {
  $top: {
    kinds: ['collection'],
    description: `Entities of a page, at most ${limits.pageRows}.`,
    schema: () => ({ type: 'integer', minimum: 1 }),
  },
  $skiptoken: {
    kinds: ['collection'],
    description: 'Where the page begins: stands in `@odata.nextLink`, and is not to be made up.',
    schema: () => ({ type: 'string' }),
  },
  $select: {
    kinds: ['collection', 'entity', 'single'],
    description: 'The members that are wanted.',
    schema: ({ properties }) => ({
      type: 'array',
      items: { type: 'string', enum: properties.map(({ name }) => name) },
    }),
  },
}

/** The query parameters of an operation. */
export function queryParameters({ kind, method, type }: ServedOperation): readonly JsonSchema[] {
  if (method !== 'get') return []
  return Object.entries(queryOptions)
    .filter(([, { kinds }]) => kinds.includes(kind))
    .map(([name, { description, schema }]) => {
      const one = schema(type)
      const style = one['type'] === 'array' ? { style: 'form', explode: false } : {}
      return { name, in: 'query', description, ...style, schema: one }
    })
}
