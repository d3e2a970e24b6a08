/** Binds the trees of expressions to the model: what they name is found, what they compare is of types that compare. */
import { limits } from '#base/base.ts'
import type { EntityType, PrimitiveProperty, Timestamp } from '#model/model.ts'
import type { ODataError } from '../errors.ts'
import { bindCall, bindTest, isTest } from './bind-function.ts'
import { bindLiteral, shiftInstant } from './bind-literal.ts'
import {
  createMember,
  type Destination,
  resolvePath,
  type Scope,
  termTypeOf,
  type Variable,
} from './bind-path.ts'
import type {
  Collection,
  ComparisonOperator,
  Condition,
  Constant,
  Item,
  OrderKey,
  Term,
  TermType,
} from './condition.ts'
import type { Binary, BinaryOperator, Count, Expression, In, Lambda } from './expression.ts'
import { typeNames } from './functions.ts'
import type { OrderItem } from './order-parser.ts'
import type { Search } from './search-parser.ts'
import { syntaxError } from './syntax-error.ts'

/** Where an expression stands. */
export interface Binding {
  /** The text that it was read from. */
  readonly text: string
  /** The type of the entities that it is about. */
  readonly type: EntityType
  /** What `now()` is. */
  readonly now: Timestamp
}

/** @throws ODataError `BadRequest` naming what is unknown or does not fit, with the place. */
export function bindFilter(expression: Expression, binding: Binding): Condition {
  return bindCondition(expression, outermost(binding))
}

/** @throws as {@link bindFilter}; and where nothing is ordered by what is named. */
export function bindOrder(items: readonly OrderItem[], binding: Binding): readonly OrderKey[] {
  const scope = outermost(binding)
  const beyond = items[limits.orderKeys]
  if (beyond !== undefined) {
    throw syntaxError(`More than ${limits.orderKeys} keys of an order`, { text: binding.text, at: beyond.at })
  }
  return items.map(({ expression, direction, at }) => {
    const term = bindTerm(expression, scope)
    if (!isOrderable(term)) throw syntaxError('Nothing is ordered by what stands', { text: binding.text, at })
    return { term, direction }
  })
}

/** Where text is searched for. */
const SEARCHED = ['displayName', 'description']

/** @throws ODataError `BadRequest` where the type has nothing that is searched. */
export function bindSearch(search: Search, { text, type }: Binding): Condition {
  const origin = { depth: 0, type, via: [] }
  const members = type.properties.flatMap((property) =>
    property.kind === 'primitive' && SEARCHED.includes(property.name) ? [createMember(property, origin)] : [],
  )
  if (members.length === 0) {
    throw syntaxError(`Entities of the type '${type.qualifiedName}' are not searched: $search`, {
      text,
      at: 0,
    })
  }
  const bind = (node: Search): Condition => {
    if (node.kind === 'not') return { kind: 'not', condition: bind(node.operand) }
    if (node.kind !== 'term') {
      const { kind } = node
      const sidesOf = (each: Search) => (each.kind === kind ? each : undefined)
      return { kind, conditions: operandsOf<Search>(node, sidesOf).map(bind) }
    }
    const part: Constant = { kind: 'constant', type: 'text', value: node.text }
    return { kind: 'or', conditions: members.map((member) => ({ kind: 'contains', text: member, part })) }
  }
  return bind(search)
}

/** The operands of those of one kind in a row, so that they make one condition: of a thousand, none is a thousand deep. */
function operandsOf<T>(
  first: T,
  sidesOf: (node: T) => { readonly left: T; readonly right: T } | undefined,
): readonly T[] {
  const operands: T[] = []
  let rest = first
  for (let sides = sidesOf(rest); sides !== undefined; sides = sidesOf(rest)) {
    operands.unshift(sides.right)
    rest = sides.left
  }
  return [rest, ...operands]
}

function outermost({ text, type, now }: Binding): Scope {
  return { text, root: { depth: 0, type }, variables: new Map(), depth: 0, now }
}

function isOrderable(term: Term): boolean {
  if (term.kind === 'call') return term.args.every(isOrderable)
  if (term.kind === 'member' && term.isLarge) return false
  return term.type !== 'binary' && term.type !== 'complex' && term.type !== 'null'
}

function bindCondition(expression: Expression, scope: Scope): Condition {
  switch (expression.kind) {
    case 'unary':
      if (expression.operator === 'not')
        return { kind: 'not', condition: bindCondition(expression.operand, scope) }
      break
    case 'binary': {
      const { operator } = expression
      if (operator === 'and' || operator === 'or') return bindJunction(expression, operator, scope)
      if (isComparison(operator)) return bindComparison(expression, operator, scope)
      break
    }
    case 'in':
      return bindIn(expression, scope)
    case 'lambda':
      return bindLambda(expression, scope)
    case 'call':
      if (isTest(expression)) return bindTest(expression, bindArguments(expression.args, scope), scope)
      break
    default:
      break
  }
  return conditionOf(bindTerm(expression, scope), expression, scope)
}

/** A term that is true or false. */
function conditionOf(term: Term, { at }: Expression, { text }: Scope): Condition {
  if (term.kind === 'truth') return term.condition
  if (term.type === 'boolean') {
    return {
      kind: 'compare',
      operator: 'eq',
      left: term,
      right: { kind: 'constant', type: 'boolean', value: true },
    }
  }
  throw syntaxError('What stands here is neither true nor false', { text, at })
}

function bindJunction(expression: Binary, kind: 'and' | 'or', scope: Scope): Condition {
  const sidesOf = (each: Expression) => (each.kind === 'binary' && each.operator === kind ? each : undefined)
  const operands = operandsOf<Expression>(expression, sidesOf)
  return { kind, conditions: operands.map((operand) => bindCondition(operand, scope)) }
}

function isComparison(operator: BinaryOperator): operator is ComparisonOperator {
  return ['eq', 'ne', 'gt', 'ge', 'lt', 'le'].includes(operator)
}

const operatorKinds: Readonly<Record<BinaryOperator, string>> = {
  ...{ or: 'Or', and: 'And' },
  ...{ eq: 'Equal', ne: 'NotEqual' },
  ...{ gt: 'GreaterThan', ge: 'GreaterThanOrEqual', lt: 'LessThan', le: 'LessThanOrEqual' },
  ...{ add: 'Add', sub: 'Subtract', mul: 'Multiply', div: 'Divide', divby: 'Divide', mod: 'Modulo' },
}

function bindComparison(expression: Binary, operator: ComparisonOperator, scope: Scope): Condition {
  const [left, right] = bindPair(expression.left, expression.right, scope)
  const isNullTest = left.type === 'null' || right.type === 'null'
  const isKnown =
    isNullTest || (left.type === right.type && left.type !== 'binary' && left.type !== 'complex')
  if (!isKnown) throw incompatible(expression, [left, right], scope)
  return { kind: 'compare', operator, left, right }
}

/** The two sides of a comparison, each read in view of the other. */
function bindPair(first: Expression, second: Expression, scope: Scope): readonly [Term, Term] {
  if (first.kind === 'literal') {
    const right = bindTerm(second, scope)
    return [beside(bindLiteral(first, scope, right), right), right]
  }
  const left = bindTerm(first, scope)
  const right = second.kind === 'literal' ? bindLiteral(second, scope, left) : bindTerm(second, scope)
  return [beside(left, right), beside(right, left)]
}

/** A date beside an instant is the instant at which it begins. */
function beside(term: Term, other: Term): Term {
  if (term.kind !== 'constant' || term.type !== 'date' || other.type !== 'instant') return term
  return { kind: 'constant', type: 'instant', value: `${term.value}T00:00:00.0000000Z` }
}

function bindIn({ operand, items, at }: In, scope: Scope): Condition {
  const term = bindTerm(operand, scope)
  const bound = items.map((item) => {
    const value = item.kind === 'literal' ? bindLiteral(item, scope, term) : bindTerm(item, scope)
    const fitting = beside(value, term)
    if (fitting.type !== 'null' && fitting.type !== term.type) {
      throw syntaxError(
        `A value of type '${typeNames[fitting.type]}' cannot be in a list of '${typeNames[term.type]}'`,
        { text: scope.text, at: item.at },
      )
    }
    return fitting
  })
  if (term.type === 'binary' || term.type === 'complex') {
    throw syntaxError(`Values of '${typeNames[term.type]}' are not compared`, { text: scope.text, at })
  }
  return { kind: 'in', term, items: bound }
}

function bindLambda({ quantifier: kind, path, body, at }: Lambda, scope: Scope): Condition {
  const of = collectionAt(path, at, scope)
  if (body === undefined) return { kind, of, condition: undefined }
  return { kind, of, condition: bindCondition(body.predicate, within(scope, of, body.variable)) }
}

/** The scope inside a collection, where a variable stands for one of it. */
function within(scope: Scope, of: Collection, name: string | undefined): Scope {
  const depth = scope.depth + 1
  const variable: Variable =
    of.kind === 'entities'
      ? { kind: 'entity', depth, type: of.navigation.target }
      : {
          kind: 'value',
          item: itemOf(of.property, depth),
        }
  const variables = name === undefined ? scope.variables : new Map([...scope.variables, [name, variable]])
  return { ...scope, depth, variables }
}

function itemOf(property: PrimitiveProperty, depth: number): Item {
  const { typeName, ordinals } = property
  return { kind: 'item', type: termTypeOf(property), depth, typeName, ordinals }
}

function collectionAt(path: readonly string[], at: number, scope: Scope): Collection {
  const destination = resolvePath(path, at, scope)
  if (destination.kind === 'collection') return destination.of
  throw syntaxError(`'${path.join('/')}' is no collection, and any, all and $count are of collections,`, {
    text: scope.text,
    at,
  })
}

function bindTerm(expression: Expression, scope: Scope): Term {
  switch (expression.kind) {
    case 'literal':
      return bindLiteral(expression, scope)
    case 'path':
      return termAt(resolvePath(expression.segments, expression.at, scope), expression, scope)
    case 'count':
      return bindCount(expression, scope)
    case 'unary':
      if (expression.operator === 'negate') return bindNegative(expression.operand, scope)
      break
    case 'binary':
      if (isArithmetic(expression.operator)) return bindArithmetic(expression, expression.operator, scope)
      break
    case 'call':
      if (!isTest(expression)) return bindCall(expression, bindArguments(expression.args, scope), scope)
      break
    default:
      break
  }
  return { kind: 'truth', type: 'boolean', condition: bindCondition(expression, scope) }
}

function bindArguments(args: readonly Expression[], scope: Scope): readonly Term[] {
  return args.map((arg) => bindTerm(arg, scope))
}

function termAt(destination: Destination, { at }: Expression, { text }: Scope): Term {
  if (destination.kind === 'term') return destination.term
  const { of } = destination
  const name = of.kind === 'entities' ? of.navigation.name : of.property.name
  throw syntaxError(`'${name}' is a collection, and is read with any, all or $count only,`, { text, at })
}

/** Inside the filter of a count, names without a variable are of what is counted. */
function bindCount({ path, filter, at }: Count, scope: Scope): Term {
  const of = collectionAt(path, at, scope)
  if (filter === undefined) return { kind: 'countOf', type: 'number', of, condition: undefined }
  if (of.kind === 'values') {
    throw syntaxError('A $count of values takes no $filter', { text: scope.text, at: filter.at })
  }
  const inner = within(scope, of, undefined)
  const root = { depth: inner.depth, type: of.navigation.target }
  return { kind: 'countOf', type: 'number', of, condition: bindCondition(filter, { ...inner, root }) }
}

function bindNegative(operand: Expression, scope: Scope): Term {
  const term = bindTerm(operand, scope)
  if (term.type !== 'number' && term.type !== 'duration') {
    throw syntaxError(`The type '${typeNames[term.type]}' has no negative`, {
      text: scope.text,
      at: operand.at,
    })
  }
  if (term.kind === 'constant') return { ...term, value: -Number(term.value) }
  const zero: Constant = { kind: 'constant', type: term.type, value: 0 }
  return { kind: 'arithmetic', type: term.type, operator: 'sub', left: zero, right: term }
}

type ArithmeticOperator = Exclude<BinaryOperator, ComparisonOperator | 'and' | 'or'>

function isArithmetic(operator: BinaryOperator): operator is ArithmeticOperator {
  return ['add', 'sub', 'mul', 'div', 'divby', 'mod'].includes(operator)
}

/** Instants are reckoned with only where they are known beforehand: those in rows are text. */
function bindArithmetic(expression: Binary, operator: ArithmeticOperator, scope: Scope): Term {
  const left = bindTerm(expression.left, scope)
  const right = bindTerm(expression.right, scope)
  if (isTooLong(left, limits.filterDepth)) {
    throw syntaxError(`More than ${limits.filterDepth} sums and products follow each other`, {
      text: scope.text,
      at: expression.at,
    })
  }
  const isSum = operator === 'add' || operator === 'sub'
  if (left.type === 'number' && right.type === 'number') {
    const isExact = operator === 'div' && (isFraction(expression.left) || isFraction(expression.right))
    return { kind: 'arithmetic', type: 'number', operator: isExact ? 'divby' : operator, left, right }
  }
  if (isSum && left.type === 'duration' && right.type === 'duration') {
    return { kind: 'arithmetic', type: 'duration', operator, left, right }
  }
  if (isSum && left.type === 'instant' && right.type === 'duration') {
    const shifted = shift(left, right, operator)
    if (shifted !== undefined) return shifted
    throw syntaxError('Durations are added to now() and to literals only, within the years 1 to 9999,', {
      text: scope.text,
      at: expression.at,
    })
  }
  throw incompatible(expression, [left, right], scope)
}

/** A number that is written as one that need not be whole, though it may be. */
function isFraction(expression: Expression): boolean {
  return expression.kind === 'literal' && expression.literal === 'number' && /[.e]/i.test(expression.text)
}

/** Each follows from the one before, so that a long row of them is as deep as it is long. */
function isTooLong(term: Term, longest: number): boolean {
  return longest === 0 || (term.kind === 'arithmetic' && isTooLong(term.left, longest - 1))
}

function shift(instant: Term, duration: Term, operator: 'add' | 'sub'): Constant | undefined {
  if (instant.kind !== 'constant' || duration.kind !== 'constant') return undefined
  const ticks = Number(duration.value)
  const value = shiftInstant(String(instant.value), operator === 'add' ? ticks : -ticks)
  return value === undefined ? undefined : { kind: 'constant', type: 'instant', value }
}

function incompatible(
  { operator, at }: Binary,
  [left, right]: readonly [Term, Term],
  { text }: Scope,
): ODataError {
  const nameOf = (type: TermType): string => typeNames[type]
  return syntaxError(
    `A binary operator with incompatible types was detected. Found operand types '${nameOf(left.type)}' and '${nameOf(right.type)}' for operator kind '${operatorKinds[operator]}'`,
    { text, at },
  )
}
