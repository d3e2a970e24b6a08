/** The door of the edge: routes on plain requests, and the sockets that feed them. */
export { allowedNames, bracketed, certifiedHosts, reachableName } from './addresses.ts'
export { type Certificates, openCertificates } from './certificates.ts'
export { createEdge, type Edge, type EdgeOptions } from './edge.ts'
export { type Listener, listen } from './listener.ts'
export { createLog, type Log, silentLog } from './log.ts'
export type { HomeFacts } from './routes/route.ts'
export { control, readServerFile, removeServerFile, type ServerFile, writeServerFile } from './server-file.ts'
export { answerWebRequest } from './web-request.ts'
