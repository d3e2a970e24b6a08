import { assertMethod, jsonResponse, type Route } from './route.ts'

/** `/health`: that the process answers. */
export const healthRoute: Route = {
  pattern: /^\/health\/?$/,
  answer: async (request) => {
    assertMethod(request, 'GET')
    return { response: jsonResponse({ status: 'ok' }) }
  },
}
