/** The control information of full metadata (OData JSON Format 4.01 §3.1.3), in the forms that Graph gives it. */
import { actionsOf, type EntityType, isCollection, NAMESPACE, type Property } from '#model/model.ts'

type Annotations = Readonly<Record<string, string | Readonly<Record<string, string>>>>

/** Types whose values JSON tells apart by itself. */
const PLAIN = new Set(['Edm.String', 'Edm.Boolean', 'Edm.Int32'])

/** What an entity says of itself. @param url of the entity. */
export function entityAnnotations(url: string): Annotations {
  return { '@odata.id': url, '@odata.editLink': url }
}

/** What is said of a property's type; nothing where its JSON says it. */
export function typeAnnotation(property: Property): Readonly<Record<string, string>> {
  const isMany = isCollection(property)
  if (property.kind === 'complex' || (PLAIN.has(property.typeName) && !isMany)) return {}
  const name = property.typeName.replace(/^Edm\./, '')
  return { [`${property.name}@odata.type`]: `#${isMany ? `Collection(${name})` : name}` }
}

/** The ways from an entity to others, and what can be done to it. @param url of the entity. */
export function linkAnnotations(type: EntityType, url: string): Annotations {
  const links = [...type.navigations.values()].flatMap(({ name }) => [
    [`${name}@odata.associationLink`, `${url}/${name}/$ref`],
    [`${name}@odata.navigationLink`, `${url}/${name}`],
  ])
  const offered = [...actionsOf(type)].filter(({ boundTo }) => boundTo === 'entity')
  const advertised = offered.map(({ name }) => {
    const qualified = `${NAMESPACE}.${name}`
    return [`#${qualified}`, { title: qualified, target: `${url}/${qualified}` }]
  })
  return Object.fromEntries([...links, ...advertised])
}
