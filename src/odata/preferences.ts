/** What `Prefer` asks for (RFC 7240, OData Protocol 4.01 §8.2.8). */

export interface Preferences {
  /** Whether a change is to be answered with the entity. */
  readonly returns: 'minimal' | 'representation' | undefined
  /** Rows of a page, at most. */
  readonly maxPageSize: number | undefined
}

/** All up to a comma that stands in no quotes. */
const PREFERENCE = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g

/** The name and the value of one; its parameters, after a semicolon, do not matter here. */
const NAMED = /^\s*([^\s=;"]+)\s*=\s*(?:"([^"\\]*)"|([^\s;,="]*))\s*(?:;|$)/

/** Reads the header; what is not understood is passed over, and of two the first counts. */
export function parsePreferences(header: string | undefined): Preferences {
  if (header === undefined) return { returns: undefined, maxPageSize: undefined }
  const given = new Map<string, string>()
  for (const [preference] of header.matchAll(PREFERENCE)) {
    const [, name = '', quoted, plain = ''] = NAMED.exec(preference) ?? []
    const known = name.toLowerCase()
    if (!given.has(known)) given.set(known, (quoted ?? plain).toLowerCase())
  }
  const returns = given.get('return')
  const size = given.get('odata.maxpagesize') ?? given.get('maxpagesize') ?? ''
  return {
    returns: returns === 'minimal' || returns === 'representation' ? returns : undefined,
    maxPageSize: /^0*[1-9]\d*$/.test(size) ? Number(size) : undefined,
  }
}
