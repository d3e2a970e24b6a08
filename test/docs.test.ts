/** What the documents say is so. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { quirks } from '#base/base.ts'
import { SCHEMA_DATE } from '#model/model.ts'
import { hasGoal, rowsIn } from '../bench/figures-table.ts'

const ROOT = path.resolve(import.meta.dirname, '..')
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...markdownIn('docs'),
  ...markdownIn('docs/decisions'),
]

function markdownIn(folder: string): readonly string[] {
  const names = readdirSync(path.join(ROOT, folder)).filter((name) => name.endsWith('.md'))
  return names.map((name) => `${folder}/${name}`)
}

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8')
}

describe('the documents', () => {
  for (const file of ['README.md', 'docs/parity.md', 'src/cli/main.ts']) {
    test(`${file} carries the beta note and the date of the schema`, () => {
      const text = read(file).replace(/\s+>?\s*/g, ' ')
      assert.match(text, /APIs under the `?\/beta`? version of Microsoft Graph are subject to change/)
      assert(file.startsWith('src/') ? text.includes('SCHEMA_DATE') : text.includes(SCHEMA_DATE))
    })
  }

  test('parity.md has the row of every quirk, word for word', () => {
    const rows = read('docs/parity.md')
      .split('\n')
      .filter((line) => /^\| `[a-z]+(-[a-z]+)+` \|/.test(line))
    const expected = Object.entries(quirks).map(
      ([name, { documented, observed, evidence }]) =>
        `| \`${name}\` | ${documented} | ${observed} | ${evidence} |`,
    )
    assert.deepEqual(rows, expected)
  })

  test('every file that a document names is there', () => {
    const missing: string[] = []
    for (const document of DOCUMENTS) {
      const text = read(document)
      const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target = '']) =>
        path.join(path.dirname(document), target),
      )
      const files = [...text.matchAll(/`((?:src|test|docs|bench|examples|bin|scripts)\/[\w./-]+)`/g)].map(
        ([, file = '']) => file,
      )
      for (const file of [...links, ...files])
        if (!existsSync(path.join(ROOT, file))) missing.push(`${document}: ${file}`)
    }
    assert.deepEqual(missing, [])
  })

  test('README.md has the figures of docs/figures.md that have a goal, and no others', () => {
    const [, shown = ''] = read('README.md').split('<!-- figures: npm run bench -->')
    const [section = '', rest] = shown.split('<!-- /figures -->')
    assert(rest !== undefined, 'README.md has a place for figures')
    assert.deepEqual(rowsIn(section), rowsIn(read('docs/figures.md')).filter(hasGoal))
  })

  test('decisions are numbered without a gap, each with its choice, its alternative and when to revisit it', () => {
    const files = markdownIn('docs/decisions')
    for (const [i, file] of files.entries()) {
      assert.equal(Number(path.basename(file).slice(0, 3)), i + 1, file)
      const text = read(file)
      for (const part of ['**Choice.**', '**Alternative.**', '**Revisit when**'])
        assert(text.includes(part), `${file}: ${part}`)
    }
  })
})
