/** The door of the protocol: text to values and back, nothing else. */
export { assertAcceptable } from './accept.ts'
export * from './errors.ts'
export { type Json, parseJson } from './json.ts'
export { formatCsdl } from './metadata/csdl.ts'
export { type OpenApiOptions, openApiDocument } from './metadata/openapi.ts'
export { serviceDocument } from './metadata/service-document.ts'
export { parseOptions, type QueryOptions } from './options.ts'
export { contextUrl, type KeyedStep, parsePath, type ResourcePath, resourceUrl } from './path.ts'
export {
  type PayloadReading,
  readEntityParameters,
  readPayload,
  readTextsParameter,
} from './payload-reader.ts'
export { type Changes, invalid } from './payload-values.ts'
export { type EntityJson, type Row, writeEntity, writeListed } from './payload-writer.ts'
export { digestOf, formatSkipToken, type SkipToken } from './skip-token.ts'
