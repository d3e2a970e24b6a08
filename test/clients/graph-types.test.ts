/** The model beside Microsoft's own type declarations of Graph beta: what differs is a drift, and is named. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import {
  type ComplexDeclaration,
  type ComplexType,
  deviceHealthScript,
  deviceHealthScriptAssignment,
  deviceManagementScriptAssignment,
  type EntityType,
  hasPayloadLinkResultItem,
  model,
  NAMESPACE,
  type Navigation,
  type Property,
} from '#model/model.ts'

/** The types of an interface's members as the declarations write them, `NullableOption<string>`. */
type Members = Readonly<Record<string, string>>

interface Declarations {
  /** What an interface extends, and its own members. */
  readonly interfaces: ReadonlyMap<string, { readonly base: string | undefined; readonly members: Members }>
  /** The members of the enumerations. */
  readonly unions: ReadonlyMap<string, readonly string[]>
}

const declarations = parseDeclarations(
  readFileSync(
    new URL(import.meta.resolve('@microsoft/microsoft-graph-types-beta/microsoft-graph.d.ts')),
    'utf8',
  ),
)

/** Reads what stands at the top of the file: the namespace microsoft.graph; others are indented. */
function parseDeclarations(text: string): Declarations {
  const source = text.replaceAll('\r', '')
  const interfaces = source.matchAll(/^export interface (\w+)(?: extends (\w+))? \{(?:\}|\n([\s\S]*?)^\})/gm)
  const unions = source.matchAll(/^export type (\w+) =\s((?:[\s|]*"\w+")+);/gm)
  return {
    interfaces: new Map(
      [...interfaces].map(([, name = '', base, body = '']) => [name, { base, members: parseMembers(body) }]),
    ),
    unions: new Map(
      [...unions].map(([, name = '', body = '']) => [name, [...body.matchAll(/\w+/g)].map(([word]) => word)]),
    ),
  }
}

function parseMembers(body: string): Members {
  const members = body.matchAll(/^ {4}(\w+)\?: ([^;]+);/gm)
  return Object.fromEntries([...members].map(([, name = '', type = '']) => [name, type]))
}

/** The interface of a type of ours. */
function interfaceOf(name: string): { readonly base: string | undefined; readonly members: Members } {
  const found = declarations.interfaces.get(pascalCase(name))
  assert(found, `Microsoft declares no ${pascalCase(name)}: is ${name} still a type of Graph beta?`)
  return found
}

function pascalCase(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

/** How TypeScript sees the JSON of each primitive type. */
const jsonTypes: Readonly<Record<string, string>> = {
  'Edm.String': 'string',
  'Edm.Int32': 'number',
  'Edm.Boolean': 'boolean',
  'Edm.Binary': 'string',
  'Edm.DateTimeOffset': 'string',
  'Edm.Duration': 'string',
  'Edm.Date': 'string',
  'Edm.TimeOfDay': 'string',
}

interface TypeFacts {
  /** An EDM type, or the name of ours, qualified or not. */
  readonly typeName: string
  readonly collection: boolean
  readonly nullable: boolean
}

/** A type of ours as Microsoft's file writes it. */
function writeType({ typeName, collection, nullable }: TypeFacts): string {
  const name = typeName.startsWith('Edm.')
    ? jsonTypes[typeName]
    : pascalCase(typeName.replace(`${NAMESPACE}.`, ''))
  assert(name, `${typeName} has no row in jsonTypes`)
  const type = collection ? `${name}[]` : name
  return nullable ? `NullableOption<${type}>` : type
}

function writeProperty(property: Property): string {
  return writeType({
    ...property,
    collection:
      property.kind === 'complexCollection' || (property.kind === 'primitive' && property.collection),
  })
}

/** Their file lets every navigation be null, for an entity comes without it where it is not expanded. */
function writeNavigation({ target, collection }: Navigation): string {
  return writeType({ typeName: target.name, collection, nullable: true })
}

function membersOf({ properties, navigations }: EntityType): Members {
  return Object.fromEntries([
    ...properties.map((property) => [property.name, writeProperty(property)]),
    ...[...navigations.values()].map((navigation) => [navigation.name, writeNavigation(navigation)]),
  ])
}

function complexMembersOf({ properties }: ComplexDeclaration): Members {
  return Object.fromEntries(
    Object.entries(properties).map(([name, { type, collection = false, nullable = false }]) => {
      const typeName = typeof type === 'string' ? type : type.name
      return [name, writeType({ typeName, collection, nullable })]
    }),
  )
}

/** The enumerations of all properties, with the members that the model gives them. */
function listEnumerations(): ReadonlyMap<string, readonly string[]> {
  const properties = [...model.entityTypes.values()].flatMap((type) => type.properties)
  const primitives = properties.flatMap((property) =>
    property.kind === 'primitive'
      ? [property]
      : [...property.types.values()].flatMap(({ members }) => members),
  )
  const ofEntities = primitives.flatMap(({ typeName, ordinals }) =>
    ordinals === undefined ? [] : [[typeName.replace(`${NAMESPACE}.`, ''), [...ordinals.keys()]] as const],
  )
  const { type: source } = hasPayloadLinkResultItem.properties.sources
  return new Map([...ofEntities, [source.name, Object.keys(source.members)]])
}

/** A complex type of ours and all that derive from it, each with the name of its base. */
function listComplexTypes(
  type: ComplexDeclaration,
  base?: string,
): readonly { readonly type: ComplexDeclaration; readonly base: string | undefined }[] {
  const derived = (type.derived ?? []).flatMap((below) => listComplexTypes(below, type.name))
  return [{ type, base }, ...derived]
}

const complexTypes = [
  deviceManagementScriptAssignment.properties.target.type,
  deviceHealthScriptAssignment.properties.runSchedule.type,
  deviceHealthScript.properties.detectionScriptParameters.type,
  hasPayloadLinkResultItem,
].flatMap((type) => listComplexTypes(type))

/** The complex types of all properties of the model, as it has worked them out. */
function listModelledTypes(): readonly ComplexType[] {
  const properties = [...model.entityTypes.values()].flatMap((type) => type.properties)
  return properties.flatMap((property) => (property.kind === 'primitive' ? [] : [...property.types.values()]))
}

function assertSame(ours: Members, theirs: Members, name: string): void {
  const names = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort()
  const drifts = names.flatMap((member) => {
    const [own = 'absent', declared = 'absent'] = [ours[member], theirs[member]]
    return own === declared ? [] : [`${name}.${member} is ${own} here and ${declared} in Graph beta`]
  })
  assert(drifts.length === 0, `\n${drifts.join('\n')}`)
}

describe("Microsoft's type declarations", () => {
  const { members: entityMembers } = interfaceOf('entity')

  for (const type of model.entityTypes.values()) {
    if (type.name === 'managedDevice') continue
    test(`say of ${type.name} what the model says`, () => {
      const { base, members } = interfaceOf(type.name)
      assert.equal(base, 'Entity')
      assertSame(membersOf(type), { ...entityMembers, ...members }, type.name)
    })
  }

  test('have every property of managedDevice with the type that the model gives it', () => {
    const type = model.entityTypes.get('managedDevice')
    assert(type)
    const { base, members } = interfaceOf('managedDevice')
    assert.equal(base, 'Entity')
    const ours = membersOf(type)
    const all = Object.entries({ ...entityMembers, ...members })
    assertSame(ours, Object.fromEntries(all.filter(([name]) => Object.hasOwn(ours, name))), type.name)
  })

  for (const { type, base } of complexTypes) {
    test(`say of ${type.name} what the model says, its base included`, () => {
      const { base: declared, members } = interfaceOf(type.name)
      assert.equal(declared, base && pascalCase(base), `the base of ${type.name}`)
      assertSame(complexMembersOf(type), members, type.name)
    })
  }

  for (const [name, members] of listEnumerations()) {
    test(`have the members of ${name}, in the same order`, () => {
      assert.deepEqual(members, declarations.unions.get(pascalCase(name)), `${name} has drifted`)
    })
  }
})

describe('The comparison with the type declarations', () => {
  test('reads interfaces and enumerations of every shape', () => {
    const { interfaces, unions } = parseDeclarations(
      [
        'export type One = "a" | "b";',
        'export type Two =\n    | "c"\n    | "d";',
        'export interface Three extends Four {',
        '    // Comment: with; marks.',
        '    five?: NullableOption<string[]>;',
        '}',
        'export interface Six {}',
      ].join('\n'),
    )
    assert.deepEqual(Object.fromEntries(unions), { One: ['a', 'b'], Two: ['c', 'd'] })
    assert.deepEqual(Object.fromEntries(interfaces), {
      Three: { base: 'Four', members: { five: 'NullableOption<string[]>' } },
      Six: { base: undefined, members: {} },
    })
  })

  test('names the member that drifted and both of its types', () => {
    const ours = { a: 'string', b: 'number' }
    assert.throws(() => assertSame(ours, { b: 'NullableOption<number>', c: 'boolean' }, 'thing'), {
      message: [
        '',
        'thing.a is string here and absent in Graph beta',
        'thing.b is number here and NullableOption<number> in Graph beta',
        'thing.c is absent here and boolean in Graph beta',
      ].join('\n'),
    })
  })

  test('leaves out no complex type of the model, and gives each the base that the model gives it', () => {
    const bases = new Map(complexTypes.map(({ type, base }) => [type.name, base]))
    for (const { name, base } of listModelledTypes()) {
      assert(bases.has(name), name)
      assert.equal(base?.name, bases.get(name), name)
    }
  })

  for (const declared of [
    deviceHealthScriptAssignment.properties.runSchedule.type,
    deviceHealthScript.properties.detectionScriptParameters.type,
  ]) {
    test(`misses no type that derives from ${declared.name}`, () => {
      const known = new Set(listComplexTypes(declared).map(({ type }) => pascalCase(type.name)))
      const derived = [...declarations.interfaces].filter(([, { base = '' }]) => known.has(base))
      const missing = derived.map(([name]) => name).filter((name) => !known.has(name))
      assert.deepEqual(missing, [])
      assert.equal(derived.length, known.size - 1)
    })
  }

  test('misses no assignment target but the one of Android firmware', () => {
    const { type: target } = deviceManagementScriptAssignment.properties.target
    const known = new Set(listComplexTypes(target).map(({ type }) => pascalCase(type.name)))
    const derived = [...declarations.interfaces].filter(([, { base = '' }]) => known.has(base))
    const missing = derived.map(([name]) => name).filter((name) => !known.has(name))
    assert.deepEqual(missing, ['AndroidFotaDeploymentAssignmentTarget'])
  })
})
