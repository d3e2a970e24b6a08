import { controlRoute } from './control.ts'
import { discoveryRoute, keysRoute } from './discovery.ts'
import { graphRoute } from './graph.ts'
import { healthRoute, readyRoute } from './health.ts'
import { caRoute, homeRoute } from './home.ts'
import { metadataRoute, openApiRoute, serviceDocumentRoute } from './metadata.ts'
import { metricsRoute } from './metrics.ts'
import type { Route } from './route.ts'
import { tokenRoute } from './token.ts'

/** Every route, in the order they are tried; what no other takes is Graph's. */
export const routes: readonly Route[] = [
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
  graphRoute,
]
