/** docs/facts.md: every witness is there and speaks of its fact, and the sum is right. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'

const ROOT = path.resolve(import.meta.dirname, '..')

interface Fact {
  readonly section: string
  readonly text: string
  /** What one of the witnesses has, word for word. */
  readonly subject: string
  readonly witnesses: readonly string[]
  /** The reason for none. */
  readonly last: string
}

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8')
}

const page = read('docs/facts.md')

const facts: readonly Fact[] = page
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => {
    const [section = '', text = '', subject = '', last = ''] = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim())
    const witnesses = [...last.matchAll(/`([^`]+\.ts)`/g)].map(([, file = '']) => file)
    return { section, text, subject: subject.replaceAll('`', ''), witnesses, last }
  })

describe('facts.md', () => {
  test('counts the facts that have a test, and all', () => {
    const proven = facts.filter(({ witnesses }) => witnesses.length > 0).length
    assert(page.includes(`**${proven} of ${facts.length}**`), `${proven} of ${facts.length}`)
  })

  test('has each fact once', () => {
    assert.equal(new Set(facts.map(({ section, text }) => `${section} ${text}`)).size, facts.length)
  })

  for (const { section, text, subject, witnesses, last } of facts) {
    test(`${section} ${text}: has a witness that speaks of it, or a reason`, () => {
      if (witnesses.length === 0) {
        assert.equal(subject, '')
        return assert.match(last, /^[A-Z].+\.$/)
      }
      assert.notEqual(subject, '')
      for (const file of witnesses) {
        assert.match(file, /^(?:src|test)\/.+\.test\.ts$/)
        assert(existsSync(path.join(ROOT, file)), `${file} is not there`)
      }
      assert(
        witnesses.some((file) => read(file).includes(subject)),
        `${witnesses.join(', ')}: ${subject}`,
      )
    })
  }
})
