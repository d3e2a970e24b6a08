/** The OpenAPI document (3.1): every operation that the model offers, as the documented profile answers it. */
import { type Model, SCHEMA_DATE } from '#model/model.ts'
import { errorStatus } from '../errors.ts'
import { type JsonSchema, jsonSchemas } from './json-schema.ts'
import { pathItems, REFUSALS, SECURITY } from './openapi-operation.ts'
import { schemaOf } from './schema.ts'
import { operationsOf, type ServedOperation } from './served.ts'

/** Where the server of the document is. */
export interface OpenApiOptions {
  /** The origin that the client used. */
  readonly origin: string
  /** The tenant of the token endpoint. */
  readonly tenant: string
}

const DESCRIPTION = `Intune's device-scripts API, served by Runstate: independent software, compatible with a part of Microsoft Graph.

APIs under the /beta version of Microsoft Graph are subject to change; their use in production is not supported. Runstate follows the schema of ${SCHEMA_DATE}.

Actions answer under their qualified names too (\`microsoft.graph.assign\`), and keys may stand in parentheses (\`deviceShellScripts('{id}')\`).`

/** The document, ready to be written as JSON. */
export function openApiDocument(model: Model, { origin, tenant }: OpenApiOptions): JsonSchema {
  const versions = [...model.versions.values()]
  const operations = versions.flatMap((version) => [...operationsOf(version)])
  const schemas = Object.assign({}, ...versions.map((version) => jsonSchemas(schemaOf(version))))
  return {
    openapi: '3.1.0',
    info: { title: 'Runstate', version: SCHEMA_DATE, description: DESCRIPTION },
    servers: [{ url: origin }],
    tags: tagsOf(operations),
    paths: pathItems(operations),
    components: {
      schemas: { ...schemas, error: errorSchema() },
      responses: errorResponses(),
      securitySchemes: { [SECURITY]: securityScheme(operations, { origin, tenant }) },
    },
  }
}

/** An entity set a tag. */
function tagsOf(operations: readonly ServedOperation[]): readonly JsonSchema[] {
  const descriptions = new Map<string, string>()
  for (const { steps, type } of operations) {
    if (steps.length === 1) descriptions.set(steps[0], type.description)
  }
  return [...descriptions].map(([name, description]) => ({ name, description }))
}

/** The application's own way to a token. The endpoint asks for the scope `{origin}/.default`, as Entra's does. */
function securityScheme(
  operations: readonly ServedOperation[],
  { origin, tenant }: OpenApiOptions,
): JsonSchema {
  const names = new Set(operations.flatMap(({ permissions }) => permissions))
  const scopes = Object.fromEntries([...names].toSorted().map((name) => [name, describePermission(name)]))
  return {
    type: 'oauth2',
    description: `Ask for the scope ${origin}/.default: the token then carries the permissions of the application.`,
    flows: { clientCredentials: { tokenUrl: `${origin}/${tenant}/oauth2/v2.0/token`, scopes } },
  }
}

/** `DeviceManagementScripts.ReadWrite.All` is named by what it opens and how far. */
function describePermission(name: string): string {
  const [area = name] = name.split('.')
  return `${name.includes('.ReadWrite.') ? 'Read and write' : 'Read'} ${area}`
}

/** The shape of every refusal, as docs/errors.md tells it. */
function errorSchema(): JsonSchema {
  const text = { type: 'string' }
  const innerError = {
    type: 'object',
    properties: {
      date: { type: 'string', description: 'The time in UTC, without a zone.' },
      'request-id': text,
      'client-request-id': text,
    },
  }
  return {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['code', 'message'],
        properties: {
          code: { ...text, description: 'What to branch on.', examples: Object.keys(errorStatus) },
          message: text,
          innerError,
        },
      },
    },
  }
}

/** A refusal for each status that an operation names, with all the codes it may have, and one for whatever else. */
function errorResponses(): JsonSchema {
  const responses = REFUSALS.map((code) => {
    const names = Object.entries(errorStatus).filter(([, status]) => status === errorStatus[code])
    return [code, errorResponse(names.map(([name]) => name).join(' or '))]
  })
  return { ...Object.fromEntries(responses), Refusal: errorResponse('Any other refusal') }
}

function errorResponse(description: string): JsonSchema {
  const schema = { $ref: '#/components/schemas/error' }
  return { description, content: { 'application/json': { schema } } }
}
