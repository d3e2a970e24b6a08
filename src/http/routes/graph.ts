import type { Route } from './route.ts'

/** Everything under a version of Graph, and every path that nothing else answers. */
export const graphRoute: Pick<Route, 'answer'> = {
  answer: (request, _groups, { service }) => service(request),
}
