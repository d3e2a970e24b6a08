/** The door of the protocol: text to values and back, nothing else. */
export { assertAcceptable, isJsonType } from './accept.ts'
export { type BatchAnswer, type BatchPart, formatBatch, parseBatch } from './batch.ts'
export * from './errors.ts'
export {
  type ExpandItem,
  type ExpandOption,
  parseExpand,
  parseSelect,
  type SelectItem,
} from './expand-parser.ts'
export type { BinaryOperator, Expression, Literal } from './expression.ts'
export { parseFilter } from './filter-parser.ts'
export { type Json, parseJson } from './json.ts'
export { parseOptions, type QueryOptions } from './options.ts'
export { type OrderItem, parseOrderBy } from './order-parser.ts'
export {
  contextUrl,
  isBatchPath,
  type KeyedStep,
  parseBatchPath,
  parsePath,
  type ResourcePath,
  resourceUrl,
} from './path.ts'
export {
  type PayloadReading,
  readEntityParameters,
  readPayload,
  readTextsParameter,
} from './payload-reader.ts'
export { type Changes, invalid } from './payload-values.ts'
export { type EntityJson, type Row, writeEntity, writeListed } from './payload-writer.ts'
export { parseSearch, type Search } from './search-parser.ts'
export { digestOf, formatSkipToken, type SkipToken } from './skip-token.ts'
