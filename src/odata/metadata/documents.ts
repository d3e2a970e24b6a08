/** What machines read of the API, as a whole: loaded where it is asked for, for few servers ever are. */
export { formatCsdl } from './csdl.ts'
export { openApiDocument } from './openapi.ts'
export { serviceDocument } from './service-document.ts'
