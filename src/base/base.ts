/** What every module may know: time, ids, limits, quirks and the plain shape of an HTTP exchange. */
export * from './cache-figures.ts'
export * from './clock.ts'
export * from './exchange.ts'
export * from './ids.ts'
export * from './limits.ts'
export * from './quality.ts'
export * from './quirks.ts'
export * from './unreachable.ts'
