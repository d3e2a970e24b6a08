import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSources, type SourceFacts } from './source.ts'

async function read(text: string): Promise<SourceFacts> {
  const [facts] = await parseSources(new Map([['src/sample.ts', text]]))
  assert(facts !== undefined)
  return facts
}

const functionCases = [
  ['a function declaration', 'export async function* run(a: 1, b = 2) {\n  a\n}', 'declaration run 1 3 2'],
  [
    'an overload, once',
    'function f(a: 1): void\nfunction f(a: 2): void\nfunction f(a: 3) {}',
    'declaration f 3 1 1',
  ],
  ['a documented function without its comment', '/**\n * f\n */\nfunction f() {}', 'declaration f 4 1 0'],
  ['a function without its this', 'function f(this: Date, a: 1) {}', 'declaration f 1 1 1'],
  ['a method, by its private name', 'class A {\n  #m(a: 1) {\n  }\n}', 'member #m 2 2 1'],
  ['a constructor', 'class A { constructor() {} }', 'member constructor 1 1 0'],
  ['an accessor', 'class A { get x() { return 1 } }', 'member x 1 1 0'],
  ['a method of an object', 'const a = { m() {} }', 'member m 1 1 0'],
  ['an arrow function with a block', 'const f = (a: 1) => {\n}', 'expression f 1 2 1'],
  ['a function as a property', 'const a = { f: function () {} }', 'expression f 1 1 0'],
  ['a callback', 'list.map((a, b) => { return a })', 'expression anonymous 1 1 2'],
  ['a group of tests', "describe('x', () => {\n\n})", 'group anonymous 1 3 0'],
  ['braces in strings', 'function f() { return "}{" + \'}\' }\nconst a = 1', 'declaration f 1 1 0'],
  [
    'braces in templates',
    `function f() {\n  return \`}\${ \`{\${{ a: \`}\` }.a}\` }{\`\n}`,
    'declaration f 1 3 0',
  ],
  [
    'braces in expressions',
    'function f() {\n  return /[}/]{1,2}\\}"/.test(1 / 2 / 3)\n}',
    'declaration f 1 3 0',
  ],
  ['braces in comments', 'function f() {\n  // }\n  /* } */\n}', 'declaration f 1 4 0'],
  [
    'a division, not an expression',
    'function f(a) {\n  return a++ / 2 + (a) / 1 // }/\n}',
    'declaration f 1 3 1',
  ],
] as const

for (const [name, text, expected] of functionCases) {
  test(`the reader sees ${name}`, async () => {
    const [found, ...others] = (await read(text)).functions
    assert(found !== undefined)
    assert.equal(`${found.kind} ${found.name} ${found.line} ${found.lines} ${found.parameters}`, expected)
    assert.deepEqual(others, [])
  })
}

test('an arrow function without a block is an expression, not a function', async () => {
  assert.deepEqual((await read('const f = (a: number) => ({ a })')).functions, [])
})

test('nested functions count by themselves and within the outer one', async () => {
  const { functions } = await read('function outer() {\n  function inner() {\n  }\n}')
  assert.deepEqual(
    functions.map((one) => [one.name, one.lines]),
    [
      ['outer', 4],
      ['inner', 2],
    ],
  )
})

const importCases = [
  ["import a from './a.ts'", 'module ./a.ts'],
  ["import './a.ts'", 'module ./a.ts'],
  ["import type { A } from '#a/a.ts'", 'module #a/a.ts'],
  ["export { a } from './a.ts'", 'module ./a.ts'],
  ["export * from './a.ts'", 'module ./a.ts'],
  ["type A = import('./a.ts').A", 'module ./a.ts'],
  ["const a = await import('./a.ts')", 'module ./a.ts'],
  ['const a = await import(`./a.ts`)', 'module ./a.ts'],
  ["const a = import.meta.resolve('#a/worker.ts')", 'resolve #a/worker.ts'],
  ["const text = \"import a from './a.ts'\" // import './b.ts'", undefined],
  ['export const a = 1', undefined],
] as const

for (const [text, expected] of importCases) {
  test(`the imports of ${text}`, async () => {
    const [found] = (await read(text)).imports
    assert.equal(found && `${found.kind} ${found.specifier}`, expected)
  })
}

const spellingCases = [
  ['defaultExports', 'export default 1', true],
  ['defaultExports', 'export default function f() {}', true],
  ['defaultExports', 'export default class {}', true],
  ['defaultExports', 'export { a as default }', true],
  ['defaultExports', "export { default } from './a.ts'", true],
  ['defaultExports', "import { default as a } from './a.ts'", false],
  ['defaultExports', "export { default as a } from './a.ts'", false],
  ['defaultExports', 'switch (a) { default: }', false],
  ['environmentReads', 'const a = process.env.HOME', true],
  ['environmentReads', "const a = process['env']", true],
  ['environmentReads', 'const a = globalThis.process.env', true],
  ['environmentReads', 'const { env } = process', true],
  ['environmentReads', "import { env } from 'node:process'", true],
  ['environmentReads', "import { env as e } from 'node:process'", true],
  ['environmentReads', 'const a = options.env // process.env', false],
  ['environmentReads', 'const { env } = options', false],
  ['strayFileNames', "new URL('./worker.ts', import.meta.url)", true],
  ['strayFileNames', "import './worker.ts'", false],
  ['strayFileNames', "type A = import('./worker.ts').A", false],
  ['strayFileNames', "import.meta.resolve('./worker.ts')", false],
  ['strayFileNames', "const a = 'worker.ts'", false],
] as const

for (const [fact, text, isFound] of spellingCases) {
  test(`${text} ${isFound ? 'counts' : 'does not count'} in ${fact}`, async () => {
    assert.deepEqual((await read(text))[fact], isFound ? [1] : [])
  })
}

test('lines are counted with or without a last newline', async () => {
  assert.equal((await read('a\nb\n')).lines, 2)
  assert.equal((await read('a\nb')).lines, 2)
})

test('a file that does not parse is named', async () => {
  await assert.rejects(() => read('function f( {'), /src\/sample\.ts does not parse: /)
})
