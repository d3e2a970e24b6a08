/**
 * Prints conditions and terms as SQL. Names come from the model alone; whatever a client sent is a parameter. Text is
 * compared in lower case, but where all that is compared are ids.
 */
import assert from 'node:assert/strict'
import { unreachable } from '#base/base.ts'
import type {
  Arithmetic,
  Collection,
  Comparison,
  Condition,
  Constant,
  CountOf,
  FunctionCall,
  Member,
  Membership,
  Quantified,
  Term,
  TextTest,
} from '#odata/odata.ts'
import { aliasOf, type Printing, printAt, printLink, rowOf } from './origins.ts'
import { scanGuards } from './scope.ts'
import { printSlotted } from './slotted.ts'

/** True where the condition holds; false or null where it does not. */
export function printCondition(condition: Condition, printing: Printing): string {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return printJunction(condition.conditions, condition.kind === 'and' ? ' AND ' : ' OR ', printing)
    case 'not':
      return `(${printCondition(condition.condition, printing)}) IS NOT TRUE`
    case 'compare':
      return printComparison(condition, printing)
    case 'in':
      return printMembership(condition, printing)
    case 'any':
    case 'all':
      return printQuantified(condition, printing)
    case 'contains':
    case 'startswith':
    case 'endswith':
      return printTextTest(condition, printing)
    default:
      return unreachable(condition)
  }
}

/** Halves within halves: databases count how deep an expression is, and a thousand in a row are a thousand deep. */
function printJunction(conditions: readonly Condition[], operator: string, printing: Printing): string {
  const [first] = conditions
  if (first !== undefined && conditions.length === 1) return printCondition(first, printing)
  const half = Math.ceil(conditions.length / 2)
  const [left, right] = [conditions.slice(0, half), conditions.slice(half)]
  return `(${printJunction(left, operator, printing)}${operator}${printJunction(right, operator, printing)})`
}

const NEVER = '1 = 0'
const operators = { gt: '>', ge: '>=', lt: '<', le: '<=' } as const

function printComparison({ operator, left, right }: Comparison, printing: Printing): string {
  const isEquality = operator === 'eq' || operator === 'ne'
  if (left.type === 'null' || right.type === 'null') {
    if (!isEquality) return NEVER
    const term = left.type === 'null' ? right : left
    return `${printTerm(term, printing)} IS ${operator === 'eq' ? '' : 'NOT '}NULL`
  }
  const [a, b] = printAlike([left, right], printing)
  if (operator === 'ne') return `${a} IS DISTINCT FROM ${b}`
  if (operator !== 'eq') return `${a} ${operators[operator]} ${b}`
  return left.kind === 'constant' || right.kind === 'constant'
    ? `${a} = ${b}`
    : `${a} IS NOT DISTINCT FROM ${b}`
}

function printMembership({ term, items }: Membership, printing: Printing): string {
  const known = items.filter(({ kind, type }) => kind === 'constant' && type !== 'null')
  const read = items.filter(({ kind }) => kind !== 'constant')
  const [value = '', ...others] = printAlike([term, ...known, ...read], printing)
  const list = others.slice(0, known.length).join(', ')
  return printOnce([term], [value], ([each = '']) => {
    const tests = others.slice(known.length).map((other) => `${each} IS NOT DISTINCT FROM ${other}`)
    if (known.length > 0) tests.unshift(`${each} IN (${list})`)
    if (known.length + read.length < items.length) tests.push(`${each} IS NULL`)
    return tests.length === 1 ? tests.join('') : `(${tests.join(' OR ')})`
  })
}

/**
 * Prints what names its values more than once. But for short ones they stand in the text once, lest it doubles with
 * every level of an expression; the limit keeps databases from putting them back in their places.
 */
function printOnce(
  terms: readonly (Term | undefined)[],
  values: readonly string[],
  print: (values: readonly string[]) => string,
): string {
  const isShort = (term: Term | undefined): boolean =>
    term?.kind === 'constant' || term?.kind === 'member' || term?.kind === 'item'
  if (terms.every(isShort)) return print(values)
  const columns = values.map((value, i) => `${value} AS g${i}`).join(', ')
  const names = values.map((_, i) => `given.g${i}`)
  return `(SELECT ${print(names)} FROM (SELECT ${columns} LIMIT 1) AS given)`
}

function printTextTest({ kind, text, part }: TextTest, printing: Printing): string {
  const { dialect } = printing
  if (kind === 'startswith' && text.kind === 'member' && part.kind === 'constant' && part.value !== null) {
    return printPrefix(text, part, printing)
  }
  const [whole = '', piece = ''] = printAlike([text, part], printing)
  if (kind === 'contains') return `${dialect.position(whole, piece)} > 0`
  if (kind === 'startswith') return `${dialect.position(whole, piece)} = 1`
  return printOnce(
    [text, part],
    [whole, piece],
    ([a, b]) => `substr(${a}, length(${a}) - length(${b}) + 1) = ${b}`,
  )
}

/** A range, for which an index serves: from the prefix itself up to what is first beyond all that begin with it. */
function printPrefix(text: Term, prefix: Constant, printing: Printing): string {
  const isExact = areIds([text, prefix])
  const beyond = successorOf(isExact ? String(prefix.value) : String(prefix.value).toLowerCase())
  if (beyond === undefined) return printAlike([text, prefix], printing).join(' >= ')
  const end: Constant = { ...prefix, value: beyond }
  const [whole, from, to] = printAlike([text, prefix, end], printing)
  return `(${whole} >= ${from} AND ${whole} < ${to})`
}

const LAST_POINT = 0x10ffff

/** The least text that is greater than all that begin with this one; undefined where there is none. */
function successorOf(prefix: string): string | undefined {
  const points = [...prefix]
  while (points.at(-1)?.codePointAt(0) === LAST_POINT) points.pop()
  const last = points.pop()?.codePointAt(0)
  if (last === undefined) return undefined
  const next = last === 0xd7ff ? 0xe000 : last + 1
  return `${points.join('')}${String.fromCodePoint(next)}`
}

function printQuantified({ kind, of, condition }: Quantified, printing: Printing): string {
  const rows = printRows(of, printing)
  if (condition === undefined) return `EXISTS (SELECT 1 ${rows})`
  const holds = printCondition(condition, printing)
  return kind === 'any'
    ? `EXISTS (SELECT 1 ${rows} AND ${holds})`
    : `NOT EXISTS (SELECT 1 ${rows} AND (${holds}) IS NOT TRUE)`
}

function printCount({ of, condition }: CountOf, printing: Printing): string {
  const rows = printRows(of, printing)
  const holds = condition === undefined ? '' : ` AND ${printCondition(condition, printing)}`
  return `(SELECT COUNT(*) ${rows}${holds})`
}

/** `FROM … WHERE …`: the rows of a collection, under the alias of the variable that stands for one. */
function printRows(of: Collection, printing: Printing): string {
  const { dialect } = printing
  const alias = aliasOf(of.depth)
  if (of.kind === 'values') {
    const values = printAt(of.origin, printing, (row) => `${row}.${of.property.column.name}`)
    return `FROM ${dialect.items(values, alias)} WHERE ${dialect.scanGuard ?? '1 = 1'}`
  }
  assert(of.origin.via.length === 0, 'what a single navigation leads to has no collections of its own')
  const conditions = [
    ...printLink(of.navigation, { from: rowOf(of.origin), to: alias }, printing),
    ...scanGuards(dialect),
  ]
  return `FROM ${of.navigation.target.table.name} AS ${alias} WHERE ${conditions.join(' AND ')}`
}

/** The values of several terms so that they can be compared: text of all in the same case. */
function printAlike<const T extends readonly Term[]>(
  terms: T,
  printing: Printing,
): { readonly [I in keyof T]: string }
function printAlike(terms: readonly Term[], printing: Printing): readonly string[] {
  const isFolded = !areIds(terms)
  return terms.map((term) => printValue(term, isFolded, printing))
}

/** Whether there are ids among the texts, and beside them nothing but literals: only then does case matter. */
function areIds(terms: readonly Term[]): boolean {
  const read = terms.filter(({ kind, type }) => kind !== 'constant' && type === 'text')
  return read.length > 0 && read.every(isId)
}

function isId(term: Term): boolean {
  if (term.kind === 'member') return term.isExact
  if (term.kind !== 'call') return term.kind === 'item'
  return term.name !== 'tolower' && term.name !== 'toupper' && areIds(term.args)
}

/** The value of a term by itself: text in lower case, but for ids. */
export function printTerm(term: Term, printing: Printing): string {
  return printValue(term, !areIds([term]), printing)
}

function printValue(term: Term, isFolded: boolean, printing: Printing): string {
  switch (term.kind) {
    case 'constant':
      return printConstant(term, isFolded, printing)
    case 'member':
      return printMember(term, isFolded, printing)
    case 'item': {
      const value = printing.dialect.item(aliasOf(term.depth))
      return isFolded && term.type === 'text' ? printing.dialect.fold(value) : value
    }
    case 'call':
      return printCall(term, isFolded, printing)
    case 'arithmetic':
      return printArithmetic(term, printing)
    case 'countOf':
      return printCount(term, printing)
    case 'truth':
      return `((${printCondition(term.condition, printing)}) IS TRUE)`
    default:
      return unreachable(term)
  }
}

function printConstant({ type, value }: Constant, isFolded: boolean, { dialect, bind }: Printing): string {
  if (value === null) return 'NULL'
  if (typeof value === 'boolean') return dialect.constant('boolean', bind(dialect.boolean.encode(value)))
  if (typeof value === 'number') {
    const isWhole = Number.isSafeInteger(value)
    return dialect.constant(isWhole ? 'whole' : 'decimal', bind(isWhole ? BigInt(value) : value))
  }
  return dialect.constant('text', bind(isFolded && type === 'text' ? value.toLowerCase() : value))
}

function printMember(member: Member, isFolded: boolean, printing: Printing): string {
  const { origin, column, foldedColumn, among, type } = member
  const isText = type === 'text' && isFolded
  const value = printAt(origin, printing, (row, target) => {
    const own = isText && foldedColumn !== undefined ? foldedColumn : column
    const name = target.table.slotted === true ? printSlotted(target, { row, column: own }) : `${row}.${own}`
    if (among === undefined) return name
    const names = among.names.map((each) => printing.bind(each)).join(', ')
    return `CASE WHEN ${row}.${among.column} IN (${names}) THEN ${name} END`
  })
  return isText && foldedColumn === undefined ? printing.dialect.fold(value) : value
}

/** What .NET takes from both ends of a text. */
const WHITE_SPACE = ' \t\n\v\f\r\u0085\u00a0\u2028\u2029\u3000'

/** What is asked of texts is asked of ids as they are, and of others in lower case, wherever it stands. */
function printCall({ name, type, args }: FunctionCall, isFolded: boolean, printing: Printing): string {
  const { dialect, bind } = printing
  const isLowered = isFolded || name === 'tolower' || name === 'toupper'
  const isFoldedHere = type === 'text' ? isLowered : !areIds(args)
  const values = args.map((arg) =>
    arg.type === 'text' ? printValue(arg, isFoldedHere, printing) : printTerm(arg, printing),
  )
  const [first = '', second = '', third] = values
  const part = (from: number, length: number): string => `substr(${first}, ${from}, ${length})`
  switch (name) {
    case 'tolower':
    case 'toupper':
      return first
    case 'length':
      return `length(${first})`
    case 'indexof':
      return `(${dialect.position(first, second)} - 1)`
    case 'substring': {
      const [, from, size] = args
      const start = printOnce([from], [second], ([n]) => printClamped(n, 1))
      if (third === undefined) return `substr(${first}, CAST(${start} AS INTEGER))`
      const length = printOnce([size], [third], ([n]) => printClamped(n, 0))
      return `substr(${first}, CAST(${start} AS INTEGER), CAST(${length} AS INTEGER))`
    }
    case 'trim':
      return dialect.trim(first, dialect.constant('text', bind(WHITE_SPACE)))
    case 'concat':
      return `(${first} || ${second})`
    case 'date':
      return part(1, 10)
    case 'time':
      return part(12, 16)
    default: {
      const [from, length] = parts[name]
      return `CAST(${part(args[0]?.type === 'timeOfDay' ? from - DATE_LENGTH : from, length)} AS INTEGER)`
    }
  }
}

/** More than any text has characters. */
const LONGEST = 1_000_000_000

/** A number from 0 on and no greater than is of use, and some more. */
function printClamped(value = '', more: number): string {
  const least = `WHEN ${value} < 0 THEN ${more}`
  const greatest = `WHEN ${value} > ${LONGEST} THEN ${LONGEST}`
  return `CASE ${least} ${greatest} ELSE ${more === 0 ? value : `${value} + ${more}`} END`
}

type TimePart = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'

/** Where the parts of a time stand in the text of an instant or a date: from which place, and how long. */
const parts: Readonly<Record<TimePart, readonly [from: number, length: number]>> = {
  ...{ year: [1, 4], month: [6, 2], day: [9, 2] },
  ...{ hour: [12, 2], minute: [15, 2], second: [18, 2] },
}

/** The text of a time of the day has no date before it. */
const DATE_LENGTH = 11

/** Nothing is divided by nothing: it has no value, so that no comparison with it holds. */
function printArithmetic({ operator, left, right }: Arithmetic, printing: Printing): string {
  const { dialect } = printing
  const [a, b] = [printOperand(left, printing), printOperand(right, printing)]
  switch (operator) {
    case 'add':
      return `(${a} + ${b})`
    case 'sub':
      return `(${a} - ${b})`
    case 'mul':
      return `(${a} * ${b})`
    case 'div':
      return `(${a} / NULLIF(${b}, 0))`
    case 'divby':
      return `(CAST(${a} AS ${dialect.double}) / NULLIF(${b}, 0))`
    case 'mod':
      return isWhole(left) && isWhole(right)
        ? `(${a} % NULLIF(${b}, 0))`
        : dialect.modulo(a, `NULLIF(${b}, 0)`)
    default:
      return unreachable(operator)
  }
}

/** What is read is as wide as its column: sums and products of such would pass its end. */
function printOperand(term: Term, printing: Printing): string {
  const value = printTerm(term, printing)
  return term.kind === 'constant' || term.kind === 'arithmetic' ? value : printing.dialect.widen(value)
}

function isWhole(term: Term): boolean {
  if (term.kind === 'constant') return Number.isSafeInteger(term.value)
  return (
    term.kind !== 'arithmetic' || (term.operator !== 'divby' && isWhole(term.left) && isWhole(term.right))
  )
}
