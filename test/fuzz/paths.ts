/** Paths: of the model's operations, spelled in every way that is taken, and in ways that are not. */
import { NAMESPACE } from '#model/model.ts'
import type { ServedOperation } from '#odata/metadata/served.ts'
import type { Random } from './random.ts'
import { encode, hostileText, spoilText } from './texts.ts'
import { served, type World } from './world.ts'

/** Whatever is served beside the operations of Graph. */
const OTHERS: readonly string[] = [
  ...[
    '/',
    '/health',
    '/health/',
    '/ca.pem',
    '/ca',
    '/beta',
    '/beta/',
    '/v1.0',
    '/v1.0/deviceManagement',
    '/v9',
  ],
  ...[
    '/beta/$metadata',
    '/v1.0/$metadata',
    '/beta/$METADATA',
    '/beta/%24metadata',
    '/openapi.json',
    '//beta//',
  ],
  ...['/beta/openapi.json', '/beta/deviceManagement', '/beta/users', '/beta/me', '/favicon.ico', '/%'],
  ...['/common/v2.0/.well-known/openid-configuration', '/contoso.com/v2.0/.well-known/openid-configuration'],
  ...['/common/discovery/v2.0/keys', '/contoso.com/oauth2/v2.0/token', '/nobody/oauth2/v2.0/token'],
  ...[
    '/%00/oauth2/v2.0/token',
    '/.runstate/control/token',
    '/.runstate/control/tenants',
    '/.runstate/control/x',
  ],
]

const creations = served.filter(({ name }) => name === 'create')

/** An operation to ask for; creations more often and deletions less than the rest, so that there is something to ask for. */
export function anyOperation(random: Random): ServedOperation {
  if (random.chance(0.15)) return random.pick(creations)
  for (;;) {
    const operation = random.pick(served)
    if (operation.name !== 'delete' || random.chance(0.3)) return operation
  }
}

/** The path of an operation, mostly of entities that are there. */
export function pathOf(random: Random, world: World, { path }: ServedOperation): string {
  const concrete = fill(random, world, path)
  if (random.chance(0.85)) return concrete
  return random.chance(0.6) ? respell(random, concrete) : rooted(spoilPath(random, concrete))
}

export function otherPath(random: Random): string {
  const path = random.pick(OTHERS)
  return random.chance(0.8) ? path : rooted(spoilPath(random, path))
}

function rooted(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}

/** Keys as long as they are known; below one that is not, any. */
function fill(random: Random, world: World, template: string): string {
  const segments = template.split('/')
  const ends = segments.flatMap((segment, i) => (segment.startsWith('{') ? [i + 1] : [])).reverse()
  for (const end of random.chance(0.95) ? ends : []) {
    const known = world.path(segments.slice(0, end).join('/'), random)
    if (known === undefined) continue
    return [known, ...segments.slice(end).map((each) => fillKey(random, each))].join('/')
  }
  return segments.map((each) => fillKey(random, each)).join('/')
}

function fillKey(random: Random, segment: string): string {
  if (!segment.startsWith('{')) return segment
  return random.chance(0.5) ? 'd5a29103-9103-d5a2-0391-a2d50391a2d5' : encode(hostileText(random))
}

/** The same path, as a client may write it too. */
function respell(random: Random, path: string): string {
  const segments = path.split('/')
  const at = 4 + random.below(Math.max(1, segments.length - 4))
  const [before = '', segment = ''] = [segments[at - 1], segments[at]]
  const replaced = (first: string): string =>
    [...segments.slice(0, at), first, ...segments.slice(at + 1)].join('/')
  return random.weighted([
    [1, () => path.toUpperCase().replace('/BETA/', '/beta/')],
    [1, () => `${path}/`],
    [1, () => path.replaceAll('/', '//')],
    [2, () => [...segments.slice(0, at - 1), `${before}('${segment}')`, ...segments.slice(at + 1)].join('/')],
    [
      1,
      () => [...segments.slice(0, at - 1), `${before}(id='${segment}')`, ...segments.slice(at + 1)].join('/'),
    ],
    [1, () => replaced([...segment].map((letter) => `%${hex(letter)}`).join(''))],
    [1, () => path.replace(/(assign|hasPayloadLinks)$/, `${NAMESPACE}.$1`)],
    [1, () => `${path}/$count`],
  ])
}

function hex(letter: string): string {
  return (letter.charCodeAt(0) & 255).toString(16).padStart(2, '0')
}

const BROKEN = [
  '%',
  '%z',
  '%zz',
  '%c0%af',
  '%ff',
  '%ed%a0%80',
  '%00',
  '%2f',
  '%2e%2e',
  '..',
  '.',
  '%5c',
  '\\',
  '%0d%0a',
]

function spoilPath(random: Random, path: string): string {
  const segments = path.split('/')
  const at = random.below(segments.length)
  const withSegment = (segment: string, taken: number): string =>
    [...segments.slice(0, at), segment, ...segments.slice(at + taken)].join('/')
  return random.weighted([
    [3, () => withSegment(encode(hostileText(random)), 1)],
    [3, () => withSegment(random.pick(BROKEN), random.below(2))],
    [
      2,
      () =>
        withSegment(
          `${segments[at]}${random.pick(["('", "')", "('')", "('a''b')", '()', "(id='", '(1)'])}`,
          1,
        ),
    ],
    [2, () => withSegment(random.pick(segments), random.below(2))],
    [1, () => [...segments.slice(0, at), ...segments.slice(at + 1)].join('/')],
    [
      1,
      () =>
        `${path}/${random.pick(['$value', '$ref', '$links', '$count/$count', '$batch', 'microsoft.graph.x()'])}`,
    ],
    [2, () => `/${spoilText(random, path).toWellFormed()}`],
    [1, () => path.replace('/beta/', random.pick(['/v1.0/', '/v9/', '//', '/BETA/', '/%62eta/']))],
    [0.2, () => path + random.pick(['/x', '/', '%20', "('"]).repeat(random.below(9000))],
  ])
}
