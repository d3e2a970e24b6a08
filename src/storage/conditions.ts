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
  const given = items.filter(({ type }) => type !== 'null')
  const [value = '', ...list] = printAlike([term, ...given], printing)
  const isIn = list.length === 0 ? NEVER : `${value} IN (${list.join(', ')})`
  if (given.length === items.length) return isIn
  return `(${isIn} OR ${printTerm(term, printing)} IS NULL)`
}

function printTextTest({ kind, text, part }: TextTest, printing: Printing): string {
  const { dialect } = printing
  if (kind === 'startswith' && part.kind === 'constant' && part.value !== null) {
    return printPrefix(text, part, printing)
  }
  const [whole = '', piece = ''] = printAlike([text, part], printing)
  if (kind === 'contains') return `${dialect.position(whole, piece)} > 0`
  if (kind === 'startswith') return `${dialect.position(whole, piece)} = 1`
  return `substr(${whole}, length(${whole}) - length(${piece}) + 1) = ${piece}`
}

/** A range, for which an index serves: from the prefix itself up to what is first beyond all that begin with it. */
function printPrefix(text: Term, prefix: Constant, printing: Printing): string {
  const beyond = successorOf(String(prefix.value))
  const end: Constant = { ...prefix, value: beyond ?? '' }
  const [whole, from, to] = printAlike([text, prefix, end], printing)
  return beyond === undefined ? `${whole} >= ${from}` : `(${whole} >= ${from} AND ${whole} < ${to})`
}

const LAST_POINT = 0x10ffff

/** The least text that is greater than all that begin with this one; undefined where there is none. */
function successorOf(prefix: string): string | undefined {
  const points = [...prefix.toLowerCase()]
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
    return `FROM ${dialect.items(values, alias)} WHERE 1 = 1`
  }
  assert(of.origin.via.length === 0, 'what a single navigation leads to has no collections of its own')
  const guard = dialect.scanGuard === undefined ? [] : [dialect.scanGuard]
  const conditions = [...printLink(of.navigation, { from: rowOf(of.origin), to: alias }, printing), ...guard]
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

function printCall({ name, args }: FunctionCall, isFolded: boolean, printing: Printing): string {
  const { dialect, bind } = printing
  const isFoldedHere = isFolded || name === 'tolower' || name === 'toupper'
  const values = args.map((arg) => printValue(arg, isFoldedHere && arg.type === 'text', printing))
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
      const from = `CAST(CASE WHEN ${second} < 0 THEN 1 ELSE ${second} + 1 END AS INTEGER)`
      if (third === undefined) return `substr(${first}, ${from})`
      return `substr(${first}, ${from}, CAST(CASE WHEN ${third} < 0 THEN 0 ELSE ${third} END AS INTEGER))`
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
  const [a, b] = [printTerm(left, printing), printTerm(right, printing)]
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
      return `(CAST(${a} AS ${printing.dialect.decimal}) / NULLIF(${b}, 0))`
    case 'mod':
      return `(${a} % NULLIF(${b}, 0))`
    default:
      return unreachable(operator)
  }
}
