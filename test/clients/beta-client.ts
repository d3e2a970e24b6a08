/** Microsoft's generated client of Graph beta, pointed at a server of ours. */
import assert from 'node:assert/strict'
import {
  Duration,
  HttpMethod,
  type ModelSerializerFunction,
  type Parsable,
  type ParsableFactory,
  RequestInformation,
} from '@microsoft/kiota-abstractions'
import { AzureIdentityAuthenticationProvider } from '@microsoft/kiota-authentication-azure'
import { createGraphBetaServiceClient, GraphBetaRequestAdapter } from '@microsoft/msgraph-beta-sdk'
import { createODataErrorFromDiscriminatorValue } from '@microsoft/msgraph-beta-sdk/models/oDataErrors/index.js'
import type { Listening } from '../support/listening.ts'

/** A model to send, and how it is written. */
export interface Content<T extends Parsable> {
  readonly model: T
  readonly serialize: ModelSerializerFunction<T>
}

/** Paths are those under `/beta/deviceManagement/`; a refusal is thrown as the SDK's ODataError. */
export interface BetaClient {
  read<T extends Parsable>(path: string, factory: ParsableFactory<T>): Promise<T>
  create<T extends Parsable>(path: string, factory: ParsableFactory<T>, content: Content<T>): Promise<T>
  update<T extends Parsable>(path: string, factory: ParsableFactory<T>, content: Content<T>): Promise<T>
  /** Calls an action that answers with nothing. */
  act<T extends Parsable>(path: string, content: Content<T>): Promise<void>
  /** Calls an action that answers with something. */
  ask<T extends Parsable, A extends Parsable>(
    path: string,
    factory: ParsableFactory<A>,
    content: Content<T>,
  ): Promise<A>
  remove(path: string): Promise<void>
}

const errors = { XXX: createODataErrorFromDiscriminatorValue }

export function createBetaClient({ url, credential, scope }: Listening): BetaClient {
  const hosts = new Set(['localhost'])
  const provider = new AzureIdentityAuthenticationProvider(credential, [scope], undefined, hosts)
  const adapter = new GraphBetaRequestAdapter(provider)
  createGraphBetaServiceClient(adapter)
  adapter.baseUrl = `${url}/beta`
  const request = (method: HttpMethod, path: string): RequestInformation =>
    new RequestInformation(method, `{+baseurl}/deviceManagement/${path}`, { baseurl: adapter.baseUrl })
  const write = <T extends Parsable>(
    method: HttpMethod,
    path: string,
    { model, serialize }: Content<T>,
  ): RequestInformation => {
    const information = request(method, path)
    information.headers.add('Accept', 'application/json')
    information.setContentFromParsable(adapter, 'application/json', model, serialize)
    return information
  }
  const send = async <T extends Parsable>(information: RequestInformation, factory: ParsableFactory<T>) => {
    const model = await adapter.send(information, factory, errors)
    assert(model, `${information.URL} answers with a model`)
    return model
  }
  return {
    read: (path, factory) => send(request(HttpMethod.GET, path), factory),
    create: (path, factory, content) => send(write(HttpMethod.POST, path, content), factory),
    update: (path, factory, content) => send(write(HttpMethod.PATCH, path, content), factory),
    act: (path, content) => adapter.sendNoResponseContent(write(HttpMethod.POST, path, content), errors),
    ask: (path, factory, content) => send(write(HttpMethod.POST, path, content), factory),
    remove: (path) => adapter.sendNoResponseContent(request(HttpMethod.DELETE, path), errors),
  }
}

/** What the generated models call otherwise than JSON does. */
const wireNames: Readonly<Record<string, string>> = { odataType: '@odata.type', errorEscaped: 'error' }

/**
 * The JSON that a model stands for, but for nulls and contexts. What the deserialiser did not know is in
 * `additionalData`; it is put among the members, or asserted to be none.
 */
export function jsonOf(model: unknown, additional: 'none' | 'members' = 'none'): unknown {
  if (model instanceof Date) return model.toISOString()
  if (model instanceof ArrayBuffer) return Buffer.from(model).toString('base64')
  if (model instanceof Duration) return model.toString()
  if (Array.isArray(model)) return model.map((item) => jsonOf(item, additional))
  if (typeof model !== 'object' || model === null) return model
  const { additionalData, ...members }: Readonly<Record<string, unknown>> = { ...model }
  const rest = Object.entries(additionalData ?? {}).filter(([name]) => name !== '@odata.context')
  if (additional === 'none') assert.deepEqual(rest, [], 'the deserialiser knows every member')
  return Object.fromEntries(
    [...Object.entries(members), ...rest]
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => [wireNames[name] ?? name, jsonOf(value, additional)]),
  )
}

/** JSON as {@link jsonOf} gives it: without contexts and nulls, its instants in milliseconds. */
export function plainJson(json: unknown): unknown {
  if (typeof json === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(json)) return new Date(json).toISOString()
  if (Array.isArray(json)) return json.map(plainJson)
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(
    Object.entries(json)
      .filter(([name, value]) => name !== '@odata.context' && value !== null)
      .map(([name, value]) => [name, plainJson(value)]),
  )
}
