import { ODataError } from '#odata/odata.ts'
import { assertMethod, jsonResponse, type Route } from './route.ts'

/** `/health` and `/health/live`: that the process answers. */
export const healthRoute: Route = {
  pattern: /^\/health(?:\/live)?\/?$/,
  answer: async (request) => {
    assertMethod(request, 'GET')
    return { response: jsonResponse({ status: 'ok' }) }
  },
}

/** `/health/ready`: that the database does too. */
export const readyRoute: Route = {
  pattern: /^\/health\/ready\/?$/,
  answer: async (request, _groups, { isReady }) => {
    assertMethod(request, 'GET')
    if (await isReady()) return { response: jsonResponse({ status: 'ok' }) }
    throw new ODataError('ServiceUnavailable', 'The database does not answer.', {
      headers: { 'retry-after': '5' },
    })
  },
}
