/**
 * Expressions bound to the model: every name is a member of some row, every literal a value of a type. A condition
 * has two values: where a null makes a comparison unknown, it does not hold, and its `not` does.
 */
import type { EntityType, Navigation, PrimitiveProperty } from '#model/model.ts'

/** What the value of a term is compared as. */
export type TermType =
  | 'text'
  | 'number'
  | 'boolean'
  | 'instant'
  | 'date'
  | 'timeOfDay'
  | 'duration'
  | 'enumeration'
  | 'binary'
  | 'complex'
  | 'null'

/** The row that a member is of: that of the outermost entity (depth 0) or of a variable, and on along single navigations. */
export interface Origin {
  readonly depth: number
  readonly type: EntityType
  readonly via: readonly Navigation[]
}

/** Many rows, or many values in one row. */
export type Collection = {
  readonly origin: Origin
  /** That of the variable that stands for one of them. */
  readonly depth: number
} & (
  | { readonly kind: 'entities'; readonly navigation: Navigation }
  | { readonly kind: 'values'; readonly property: PrimitiveProperty }
)

export type Term = Constant | Member | Item | FunctionCall | Arithmetic | CountOf | Truth

/** Instants and dates are text of fixed width, durations ticks, members of enumerations their numbers. */
export interface Constant {
  readonly kind: 'constant'
  readonly type: TermType
  readonly value: string | number | boolean | null
}

/** The value of a property; of a complex one the name of its type, which is null where the value is. */
export interface Member {
  readonly kind: 'member'
  readonly type: TermType
  readonly origin: Origin
  readonly column: string
  /** The column with the text in lower case, where there is one. */
  readonly foldedColumn: string | undefined
  /** A key or an id: its case matters. */
  readonly isExact: boolean
  /** Of the kind that nothing is ordered by. */
  readonly isLarge: boolean
  readonly isNullable: boolean
  /** The qualified name of the property's type. */
  readonly typeName: string
  /** The numbers of an enumeration's members. */
  readonly ordinals: ReadonlyMap<string, number> | undefined
  /** Null where the complex value is of none of these types. */
  readonly among: { readonly column: string; readonly names: readonly string[] } | undefined
}

/** The value that a variable stands for in a collection of values. */
export interface Item {
  readonly kind: 'item'
  readonly type: TermType
  readonly depth: number
  /** As of a {@link Member}. */
  readonly typeName: string
  readonly ordinals: ReadonlyMap<string, number> | undefined
}

/** A key of an order, and which end comes first. */
export interface OrderKey {
  readonly term: Term
  readonly direction: 'asc' | 'desc'
}

/** The names of the functions that have a value other than true or false. */
export type ValueFunction =
  | 'length'
  | 'indexof'
  | 'substring'
  | 'tolower'
  | 'toupper'
  | 'trim'
  | 'concat'
  | 'year'
  | 'month'
  | 'day'
  | 'hour'
  | 'minute'
  | 'second'
  | 'date'
  | 'time'

export interface FunctionCall {
  readonly kind: 'call'
  readonly type: TermType
  readonly name: ValueFunction
  readonly args: readonly Term[]
}

export interface Arithmetic {
  readonly kind: 'arithmetic'
  readonly type: 'number' | 'duration'
  readonly operator: 'add' | 'sub' | 'mul' | 'div' | 'divby' | 'mod'
  readonly left: Term
  readonly right: Term
}

/** How many there are, or of them meet a condition. */
export interface CountOf {
  readonly kind: 'countOf'
  readonly type: 'number'
  readonly of: Collection
  readonly condition: Condition | undefined
}

/** A condition as a value. */
export interface Truth {
  readonly kind: 'truth'
  readonly type: 'boolean'
  readonly condition: Condition
}

export type Condition = Junction | Negation | Comparison | Membership | TextTest | Quantified

export interface Junction {
  readonly kind: 'and' | 'or'
  readonly conditions: readonly Condition[]
}

export interface Negation {
  readonly kind: 'not'
  readonly condition: Condition
}

export interface Comparison {
  readonly kind: 'compare'
  readonly operator: ComparisonOperator
  readonly left: Term
  readonly right: Term
}

export type ComparisonOperator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le'

export interface Membership {
  readonly kind: 'in'
  readonly term: Term
  readonly items: readonly Term[]
}

export interface TextTest {
  readonly kind: 'contains' | 'startswith' | 'endswith'
  readonly text: Term
  readonly part: Term
}

/** Whether some or all of a collection meet a condition; without one, whether there are any. */
export interface Quantified {
  readonly kind: 'any' | 'all'
  readonly of: Collection
  readonly condition: Condition | undefined
}
