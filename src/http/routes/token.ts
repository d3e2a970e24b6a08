import { answerTokenRequest } from '#identity/identity.ts'
import type { Route } from './route.ts'

/** `/{tenant}/oauth2/v2.0/token`. */
export const tokenRoute: Route = {
  pattern: /^\/([^/]+)\/oauth2\/v2\.0\/token\/?$/i,
  answer: async (request, [tenant = ''], { identity }) => ({
    response: await answerTokenRequest(request, tenant, identity),
  }),
}
