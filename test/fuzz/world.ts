/** What the requests so far have made, so that those after them can name it. */
import { type EntityType, model } from '#model/model.ts'
import { operationsOf, type ServedOperation } from '#odata/metadata/served.ts'
import type { Random } from './random.ts'

/** How many of a kind are remembered. */
const REMEMBERED = 25

/** Who may send a request: the name that a failure is told by, and the header. */
export interface Caller {
  readonly name: string
  readonly authorization: string | undefined
}

/** Every operation of the model, actions under both their names. */
export const served: readonly ServedOperation[] = [...model.versions.values()].flatMap((version) => [
  ...operationsOf(version),
])

/** The template of an entity's path by that of its collection. */
const entityPaths = new Map(
  served
    .filter(({ kind }) => kind === 'entity')
    .map(({ path }) => [path.slice(0, path.lastIndexOf('/')), path] as const),
)

/** The paths of entities by the template of their paths, links to next pages, and the callers. */
export class World {
  readonly callers: readonly Caller[]
  readonly #paths = new Map<string, string[]>()
  readonly #links: string[] = []

  constructor(callers: readonly Caller[]) {
    this.callers = callers
  }

  /** An entity was made in a collection. */
  add(collection: string, path: string): void {
    const template = entityPaths.get(collection)
    if (template === undefined) return
    const paths = this.#paths.get(template) ?? []
    paths.push(path)
    if (paths.length > REMEMBERED) paths.shift()
    this.#paths.set(template, paths)
  }

  /** An entity is gone, and all below it. */
  remove(path: string): void {
    for (const [template, paths] of this.#paths) {
      this.#paths.set(
        template,
        paths.filter((each) => !each.startsWith(path)),
      )
    }
  }

  addLink(link: string): void {
    this.#links.push(link)
    if (this.#links.length > REMEMBERED) this.#links.shift()
  }

  link(random: Random): string | undefined {
    return this.#links.length === 0 ? undefined : random.pick(this.#links)
  }

  clear(): void {
    this.#paths.clear()
    this.#links.length = 0
  }

  /** The path of an entity that was made, by the template of its path. */
  path(template: string, random: Random): string | undefined {
    const paths = this.#paths.get(template) ?? []
    return paths.length === 0 ? undefined : random.pick(paths)
  }

  /** The path of some entity of a type. */
  pathOf({ name }: EntityType, random: Random): string | undefined {
    const templates = [...this.#paths.keys()].filter((template) => template.endsWith(`/{${name}Id}`))
    return templates.length === 0 ? undefined : this.path(random.pick(templates), random)
  }
}
