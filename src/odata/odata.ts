/** The door of the protocol: text to values and back, nothing else. */
export { assertAcceptable, isJsonType, type MetadataLevel, metadataLevelOf } from './accept.ts'
export { type BatchAnswer, type BatchPart, formatBatch, parseBatch } from './batch.ts'
export * from './errors.ts'
export { loadDocuments } from './metadata/load.ts'
export type { OpenApiOptions } from './metadata/openapi.ts'
export { methods, type NamedKind } from './methods.ts'
export { isBatchPath, type KeyedStep, parseBatchPath, parsePath, type ResourcePath } from './path.ts'
export { PathReader } from './path-reader.ts'
export { type Json, parseJson, parseJsonText } from './payload/json.ts'
export {
  type PayloadReading,
  readEntity,
  readEntityParameters,
  readPayload,
  readTextsParameter,
} from './payload/reader.ts'
export { type Changes, invalid } from './payload/values.ts'
export { type EntityJson, type PayloadWriting, type Row, writeEntity, writeListed } from './payload/writer.ts'
export { type Preferences, parsePreferences } from './preferences.ts'
export type * from './query/condition.ts'
export {
  type Expansion,
  noOptions,
  type OptionsTarget,
  parseOptions,
  type QueryOptions,
} from './query/options.ts'
export { digestOf, formatSkipToken, type Rank, type SkipToken } from './query/skip-token.ts'
export { contextUrl, entityUrl, resourceUrl, type Selection } from './urls.ts'
