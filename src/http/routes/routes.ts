import { controlRoute } from './control.ts'
import { discoveryRoute, keysRoute } from './discovery.ts'
import { graphRoute } from './graph.ts'
import { healthRoute, readyRoute } from './health.ts'
import { caRoute, homeRoute } from './home.ts'
import { metadataRoute, openApiRoute, serviceDocumentRoute } from './metadata.ts'
import { metricsRoute } from './metrics.ts'
import type { Route } from './route.ts'
import { tokenRoute } from './token.ts'

/** What stands beside Graph, in the order in which it is tried. */
const own: readonly Route[] = [
  homeRoute,
  caRoute,
  healthRoute,
  readyRoute,
  metricsRoute,
  discoveryRoute,
  keysRoute,
  tokenRoute,
  controlRoute,
  openApiRoute,
  serviceDocumentRoute,
  metadataRoute,
]

/** Fits wherever one of those may: most paths are Graph's, and are asked this alone. */
const MAY_BE_OWN = new RegExp(own.map(({ pattern }) => pattern.source).join('|'), 'i')

/** The route that takes a path, and the groups of its pattern; what no other takes is Graph's. */
export function routeOf(path: string): {
  readonly route: Pick<Route, 'answer'>
  readonly groups: readonly string[]
} {
  if (MAY_BE_OWN.test(path)) {
    for (const route of own) {
      const match = route.pattern.exec(path)
      if (match !== null) return { route, groups: match.slice(1) }
    }
  }
  return { route: graphRoute, groups: [] }
}
