/** The door of the service: a Graph request in, a Graph answer out, and a record of what happened. */
export { createService, type ServiceOptions } from './handler.ts'
export type { Answered, Outcome, Service } from './outcome.ts'
export type { RequestRecord, Stages } from './record.ts'
export { refuse } from './refusal.ts'
