import { discoveryDocument, keySet } from '#identity/identity.ts'
import { assertMethod, jsonResponse, type Route } from './route.ts'

/** `/{tenant}/v2.0/.well-known/openid-configuration`. */
export const discoveryRoute: Route = {
  pattern: /^\/([^/]+)\/v2\.0\/\.well-known\/openid-configuration\/?$/i,
  answer: async (request, [name = ''], { identity }) => {
    assertMethod(request, 'GET')
    const tenant = await identity.directory.existingTenant(name)
    return { response: jsonResponse(discoveryDocument(request.origin, name, tenant.tid)) }
  },
}

/** `/{tenant}/discovery/v2.0/keys`. */
export const keysRoute: Route = {
  pattern: /^\/[^/]+\/discovery\/v2\.0\/keys\/?$/i,
  answer: async (request, _groups, { identity }) => {
    assertMethod(request, 'GET')
    return { response: jsonResponse(keySet(identity)) }
  },
}
