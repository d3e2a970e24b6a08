import assert from 'node:assert/strict'
import { type ChildProcess, type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'

const root = join(import.meta.dirname, '..')
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const workspace = mkdtempSync(join(tmpdir(), 'runstate-package-'))
const dist = join(workspace, 'dist')
const consumer = join(workspace, 'consumer')
const installed = join(consumer, 'node_modules', 'runstate')
const mebibyte = 2 ** 20

interface Manifest {
  readonly version: string
  readonly private?: boolean
  readonly scripts?: object
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

interface Printed {
  readonly stdout: string
  readonly stderr: string
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

/** Our environment with the running Node first, and without what an outer `npm test` tells its scripts. */
function createEnvironment(): NodeJS.ProcessEnv {
  const told = /^npm_(package|lifecycle|command|config_local_prefix)/
  const kept = Object.entries(process.env).filter(([name]) => !told.test(name))
  const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`
  return { ...Object.fromEntries(kept), PATH: path }
}

const env = createEnvironment()

/** What a command printed on stdout; where it fails, all that it printed is in the error. */
function run(command: string, args: readonly string[], cwd = consumer): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    timeout: 180_000,
  })
  const printed = [error?.message, stdout, stderr].filter(Boolean).join('\n')
  assert.equal(status, 0, `${command} ${args.join(' ')} ends with ${status}\n${printed}`)
  return stdout
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}

function sizeOf(folder: string): number {
  return listFiles(folder).reduce((bytes, path) => bytes + statSync(join(folder, path)).size, 0)
}

function write(name: string, content: string | object): void {
  writeFileSync(join(consumer, name), typeof content === 'string' ? content : JSON.stringify(content))
}

before(() => {
  mkdirSync(consumer)
  write('package.json', { private: true, type: 'module' })
  run(process.execPath, [join(root, 'scripts', 'build.ts'), '--out', dist], root)
  run('npm', ['pack', dist, '--pack-destination', workspace])
  const tarball = readdirSync(workspace).find((name) => name.endsWith('.tgz'))
  assert(tarball !== undefined, 'npm pack writes a tarball')
  assert(statSync(join(workspace, tarball)).size < mebibyte, 'the tarball is below 1 MiB')
  run('npm', ['install', join(workspace, tarball), '--prefer-offline', '--no-audit', '--no-fund'])
})

after(() => rmSync(workspace, { recursive: true, force: true }))

describe('the packed program', () => {
  test('is built JavaScript with its types, and nothing else', () => {
    const files = listFiles(installed)
    const scripts = files.filter((path) => path.endsWith('.js') && !path.startsWith('bin'))
    assert(scripts.includes('server.js'))
    assert.deepEqual(
      scripts.filter((path) => !files.includes(path.replace(/\.js$/, '.d.ts'))),
      [],
    )
    assert.deepEqual(
      files.filter((path) => /(?<!\.d)\.ts$|\.test\.|tsbuildinfo/.test(path)),
      [],
    )
    for (const path of ['README.md', 'LICENSE', join('bin', 'runstate.js')])
      assert(files.includes(path), path)
  })

  test('has what its code reads: each file of src that is not TypeScript', () => {
    const source = join(root, 'src')
    for (const path of listFiles(source).filter((name) => !name.endsWith('.ts'))) {
      assert.equal(
        readFileSync(join(installed, path), 'utf8'),
        readFileSync(join(source, path), 'utf8'),
        path,
      )
    }
  })

  test('can be published: not private, no scripts, the runtime dependencies of the root', () => {
    const [ours, theirs] = [readManifest(root), readManifest(installed)]
    assert.equal(theirs.private, undefined)
    assert.equal(theirs.scripts, undefined)
    assert.equal(theirs.devDependencies, undefined)
    assert.equal(theirs.version, ours.version)
    assert.deepEqual(theirs.dependencies, ours.dependencies)
  })

  test('installs no development dependency, and below 40 MiB in all', () => {
    const names = Object.keys(readManifest(root).devDependencies ?? {})
    assert.deepEqual(
      names.filter((name) => existsSync(join(consumer, 'node_modules', name))),
      [],
    )
    assert(sizeOf(join(consumer, 'node_modules')) < 40 * mebibyte)
  })
})

describe('where it is installed', () => {
  const example = `import { createServer } from 'runstate'
await using server = await createServer({ memory: true, data: process.argv[2] ?? '.' })
const response = await server.fetch('/health')
process.stdout.write([typeof createServer, response.status].join(' '))
`

  test('npx runstate --help explains the program', () => {
    assert.match(run('npx', ['--no', '--', 'runstate', '--help']), /serve/)
  })

  for (const name of ['consumer.mjs', 'consumer.ts']) {
    test(`${name} starts a server of its own`, () => {
      write(name, example)
      assert.equal(run(process.execPath, [name, join(workspace, name)]), 'function 200')
    })
  }

  test('its types hold for a strict consumer that checks them too', () => {
    const typeRoots = [join(root, 'node_modules', '@types')]
    const checks = { strict: true, skipLibCheck: false, noEmit: true, exactOptionalPropertyTypes: true }
    const compilerOptions = { module: 'nodenext', target: 'esnext', types: ['node'], typeRoots, ...checks }
    write('tsconfig.json', { compilerOptions, files: ['checked.ts'] })
    write('checked.ts', example.replace('const response', 'const response: Response'))
    run(process.execPath, [tsc, '--pretty', 'false'])
    write('checked.ts', "import { createServer } from 'runstate'\nawait createServer({ memory: 'yes' })\n")
    assert.throws(() => run(process.execPath, [tsc, '--pretty', 'false']), /checked\.ts\(2,\d+\): error TS/)
  })

  test('npx runstate serve prints one JSON line, and ends with 0 at SIGTERM', async (t) => {
    const options = ['--memory', '--port', '0', '--http-port', '0', '--data', join(workspace, 'served')]
    const child = spawn('npx', ['--no', '--', 'runstate', 'serve', ...options], {
      cwd: consumer,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const printed = collect(child)
    t.after(() => {
      killGroup(child)
      if (!t.passed) t.diagnostic(`the server's log: ${printed.stderr}`)
    })
    const closed = once(child, 'close', { signal: AbortSignal.timeout(30_000) })
    await Promise.race([once(child.stdout, 'data'), closed])
    assert.match(printed.stdout, /^\{.*\}\n$/, printed.stderr)
    const { url, pid }: { url: string; pid: number } = JSON.parse(printed.stdout)
    assert.match(url, /^https:\/\/localhost:\d+$/)
    process.kill(pid, 'SIGTERM')
    assert.deepEqual(await closed, [0, null], printed.stderr)
    assert.match(printed.stdout, /^.*\n$/)
  })
})

/** What a child has printed so far; it grows. */
function collect({ stdout, stderr }: ChildProcessByStdio<null, Readable, Readable>): Printed {
  const printed = { stdout: '', stderr: '' }
  stdout.setEncoding('utf8').on('data', (text: string) => {
    printed.stdout += text
  })
  stderr.setEncoding('utf8').on('data', (text: string) => {
    printed.stderr += text
  })
  return printed
}

/** npx, its shell and the server are one process group: after a failure none of them stays behind. */
function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL')
}
