/** `$metadata`, read as a client reads it and held against the published schema. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createModel, defineEntity, model, type Version } from '#model/model.ts'
import { baseTypesOf, type ReadSchema, readCsdl } from '../../../test/support/csdl.ts'
import { actions, assignParameters, enumerations, published, ways } from '../../../test/support/published.ts'
import { type ComplexRows, parameters, schedules, targets } from '../../../test/support/published-complex.ts'
import { formatCsdl } from './csdl.ts'

function versionNamed(name: string): Version {
  return model.versions.get(name) ?? assert.fail(name)
}

const text = formatCsdl(versionNamed('beta'))
const schema = readCsdl(text)

const CORE = 'Org.OData.Core.V1'

type Rows = Readonly<Record<string, readonly [type: string, isNullable: boolean, ...rest: unknown[]]>>

function rowsRead(properties: ReadSchema['complexTypes'][number]['properties']): unknown {
  return Object.fromEntries(properties.map(({ name, type, nullable }) => [name, [type, nullable]]))
}

/** Published rows as CSDL has them: without who sets them. */
function rowsOf(rows: Rows): Readonly<Record<string, readonly [string, boolean]>> {
  return Object.fromEntries(
    Object.entries(rows).map(([name, [type, isNullable]]) => [name, [type, isNullable]]),
  )
}

/** The terms of an annotated type or property, by name, with their values. */
function termsOf(target: string, { annotations }: ReadSchema = schema): Readonly<Record<string, unknown>> {
  const found = Object.values(annotations)
    .flat()
    .filter((each) => each.target === `microsoft.graph.${target}`)
  const terms = found.flatMap((each) => each.annotations)
  return Object.fromEntries(
    terms.map(({ term, value }) => [term.replace(`${CORE}.`, ''), value.String ?? value.Bool]),
  )
}

describe('the CSDL of beta', () => {
  test('is one schema of the namespace of Graph, with nothing but a singleton in its container', () => {
    assert.match(text, /^<\?xml version="1\.0" encoding="utf-8"\?>\n<edmx:Edmx Version="4\.0"/)
    assert.match(text, /<Schema Namespace="microsoft\.graph" Alias="graph"/)
    assert.equal(schema.namespace, 'microsoft.graph')
    assert.equal(schema.entityContainer.name, 'GraphService')
    assert.deepEqual(schema.entitySets, [])
    assert.deepEqual(
      schema.singletons.map(({ name, entityTypeName }) => [name, entityTypeName]),
      [['deviceManagement', 'microsoft.graph.deviceManagement']],
    )
  })

  test('has the published types, all of a base that has the key, and no other', () => {
    const names = schema.entityTypes.map(({ name }) => name)
    assert.deepEqual(names.toSorted(), [...Object.keys(published), 'deviceManagement', 'entity'].sort())
    const bases = baseTypesOf(text)
    for (const { name, keys } of schema.entityTypes) {
      assert.equal(bases.get(name), name === 'entity' ? undefined : 'entity', name)
      assert.deepEqual(rowsRead(keys), name === 'entity' ? { id: ['Edm.String', false] } : {}, name)
    }
    assert.match(text, /<EntityType Name="entity" Abstract="true">/)
    assert.equal(text.match(/Abstract/g)?.length, 1)
  })

  for (const [name, rows] of Object.entries(published)) {
    test(`has the published properties of ${name}, those of the service computed`, () => {
      const type = schema.entityTypes.find((each) => each.name === name) ?? assert.fail(name)
      const { id, ...others } = rows
      assert.deepEqual(id, ['Edm.String', false, 'readOnly'])
      assert.deepEqual(rowsRead(type.entityProperties), rowsOf(others))
      for (const [property, [, , access]] of Object.entries(others)) {
        const { Computed } = termsOf(`${name}/${property}`)
        assert.equal(Computed, access === 'readOnly' ? true : undefined, property)
      }
    })

    test(`has the published navigations of ${name}, contained or not`, () => {
      const type = schema.entityTypes.find((each) => each.name === name) ?? assert.fail(name)
      const read = type.navigationProperties.map((way) => {
        const containment = way.containsTarget ? ['contained'] : []
        const target = way.targetTypeName.replace('microsoft.graph.', '')
        return [way.name, [target, way.isCollection, ...containment]]
      })
      assert.deepEqual(Object.fromEntries(read), ways[name] ?? {})
    })

    test(`describes ${name} and its properties`, () => {
      const { id: _, ...others } = rows
      for (const target of [name, ...Object.keys(others).map((property) => `${name}/${property}`)])
        assert.match(String(termsOf(target)['Description']), /^[A-Z].+\.$/, target)
    })
  }

  test('has the sets below deviceManagement, all contained', () => {
    const { navigationProperties = [] } =
      schema.entityTypes.find(({ name }) => name === 'deviceManagement') ?? {}
    const sets = navigationProperties.map((way) => {
      assert(way.isCollection && way.containsTarget, way.name)
      return [way.name, way.targetTypeName]
    })
    assert.deepEqual(
      sets,
      [
        'deviceManagementScript',
        'deviceShellScript',
        'deviceCustomAttributeShellScript',
        'deviceHealthScript',
        'managedDevice',
      ].map((name) => [`${name}s`, `microsoft.graph.${name}`]),
    )
  })

  test('has the published enumerations, and the one that hasPayloadLinks answers with', () => {
    const read = schema.enumTypes.map(({ name, members }) => [
      `microsoft.graph.${name}`,
      Object.fromEntries(members.map((member) => [member.name, member.value])),
    ])
    assert.deepEqual(Object.fromEntries(read), {
      ...enumerations,
      'microsoft.graph.deviceAndAppManagementAssignmentSource': { direct: 0, policySets: 1 },
    })
  })

  test('says of what can be set at creation only that it is immutable', () => {
    const read = Object.values(schema.annotations)
      .flat()
      .filter(({ annotations }) => annotations.some(({ term }) => term === `${CORE}.Immutable`))
    const declared = [...model.entityTypes.values()].flatMap(({ qualifiedName, properties }) =>
      properties
        .filter(({ access }) => access === 'setOnce')
        .map((property) => `${qualifiedName}/${property.name}`),
    )
    assert.deepEqual(
      read.map(({ target }) => target),
      declared,
    )
    assert(declared.includes('microsoft.graph.deviceCustomAttributeShellScript/customAttributeName'))
  })
})

describe('the complex types of the CSDL', () => {
  const result: ComplexRows = {
    'microsoft.graph.hasPayloadLinkResultItem': {
      payloadId: ['Edm.String', true],
      hasLink: ['Edm.Boolean', true],
      error: ['Edm.String', true],
      sources: ['Collection(microsoft.graph.deviceAndAppManagementAssignmentSource)', false],
    },
  }
  const all = { ...targets, ...schedules, ...parameters, ...result }
  const bases = baseTypesOf(text)

  /** The members of a type with its bases' before them. */
  function membersOf(name: string): readonly unknown[] {
    const type = schema.complexTypes.find((each) => each.name === name) ?? assert.fail(name)
    const base = bases.get(name)
    const own = type.properties.map((member) => [member.name, [member.type, member.nullable]])
    return [...(base === undefined ? [] : membersOf(base)), ...own]
  }

  test('are the published ones', () => {
    const names = schema.complexTypes.map(({ name }) => `microsoft.graph.${name}`)
    assert.deepEqual(names.toSorted(), Object.keys(all).sort())
  })

  for (const [qualifiedName, rows] of Object.entries(all)) {
    test(`have the published members, with what they inherit: ${qualifiedName}`, () => {
      const name = qualifiedName.replace('microsoft.graph.', '')
      assert.deepEqual(membersOf(name), Object.entries(rowsOf(rows)))
      assert.match(String(termsOf(name)['Description']), /^[A-Z].+\.$/)
    })
  }

  test('derive as they are published', () => {
    const complex = [...bases].filter(([name]) => schema.complexTypes.some((each) => each.name === name))
    assert.deepEqual(Object.fromEntries(complex), {
      groupAssignmentTarget: 'deviceAndAppManagementAssignmentTarget',
      exclusionGroupAssignmentTarget: 'groupAssignmentTarget',
      allDevicesAssignmentTarget: 'deviceAndAppManagementAssignmentTarget',
      allLicensedUsersAssignmentTarget: 'deviceAndAppManagementAssignmentTarget',
      configurationManagerCollectionAssignmentTarget: 'deviceAndAppManagementAssignmentTarget',
      deviceHealthScriptHourlySchedule: 'deviceHealthScriptRunSchedule',
      deviceHealthScriptTimeSchedule: 'deviceHealthScriptRunSchedule',
      deviceHealthScriptDailySchedule: 'deviceHealthScriptTimeSchedule',
      deviceHealthScriptRunOnceSchedule: 'deviceHealthScriptTimeSchedule',
      deviceHealthScriptStringParameter: 'deviceHealthScriptParameter',
      deviceHealthScriptIntegerParameter: 'deviceHealthScriptParameter',
      deviceHealthScriptBooleanParameter: 'deviceHealthScriptParameter',
    })
  })
})

describe('the actions of the CSDL', () => {
  test('are the published ones, each bound to its type or to a collection of it', () => {
    const read = schema.actions.map(({ name, isBound, sourceType, parameters: [binding] }) => {
      assert(isBound)
      assert.deepEqual(binding && [binding.name, binding.type], ['bindingParameter', sourceType])
      return `${sourceType} ${name}`
    })
    const expected = Object.entries(actions).flatMap(([type, own]) =>
      Object.entries(own).map(([name, boundTo]) =>
        boundTo === 'entity'
          ? `microsoft.graph.${type} ${name}`
          : `Collection(microsoft.graph.${type}) ${name}`,
      ),
    )
    assert.deepEqual(read.toSorted(), expected.toSorted())
  })

  test('take and return what they are published to', () => {
    for (const { name, sourceType, parameters: all, returnType } of schema.actions) {
      const given = Object.fromEntries(all.slice(1).map((each) => [each.name, each.type]))
      if (name === 'hasPayloadLinks') {
        assert.deepEqual(given, { payloadIds: 'Collection(Edm.String)' })
        assert.equal(returnType, 'Collection(microsoft.graph.hasPayloadLinkResultItem)')
        continue
      }
      const type = sourceType.replace('microsoft.graph.', '')
      const expected = Object.entries(assignParameters[type] ?? {}).map(([parameter, way]) => [
        parameter,
        `Collection(microsoft.graph.${ways[type]?.[way]?.[0]})`,
      ])
      assert.deepEqual(given, Object.fromEntries(expected))
      assert.equal(returnType, '')
    }
  })
})

test('the CSDL of v1.0 has the singleton, and nothing below it', () => {
  const read = readCsdl(formatCsdl(versionNamed('v1.0')))
  assert.deepEqual(
    read.entityTypes.map(({ name, navigationProperties }) => [name, navigationProperties]),
    [
      ['entity', []],
      ['deviceManagement', []],
    ],
  )
  assert.deepEqual(
    read.singletons.map(({ name }) => name),
    ['deviceManagement'],
  )
  assert.deepEqual([read.complexTypes, read.enumTypes, read.actions], [[], [], []])
})

test('a description keeps its angle brackets, quotes and ampersands', () => {
  const description = 'A "<b>" & a \'c\'.'
  const thing = defineEntity({
    name: 'thing',
    description,
    table: { name: 'thing' },
    properties: { id: { type: 'Edm.String', access: 'readOnly', description: 'Key.' } },
    navigations: {},
    permissions: {},
    example: { id: '1' },
  })
  const other = createModel({ entityTypes: [thing], versions: { beta: { root: { things: 'thing' } } } })
  const version = other.versions.get('beta') ?? assert.fail()
  assert.equal(termsOf('thing', readCsdl(formatCsdl(version)))['Description'], description)
})
