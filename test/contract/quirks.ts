/** The settings under which a row of the table of quirks behaves in one way, whatever the profile. */
import { type Profile, type QuirkName, quirks } from '#base/base.ts'
import { parseQuirks } from '#config.ts'
import type { ServerConfig } from '#server.ts'

const PROFILES: readonly Profile[] = ['documented', 'observed']

/** Each profile, the row switched alone where its own behaviour is another; with a name for a test. */
export function configsWith(
  row: QuirkName,
  behaviour: string,
): readonly { readonly name: string; readonly config: ServerConfig }[] {
  return PROFILES.map((profile) => {
    if (String(quirks[row][profile]) === behaviour) return { name: profile, config: { profile } }
    const switched = `${row}=${behaviour}`
    return {
      name: `${profile} with ${switched}`,
      config: { profile, quirks: parseQuirks([switched]) },
    }
  })
}
