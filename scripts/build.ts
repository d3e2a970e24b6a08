/**
 * Writes what is published: `npm run build` fills dist/, `node scripts/build.ts --out DIR` any other folder.
 * `npm pack ./dist` then packs it; the root package.json stays private.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

interface RootManifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  readonly keywords?: readonly string[]
  readonly engines: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
}

const root = resolve(import.meta.dirname, '..')

function build(out: string): void {
  rmSync(out, { recursive: true, force: true })
  compile(out)
  copyAssets(out)
  for (const file of ['bin/runstate.js', 'LICENSE', 'README.md']) {
    cpSync(join(root, file), join(out, file))
  }
  const manifest: RootManifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`)
}

function compile(out: string): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', out]
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error(`tsc ended with ${status}: nothing is built until it passes`)
}

/** What the program reads beside its code, such as the SQL of the migrations, keeps its place. */
function copyAssets(out: string): void {
  const source = join(root, 'src')
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.ts')) continue
    const from = join(entry.parentPath, entry.name)
    const to = join(out, from.slice(source.length))
    mkdirSync(dirname(to), { recursive: true })
    cpSync(from, to)
  }
}

function publishedManifest(manifest: RootManifest): object {
  const { name, version, description, license, keywords, engines, dependencies } = manifest
  return {
    name,
    version,
    description,
    license,
    keywords,
    type: 'module',
    engines,
    bin: { runstate: 'bin/runstate.js' },
    exports: { '.': { types: './server.d.ts', default: './server.js' } },
    imports: { '#*.ts': './*.js' },
    dependencies,
  }
}

const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'dist') } } })
build(resolve(values.out))
