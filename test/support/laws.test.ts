import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  findCycleBreaches,
  findImportBreaches,
  findLicenseBreaches,
  findMachineNames,
  findRoomBreaches,
  findSizeBreaches,
  findSpellingBreaches,
  type Law,
} from './laws.ts'
import { parseSources } from './source.ts'

const plantedBreaches: readonly (readonly [Law, Readonly<Record<string, string>>, string])[] = [
  [findRoomBreaches, { 'src/util/a.ts': '' }, 'src/util/a.ts is in no module'],
  [findRoomBreaches, { 'src/main.ts': '' }, 'src/main.ts is in no module'],
  [findRoomBreaches, { 'src/base/clock.ts': '' }, 'base has no door: write src/base/base.ts'],
  [findImportBreaches, { 'src/base/a.ts': "import '#model/model.ts'" }, 'base may import only packages'],
  [
    findImportBreaches,
    { 'src/identity/a.ts': "import type { A } from '#operations/operations.ts'" },
    'identity may import only base, model, odata, storage',
  ],
  [findImportBreaches, { 'src/http/a.ts': "import '#config.ts'" }, 'http may import only'],
  [findImportBreaches, { 'src/config.ts': "import '#storage/storage.ts'" }, 'config may import only'],
  [
    findImportBreaches,
    { 'src/odata/a.ts': "import '#model/edm.ts'" },
    'go through the door, #model/model.ts',
  ],
  [findImportBreaches, { 'src/odata/a.ts': "import '../model/model.ts'" }, 'go through the door'],
  [findImportBreaches, { 'src/server.ts': "import './config.ts'" }, 'go through the door, #config.ts'],
  [
    findImportBreaches,
    { 'src/odata/b/a.ts': "import '#odata/odata.ts'" },
    'inside a module write it relative',
  ],
  [findImportBreaches, { 'src/odata/a.ts': "import.meta.resolve('./b.ts')" }, 'write it as #module/file.ts'],
  [findImportBreaches, { 'src/odata/a.ts': "import '../../bench/b.ts'" }, 'odata may import only'],
  [findImportBreaches, { 'src/odata/a.ts': "import 'typescript'" }, 'it is not in "dependencies"'],
  [
    findCycleBreaches,
    {
      'src/base/a.ts': "import './b.ts'",
      'src/base/b.ts': "import type { C } from './c.ts'",
      'src/base/c.ts': "type B = import('#base/b.ts').B",
    },
    'src/base/b.ts -> src/base/c.ts -> src/base/b.ts: ',
  ],
  [findSizeBreaches, { 'src/base/a.ts': '\n'.repeat(401) }, 'src/base/a.ts has 401 lines'],
  [findSizeBreaches, { 'a.ts': `function f() {${'\n'.repeat(70)}}` }, 'a.ts:1 f has 71 lines'],
  [findSizeBreaches, { 'a.ts': 'class A {\n  m(a, b, c, d) {} }' }, 'a.ts:2 m has 4 parameters'],
  [findSpellingBreaches, { 'src/base/a.ts': '\nexport default 1' }, 'src/base/a.ts:2 exports a default'],
  [findSpellingBreaches, { 'src/base/a.ts': 'process.env' }, 'src/base/a.ts:1 reads the environment'],
  [findSpellingBreaches, { 'src/base/a.ts': "f('./b.ts')" }, 'src/base/a.ts:1 names a .ts file'],
]

describe('the laws notice that', () => {
  for (const [find, texts, expected] of plantedBreaches) {
    test(expected, async () => {
      const breaches = find(await parseSources(new Map(Object.entries(texts))), ['jose'])
      assert.equal(breaches.length, 1, breaches.join('\n'))
      assert(breaches.join('').includes(expected), breaches.join(''))
    })
  }

  test('a file names a machine or a registry, or a licence is not ours', () => {
    const text = ['in `', 'root/x`, "', 'tmp/y"'].join('/') + '\nor registry.'.concat('npmjs.org')
    assert.equal(findMachineNames('docs/a.md', text).length, 3)
    assert.equal(findMachineNames('test/a.ts', '/tmp/y').length, 0)
    assert.equal(findMachineNames('docs/a.md', 'https://x.example/root/y ./tmp/z').length, 0)
    const locked = {
      a: { license: 'GPL-3.0' },
      b: {},
      c: { license: 'GPL-3.0', dev: true },
      d: { license: 'MIT' },
      e: { license: '(MIT OR GPL-3.0)' },
      f: { license: 'MIT AND GPL-3.0' },
    }
    assert.equal(findLicenseBreaches({ packages: locked }).length, 3)
  })
})

const lawful = {
  'src/base/base.ts': "export * from './clock.ts'",
  'src/base/clock.ts': 'export const clock = 1',
  'src/odata/a.ts': "import '#base/base.ts'; import './b/c.ts'; import 'jose'; import 'node:fs'",
  'src/odata/b/c.ts': "import '../d.ts'; import.meta.resolve('#odata/a.ts')",
  'src/odata/odata.ts': '',
  'src/odata/a.test.ts': "import '#server.ts'; import 'fast-check'; process.env",
  'src/config.ts': 'process.env',
  'src/server.ts': "import '#config.ts'; import '#odata/odata.ts'",
  'src/cli/main.ts': "import '#server.ts'; import './commands/serve.ts'",
  'src/cli/commands/serve.ts': `function serve(a, b, c) {${'\n'.repeat(69)}}${'\n'.repeat(331)}`,
}

test('the laws let a lawful tree pass', async () => {
  const files = await parseSources(new Map(Object.entries(lawful)))
  const laws: readonly Law[] = [
    findRoomBreaches,
    findImportBreaches,
    findCycleBreaches,
    findSizeBreaches,
    findSpellingBreaches,
  ]
  for (const find of laws) assert.deepEqual(find(files, ['jose']), [])
})
