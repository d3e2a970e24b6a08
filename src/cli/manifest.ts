import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

/** What the package says of itself. */
export function readManifest(): { readonly version: string } {
  const file = findPackageJSON(import.meta.url)
  const { version = '0.0.0' }: { version?: string } =
    file === undefined ? {} : JSON.parse(readFileSync(file, 'utf8'))
  return { version }
}
