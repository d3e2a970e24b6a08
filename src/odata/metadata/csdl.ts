/** `$metadata`: the model as CSDL (OData Common Schema Definition Language, XML, 4.0), in the form that Graph's has. */
import {
  type Action,
  actionsOf,
  type ComplexType,
  type EntityType,
  isCollection,
  KEY,
  NAMESPACE,
  type Navigation,
  type Property,
  parameterTypes,
  type Version,
} from '#model/model.ts'
import { type EnumerationType, ownMembers, schemaOf } from './schema.ts'
import { element, formatXml, type XmlElement } from './xml.ts'

/** Types are written with it, as Graph writes them. */
const ALIAS = 'graph'

const CORE = 'Org.OData.Core.V1'

const CORE_URL = 'https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.Core.V1.xml'

/** The text of a version's `$metadata`: its singletons, and every type that they lead to. */
export function formatCsdl(version: Version): string {
  const { entityTypes, complexTypes, enumerations } = schemaOf(version)
  const singletons = [...version.singletons.values()]
  const schema = element('Schema', { Namespace: NAMESPACE, Alias: ALIAS, xmlns: `${OASIS}edm` }, [
    ...[...enumerations.values()].map(enumType),
    keyedType(),
    ...singletons.map(({ name, navigations }) =>
      element('EntityType', { Name: name, BaseType: `${ALIAS}.entity` }, ways(navigations)),
    ),
    ...[...entityTypes.values()].map(entityType),
    ...[...complexTypes.values()].map(complexType),
    ...[...entityTypes.values()].flatMap((type) =>
      [...actionsOf(type)].map((action) => boundAction(action, type)),
    ),
    element(
      'EntityContainer',
      { Name: 'GraphService' },
      singletons.map(({ name }) => element('Singleton', { Name: name, Type: `${ALIAS}.${name}` })),
    ),
    annotated(`${NAMESPACE}.entity/${KEY}`, [core('Computed')]),
    ...[...entityTypes.values()].flatMap((type) =>
      annotations(
        type,
        type.properties.filter((property) => !isKey(property)),
      ),
    ),
    ...[...complexTypes.values()].flatMap((type) => annotations(type, ownMembers(type))),
  ])
  const vocabulary = element('edmx:Reference', { Uri: CORE_URL }, [
    element('edmx:Include', { Namespace: CORE, Alias: 'Core' }),
  ])
  return formatXml(
    element('edmx:Edmx', { Version: '4.0', 'xmlns:edmx': `${OASIS}edmx` }, [
      vocabulary,
      element('edmx:DataServices', {}, [schema]),
    ]),
  )
}

const OASIS = 'http://docs.oasis-open.org/odata/ns/'

function enumType({ qualifiedName, members }: EnumerationType): XmlElement {
  const children = [...members].map(([name, value]) =>
    element('Member', { Name: name, Value: String(value) }),
  )
  return element('EnumType', { Name: qualifiedName.slice(NAMESPACE.length + 1) }, children)
}

/** Graph's base of all entity types, which has the key. */
function keyedType(): XmlElement {
  return element('EntityType', { Name: 'entity', Abstract: 'true' }, [
    element('Key', {}, [element('PropertyRef', { Name: KEY })]),
    element('Property', { Name: KEY, Type: 'Edm.String', Nullable: 'false' }),
  ])
}

function entityType({ name, properties, navigations }: EntityType): XmlElement {
  return element('EntityType', { Name: name, BaseType: `${ALIAS}.entity` }, [
    ...properties.filter((property) => !isKey(property)).map(propertyElement),
    ...ways(navigations),
  ])
}

function isKey({ name }: Property): boolean {
  return name === KEY
}

function complexType(type: ComplexType): XmlElement {
  const { name, base } = type
  const BaseType = base && aliased(base.qualifiedName)
  return element('ComplexType', { Name: name, BaseType }, ownMembers(type).map(propertyElement))
}

function propertyElement(property: Property): XmlElement {
  const { name, typeName, nullable } = property
  const Type = isCollection(property) ? `Collection(${aliased(typeName)})` : aliased(typeName)
  return element('Property', { Name: name, Type, Nullable: nullable ? undefined : 'false' })
}

function ways(navigations: ReadonlyMap<string, Navigation>): readonly XmlElement[] {
  return [...navigations.values()].map(({ name, target, collection, contained, plain }) => {
    const type = aliased(target.qualifiedName)
    return element('NavigationProperty', {
      Name: name,
      Type: collection ? `Collection(${type})` : type,
      ContainsTarget: contained && !plain ? 'true' : undefined,
    })
  })
}

function boundAction(action: Action, type: EntityType): XmlElement {
  const binding = aliased(type.qualifiedName)
  const [returned] = action.returns
  return element('Action', { Name: action.name, IsBound: 'true' }, [
    element('Parameter', {
      Name: 'bindingParameter',
      Type: action.boundTo === 'collection' ? `Collection(${binding})` : binding,
    }),
    ...[...parameterTypes(action, type)].map(([name, entity]) => {
      const item = entity === undefined ? 'Edm.String' : aliased(entity.qualifiedName)
      return element('Parameter', { Name: name, Type: `Collection(${item})` })
    }),
    ...(returned === undefined
      ? []
      : [element('ReturnType', { Type: `Collection(${aliased(returned.qualifiedName)})` })]),
  ])
}

/**
 * What a type and its properties are. Apart from their declarations, which so stay one line a property, as the published
 * CSDL has it; and there are readers that see annotations nowhere else.
 */
function annotations(
  { qualifiedName, description }: EntityType | ComplexType,
  properties: readonly Property[],
): readonly XmlElement[] {
  return [
    annotated(qualifiedName, [core('Description', description)]),
    ...properties.map((property) =>
      annotated(`${qualifiedName}/${property.name}`, [
        core('Description', property.description),
        ...(property.access === 'readOnly' ? [core('Computed')] : []),
        ...(property.access === 'setOnce' ? [core('Immutable')] : []),
      ]),
    ),
  ]
}

function annotated(target: string, terms: readonly XmlElement[]): XmlElement {
  return element('Annotations', { Target: target }, terms)
}

/** A term of the Core vocabulary: a text, or true. */
function core(term: 'Description' | 'Computed' | 'Immutable', text?: string): XmlElement {
  const value = text === undefined ? { Bool: 'true' } : { String: text }
  return element('Annotation', { Term: `${CORE}.${term}`, ...value })
}

function aliased(typeName: string): string {
  return typeName.startsWith(`${NAMESPACE}.`) ? `${ALIAS}${typeName.slice(NAMESPACE.length)}` : typeName
}
