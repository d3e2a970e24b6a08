/**
 * The law of tenants over SQL as it is sent: whatever touches a table that has a tenant says, at the same level of the
 * statement, of which. It reads the SQL that Runstate prints, and refuses what it does not know rather than pass over it.
 */

/** Tokens, and what stands in parentheses as a list of its own. */
type Token = string | readonly Token[]

const TOKEN = /'(?:[^']|'')*'|"[^"]+"(?:\."[^"]+")?|[$?]\d+|[a-z_]\w*(?:\.(?:\w+|"[^"]+"))?|\d+|\S/gi

/** What ends a list of tables, and what ends the conditions. */
const AFTER_TABLES = ['WHERE', 'GROUP', 'ORDER', 'LIMIT', 'OFFSET', 'FOR', 'RETURNING', 'SET']
const AFTER_CONDITIONS = ['GROUP', 'HAVING', 'ORDER', 'LIMIT', 'OFFSET', 'FOR', 'RETURNING', 'WINDOW']

interface Reference {
  readonly table: string
  readonly alias: string
}

/** What breaks the law in a statement, given the tables that have a tenant: one line each. */
export function findTenantless(sql: string, tables: ReadonlySet<string>): readonly string[] {
  return judgeLevel(parse(sql), tables)
}

function parse(sql: string): readonly Token[] {
  const levels: Token[][] = [[]]
  for (const token of sql.match(TOKEN) ?? []) {
    if (token === '(') levels.push([])
    else if (token === ')') levels.at(-2)?.push(levels.pop() ?? [])
    else levels.at(-1)?.push(token)
  }
  return levels.length === 1 ? (levels[0] ?? []) : ['(']
}

function judgeLevel(level: readonly Token[], tables: ReadonlySet<string>): readonly string[] {
  const inner = level.flatMap((token) => (typeof token === 'string' ? [] : judgeLevel(token, tables)))
  return [...inner, ...split(level, 'UNION').flatMap((part) => judgePart(part, tables))]
}

function judgePart(part: readonly Token[], tables: ReadonlySet<string>): readonly string[] {
  if (part.some((token) => ['(', 'JOIN', 'USING', 'WITH'].includes(word(token))))
    return ['it is of a form that is not known here']
  if (word(part[0]) === 'INSERT') return judgeInsert(part, tables)
  const references = referencesOf(part).filter(({ table }) => tables.has(table))
  const conditions = conditionsOf(part)
  return references
    .filter((reference) => !conditions.some((each) => holdsTenant(each, reference, references.length === 1)))
    .map(({ table, alias }) => `${table} as ${alias} is of any tenant`)
}

/**
 * The tenant is the first of the columns and a parameter the first of the values; a conflict is one within the tenant. What is
 * selected for it is judged by itself.
 */
function judgeInsert(part: readonly Token[], tables: ReadonlySet<string>): readonly string[] {
  const [, , table, columns, values, list, cast] = part
  if (typeof table !== 'string' || !tables.has(table)) return []
  const conflict = part[part.findIndex((token) => word(token) === 'CONFLICT') + 1]
  const isSelected = word(values) === 'SELECT' && word(list) === 'CAST' && isParameter(first(cast))
  const isGiven = word(values) === 'VALUES' && isParameter(first(list))
  const isWithin = first(columns) === 'tenant' && (isGiven || isSelected) && part.length > 5
  const isConflictWithin = !part.some((token) => word(token) === 'CONFLICT') || first(conflict) === 'tenant'
  const own = isWithin && isConflictWithin ? [] : [`a row of ${table} is put into any tenant`]
  return isSelected ? [...own, ...judgePart(part.slice(4), tables)] : own
}

/** The tables that a part reads or changes, each by the name that its rows have. */
function referencesOf(part: readonly Token[]): readonly Reference[] {
  if (word(part[0]) === 'UPDATE') return [referenceOf(part.slice(1))]
  const from = part.findIndex((token, i) => word(token) === 'FROM' && word(part[i - 1]) !== 'DISTINCT')
  if (from === -1) return []
  return split(until(part.slice(from + 1), AFTER_TABLES), ',').map(referenceOf)
}

function referenceOf([table, next, alias]: readonly Token[]): Reference {
  const name = typeof table === 'string' ? table.replaceAll('"', '') : ''
  return { table: name, alias: word(next) === 'AS' && typeof alias === 'string' ? alias : name }
}

/** What all has to hold: nothing where another condition could hold in its place. */
function conditionsOf(part: readonly Token[]): readonly (readonly Token[])[] {
  const where = part.findIndex((token) => word(token) === 'WHERE')
  const condition = where === -1 ? [] : until(part.slice(where + 1), AFTER_CONDITIONS)
  return condition.some((token) => word(token) === 'OR') ? [] : split(condition, 'AND')
}

/** Whether it says that the tenant of a row is a parameter, or that of a row of another name. */
function holdsTenant(condition: readonly Token[], { alias }: Reference, isOnlyOne: boolean): boolean {
  const [left, equals, right] = condition
  if (condition.length !== 3 || equals !== '=') return false
  if (left !== `${alias}.tenant` && !(isOnlyOne && left === 'tenant')) return false
  return isParameter(right) || (typeof right === 'string' && /^\w+\.tenant$/.test(right) && right !== left)
}

function isParameter(token: Token | undefined): boolean {
  return typeof token === 'string' && /^[$?]\d+$/.test(token)
}

function first(token: Token | undefined): Token | undefined {
  return typeof token === 'string' ? undefined : token?.[0]
}

function word(token: Token | undefined): string {
  return typeof token === 'string' ? token.toUpperCase() : ''
}

function until(tokens: readonly Token[], ends: readonly string[]): readonly Token[] {
  const end = tokens.findIndex((token) => ends.includes(word(token)))
  return end === -1 ? tokens : tokens.slice(0, end)
}

function split(tokens: readonly Token[], separator: string): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]]
  for (const token of tokens) {
    if (word(token) === separator) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts.map((part) => (word(part[0]) === 'ALL' ? part.slice(1) : part))
}
