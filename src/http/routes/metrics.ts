import { ODataError } from '#odata/odata.ts'
import { assertMethod, type Route } from './route.ts'

/** `/metrics`: what was counted, where the server was told to count. */
export const metricsRoute: Route = {
  pattern: /^\/metrics\/?$/,
  answer: async (request, _groups, { metrics }) => {
    assertMethod(request, 'GET')
    if (metrics === undefined) {
      throw new ODataError('ResourceNotFound', 'This server counts nothing: start it with --metrics.')
    }
    const headers = {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-cache',
    }
    return { response: { status: 200, headers, body: await metrics.text() } }
  },
}
