import type { StorageFigures } from '#storage/storage.ts'

/** Upper bounds, up to `limits.commitRequests`. */
const BOUNDS = [1, 2, 4, 8, 16, 32, 64]

const NAME = 'runstate_commit_transactions'

/**
 * Writes the sizes of commits as a histogram in the text format of Prometheus. The library's own wants to be told of each
 * commit; here they are counted already.
 */
export function formatCommitSizes(sizes: StorageFigures['commitSizes']): string {
  const counted = [...sizes.entries()].map(([size, commits = 0]) => ({ size, commits }))
  const upTo = (bound: number): number =>
    counted.reduce((sum, { size, commits }) => (size <= bound ? sum + commits : sum), 0)
  const sum = counted.reduce((total, { size, commits }) => total + size * commits, 0)
  const all = upTo(Number.POSITIVE_INFINITY)
  const lines = [
    `# HELP ${NAME} Transactions that shared a commit.`,
    `# TYPE ${NAME} histogram`,
    ...BOUNDS.map((bound) => `${NAME}_bucket{le="${bound}"} ${upTo(bound)}`),
    `${NAME}_bucket{le="+Inf"} ${all}`,
    `${NAME}_sum ${sum}`,
    `${NAME}_count ${all}`,
  ]
  return `${lines.join('\n')}\n`
}
