/** What was printed for the shape that leads here, and where longer shapes lead. */
class Place {
  text: string | undefined
  readonly #next = new Map<unknown, Place>()

  to(part: unknown): Place {
    const known = this.#next.get(part)
    if (known !== undefined) return known
    const place = new Place()
    this.#next.set(part, place)
    return place
  }
}

/** Texts that are the same for all plans of one shape, each printed once. Names combine in many ways, so their number has an end. */
export class Texts {
  readonly #most: number
  #size = 0
  #root = new Place()

  /** @param most texts to keep; where there are more, all are forgotten. */
  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#size
  }

  /** @param shape all that the text depends on: objects that stay as they are, and names. */
  of(shape: readonly unknown[], print: () => string): string {
    let place = this.#root
    for (const part of shape) place = place.to(part)
    return place.text ?? this.#keep(shape, print())
  }

  #keep(shape: readonly unknown[], text: string): string {
    if (this.#size >= this.#most) {
      this.#root = new Place()
      this.#size = 0
    }
    let place = this.#root
    for (const part of shape) place = place.to(part)
    place.text = text
    this.#size += 1
    return text
  }
}
