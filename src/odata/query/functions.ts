/** The functions of expressions: what each takes and gives. */
import type { TermType, ValueFunction } from './condition.ts'

/** A function with a value: what it may be given, by the number of arguments, and what comes of it. */
export interface Signature {
  readonly parameters: readonly (readonly TermType[])[]
  /** Of the parameters these last ones may be left out. */
  readonly optional?: number
  readonly result: TermType
}

const TEXT = ['text'] as const
const NUMBER = ['number'] as const
const DAY = ['instant', 'date'] as const
const CLOCK = ['instant', 'timeOfDay'] as const

export const valueFunctions: { readonly [F in ValueFunction]: Signature } = {
  length: { parameters: [TEXT], result: 'number' },
  indexof: { parameters: [TEXT, TEXT], result: 'number' },
  substring: { parameters: [TEXT, NUMBER, NUMBER], optional: 1, result: 'text' },
  tolower: { parameters: [TEXT], result: 'text' },
  toupper: { parameters: [TEXT], result: 'text' },
  trim: { parameters: [TEXT], result: 'text' },
  concat: { parameters: [TEXT, TEXT], result: 'text' },
  year: { parameters: [DAY], result: 'number' },
  month: { parameters: [DAY], result: 'number' },
  day: { parameters: [DAY], result: 'number' },
  hour: { parameters: [CLOCK], result: 'number' },
  minute: { parameters: [CLOCK], result: 'number' },
  second: { parameters: [CLOCK], result: 'number' },
  date: { parameters: [['instant']], result: 'date' },
  time: { parameters: [['instant']], result: 'timeOfDay' },
}

/** Functions of OData that are not served, so that a refusal can say so and not that they are unknown. */
export const unservedFunctions: ReadonlySet<string> = new Set([
  ...['cast', 'isof', 'round', 'floor', 'ceiling', 'fractionalseconds', 'totalseconds', 'totaloffsetminutes'],
  ...['maxdatetime', 'mindatetime', 'matchespattern', 'hassubset', 'hassubsequence', 'case'],
  ...['geo.distance', 'geo.intersects', 'geo.length'],
])

/** How the type of a term is called in a refusal. */
export const typeNames: Readonly<Record<TermType, string>> = {
  text: 'Edm.String',
  number: 'Edm.Int32',
  boolean: 'Edm.Boolean',
  instant: 'Edm.DateTimeOffset',
  date: 'Edm.Date',
  timeOfDay: 'Edm.TimeOfDay',
  duration: 'Edm.Duration',
  enumeration: 'an enumeration',
  binary: 'Edm.Binary',
  complex: 'a complex type',
  null: 'null',
}
