/** The door of the service: a Graph request in, a Graph answer out, and a record of what happened. */
export { createService, type Outcome, type Service, type ServiceOptions } from './handler.ts'
export type { RequestRecord } from './record.ts'
