/** What was printed for the shape that leads here, and where longer shapes lead. */
class Branch {
  text: string | undefined
  readonly #next = new Map<unknown, Branch>()

  to(part: unknown): Branch {
    const known = this.#next.get(part)
    if (known !== undefined) return known
    const branch = new Branch()
    this.#next.set(part, branch)
    return branch
  }
}

/**
 * The texts of statements, of all plans of one shape the same and printed once: a trie by the parts of shapes. Names
 * combine in many ways, so the number of texts has an end.
 */
export class StatementTexts {
  readonly #most: number
  #size = 0
  #root = new Branch()

  /** @param most texts to keep; where there are more, all are forgotten. */
  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#size
  }

  /** @param shape all that the text depends on: objects that stay as they are, and names. */
  of(shape: readonly unknown[], print: () => string): string {
    let branch = this.#root
    for (const part of shape) branch = branch.to(part)
    return branch.text ?? this.#keep(shape, print())
  }

  #keep(shape: readonly unknown[], text: string): string {
    if (this.#size >= this.#most) {
      this.#root = new Branch()
      this.#size = 0
    }
    let branch = this.#root
    for (const part of shape) branch = branch.to(part)
    branch.text = text
    this.#size += 1
    return text
  }
}
