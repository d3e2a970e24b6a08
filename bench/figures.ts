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

/** Each of one series divided by its neighbour in another: what two did in the same minute. */
export function ratiosOf(values: readonly number[], beside: readonly number[]): readonly number[] {
  return values.map((value, i) => value / (beside[i] ?? Number.NaN))
}

/** A whole number of things a second, as `12,345/s`. */
export function formatRate(perSecond: number): string {
  return `${Math.round(perSecond).toLocaleString('en')}/s`
}
