/** Expressions by their grammar, over the members of a type. */
import type { EntityType, Navigation, PrimitiveProperty } from '#model/model.ts'
import type { Random } from './random.ts'
import { hostileText, plainText } from './texts.ts'

/** Where an expression stands: what its names begin with, and of what type they are members. */
interface Place {
  readonly random: Random
  readonly type: EntityType
  /** `''`, or of a lambda's variable `d/`. */
  readonly prefix: string
}

interface Member {
  readonly text: string
  readonly property: PrimitiveProperty
}

/** What can be compared: members, members of complex values, members of what a single navigation leads to. */
function membersOf({ type, prefix }: Place): readonly Member[] {
  return [
    ...ownMembers(type, prefix),
    ...singles(type).flatMap(({ name, target }) => ownMembers(target, `${prefix}${name}/`)),
  ]
}

function ownMembers({ properties }: EntityType, prefix: string): readonly Member[] {
  return properties.flatMap((property) => {
    if (property.kind === 'complexCollection') return []
    if (property.kind === 'primitive')
      return property.collection ? [] : [{ text: `${prefix}${property.name}`, property }]
    return property.parts.map((part) => ({ text: `${prefix}${property.name}/${part.name}`, property: part }))
  })
}

function singles({ navigations }: EntityType): readonly Navigation[] {
  return [...navigations.values()].filter(({ collection }) => !collection)
}

/** A condition; deeper ones are rarer. */
export function anyFilter(random: Random, type: EntityType): string {
  return random.weighted([
    [100, () => condition({ random, type, prefix: '' }, 3)],
    [1, () => extreme(random)],
  ])
}

/** As deep or as long as is taken, and a little more. */
function extreme(random: Random): string {
  const times = random.pick([49, 99, 100, 101, 499, 666, 1000])
  return random.pick([
    `${'('.repeat(times)}id eq 'x'${')'.repeat(times)}`,
    `${'not '.repeat(times)}id eq 'x'`,
    `${'-'.repeat(times)}1 eq 1`,
    `${'tolower('.repeat(times)}id${')'.repeat(times)} eq 'x'`,
    Array.from({ length: times }, () => "id eq 'x'").join(' or '),
    `${'1 add '.repeat(times)}1 eq 1`,
    `id in (${Array.from({ length: times }, (_, i) => i).join(',')})`,
    `id in (${Array.from({ length: times }, (_, i) => `'${i}'`).join(',')})`,
    `${'concat(id,'.repeat(times)}id${')'.repeat(times)} eq 'x'`,
    `${'concat(concat(id,id),'.repeat(Math.min(times, 49))}id${')'.repeat(Math.min(times, 49))} ne ''`,
  ])
}

/** An order of one key or a few. */
export function anyOrder(random: Random, type: EntityType): string {
  const place = { random, type, prefix: '' }
  const keys = Array.from({ length: random.chance(0.02) ? 40 : 1 + random.below(3) }, () => {
    const key = random.chance(0.8) ? random.pick(membersOf(place)).text : term(place, 1)
    return `${key}${random.pick(['', ' asc', ' desc', ' DESC'])}`
  })
  return keys.join(',')
}

function condition(place: Place, depth: number): string {
  const { random } = place
  if (depth === 0) return comparison(place, 0)
  const inner = (): string => condition(place, depth - 1)
  return random.weighted([
    [5, () => comparison(place, depth - 1)],
    [2, () => `${inner()} ${random.pick(['and', 'or', 'AND'])} ${inner()}`],
    [1, () => `(${inner()}) ${random.pick(['and', 'or', 'eq', 'ne'])} (${inner()})`],
    [1, () => `not ${random.chance(0.5) ? inner() : `(${inner()})`}`],
    [
      1,
      () =>
        `${random.pick(['contains', 'startswith', 'endswith', 'ENDSWITH'])}(${term(place, 1)},${term(place, 1)})`,
    ],
    [1, () => among(place)],
    [1, () => lambda(place, depth - 1)],
  ])
}

function comparison(place: Place, depth: number): string {
  const { random } = place
  const operator = random.pick(['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'eq', 'ne', 'EQ'])
  if (random.chance(0.3)) return `${term(place, depth)} ${operator} ${term(place, depth)}`
  const { text, property } = random.pick(membersOf(place))
  return `${text} ${operator} ${literalOf(random, property)}`
}

function among(place: Place): string {
  const { random } = place
  const { text, property } = random.pick(membersOf(place))
  const items = Array.from({ length: 1 + random.below(4) }, () => literalOf(random, property))
  return `${text} in (${items.join(',')})`
}

/** `any`, `all` or `$count` of what is many: a navigation, or a collection of values. */
function lambda({ random, type, prefix }: Place, depth: number): string {
  const many = [...type.navigations.values()].filter(({ collection }) => collection)
  const lists = type.properties.filter((property) => property.kind === 'primitive' && property.collection)
  const name = random.pick([...many, ...lists, { name: 'nothing' }]).name
  const target = many.find((each) => each.name === name)?.target
  const variable = random.pick(['d', 'x', '_a1', 'eq'])
  const inner =
    target === undefined ? undefined : condition({ random, type: target, prefix: `${variable}/` }, depth)
  const predicate = inner ?? `${variable} eq ${quoted(hostileText(random))}`
  return random.weighted([
    [2, () => `${prefix}${name}/any(${variable}:${predicate})`],
    [1, () => `${prefix}${name}/all(${variable}:${predicate})`],
    [1, () => `${prefix}${name}/any()`],
    [1, () => `${prefix}${name}/$count ${random.pick(['gt', 'eq', 'le'])} ${random.below(4)}`],
    [
      1,
      () =>
        `${prefix}${name}/$count($filter=${target === undefined ? predicate : condition({ random, type: target, prefix: '' }, 0)}) ge 1`,
    ],
  ])
}

const UNARY = [
  'length',
  'tolower',
  'toupper',
  'trim',
  'year',
  'month',
  'day',
  'hour',
  'minute',
  'second',
  'date',
  'time',
]
const BINARY = ['concat', 'indexof', 'substring']

function term(place: Place, depth: number): string {
  const { random } = place
  const inner = (): string => (depth <= 0 ? random.pick(membersOf(place)).text : term(place, depth - 1))
  return random.weighted([
    [4, () => random.pick(membersOf(place)).text],
    [3, () => literal(random)],
    [2, () => `${random.pick(UNARY)}(${inner()})`],
    [1, () => `${random.pick(BINARY)}(${inner()},${inner()})`],
    [0.5, () => `substring(${inner()},${random.below(5)},${number(random)})`],
    [1, () => `(${inner()} ${random.pick(['add', 'sub', 'mul', 'div', 'divby', 'mod'])} ${inner()})`],
    [0.5, () => `-${inner()}`],
    [
      0.3,
      () =>
        `${random.pick(['now', 'cast', 'isof', 'geo.distance', 'maxdatetime', 'nope'])}(${random.chance(0.5) ? inner() : ''})`,
    ],
    [0.2, () => '$it/id'],
  ])
}

function literalOf(random: Random, { typeName, ordinals }: PrimitiveProperty): string {
  if (random.chance(0.1)) return literal(random)
  if (ordinals !== undefined) return quoted(random.pick([...ordinals.keys()]))
  switch (typeName) {
    case 'Edm.Int32':
      return number(random)
    case 'Edm.Boolean':
      return random.pick(['true', 'false'])
    case 'Edm.DateTimeOffset':
      return random.pick([
        '2017-01-01T00:02:58.4418045-08:00',
        '9999-12-31T23:59:59.9999999Z',
        'now()',
        '0001-01-01T00:00:00Z',
      ])
    case 'Edm.Duration':
      return random.pick(["duration'P1D'", "duration'PT1H'", "duration'-P10675199DT2H48M5.4775808S'"])
    case 'Edm.Date':
      return random.pick(['2026-11-23', '9999-12-31', '0001-01-01'])
    case 'Edm.TimeOfDay':
      return random.pick(['18:00:00', '23:59:59.9999999', '00:00'])
    default:
      return quoted(random.chance(0.5) ? plainText(random) : hostileText(random))
  }
}

function literal(random: Random): string {
  return random.weighted([
    [3, () => quoted(hostileText(random))],
    [3, () => number(random)],
    [1, () => random.pick(['null', 'true', 'false', 'NaN', 'INF', '-INF'])],
    [1, () => random.pick(["microsoft.graph.runState'success'", "microsoft.graph.nope'x'", "duration'P1D'"])],
    [1, () => random.pick(['2026-11-23', '2026-11-23T18:00:00Z', '18:00:00', '2024-02-30', '0000-00-00'])],
    [1, () => 'd5a29103-9103-d5a2-0391-a2d50391a2d5'],
  ])
}

function number(random: Random): string {
  return random.pick([
    '0',
    '1',
    '-1',
    '3',
    '2147483647',
    '-2147483648',
    '2147483648',
    '9223372036854775808',
    '1e308',
    '-1e308',
    '5e-324',
    '0.5',
    '99999999999999999999',
  ])
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
