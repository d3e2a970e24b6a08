import assert from 'node:assert/strict'
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import {
  findCycleBreaches,
  findImportBreaches,
  findLicenseBreaches,
  findMachineNames,
  findRoomBreaches,
  findSizeBreaches,
  findSpellingBreaches,
  type Lockfile,
} from './support/laws.ts'
import { readSources, type SourceFacts } from './support/source.ts'

const root = join(import.meta.dirname, '..')
const folders = ['bin', 'src', 'test', 'scripts', 'bench', 'examples']

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(root, path), 'utf8'))
}

function assertNone(breaches: readonly string[]): void {
  assert(breaches.length === 0, `\n${breaches.join('\n')}`)
}

const { dependencies } = readJson<{ dependencies: Record<string, string> }>('package.json')
const packages = Object.keys(dependencies)

describe('the repository obeys', () => {
  let files: readonly SourceFacts[] = []
  before(async () => {
    files = await readSources(root, folders)
  })
  const sources = () => files.filter((file) => file.path.startsWith('src/'))

  test('every file of src is in a module, and every module has its door', () => {
    assertNone(findRoomBreaches(sources()))
  })

  test('imports point one way, through the doors', () => {
    assertNone(findImportBreaches(sources(), packages))
  })

  test('no files import each other in a circle', () => {
    assertNone(findCycleBreaches(files))
  })

  test('files, functions and parameter lists are short', () => {
    assertNone(findSizeBreaches(files))
  })

  test('src has no default export, and reads the environment in one place', () => {
    assertNone(findSpellingBreaches(sources()))
  })

  test('no file names a package registry or a path of one machine', () => {
    assertNone(listRepositoryFiles().flatMap((path) => findMachineNames(path, readText(path))))
  })

  test('the lockfile names no registry', () => {
    const locked = Object.entries(readJson<Lockfile>('package-lock.json').packages)
    assertNone(
      locked
        .filter(([, { resolved }]) => resolved !== undefined)
        .map(([path]) => `${path} has "resolved": keep .npmrc and write package-lock.json with npm again`),
    )
  })

  test('what is installed with Runstate has a permissive licence', () => {
    assertNone(findLicenseBreaches(readJson<Lockfile>('package-lock.json')))
  })
})

/** All but what .gitignore names, so that a file is judged before it is committed. */
function listRepositoryFiles(): string[] {
  const ignored = readText('.gitignore').split('\n').filter(Boolean)
  const exclude = ['.git', ...ignored.map((line) => line.replace(/\/$/, ''))]
  const paths = globSync(['**/*', '**/.*', '.*/**'], { cwd: root, exclude })
  return paths.map((path) => path.replaceAll('\\', '/')).filter((path) => statSync(join(root, path)).isFile())
}

function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}
