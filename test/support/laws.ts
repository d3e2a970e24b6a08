/** The laws of src as data and pure functions over the facts of its files; test/layout.test.ts applies them. */
import { posix } from 'node:path'
import type { ImportFact, SourceFacts } from './source.ts'

export const limits = { fileLines: 400, functionLines: 70, parameters: 3 } as const

const licenses = ['MIT', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Apache-2.0', 'ISC']

interface ModuleLaw {
  /** The one file that other modules import. */
  readonly door: string
  readonly imports: readonly string[]
}

/** base <- model <- odata <- storage <- {identity, operations} <- service <- http <- server <- cli */
const modules: ReadonlyMap<string, ModuleLaw> = new Map([
  ['base', { door: 'src/base/base.ts', imports: [] }],
  ['model', { door: 'src/model/model.ts', imports: ['base'] }],
  ['odata', { door: 'src/odata/odata.ts', imports: ['base', 'model'] }],
  ['storage', { door: 'src/storage/storage.ts', imports: ['base', 'model', 'odata'] }],
  ['identity', { door: 'src/identity/identity.ts', imports: ['base', 'model', 'odata', 'storage'] }],
  ['operations', { door: 'src/operations/operations.ts', imports: ['base', 'model', 'odata', 'storage'] }],
  ['service', { door: 'src/service/service.ts', imports: upTo('operations') }],
  ['http', { door: 'src/http/http.ts', imports: upTo('service') }],
  ['config', { door: 'src/config.ts', imports: ['base', 'model', 'odata'] }],
  ['server', { door: 'src/server.ts', imports: [...upTo('http'), 'config'] }],
  ['cli', { door: 'src/cli/main.ts', imports: [...upTo('http'), 'config', 'server'] }],
])

function upTo(last: 'operations' | 'service' | 'http'): string[] {
  const order = ['base', 'model', 'odata', 'storage', 'identity', 'operations', 'service', 'http']
  return order.slice(0, order.indexOf(last) + 1)
}

/** One line for each breach, saying what to do: an empty list is obedience. */
export type Law = (files: readonly SourceFacts[], packages: readonly string[]) => string[]

interface LockedPackage {
  readonly license?: string
  readonly dev?: boolean
  readonly resolved?: string
}

/** The part of package-lock.json that is judged. */
export interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

export function isTest(file: SourceFacts): boolean {
  return file.path.endsWith('.test.ts')
}

export function findSizeBreaches(files: readonly SourceFacts[]): string[] {
  return files.flatMap(({ path, lines, functions }) => [
    ...(lines > limits.fileLines
      ? [`${path} has ${lines} lines: split it, ${limits.fileLines} is the most`]
      : []),
    ...functions
      .filter((one) => one.kind !== 'group' && one.lines > limits.functionLines)
      .map(
        (one) =>
          `${path}:${one.line} ${one.name} has ${one.lines} lines: split it, ${limits.functionLines} is the most`,
      ),
    ...functions
      .filter((one) => one.kind === 'declaration' || one.kind === 'member')
      .filter((one) => one.parameters > limits.parameters)
      .map(
        (one) =>
          `${path}:${one.line} ${one.name} has ${one.parameters} parameters: ${limits.parameters}, then an object`,
      ),
  ])
}

export function findRoomBreaches(files: readonly SourceFacts[]): string[] {
  const paths = new Set(files.map((file) => file.path))
  const used = new Set(files.map((file) => moduleOf(file.path)))
  const strangers = files
    .filter((file) => !modules.has(moduleOf(file.path)))
    .map((file) => `${file.path} is in no module: move it, or add a row to test/support/laws.ts`)
  const closed = [...modules]
    .filter(([name, { door }]) => used.has(name) && !paths.has(door))
    .map(([name, { door }]) => `${name} has no door: write ${door}, which exports what others may use`)
  return [...strangers, ...closed]
}

/** `packages` are the runtime dependencies, all that src may import from outside beside node: itself. */
export function findImportBreaches(files: readonly SourceFacts[], packages: readonly string[]): string[] {
  return files
    .filter((file) => !isTest(file))
    .flatMap((file) =>
      file.imports.flatMap((one) => {
        const advice = judgeImport(file.path, one, packages)
        return advice === undefined ? [] : [`${file.path}:${one.line} imports ${one.specifier}: ${advice}`]
      }),
    )
}

function judgeImport(from: string, one: ImportFact, packages: readonly string[]): string | undefined {
  const { specifier } = one
  if (specifier.startsWith('node:')) return undefined
  const target = resolveImport(from, specifier)
  if (target === undefined) {
    const isKnown = packages.some((name) => specifier === name || specifier.startsWith(`${name}/`))
    return isKnown ? undefined : 'it is not in "dependencies", so it is missing where Runstate is installed'
  }
  const [own, other] = [moduleOf(from), moduleOf(target)]
  if (own === other) return judgeInside(one)
  return judgeAcross(own, specifier, target)
}

function judgeInside({ kind, specifier }: ImportFact): string | undefined {
  const isRelative = specifier.startsWith('.')
  if (kind === 'module') return isRelative ? undefined : 'inside a module write it relative to the file'
  return isRelative ? 'write it as #module/file.ts, the build cannot rewrite a relative name here' : undefined
}

function judgeAcross(own: string, specifier: string, target: string): string | undefined {
  const other = moduleOf(target)
  const door = modules.get(other)?.door ?? 'nothing, for that is no module of src'
  const allowed = modules.get(own)?.imports ?? []
  if (!allowed.includes(other)) {
    return `${own} may import only ${allowed.join(', ') || 'packages'}: move what both need to the left, or pass it in`
  }
  if (target !== door || !specifier.startsWith('#')) {
    return `go through the door, ${door.replace('src/', '#')}, and export it there`
  }
  return undefined
}

/** src/odata/filter/lexer.ts -> odata; src/server.ts -> server. */
function moduleOf(path: string): string {
  const [, room = '', ...rest] = path.split('/')
  return rest.length > 0 ? room : room.replace(/(\.test)?\.ts$/, '')
}

/** The path of the file that a specifier names, or undefined for a package. */
function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return posix.join('src', specifier.slice(1))
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : undefined
}

/** Each cycle as its path, the first file repeated at the end; imports of types count. */
export function findCycles(files: readonly SourceFacts[]): string[][] {
  const edges = new Map(files.map((file) => [file.path, listTargets(file)]))
  const finished = new Set<string>()
  const cycles: string[][] = []
  function visit(path: string, trail: readonly string[]): void {
    const start = trail.indexOf(path)
    if (start >= 0) cycles.push([...trail.slice(start), path])
    if (start >= 0 || finished.has(path)) return
    for (const target of edges.get(path) ?? []) visit(target, [...trail, path])
    finished.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return cycles
}

function listTargets({ path, imports }: SourceFacts): Set<string> {
  const targets = imports
    .filter((one) => one.kind === 'module')
    .map((one) => resolveImport(path, one.specifier))
  return new Set(targets.filter((target) => target !== undefined))
}

export function findCycleBreaches(files: readonly SourceFacts[]): string[] {
  return findCycles(files).map(
    (cycle) => `${cycle.join(' -> ')}: move what they share into a file of its own`,
  )
}

export function findSpellingBreaches(files: readonly SourceFacts[]): string[] {
  const rows = [
    ['defaultExports', 'exports a default: give it a name, so that it has the same one everywhere'],
    [
      'environmentReads',
      'reads the environment: src/config.ts does that, take the value from the configuration',
    ],
    [
      'strayFileNames',
      "names a .ts file that the build cannot rewrite: import.meta.resolve('#module/file.ts')",
    ],
  ] as const
  return files
    .filter((file) => !isTest(file))
    .flatMap((file) =>
      rows
        .filter(([fact]) => fact !== 'environmentReads' || file.path !== 'src/config.ts')
        .flatMap(([fact, advice]) => file[fact].map((line) => `${file.path}:${line} ${advice}`)),
    )
}

export function findMachineNames(path: string, text: string): string[] {
  const rows: readonly (readonly [RegExp, string])[] = [
    [
      /registry\.(npmjs|yarnpkg|npmmirror)\.|_auth[T]oken/,
      'names a registry: that is for the reader to configure',
    ],
    [/(?<![\w.:~})-])\/(work|root)\//, 'names a folder of one machine: say it relative to the repository'],
    [/(?<![\w.:~})-])\/tmp\//, 'names /tmp/: ask os.tmpdir()'],
  ]
  const isTemporaryAllowed = path.startsWith('test/') || path.endsWith('.test.ts')
  return rows
    .slice(0, isTemporaryAllowed ? 2 : 3)
    .flatMap(([pattern, advice]) =>
      text
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1} ${advice}`] : [])),
    )
}

export function findLicenseBreaches({ packages: locked }: Lockfile): string[] {
  return Object.entries(locked)
    .filter(([path, { dev, license }]) => path !== '' && dev !== true && !isPermissive(license ?? 'none'))
    .map(
      ([path, { license }]) => `${path} has licence ${license ?? 'none'}: only ${licenses.join(', ')} go in`,
    )
}

/** An SPDX expression: one side of OR is enough, AND needs both. */
function isPermissive(expression: string): boolean {
  const bare = expression.replace(/[()]/g, '')
  return bare
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((license) => licenses.includes(license)))
}
