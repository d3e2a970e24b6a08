/** Bodies: valid by the model, with members of the wrong kind, and JSON that is none. */
import type { EntityType, PrimitiveProperty, Property } from '#model/model.ts'
import type { ServedOperation } from '#odata/metadata/served.ts'
import type { Random } from './random.ts'
import { hostileText, plainText, spoilText } from './texts.ts'
import { served, type World } from './world.ts'

const GROUPS = [
  'adadadad-808e-44e2-905a-0b7873a8a531',
  'acacacac-9df4-4c7d-9d50-4ef0226f57a9',
  '11111111-1111-4111-8111-111111111111',
  '22222222-2222-4222-8222-222222222222',
  '33333333-3333-4333-8333-333333333333',
]

/** What a body is: text, or bytes that are no text. */
export type Body = string | Uint8Array

/** A body for an operation; mostly one that it takes. */
export function bodyOf(random: Random, world: World, operation: ServedOperation): Body {
  const valid = (): unknown => valueFor(random, world, operation)
  return random.weighted<Body>([
    [10, () => JSON.stringify(valid())],
    [3, () => JSON.stringify(spoilJson(random, valid()))],
    [1, () => spoilText(random, JSON.stringify(valid()))],
    [1, () => hostileJson(random)],
    [0.3, () => bytesOf(random, JSON.stringify(valid()))],
  ])
}

function valueFor(random: Random, world: World, operation: ServedOperation): unknown {
  const { action, type } = operation
  if (action === undefined) return entity(random, world, { type, isWhole: operation.name === 'create' })
  const body: Record<string, unknown> = {}
  for (const [name, parameter] of Object.entries(action.parameters)) {
    if (random.chance(0.3)) continue
    if (parameter.kind === 'texts') {
      body[name] = random.list(4, () => lastSegment(world.pathOf(type, random)) ?? hostileText(random))
      continue
    }
    const target = type.navigations.get(parameter.navigation)?.target
    if (target !== undefined)
      body[name] = random.list(5, () => entity(random, world, { type: target, isWhole: true }))
  }
  return body
}

function lastSegment(path: string | undefined): string | undefined {
  return path === undefined ? undefined : decodeURIComponent(path.slice(path.lastIndexOf('/') + 1))
}

interface Wanted {
  readonly type: EntityType
  /** For a creation: most members, and what it refers to. */
  readonly isWhole: boolean
}

/** An entity with some of its members. */
export function entity(random: Random, world: World, { type, isWhole }: Wanted): Record<string, unknown> {
  const body: Record<string, unknown> = {}
  if (random.chance(0.5)) body['@odata.type'] = `#${type.qualifiedName}`
  for (const property of type.properties) {
    if (property.access === 'readOnly' ? random.chance(0.05) : random.chance(isWhole ? 0.7 : 0.4))
      body[property.name] = memberValue(random, property)
  }
  for (const { name, target } of type.references) {
    const path = isWhole && random.chance(0.7) ? world.pathOf(target, random) : undefined
    if (path !== undefined) body[`${name}@odata.bind`] = `https://localhost${path}`
  }
  return body
}

function groupId(random: Random): string {
  return random.weighted([
    [18, () => random.pick(GROUPS)],
    [2, () => hostileText(random).toWellFormed()],
    [0.1, () => random.pick(['x', 'ü', '😀']).repeat(random.pick([400, 990, 5000, 100_000]))],
  ])
}

function memberValue(random: Random, property: Property): unknown {
  if (property.nullable && random.chance(0.1)) return null
  if (property.kind === 'primitive')
    return property.collection ? random.list(4, () => scalar(random, property)) : scalar(random, property)
  const { kind, types } = property
  const complex = (): unknown => {
    const type = random.pick([...types.values()])
    const members = type.members.filter(() => random.chance(0.7))
    return {
      '@odata.type': `#${type.qualifiedName}`,
      ...Object.fromEntries(members.map((member) => [member.name, memberValue(random, member)])),
    }
  }
  return kind === 'complex' ? complex() : random.list(3, complex)
}

function scalar(random: Random, { typeName, ordinals, group, minimum }: PrimitiveProperty): unknown {
  if (ordinals !== undefined) return random.chance(0.9) ? random.pick([...ordinals.keys()]) : random.below(7)
  if (group) return groupId(random)
  switch (typeName) {
    case 'Edm.Int32':
      return random.pick([
        0,
        0,
        1,
        2,
        9,
        2_147_483_647,
        '2',
        ...(minimum === undefined ? [-2_147_483_648] : []),
      ])
    case 'Edm.Boolean':
      return random.pick([true, false, 'false', 'True'])
    case 'Edm.Binary':
      return Buffer.from(
        random.chance(0.01) ? 'x'.repeat(random.below(100_000)) : plainText(random),
      ).toString('base64')
    case 'Edm.DateTimeOffset':
      return random.pick([
        '2017-01-01T00:02:58.4418045-08:00',
        '9999-12-31T23:59:59.9999999Z',
        '2026-11-23T18:00:00Z',
      ])
    case 'Edm.Duration':
      return random.pick(['P1D', 'PT24H', 'PT1H', '-PT0.0000001S'])
    case 'Edm.Date':
      return random.pick(['2026-11-23', '0001-01-01'])
    case 'Edm.TimeOfDay':
      return random.pick(['18:00:00', '23:59:59.9999999'])
    default:
      return random.chance(0.8) ? plainText(random) : hostileText(random)
  }
}

const NAMES = [...new Set(served.flatMap(({ type }) => type.properties.map(({ name }) => name)))]

/** A member or more of another kind, or of a name that is not there. */
function spoilJson(random: Random, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return anyValue(random, 2)
  const spoilt: Record<string, unknown> = { ...value }
  for (let times = 1 + random.below(2); times > 0; times -= 1) {
    const known = Object.keys(spoilt)
    const name = random.weighted([
      [4, () => (known.length === 0 ? 'id' : random.pick(known))],
      [2, () => random.pick(NAMES)],
      [1, () => hostileText(random)],
      [
        1,
        () =>
          random.pick(['@odata.type', '@odata.id', 'managedDevice@odata.bind', '#action', 'x@y', '@removed']),
      ],
    ])
    Object.defineProperty(spoilt, name, {
      value: random.chance(0.3) ? spoilJson(random, spoilt[name]) : anyValue(random, 2),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return spoilt
}

function anyValue(random: Random, depth: number): unknown {
  return random.weighted<unknown>([
    [4, () => hostileText(random)],
    [2, () => random.pick([0, -1, 1.5, 2_147_483_648, -0, 1e300, true, false])],
    [2, () => null],
    [1, () => (depth === 0 ? [] : random.list(3, () => anyValue(random, depth - 1)))],
    [
      1,
      () =>
        depth === 0
          ? {}
          : Object.fromEntries(random.list(3, () => [hostileText(random), anyValue(random, depth - 1)])),
    ],
  ])
}

const FRAGMENTS: readonly string[] = [
  '',
  ' ',
  'null',
  '[]',
  '{}',
  '""',
  '0',
  'true',
  '{',
  '}',
  '[',
  '{"',
  '{"a"',
  '{"a":',
  "{'displayName':'x'}",
]

const NEARLY: readonly string[] = [
  '{"a":1,"a":2}',
  '{"id":"a","id":"b"}',
  '{"__proto__":{"x":1}}',
  '{"constructor":null}',
  '{"":""}',
  '\ufeff{}',
  '{}{}',
  '{}x',
  '{,}',
  '{"a":1,}',
  '[1,]',
  '/**/{}',
  '{"a":.5}',
  '{"a":1.}',
  '{"a":01}',
  '{"a":+1}',
  '{"a":NaN}',
  '{"a":Infinity}',
  '{"a":0x1}',
]

const STRINGS: readonly string[] = [
  '{"displayName":"\\ud800"}',
  '{"displayName":"\\u0000"}',
  '{"displayName":"\\x41"}',
  '{"displayName":"a\nb"}',
  '{"displayName":"\\u00"}',
  '{"displayName":"a',
  "{'displayName':\"x'}",
]

/** What readers of JSON differ on, and what is only nearly JSON. */
function hostileJson(random: Random): string {
  return random.weighted([
    [4, () => random.pick(FRAGMENTS)],
    [3, () => random.pick(NEARLY)],
    [2, () => random.pick(STRINGS)],
    [1, () => `{"displayName":${'['.repeat(random.pick([99, 100, 101, 5000]))}`],
    [1, () => '{"target":'.repeat(random.pick([50, 101, 3000])) + 1],
    [
      1,
      () =>
        `{"errorDeviceCount":${random.pick(['1e400', '-1e400', '9'.repeat(1000), '0.'.padEnd(1000, '0'), '1E+2', '-0', '1e-400'])}}`,
    ],
    [1, () => JSON.stringify(Object.fromEntries(random.list(300, () => [hostileText(random), 1])))],
    [
      0.05,
      () => `{"description":"${'x'.repeat(random.pick([4_194_000, 4_194_286, 4_194_304, 4_200_000]))}"}`,
    ],
  ])
}

/** Another encoding, or one that is broken. */
function bytesOf(random: Random, text: string): Uint8Array {
  const bytes = Buffer.from(text)
  return random.weighted<Uint8Array>([
    [1, () => Buffer.from(text, 'utf16le')],
    [1, () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes])],
    [1, () => Buffer.concat([Buffer.from([0xff, 0xfe]), bytes])],
    [1, () => Buffer.from(text, 'latin1')],
    [
      2,
      () => {
        bytes[random.below(bytes.length)] = random.below(256)
        return bytes
      },
    ],
    [1, () => Buffer.from(Array.from({ length: random.below(200) }, () => random.below(256)))],
  ])
}
