import assert from 'node:assert/strict'

/**
 * Things by their names, no two the same in any case, keyed in lower case and found in any; a name as it is declared needs
 * no folding.
 */
export class NameMap<T> extends Map<string, T> {
  readonly #asDeclared: ReadonlyMap<string, T>

  constructor(entries: readonly (readonly [name: string, thing: T])[]) {
    super(entries.map(([name, thing]) => [name.toLowerCase(), thing]))
    this.#asDeclared = new Map(entries)
    assertDistinct(entries.map(([name]) => name))
  }

  override get(name: string): T | undefined {
    return this.#asDeclared.get(name) ?? super.get(name.toLowerCase())
  }

  override has(name: string): boolean {
    return super.has(name.toLowerCase())
  }
}

/** Things that have their names in them. */
export function byName<T extends { readonly name: string }>(things: readonly T[]): NameMap<T> {
  return new NameMap(things.map((thing) => [thing.name, thing]))
}

function assertDistinct(names: readonly string[]): void {
  const known = new Map<string, string>()
  for (const name of names) {
    const other = known.get(name.toLowerCase())
    assert(other === undefined, `${name} and ${other} have the same name`)
    known.set(name.toLowerCase(), name)
  }
}
