import { createHash, randomUUID } from 'node:crypto'

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether a client's own name for its request may be repeated: visible ASCII, and not long. */
export function isCorrelationId(text: string): boolean {
  return /^[\x21-\x7e]{1,100}$/.test(text)
}

/** A new random GUID, in lower case as Graph writes them. */
export function newGuid(): string {
  return randomUUID()
}

/** Whether the text is a GUID in the 8-4-4-4-12 form, in any case. */
export function isGuid(text: string): boolean {
  return GUID.test(text)
}

/** The GUID that always stands for the same text: of object ids that no table keeps. */
export function guidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
