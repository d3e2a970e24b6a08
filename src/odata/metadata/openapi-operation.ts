/** One operation of the OpenAPI document: its parameters, its body and its answers. */
import { type EntityType, KEY, parameterTypes } from '#model/model.ts'
import { type ErrorCode, errorStatus } from '../errors.ts'
import { type JsonSchema, schemaReference } from './json-schema.ts'
import { queryParameters } from './query-options.ts'
import type { PathKey, ServedOperation } from './served.ts'

/** The name of the only security scheme. */
export const SECURITY = 'oauth2'

/** The operations by path and method. */
export function pathItems(operations: readonly ServedOperation[]): JsonSchema {
  const paths = Map.groupBy(operations, ({ path }) => path)
  return Object.fromEntries(
    [...paths].map(([path, own]) => [
      path,
      {
        parameters: (own[0]?.keys ?? []).map(keyParameter),
        ...Object.fromEntries(own.map((operation) => [operation.method, operationObject(operation)])),
      },
    ]),
  )
}

/** Its example is the key of the documentation's own entity, which a server with `--demo` has. */
function keyParameter({ name, type }: PathKey): JsonSchema {
  const description = `Key of the ${type.name}.`
  const schema = { type: 'string' }
  return { name, in: 'path', required: true, description, schema, example: type.example[KEY] }
}

function operationObject(operation: ServedOperation): JsonSchema {
  const { path, name, type, steps, permissions } = operation
  const parameters = [...queryParameters(operation), ...headerParameters(operation)]
  const body = bodyOf(operation)
  return {
    operationId: [path.split('/')[2], ...steps, name].join('.'),
    tags: [steps[0]],
    summary: summaryOf(operation),
    description: type.description,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: { 'application/json': body } } }),
    responses: { ...successesOf(operation), ...refusalsOf(operation) },
    security: permissions.map((permission) => ({ [SECURITY]: [permission] })),
  }
}

/** In the words of the titles of Microsoft's pages. */
function summaryOf({ kind, name, type, steps }: ServedOperation): string {
  if (kind === 'action') return `${name} action of ${steps[0]}`
  const isMany = name === 'list' || name === 'count'
  return `${name.charAt(0).toUpperCase()}${name.slice(1)} ${type.name}${isMany ? 's' : ''}`
}

function headerParameters({ name, kind }: ServedOperation): readonly JsonSchema[] {
  if (kind === 'action' || name !== 'update') return []
  const schema = { type: 'string', enum: ['return=minimal', 'return=representation'] }
  const description = 'With `return=minimal` the answer is 204, without the entity.'
  return [{ name: 'Prefer', in: 'header', description, schema }]
}

function bodyOf(operation: ServedOperation): JsonSchema | undefined {
  const { kind, name, type } = operation
  if (kind === 'action') return actionBody(operation)
  if (name !== 'create' && name !== 'update') return undefined
  return { schema: schemaReference(type.qualifiedName), example: requestExample(type) }
}

function actionBody({ action, type }: ServedOperation): JsonSchema | undefined {
  if (action === undefined) return undefined
  const parameters = [...parameterTypes(action, type)].map(([name, entity]) => ({
    name,
    items: entity === undefined ? { type: 'string' } : schemaReference(entity.qualifiedName),
    example: entity === undefined ? type.example[KEY] : requestExample(entity),
  }))
  const properties = parameters.map(({ name, items }) => [name, { type: ['array', 'null'], items }])
  return {
    schema: { type: 'object', properties: Object.fromEntries(properties) },
    example: Object.fromEntries(parameters.map(({ name, example }) => [name, [example]])),
  }
}

function successesOf({ kind, name, type, action }: ServedOperation): JsonSchema {
  const entity = { schema: schemaReference(type.qualifiedName), example: answerExample(type) }
  if (kind === 'action') {
    const [returned] = action?.returns ?? []
    if (returned === undefined) return { 204: { description: 'Done.' } }
    return { 200: answer('The results.', collectionOf({ schema: schemaReference(returned.qualifiedName) })) }
  }
  switch (name) {
    case 'list':
      return { 200: answer('A page of the collection.', pageOf(entity)) }
    case 'count':
      return { 200: countAnswer() }
    case 'create':
      return { 201: { ...answer('The entity that was created.', entity), headers: { Location: LOCATION } } }
    case 'update':
      return { 200: answer('The whole entity, changed.', entity), 204: { description: 'Changed.' } }
    case 'delete':
      return { 204: { description: 'Deleted.' } }
    default:
      return { 200: answer('The entity.', entity) }
  }
}

const LOCATION = {
  description: 'URL of the entity that was created.',
  schema: { type: 'string', format: 'uri' },
}

function answer(description: string, media: Media): JsonSchema {
  return { description, content: { 'application/json': media } }
}

function countAnswer(): JsonSchema {
  const schema = { type: 'integer', format: 'int32', minimum: 0 }
  return { description: 'The number of entities.', content: { 'text/plain': { schema } } }
}

interface Media {
  readonly schema: JsonSchema
  readonly example?: unknown
}

function collectionOf({ schema, example }: Media, links: JsonSchema = {}): Media {
  const properties = {
    '@odata.context': { type: 'string', format: 'uri' },
    ...links,
    value: { type: 'array', items: schema },
  }
  const collection = { type: 'object', required: ['value'], properties }
  return example === undefined
    ? { schema: collection }
    : { schema: collection, example: { value: [example] } }
}

function pageOf(item: Media): Media {
  const description = 'The next page; absent of the last one.'
  return collectionOf(item, { '@odata.nextLink': { type: 'string', format: 'uri', description } })
}

/** The refusals that operations name, by the first code of each status. */
export const REFUSALS = [
  'BadRequest',
  'InvalidAuthenticationToken',
  'Forbidden',
  'ResourceNotFound',
  'Conflict',
] as const satisfies readonly ErrorCode[]

/** A path without keys always leads somewhere, and only a creation can meet what is there already. */
function refusalsOf({ name, keys }: ServedOperation): JsonSchema {
  const codes = REFUSALS.filter(
    (code) => (code !== 'ResourceNotFound' || keys.length > 0) && (code !== 'Conflict' || name === 'create'),
  )
  const rows = codes.map((code) => [errorStatus[code], responseReference(code)])
  return { ...Object.fromEntries(rows), default: responseReference('Refusal') }
}

function responseReference(name: string): JsonSchema {
  return { $ref: `#/components/responses/${name}` }
}

/** The documentation's own entity as a request has it: without what the service sets. */
function requestExample({ qualifiedName, properties, example }: EntityType): JsonSchema {
  const written = properties.filter(({ access }) => access !== 'readOnly').map(({ name }) => name)
  const members = Object.entries(example).filter(([name]) => written.includes(name))
  return { '@odata.type': `#${qualifiedName}`, ...Object.fromEntries(members) }
}

function answerExample({ qualifiedName, example }: EntityType): JsonSchema {
  return { '@odata.type': `#${qualifiedName}`, ...example }
}
