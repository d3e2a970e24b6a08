/** The benchmarks' own arithmetic and table, and what the command does with what it is told. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { writeFigures } from '../bench/document.ts'
import { median, percentile, ratiosOf } from '../bench/figures.ts'
import {
  type Figure,
  formatFailure,
  formatRow,
  formatTable,
  hasGoal,
  rowsIn,
} from '../bench/figures-table.ts'

const COMMAND = 'npm run bench -- growth'
const figure: Figure = {
  figure: 'PATCH one',
  value: '5,000/s',
  ratio: { to: 'the floor', rounds: [0.7, 0.9, 0.8] },
  goal: { bound: 'at least', limit: 0.7, reached: 0.8 },
}

describe('the table of figures', () => {
  test('has the median ratio, its spread, and whether the goal was met', () => {
    assert.equal(
      formatRow(figure, COMMAND),
      `| PATCH one | 5,000/s | 0.80 of the floor | 0.70–0.90 | at least 0.7: met | \`${COMMAND}\` |`,
    )
  })

  for (const [bound, limit, reached, word] of [
    ['at least', 0.7, 0.7, 'met'],
    ['at least', 0.7, 0.69, 'missed'],
    ['at most', 50, 50, 'met'],
    ['at most', 50, 50.1, 'missed'],
    ['at most', 50, Number.NaN, 'missed'],
    ['at least', 50, Number.NaN, 'missed'],
  ] as const) {
    test(`says that ${reached} where it is to be ${bound} ${limit} is ${word}`, () => {
      const row = formatRow({ ...figure, goal: { bound, limit, reached, unit: ' ms' } }, COMMAND)
      assert(row.includes(`| ${bound} ${limit} ms: ${word} |`), row)
    })
  }

  test('reads its own rows back, and no others', () => {
    const rows = [
      formatRow(figure, COMMAND),
      formatRow({ figure: 'a', value: '1' }, COMMAND),
      formatFailure('b', COMMAND),
    ]
    assert.deepEqual(rowsIn(`# Figures\n\n${formatTable(rows)}\n\n| a | b |\n`), rows)
    assert.deepEqual(rows.map(hasGoal), [true, false, false])
    assert.match(rows[2] ?? '', /\| failed \|/)
  })
})

describe('what a run writes', () => {
  const MARKED = 'Before\n\n<!-- figures: npm run bench -->\nold\n<!-- /figures -->\n\nAfter\n'
  const rowOf = (name: string, value: string): string =>
    formatRow({ ...figure, figure: name, value }, `npm run bench -- ${name}`)
  const order = ['growth', 'pages', 'soak'].map((name) => `npm run bench -- ${name}`)

  /** A repository of nothing but the two documents. */
  const createRepository = (t: TestContext, readme: string) => {
    const root = mkdtempSync(join(tmpdir(), 'runstate-figures-'))
    t.after(() => rmSync(root, { recursive: true }))
    mkdirSync(join(root, 'docs'))
    const [readmeFile, document] = [join(root, 'README.md'), join(root, 'docs/figures.md')]
    writeFileSync(readmeFile, readme)
    writeFileSync(document, '')
    return {
      root,
      readme: () => readFileSync(readmeFile, 'utf8'),
      document: () => readFileSync(document, 'utf8'),
    }
  }

  test('replaces the rows of its commands, keeps the others, in their order', (t) => {
    const { root, readme, document } = createRepository(t, MARKED)
    writeFigures([rowOf('pages', '1 ms'), rowOf('growth', '5/s'), rowOf('gone', '?')], order, root)
    assert.deepEqual(rowsIn(document()), [rowOf('growth', '5/s'), rowOf('pages', '1 ms')])
    const failed = formatFailure('soak', 'npm run bench -- soak')
    writeFigures([rowOf('pages', '2 ms'), failed], order, root)
    const kept = [rowOf('growth', '5/s'), rowOf('pages', '2 ms')]
    assert.deepEqual(rowsIn(document()), [...kept, failed])
    assert.deepEqual(rowsIn(readme()), kept)
    assert.match(readme(), /^Before\n\n<!--[\s\S]+-->\n\nAfter\n$/)
    assert(!readme().includes('old'))
  })

  test('names Node, processors and databases, and neither the machine nor a path', (t) => {
    const { root, document } = createRepository(t, MARKED)
    writeFigures([], order, root)
    const [, machine] = /^Written by `npm run bench`, on (.+)\. Whatever/m.exec(document()) ?? []
    assert.match(
      machine ?? '',
      /^Node \d+\.\d+\.\d+, \d+ processors \(\w+\), SQLite [\d.]+(?:, PostgreSQL [\d.]+)?$/,
    )
  })

  test('is nothing where the README has no place for it', (t) => {
    const { root, readme, document } = createRepository(t, 'no place')
    assert.throws(() => writeFigures([rowOf('pages', '1 ms')], order, root), /no place for figures/)
    assert.deepEqual([readme(), document()], ['no place', ''])
  })
})

test('the median and percentiles are values that were measured', () => {
  assert.equal(median([3, 1, 2]), 2)
  assert.equal(percentile([5, 1, 4, 2, 3], 99), 5)
  assert.equal(percentile([5, 1], 0), 1)
  assert(Number.isNaN(median([])))
})

test('a ratio is of two of the same round, and none where there was no other', () => {
  assert.deepEqual(ratiosOf([2, 9], [4, 3]), [0.5, 3])
  assert.deepEqual(ratiosOf([2, 9], [4]), [0.5, Number.NaN])
})

describe('the command', () => {
  const bench = (...args: string[]) =>
    spawnSync(process.execPath, [join(import.meta.dirname, '../bench/bench.ts'), ...args], {
      encoding: 'utf8',
      env: { ...process.env, PATH: '' },
    })

  test('refuses a benchmark that there is not, and names those that there are', () => {
    const { status, stderr } = bench('--quick', 'nothing')
    assert.equal(status, 1)
    assert.match(stderr, /there is no benchmark nothing: throughput, growth, /)
  })

  test('tells of one that fails, and goes on to the next', () => {
    const { status, stdout, stderr } = bench('--quick', 'throughput', 'growth')
    assert.equal(status, 1)
    assert.match(stderr, /throughput failed: .*wrk[\s\S]*growth failed: .*wrk/)
    assert.match(stdout, /\| throughput \| failed \|.*\n\| growth \| failed \|/)
  })
})
