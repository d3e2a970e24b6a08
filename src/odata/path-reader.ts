import type { Model } from '#model/model.ts'
import { isPlainKey, parsePath, type ResourcePath } from './path.ts'

/** What all entities of one collection have in common in their paths. */
type Collection = Omit<Extract<ResourcePath, { readonly kind: 'entity' }>, 'kind' | 'key'>

/** Collections that are remembered, and characters of the path of one. */
const MAX = { collections: 1000, characters: 500 }

/**
 * Reads paths as {@link parsePath} does. Most name an entity of a collection that another named a moment before: then
 * only the key is read.
 */
export class PathReader {
  readonly #model: Model
  /** By their paths as sent. */
  readonly #collections = new Map<string, Collection>()

  constructor(model: Model) {
    this.#model = model
  }

  /** @throws ODataError as {@link parsePath}. */
  read(path: string): ResourcePath {
    const slash = path.lastIndexOf('/')
    const above = path.slice(0, slash)
    const last = path.slice(slash + 1)
    const known = this.#collections.get(above)
    if (known !== undefined && isPlainKey(last, known.navigation)) {
      const { version, singleton, parents, navigation } = known
      return { kind: 'entity', key: last, version, singleton, parents, navigation }
    }
    const parsed = parsePath(path, this.#model)
    // Its key was spelt out at the end, so what stands before is its collection.
    if (parsed.kind === 'entity' && parsed.key === last) this.#remember(above, parsed)
    return parsed
  }

  #remember(path: string, { version, singleton, parents, navigation }: Collection): void {
    if (path.length > MAX.characters) return
    if (this.#collections.size >= MAX.collections) this.#collections.clear()
    this.#collections.set(path, { version, singleton, parents, navigation })
  }
}
