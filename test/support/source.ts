/**
 * What the layout test and the figures know of a source file, read from TypeScript's own syntax tree.
 * The tree comes from the API that TypeScript 7 calls unstable: a new compiler may need a change here, and only here.
 */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type FunctionLikeDeclaration,
  isBindingElement,
  isBlock,
  isCallExpression,
  isElementAccessExpression,
  isExportAssignment,
  isExportDeclaration,
  isExportSpecifier,
  isFunctionDeclaration,
  isFunctionLikeDeclaration,
  isIdentifier,
  isImportDeclaration,
  isImportSpecifier,
  isImportTypeNode,
  isLiteralTypeNode,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isPropertyDeclaration,
  isStringLiteralLikeNode,
  isVariableDeclaration,
  type Node,
  type SourceFile,
  SyntaxKind,
} from 'typescript/unstable/ast'
import { API, type Program } from 'typescript/unstable/async'
import { createVirtualFileSystem } from 'typescript/unstable/fs'

/** `module` is an import or export of any spelling; `resolve` is `import.meta.resolve('…')`, which loads nothing. */
export interface ImportFact {
  readonly kind: 'module' | 'resolve'
  readonly specifier: string
  readonly line: number
}

/** `group` is the callback of describe() or suite(), which is a heading rather than a function. */
export interface FunctionFact {
  readonly kind: 'declaration' | 'member' | 'expression' | 'group'
  readonly name: string
  readonly line: number
  readonly lines: number
  readonly parameters: number
}

/** The numbers in a list are line numbers. */
export interface SourceFacts {
  /** From the root of the repository, with `/`. */
  readonly path: string
  readonly lines: number
  readonly imports: readonly ImportFact[]
  readonly functions: readonly FunctionFact[]
  readonly defaultExports: readonly number[]
  readonly environmentReads: readonly number[]
  /** Relative names of TypeScript files in plain strings: the build leaves them as they are. */
  readonly strayFileNames: readonly number[]
}

/** Reads the TypeScript and JavaScript files under `folders` of `root`, in the order of their paths. */
export async function readSources(root: string, folders: readonly string[]): Promise<SourceFacts[]> {
  const patterns = folders.map((folder) => `${folder}/**/*.{ts,js,mjs}`)
  const paths = globSync(patterns, { cwd: root }).map((path) => path.replaceAll('\\', '/'))
  return parseSources(new Map(paths.sort().map((path) => [path, readFileSync(join(root, path), 'utf8')])))
}

/** The facts of each file of `texts` (path -> text). Throws where one does not parse. */
export async function parseSources(texts: ReadonlyMap<string, string>): Promise<SourceFacts[]> {
  const paths = [...texts.keys()]
  const compilerOptions = { noLib: true, noResolve: true, types: [], allowJs: true, module: 'nodenext' }
  const configuration = JSON.stringify({ compilerOptions, files: paths })
  const files = Object.fromEntries([...texts].map(([path, text]) => [`/${path}`, text]))
  const fs = createVirtualFileSystem({ ...files, '/tsconfig.json': configuration })
  const api = new API({ cwd: '/', fs })
  try {
    const snapshot = await api.updateSnapshot({ openProjects: ['/tsconfig.json'] })
    const program = snapshot.getProject('/tsconfig.json')?.program
    assert(program !== undefined, 'TypeScript opens the project of the given files')
    return await Promise.all(paths.map((path) => readFacts(program, path)))
  } finally {
    await api.close()
  }
}

async function readFacts(program: Program, path: string): Promise<SourceFacts> {
  const [mistake] = await program.getSyntacticDiagnostics(`/${path}`)
  if (mistake !== undefined) throw new Error(`${path} does not parse: ${mistake.text}`)
  const file = await program.getSourceFile(`/${path}`)
  assert(file !== undefined, `TypeScript reads ${path}`)
  return collectFacts(path, file)
}

function collectFacts(path: string, file: SourceFile): SourceFacts {
  const nodes = listNodes(file)
  const lineOf = (node: Node) => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
  return {
    path,
    lines: countLines(file.text),
    imports: nodes.flatMap((node) => {
      const found = findImport(node)
      return found === undefined ? [] : [{ ...found, line: lineOf(node) }]
    }),
    functions: nodes.filter(isFunctionWithBlock).map((node) => describeFunction(file, node)),
    defaultExports: nodes.filter(isDefaultExport).map(lineOf),
    environmentReads: nodes.filter(isEnvironmentRead).map(lineOf),
    strayFileNames: nodes.filter(isStrayFileName).map(lineOf),
  }
}

function listNodes(root: Node): Node[] {
  const nodes = [root]
  for (const node of nodes) {
    node.forEachChild((child) => {
      nodes.push(child)
    })
  }
  return nodes.sort((one, other) => one.pos - other.pos)
}

function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}

function findImport(node: Node): Omit<ImportFact, 'line'> | undefined {
  if (isImportDeclaration(node) || isExportDeclaration(node)) return specify('module', node.moduleSpecifier)
  if (isImportTypeNode(node) && isLiteralTypeNode(node.argument))
    return specify('module', node.argument.literal)
  if (!isCallExpression(node)) return undefined
  if (node.expression.kind === SyntaxKind.ImportKeyword) return specify('module', node.arguments[0])
  return node.expression.getText() === 'import.meta.resolve'
    ? specify('resolve', node.arguments[0])
    : undefined
}

function specify(kind: ImportFact['kind'], node: Node | undefined): Omit<ImportFact, 'line'> | undefined {
  return node !== undefined && isStringLiteralLikeNode(node) ? { kind, specifier: node.text } : undefined
}

function isFunctionWithBlock(node: Node): node is FunctionLikeDeclaration {
  return isFunctionLikeDeclaration(node) && node.body !== undefined && isBlock(node.body)
}

function describeFunction(file: SourceFile, node: FunctionLikeDeclaration): FunctionFact {
  const first = file.getLineAndCharacterOfPosition(node.getStart(file)).line
  const last = file.getLineAndCharacterOfPosition(node.getEnd()).line
  const parameters = node.parameters.filter((parameter) => parameter.name.getText(file) !== 'this').length
  return { kind: kindOf(node), name: nameOf(node), line: first + 1, lines: last - first + 1, parameters }
}

function kindOf(node: FunctionLikeDeclaration): FunctionFact['kind'] {
  if (isFunctionDeclaration(node)) return 'declaration'
  if (node.kind !== SyntaxKind.ArrowFunction && node.kind !== SyntaxKind.FunctionExpression) return 'member'
  const { parent } = node
  const isGroup = isCallExpression(parent) && /^(describe|suite)\b/.test(parent.expression.getText())
  return isGroup ? 'group' : 'expression'
}

function nameOf(node: FunctionLikeDeclaration): string {
  if (node.kind === SyntaxKind.Constructor) return 'constructor'
  if ('name' in node && node.name !== undefined) return node.name.getText()
  const { parent } = node
  const isNamed =
    isVariableDeclaration(parent) || isPropertyAssignment(parent) || isPropertyDeclaration(parent)
  return isNamed ? parent.name.getText() : 'anonymous'
}

function isDefaultExport(node: Node): boolean {
  if (isExportSpecifier(node)) return node.name.getText() === 'default'
  return isExportAssignment(node) || node.kind === SyntaxKind.DefaultKeyword
}

function isEnvironmentRead(node: Node): boolean {
  if (isPropertyAccessExpression(node)) return node.name.text === 'env' && isProcess(node.expression)
  if (isElementAccessExpression(node)) {
    const name = node.argumentExpression
    return isStringLiteralLikeNode(name) && name.text === 'env' && isProcess(node.expression)
  }
  if (!isImportSpecifier(node) && !isBindingElement(node)) return false
  return (node.propertyName ?? node.name)?.getText() === 'env' && isProcess(originOf(node))
}

/** What a name is taken out of: the module of an import, the value of a destructuring. */
function originOf(node: Node): Node | undefined {
  if (isImportDeclaration(node)) return node.moduleSpecifier
  if (isVariableDeclaration(node)) return node.initializer
  return node.kind === SyntaxKind.SourceFile ? undefined : originOf(node.parent)
}

function isProcess(node: Node | undefined): boolean {
  if (node === undefined) return false
  if (isStringLiteralLikeNode(node)) return node.text === 'node:process' || node.text === 'process'
  return isIdentifier(node) ? node.text === 'process' : /^global(This)?\.process$/.test(node.getText())
}

function isStrayFileName(node: Node): boolean {
  if (!isStringLiteralLikeNode(node) || !/^\.{1,2}\/.*\.ts$/.test(node.text)) return false
  return findImport(node.parent) === undefined && findImport(node.parent.parent) === undefined
}
