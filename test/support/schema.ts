/** Properties as the published schema writes them. */
import type { Property } from '#model/model.ts'

/** Type and nullability of a property as the CSDL gives them, and whether it is the service that sets it. */
export type PublishedRow = readonly [type: string, isNullable: boolean, isReadOnly?: 'readOnly']

/** The rows of the properties as they are declared. */
export function rowsOf(properties: readonly Property[]): Readonly<Record<string, PublishedRow>> {
  const rows = properties.map((property): [string, PublishedRow] => {
    const isCollection =
      property.kind === 'complexCollection' || (property.kind === 'primitive' && property.collection)
    const type = isCollection ? `Collection(${property.typeName})` : property.typeName
    return [
      property.name,
      property.access === 'readOnly' ? [type, property.nullable, 'readOnly'] : [type, property.nullable],
    ]
  })
  return Object.fromEntries(rows)
}
