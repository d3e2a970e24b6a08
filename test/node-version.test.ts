import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, sep } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Script } from 'node:vm'

const root = join(import.meta.dirname, '..')
const program = join(root, 'bin', 'runstate.js')

interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function run(node: string, args: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(node, args, { encoding: 'utf8' })
  return { status, stdout, stderr }
}

/** Node's own options that make it take itself for `version`. */
function pretend(version: string): string[] {
  const versions = `{ ...process.versions, node: ${JSON.stringify(version)} }`
  const code = `Object.defineProperty(process, 'versions', { value: ${versions} })`
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`]
}

function assertRefused({ status, stdout, stderr }: Outcome, version: string): void {
  assert.equal(
    stderr,
    `runstate needs Node 24.15 or newer, and this is Node ${version}: ` +
      'install a newer one, or, in a checkout, run "npm ci" and then "npm start".\n',
  )
  assert.equal(stdout, '')
  assert.equal(status, 1)
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < 24 || (major === 24 && minor < 15)
}

/** The Nodes on PATH that are too old, without the pinned one. */
function listOldNodes(): string[] {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .filter((path) => !path.includes(`${sep}node_modules${sep}`) && existsSync(path))
  return [...new Set(found.map((path) => realpathSync(path)))].filter((path) => isTooOld(versionOf(path)))
}

function versionOf(node: string): string {
  return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().slice(1)
}

describe('a Node that is too old gets one sentence and exit code 1', () => {
  for (const version of ['0.10.48', '9.0.0', '20.20.2', '23.11.1', '24.0.0', '24.14.9']) {
    test(`Node ${version}, pretended`, () => {
      assertRefused(run(process.execPath, [...pretend(version), program, 'serve']), version)
    })
  }

  const oldNodes = listOldNodes()
  const skip = oldNodes.length === 0 ? 'PATH has no Node older than 24.15' : false
  test('a real one on PATH', { skip }, () => {
    for (const node of oldNodes) assertRefused(run(node, [program, 'serve']), versionOf(node))
  })
})

test('the program has no syntax that is newer than import()', () => {
  const text = readFileSync(program, 'utf8').replace(/^#!.*/, '')
  assert.doesNotThrow(() => new Script(text), 'as a script: no import or await at the top level')
  assert.doesNotMatch(text, /\?\.|\?\?|\|\|=|&&=|\bcatch \{|^\s*#|\d_\d|\dn\b/m)
})

describe('a Node that is new enough runs the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'runstate-bin-'))
  const copy = join(folder, 'bin', 'runstate.js')
  before(() => {
    const manifest = { type: 'module', imports: { '#*.ts': './*.js' } }
    const main = 'export async function main(argv) { process.stdout.write(argv.join()); return argv.length }'
    mkdirSync(join(folder, 'cli'))
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
    writeFileSync(join(folder, 'cli', 'main.js'), main)
    cpSync(program, copy)
  })
  after(() => rmSync(folder, { recursive: true }))

  for (const version of ['24.15.0', '24.16.0-nightly', '25.0.0', '26.10.0', '100.0.0']) {
    test(`Node ${version}, pretended`, () => {
      const outcome = run(process.execPath, [...pretend(version), copy, 'serve', '--demo'])
      assert.deepEqual(outcome, { status: 2, stdout: 'serve,--demo', stderr: '' })
    })
  }
})
