import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '#base/base.ts'
import { formatCommitSizes } from './commit-sizes.ts'

test('each bucket holds the commits of all smaller ones, the last bound is the most that a commit holds', () => {
  const sizes: (number | undefined)[] = []
  sizes[1] = 5
  sizes[3] = 2
  sizes[limits.commitRequests] = 1
  const lines = formatCommitSizes(sizes).split('\n')
  const name = 'runstate_commit_transactions'
  assert.deepEqual(lines, [
    `# HELP ${name} Transactions that shared a commit.`,
    `# TYPE ${name} histogram`,
    ...[1, 2, 4, 8, 16, 32, 64].map((le, i) => `${name}_bucket{le="${le}"} ${[5, 5, 7, 7, 7, 7, 8][i]}`),
    ...[`${name}_bucket{le="+Inf"} 8`, `${name}_sum 75`, `${name}_count 8`, ''],
  ])
})

test('a server that committed nothing has an empty histogram', () => {
  assert.match(formatCommitSizes([]), /_sum 0\n.*_count 0\n$/)
})
