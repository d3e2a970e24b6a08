/** What machines read of the API: the service document and `$metadata` of each version, and the OpenAPI document. */
import type { HttpResponse } from '#base/base.ts'
import { model, type Version } from '#model/model.ts'
import { assertAcceptable, loadDocuments, ODataError, type OpenApiOptions } from '#odata/odata.ts'
import { assertMethod, type Route } from './route.ts'

const JSON_TYPE = 'application/json'

const XML_TYPE = 'application/xml'

/** Versions by which a path is one of ours; what is under another is Graph's to refuse. */
const VERSION = `/+(${[...model.versions.values()].map(({ name }) => RegExp.escape(name)).join('|')})`

/** `/beta`: the service document. Like `$metadata` it tells nothing of a tenant, and asks for no token. */
export const serviceDocumentRoute: Route = {
  pattern: new RegExp(`^${VERSION}/*$`, 'i'),
  answer: async (request, [name = '']) => {
    assertMethod(request, 'GET')
    assertAcceptable(request.headers['accept'], [JSON_TYPE])
    const { serviceDocument } = await loadDocuments()
    const body = JSON.stringify(serviceDocument(request.origin, versionNamed(name)))
    const type = `${JSON_TYPE};odata.metadata=minimal;charset=utf-8`
    return { response: answerWith(body, { 'content-type': type, 'odata-version': '4.0' }) }
  },
}

const csdlTexts = new Map<Version, string>()

/** `/beta/$metadata`: the model as CSDL. */
export const metadataRoute: Route = {
  pattern: new RegExp(`^${VERSION}/+(?:\\$|%24)metadata/*$`, 'i'),
  answer: async (request, [name = '']) => {
    assertMethod(request, 'GET')
    assertAcceptable(request.headers['accept'], [XML_TYPE])
    const version = versionNamed(name)
    const text = csdlTexts.get(version) ?? (await loadDocuments()).formatCsdl(version)
    csdlTexts.set(version, text)
    const type = `${XML_TYPE};charset=utf-8`
    return { response: answerWith(text, { 'content-type': type, 'odata-version': '4.0' }) }
  },
}

/** Origins whose document is kept. A client may call the server by any number of names. */
const MAX_ORIGINS = 16

const openApiTexts = new Map<string, string>()

/** `/openapi.json`: the served operations. */
export const openApiRoute: Route = {
  pattern: /^\/openapi\.json$/,
  answer: async (request, _groups, { home }) => {
    assertMethod(request, 'GET')
    assertAcceptable(request.headers['accept'], [JSON_TYPE])
    const text = await openApiText({ origin: request.origin, tenant: home().tenant })
    return { response: answerWith(text, { 'content-type': `${JSON_TYPE}; charset=utf-8` }) }
  },
}

async function openApiText(options: OpenApiOptions): Promise<string> {
  const key = `${options.origin}/${options.tenant}`
  const known = openApiTexts.get(key)
  if (known !== undefined) return known
  const { openApiDocument } = await loadDocuments()
  const text = JSON.stringify(openApiDocument(model, options))
  const [oldest] = openApiTexts.keys()
  if (openApiTexts.size >= MAX_ORIGINS && oldest !== undefined) openApiTexts.delete(oldest)
  openApiTexts.set(key, text)
  return text
}

function versionNamed(name: string): Version {
  const version = model.versions.get(name)
  if (version === undefined) throw new ODataError('ResourceNotFound', `Invalid version: ${name}`)
  return version
}

function answerWith(body: string, headers: HttpResponse['headers']): HttpResponse {
  return { status: 200, headers: { ...headers, 'cache-control': 'no-cache' }, body }
}
