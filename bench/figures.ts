/** What a series of measurements comes to. */

export function median(values: readonly number[]): number {
  return percentile(values, 50)
}

/** The value that so many of a hundred do not pass. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN
}

/** Milliseconds that each of so many runs takes, one after another. */
export async function time(runs: number, run: () => Promise<unknown> | unknown): Promise<readonly number[]> {
  const all: number[] = []
  for (let i = 0; i < runs; i += 1) {
    const began = performance.now()
    await run()
    all.push(performance.now() - began)
  }
  return all
}

/** A line of a table. */
export function line(name: string, text: string): void {
  process.stdout.write(`${name.padEnd(56)} ${text}\n`)
}
