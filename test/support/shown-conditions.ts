/** Conditions as text, for tables: `(eq script.displayName:text 'a':text)`. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { unreachable } from '#base/base.ts'
import type { Collection, Condition, Origin, Term } from '#odata/odata.ts'
import { filterOf } from './query-rows.ts'
import { types } from './storage.ts'

export function showCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return `(${condition.kind} ${condition.conditions.map(showCondition).join(' ')})`
    case 'not':
      return `(not ${showCondition(condition.condition)})`
    case 'compare':
      return `(${condition.operator} ${showTerm(condition.left)} ${showTerm(condition.right)})`
    case 'in':
      return `(in ${[condition.term, ...condition.items].map(showTerm).join(' ')})`
    case 'any':
    case 'all': {
      const holds = condition.condition === undefined ? '' : ` ${showCondition(condition.condition)}`
      return `(${condition.kind} ${showCollection(condition.of)}${holds})`
    }
    case 'contains':
    case 'startswith':
    case 'endswith':
      return `(${condition.kind} ${showTerm(condition.text)} ${showTerm(condition.part)})`
    default:
      return unreachable(condition)
  }
}

/** A term, and after a colon what it is compared as; a member by its column, `?` where it may be null, `=` where its case matters. */
export function showTerm(term: Term): string {
  switch (term.kind) {
    case 'constant':
      return `${typeof term.value === 'string' ? `'${term.value}'` : term.value}:${term.type}`
    case 'member': {
      const marks = `${term.isNullable ? '?' : ''}${term.isExact && term.type === 'text' ? '=' : ''}`
      const among = term.among === undefined ? '' : `{${term.among.names.join('|')}}`
      return `${showOrigin(term.origin)}.${term.column}${among}${marks}:${term.type}`
    }
    case 'item':
      return `v${term.depth}:${term.type}`
    case 'call':
      return `(${term.name} ${term.args.map(showTerm).join(' ')}):${term.type}`
    case 'arithmetic':
      return `(${term.operator} ${showTerm(term.left)} ${showTerm(term.right)}):${term.type}`
    case 'countOf': {
      const holds = term.condition === undefined ? '' : ` ${showCondition(term.condition)}`
      return `(count ${showCollection(term.of)}${holds})`
    }
    case 'truth':
      return `(truth ${showCondition(term.condition)})`
    default:
      return unreachable(term)
  }
}

function showOrigin({ depth, type, via }: Origin): string {
  const row = depth === 0 ? type.table.name : `v${depth}`
  return [row, ...via.map(({ name }) => name)].join('/')
}

function showCollection(of: Collection): string {
  const name = of.kind === 'entities' ? of.navigation.name : of.property.name
  return `${showOrigin(of.origin)}/${name} v${of.depth}`
}

/** A filter, of a kind of script where no other type is named, and what it is bound to. */
export type BoundExpression = readonly [filter: string, shown: string, type?: keyof typeof types]

/** A filter that is refused, the sentence but for its place, and the place. */
export type RefusedExpression = readonly [filter: string, what: string, at: number, type?: keyof typeof types]

/** Tests what the filters of a table come to. */
export function testExpressions(
  bound: readonly BoundExpression[],
  refused: readonly RefusedExpression[],
): void {
  describe('what a filter is bound to', () => {
    for (const [filter, shown, type = 'shell'] of bound)
      test(filter, () => assert.equal(showCondition(filterOf(types[type], filter)), shown))
  })

  describe('a filter is refused, with the place', () => {
    for (const [filter, what, at, type = 'shell'] of refused) {
      test(filter, () => {
        const message = `${what} at position ${at} in '${filter}'.`
        assert.throws(() => filterOf(types[type], filter), { code: 'BadRequest', message })
      })
    }
  })
}
