/** Query options by their grammar, and some of them spoilt. */
import type { EntityType } from '#model/model.ts'
import type { ServedOperation } from '#odata/metadata/served.ts'
import { anyFilter, anyOrder } from './filters.ts'
import type { Random } from './random.ts'
import { encode, hostileText, plainText, spoilText } from './texts.ts'

interface Option {
  readonly name: string
  readonly value: string
}

const OF_ENTITY = ['$select', '$expand', '$format']
const OF_COLLECTION = [
  ...OF_ENTITY,
  '$filter',
  '$search',
  '$orderby',
  '$top',
  '$skip',
  '$skiptoken',
  '$count',
]
const STRANGE = [
  '$apply',
  '$compute',
  '$deltatoken',
  '$levels',
  '$nope',
  'x',
  '',
  '$',
  '$$filter',
  '__proto__',
]

/** A query, with its question mark; none for most of what takes none. */
export function queryOf(random: Random, operation: ServedOperation): string {
  const isRead = operation.method === 'get'
  if (!random.chance(isRead ? 0.7 : 0.05)) return ''
  const fitting =
    operation.kind === 'collection'
      ? OF_COLLECTION
      : operation.kind === 'count'
        ? ['$filter', '$search']
        : OF_ENTITY
  const names = new Set(
    Array.from({ length: 1 + random.below(3) }, () =>
      random.pick(random.chance(0.95) ? fitting : OF_COLLECTION),
    ),
  )
  const options = [...names].map((name) => optionNamed(random, operation.type, name))
  return `?${options.map((option) => spell(random, option)).join('&')}`
}

function optionNamed(random: Random, type: EntityType, name: string): Option {
  const value = optionValue(random, { type, depth: 0 }, name)
  return { name, value: random.chance(0.15) ? spoilText(random, value) : value }
}

/** What an option is for, and how many `$expand`s are around it. */
interface OptionPlace {
  readonly type: EntityType
  readonly depth: number
}

function optionValue(random: Random, { type, depth }: OptionPlace, name: string): string {
  switch (name) {
    case '$filter':
      return anyFilter(random, type)
    case '$orderby':
      return anyOrder(random, type)
    case '$select':
      return anySelection(random, type)
    case '$expand':
      return anyExpansion(random, type, depth)
    case '$search':
      return anySearch(random)
    case '$top':
    case '$skip':
      return random.pick([
        '0',
        '1',
        '2',
        '3',
        '5',
        '999',
        '1000',
        '1001',
        '99999999999999999999',
        '-1',
        '1.5',
        '',
      ])
    case '$count':
      return random.pick(['true', 'false', 'TRUE', '1', ''])
    case '$format':
      return random.pick([
        'json',
        'application/json',
        'application/json;odata.metadata=none',
        'application/json;odata.metadata=full',
        'atom',
        'xml',
      ])
    default:
      return random.chance(0.5) ? hostileText(random) : anyToken(random)
  }
}

function anySelection(random: Random, { properties, navigations }: EntityType): string {
  const names = [...properties, ...navigations.values()].map(({ name }) => name)
  const some = Array.from({ length: 1 + random.below(4) }, () =>
    random.pick([...names, '*', 'nothing', 'target/groupId']),
  )
  return some.join(random.pick([',', ', ']))
}

function anyExpansion(random: Random, { navigations }: EntityType, depth: number): string {
  if (navigations.size === 0) return random.pick(['*', 'nothing', '$value'])
  const items = Array.from({ length: 1 + random.below(2) }, () => {
    const { name, target, collection } = random.pick([...navigations.values()])
    const known = (collection ? OF_COLLECTION : OF_ENTITY).filter(
      (each) => each !== '$format' && each !== '$skiptoken',
    )
    const names = new Set(random.list(2, () => random.pick(known)))
    const options = [...names].filter((each) => each !== '$expand' || depth < 4)
    if (options.length === 0) return name
    return `${name}(${options.map((each) => `${each}=${optionValue(random, { type: target, depth: depth + 1 }, each)}`).join(';')})`
  })
  return items.join(',')
}

function anySearch(random: Random): string {
  const part = (): string =>
    random.chance(0.5) ? `"${plainText(random)}"` : hostileText(random).replace(/[\s"()]/g, '') || 'x'
  return random.weighted([
    [3, part],
    [1, () => `${part()} ${random.pick(['AND', 'OR', 'NOT'])} ${part()}`],
    [1, () => `NOT (${part()} OR ${part()})`],
    [1, () => hostileText(random)],
  ])
}

/** A token as the service writes it, and not one that it wrote. */
function anyToken(random: Random): string {
  const ranks = random.list(4, () =>
    random.pick([null, true, 0, -1, 1e300, 'x', 'd5a29103', '', '\u0000', {}, []]),
  )
  const digest = random.pick(['', 'x', '47DEQpj8HBSa'])
  return Buffer.from(JSON.stringify([digest, ...ranks])).toString('base64url')
}

/** As a client writes it in a URL: encoded or raw, with and without the `$`, in any case, twice. */
function spell(random: Random, { name, value }: Option): string {
  const spelled = random.weighted([
    [12, () => name],
    [1, () => name.slice(1)],
    [1, () => name.toUpperCase()],
    [1, () => `%24${name.slice(1)}`],
    [0.3, () => random.pick(STRANGE)],
  ])
  const encoded = random.weighted([
    [12, () => encode(value)],
    [1, () => encode(value).replaceAll('%20', '+')],
    [1, () => value.toWellFormed()],
    [0.3, () => `${encode(value)}${random.pick(['%', '%zz', '%ff', '%c0%af', '&', '?', '#'])}`],
    [0.2, () => `${encode(value)}&${spelled}=${encode(value)}`],
  ])
  return random.chance(0.01) ? spelled : `${spelled}=${encoded}`
}
