/** What is on the server for one name, and the path under which it is reached. */
export interface Entry {
  readonly path: string
  readonly value: string
}

/** What a request writes, by name: all of it or nothing. Undefined for what goes. */
export interface Step {
  readonly values: ReadonlyMap<string, string | undefined>
  /** In a batch, the step that must have been done for this one to be. */
  readonly after?: Step | undefined
}

/** What a comparison finds. */
export interface Verdict {
  /** What was acknowledged and is not so. */
  readonly lost: readonly string[]
  /** What was done by half, or in the wrong order. */
  readonly violations: readonly string[]
  /** Steps of which nobody was told whether they were done. */
  readonly unknown: number
  /** Those of them that were done. */
  readonly landed: number
}

/** What was acknowledged, and what is in flight: of that, either is right, but nothing between. */
export class Ledger {
  readonly #entries = new Map<string, Entry>()
  readonly #inFlight = new Set<Step>()
  #acknowledged = 0

  /** How many steps were acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged
  }

  get(name: string): Entry | undefined {
    return this.#entries.get(name)
  }

  /** The names that begin with a text, in the order of their first writing. */
  names(prefix: string): readonly string[] {
    return [...this.#entries.keys()].filter((name) => name.startsWith(prefix))
  }

  begin(step: Step): void {
    this.#inFlight.add(step)
  }

  /** A step was answered as done; `path` is that of what it created. */
  acknowledge(step: Step, path?: string): void {
    this.#acknowledged += 1
    this.#inFlight.delete(step)
    for (const [name, value] of step.values) {
      if (value === undefined) this.#entries.delete(name)
      else this.#entries.set(name, { value, path: this.#entries.get(name)?.path ?? path ?? '' })
    }
  }

  /** A step was answered as not done. */
  refuse(step: Step): void {
    this.#inFlight.delete(step)
  }

  /** Compares with what a server has, and goes on from that. */
  settle(found: ReadonlyMap<string, Entry>): Verdict {
    const foundAs = (name: string): string | undefined => found.get(name)?.value
    const isDone = ({ values }: Step): boolean =>
      [...values].every(([name, value]) => foundAs(name) === value)
    const isUntouched = ({ values }: Step): boolean =>
      [...values.keys()].every((name) => foundAs(name) === this.get(name)?.value)
    const steps = [...this.#inFlight]
    const done = steps.filter(isDone)
    const halves = steps.filter((step) => !isDone(step) && !isUntouched(step))
    const early = done.filter(({ after }) => after !== undefined && steps.includes(after) && !isDone(after))
    const unsure = new Set(steps.flatMap(({ values }) => [...values.keys()]))
    const names = new Set([...this.#entries.keys(), ...found.keys()])
    const lost = [...names]
      .filter((name) => !unsure.has(name) && foundAs(name) !== this.get(name)?.value)
      .map((name) => `${name}: acknowledged as ${this.get(name)?.value}, found as ${foundAs(name)}`)
    this.#inFlight.clear()
    this.#entries.clear()
    for (const [name, entry] of found) this.#entries.set(name, entry)
    return {
      lost,
      violations: [
        ...halves.map((step) => `done by half: ${describe(step)}`),
        ...early.map((step) => `done before what it depends on: ${describe(step)}`),
      ],
      unknown: steps.length,
      landed: done.length,
    }
  }
}

function describe({ values }: Step): string {
  return [...values].map(([name, value]) => `${name} = ${value}`).join('; ')
}
