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
    schema: () => ({ type: 'integer', minimum: 0 }),
  },
  $skip: {
    kinds: ['collection'],
    description: 'Entities to pass over.',
    schema: () => ({ type: 'integer', minimum: 0 }),
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
  $expand: {
    kinds: ['collection', 'entity', 'single'],
    description: 'Navigations to put into the answer, each with options of its own in parentheses.',
    schema: () => ({ type: 'string' }),
  },
  $filter: {
    kinds: ['collection', 'count'],
    description: 'A condition that the entities meet.',
    schema: () => ({ type: 'string' }),
  },
  $search: {
    kinds: ['collection', 'count'],
    description: 'Words that stand in the name or the description of the entities.',
    schema: () => ({ type: 'string' }),
  },
  $orderby: {
    kinds: ['collection'],
    description: 'Properties to order by, each ascending or, with `desc` after it, descending.',
    schema: () => ({ type: 'string' }),
  },
  $count: {
    kinds: ['collection'],
    description: 'Whether all entities that are asked for are counted too.',
    schema: () => ({ type: 'boolean' }),
  },
  $format: {
    kinds: ['collection', 'count', 'entity', 'single'],
    description: 'JSON, and how much control information it has; goes before `Accept`.',
    schema: () => ({ type: 'string' }),
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
