import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { StatementTexts } from './statement-texts.ts'

function never(): string {
  assert.fail('it was printed before')
}

describe('texts of statements', () => {
  test('are printed once for each shape', () => {
    const texts = new StatementTexts(10)
    const type = {}
    assert.equal(
      texts.of([type, 'a'], () => 'first'),
      'first',
    )
    assert.equal(texts.of([type, 'a'], never), 'first')
    assert.equal(
      texts.of([{}, 'a'], () => 'of another type'),
      'of another type',
    )
    assert.equal(
      texts.of([type, 'b'], () => 'of another name'),
      'of another name',
    )
  })

  test('are of the whole shape, not of its beginning', () => {
    const texts = new StatementTexts(10)
    assert.equal(
      texts.of(['a', 'b'], () => 'long'),
      'long',
    )
    assert.equal(
      texts.of(['a'], () => 'short'),
      'short',
    )
    assert.equal(
      texts.of(['a', 'b', undefined], () => 'longer'),
      'longer',
    )
    assert.deepEqual([texts.of(['a'], never), texts.of(['a', 'b'], never)], ['short', 'long'])
  })

  test('are as many as may be kept, and begin anew after that', () => {
    const texts = new StatementTexts(3)
    for (const name of ['a', 'b', 'c']) texts.of([name], () => name)
    assert.equal(texts.of(['a'], never), 'a')
    assert.equal(texts.size, 3)
    assert.equal(
      texts.of(['d'], () => 'd'),
      'd',
    )
    assert.equal(texts.size, 1)
    assert.equal(
      texts.of(['a'], () => 'again'),
      'again',
    )
  })
})
